/** A failure in the API's own form. */
export interface Status {
  readonly kind: 'Status'
  readonly apiVersion: 'v1'
  readonly metadata: { readonly continue?: string }
  readonly status: 'Failure' | 'Success'
  readonly message?: string
  readonly reason?: string
  readonly details?: object
  readonly code?: number
}

/** Thrown by handlers, caught once in the server: what a real server would answer. */
export class Refusal extends Error {
  readonly status: Status
  readonly code: number
  readonly retryAfterSeconds: number | null

  constructor(code: number, message: string, more: Partial<Status> & { retryAfterSeconds?: number } = {}) {
    super(message)
    const { retryAfterSeconds, ...rest } = more
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds ?? null
    this.status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, ...rest, code }
  }
}

export interface Named {
  readonly group: string
  readonly plural: string
}

const nameOf = (what: Named): string => (what.group === '' ? what.plural : `${what.plural}.${what.group}`)
const detailsOf = (what: Named, name?: string): object => ({
  ...(name === undefined ? {} : { name }),
  ...(what.group === '' ? {} : { group: what.group }),
  kind: what.plural,
})

export const notFound = (what: Named, name: string): Refusal =>
  new Refusal(404, `${nameOf(what)} "${name}" not found`, { reason: 'NotFound', details: detailsOf(what, name) })

export const alreadyExists = (what: Named, name: string): Refusal =>
  new Refusal(409, `${nameOf(what)} "${name}" already exists`, {
    reason: 'AlreadyExists',
    details: detailsOf(what, name),
  })

export const conflict = (what: Named, name: string): Refusal =>
  new Refusal(
    409,
    `Operation cannot be fulfilled on ${nameOf(what)} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
    { reason: 'Conflict', details: detailsOf(what, name) },
  )

export const unauthorized = (): Refusal => new Refusal(401, 'Unauthorized', { reason: 'Unauthorized' })

export function forbidden(user: string, verb: string, what: Named, namespace: string, name: string): Refusal {
  const scope = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const subject = name === '' ? nameOf(what) : `${nameOf(what)} "${name}"`
  return new Refusal(
    403,
    `${subject} is forbidden: User "${user}" cannot ${verb} resource "${what.plural}" in API group "${what.group}" ${scope}`,
    { reason: 'Forbidden', details: detailsOf(what, name === '' ? undefined : name) },
  )
}

export const badRequest = (message: string): Refusal => new Refusal(400, message, { reason: 'BadRequest' })

export const tooManyRequests = (retryAfterSeconds: number): Refusal =>
  new Refusal(429, 'the server has received too many requests and has asked us to try again later', {
    reason: 'TooManyRequests',
    details: { retryAfterSeconds },
    retryAfterSeconds,
  })

/** ListOptions that contradict each other. */
export function invalidOptions(causes: readonly { readonly field: string; readonly message: string }[]): Refusal {
  const texts = causes.map((cause) => `${cause.field}: ${cause.message}`)
  const text = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  return new Refusal(422, `ListOptions.meta.k8s.io "" is invalid: ${text}`, {
    reason: 'Invalid',
    details: {
      group: 'meta.k8s.io',
      kind: 'ListOptions',
      causes: causes.map(({ field, message }) => ({
        reason: message.startsWith('Unsupported') ? 'FieldValueNotSupported' : 'FieldValueForbidden',
        message,
        field,
      })),
    },
  })
}

/** What etcd says when a continue token outlived its revision; `token` goes on from there, inconsistently. */
export const expiredContinue = (token: string): Refusal =>
  new Refusal(
    410,
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    { reason: 'Expired', metadata: { continue: token } },
  )

export const expired = (message: string): Refusal => new Refusal(410, message, { reason: 'Expired' })
