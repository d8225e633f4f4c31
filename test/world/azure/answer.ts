/** What a handler answers. */
export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Thrown by handlers, caught once in the server: an error as Azure words it (corpus/aks/errors). */
export class Refusal extends Error {
  readonly answer: Answer

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.answer = { status, body: { error: { code, message } }, headers }
  }
}

/** Refused at the front door, before any resource provider is asked. */
const gateway = { 'x-ms-failure-cause': 'gateway' }

export const resourceNotFound = (type: string, name: string, group: string): Refusal =>
  new Refusal(
    404,
    'ResourceNotFound',
    `The Resource '${type}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
    gateway,
  )

export const resourceGroupNotFound = (group: string): Refusal =>
  new Refusal(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`, gateway)

export const subscriptionNotFound = (id: string): Refusal =>
  new Refusal(404, 'SubscriptionNotFound', `The subscription '${id}' could not be found.`, gateway)

export const invalidSubscription = (id: string): Refusal =>
  new Refusal(
    400,
    'InvalidSubscriptionId',
    `The provided subscription identifier '${id}' is malformed or invalid.`,
    gateway,
  )

export const authorizationFailed = (client: string, action: string, scope: string): Refusal =>
  new Refusal(
    403,
    'AuthorizationFailed',
    `The client '${client}' with object id '${client}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    gateway,
  )

export const unauthenticated = (code: string, message: string, authority: string): Refusal =>
  new Refusal(401, code, message, {
    'www-authenticate': `Bearer authorization_uri="${authority}", error="invalid_token", error_description="${message}"`,
  })

/** AKS says when to come back; Azure Resource Manager sometimes does not, and the SDK then does not retry (azure.md 1.4). */
export const throttled = (retryAfterSeconds: number | null): Refusal =>
  retryAfterSeconds === null
    ? new Refusal(429, 'TooManyRequests', 'Too many requests.')
    : new Refusal(429, 'Throttled', 'Request was throttled.', { 'retry-after': String(retryAfterSeconds) })

export const badRequest = (code: string, message: string): Refusal => new Refusal(400, code, message)
