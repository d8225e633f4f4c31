import { Agent } from 'node:https'
import type { ContainerServiceClientOptionalParams } from '@azure/arm-containerservice'
import type { TokenCredential } from '@azure/identity'
import type { AzureAccount } from '../../../fleet/azure-account.ts'
import type { Trouble } from '../../../fleet/delivery.ts'
import type { Budget } from '../budget.ts'
import { recordOf, troubleOfError } from '../trouble.ts'
import { CredentialError, caOf, credentialOf, forgetCredential } from './credential.ts'
import { foreignAnswer, foreignTrouble, type Refusal, troubleOfAnswer } from './trouble.ts'

/** One poll's way to an account's Azure: whose poll, as whom, and what it may still spend. */
export interface AzureLine {
  readonly account: AzureAccount
  /** Whose trouble it is: the id of a source. */
  readonly source: string
  readonly budget: Budget
  readonly now: () => Date
}

/** One answer, as it came. */
export interface Answer {
  readonly status: number
  /** Parsed; null where it is no JSON, or longer than it may be. */
  readonly body: unknown
  /** It has a body that is no JSON, which Azure never sends: somebody else's answer. */
  readonly isForeign: boolean
  readonly header: (name: string) => string | null
}

/** What an operation wants of Azure, for a sentence. */
export interface Wanted {
  /** `the list of managed clusters of subscription 1111…`. */
  readonly what: string
  /** The subscription it lies in; null: none in particular. */
  readonly subscription: string | null
  /** What allows it: `Reader`. */
  readonly role: string
}

/** What makes an SDK's client ours. */
export interface Means {
  readonly credential: TokenCredential
  readonly options: ClientOptions
  /** For the operation: ends it when the host wants its thread back. */
  readonly abortSignal: AbortSignal
}

/** How one operation ended. The answer that ended it is there also where it is the trouble; null: there was none. */
export type Reply =
  | { readonly answer: Answer; readonly trouble?: undefined }
  | { readonly answer: Answer | null; readonly trouble: Trouble }

type ClientOptions = Omit<ContainerServiceClientOptionalParams, 'apiVersion' | 'cloudSetting'>
type Policy = NonNullable<ClientOptions['additionalPolicies']>[number]['policy']

/** Of one answer, unpacked. A page of Resource Graph holds up to 1 000 resources of some 10 kB. */
const answerBytesMax = 64 * 1024 * 1024

/** A connection may idle so long. Azure's own NATs forget it in silence after four minutes, and the next poll would wait on it. */
const idleMs = 30_000
/** By the authorities that vouch for the other end; '': the public ones. */
const agents = new Map<string, Agent>()

/**
 * Runs one operation of an SDK, which may be one request: `act` makes a client of the means and calls it. The client authenticates,
 * encodes and knows the API; what comes back is taken raw, because its own readers drop fields they do not know and fail a whole page
 * for one odd item (azure.md 1.2). Whatever the world does wrong is a trouble in words of ours; a bug throws.
 */
export async function call(line: AzureLine, wanted: Wanted, act: (means: Means) => Promise<unknown>): Promise<Reply> {
  const answers: Answer[] = []
  try {
    const ca = await caOf(line.account)
    if (ca.trouble !== undefined) return { answer: null, trouble: ca.trouble }
    const options = optionsOf(line, ca.value, answers)
    await act({ credential: credentialOf(line.account), options, abortSignal: line.budget.signal })
    const answer = answers.at(-1)
    if (answer === undefined) throw new Error('an operation that asked nothing')
    if (answer.isForeign)
      return { answer, trouble: foreignAnswer({ source: line.source, account: line.account, ...wanted }) }
    return { answer }
  } catch (error) {
    const answer = answers.at(-1) ?? null
    if (answer?.status === 401) await forgetCredential(line.account)
    return { answer, trouble: troubleOf(line, wanted, error, answer) }
  }
}

function optionsOf(line: AzureLine, ca: string | undefined, answers: Answer[]): ClientOptions {
  const { endpoint, scope } = line.account.cloud
  return {
    endpoint,
    // Not derived from the endpoint: the client would ask for tokens of the public cloud (azure.md 1.5).
    credentials: { scopes: [scope] },
    // A Retry-After has no upper limit there, and a Function must not sleep: the next poll is the retry (azure.md 1.4).
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    // Last, so that nothing leaves unseen.
    additionalPolicies: [{ policy: heed(line, agentFor(ca), answers), position: 'perRetry' }],
  }
}

function agentFor(ca: string | undefined): Agent {
  const known = agents.get(ca ?? '')
  if (known !== undefined) return known
  const agent = new Agent({ keepAlive: true, timeout: idleMs, ...(ca === undefined ? {} : { ca }) })
  agents.set(ca ?? '', agent)
  return agent
}

/** Somebody's page pointed elsewhere: nothing was sent there. */
class ForeignOrigin extends Error {
  readonly origin: string

  constructor(origin: string) {
    super('a foreign origin')
    this.origin = origin
  }
}

/** The last step of every request: to the right place only, in time, counted, and its answer kept. */
function heed({ account, budget }: AzureLine, agent: Agent, answers: Answer[]): Policy {
  const { origin } = new URL(account.cloud.endpoint)
  return {
    name: 'rollcall',
    sendRequest: async (request, next) => {
      const asked = new URL(request.url)
      // A next link is followed wherever it leads, with the token (azure.md 1.3).
      if (asked.origin !== origin) throw new ForeignOrigin(asked.origin)
      if (budget.spent()) throw new DOMException('nothing more is begun', 'TimeoutError')
      const deadlineMs = Math.max(1, Math.min(budget.limits.requestMs, budget.leftMs()))
      const signal = AbortSignal.any([budget.signal, AbortSignal.timeout(Math.ceil(deadlineMs))])
      request.abortSignal = signal
      // A proxy of the environment brings an agent of its own.
      request.agent ??= agent
      request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY])
      budget.requests++
      const response = await next(request)
      const text = await textOf(response.readableStreamBody, Number(response.headers.get('content-length')), budget)
      delete response.readableStreamBody
      const { body, isForeign } = parsed(text)
      answers.push({ status: response.status, body, isForeign, header: (name) => response.headers.get(name) ?? null })
      return { ...response, bodyAsText: response.status === 200 ? thinned(body) : '' }
    },
  }
}

/** What the clients themselves must see of an answer: where it goes on, and lists for the readers that want one. */
function thinned(body: unknown): string {
  const { nextLink } = recordOf(body)
  return JSON.stringify({
    value: [],
    values: [],
    kubeconfigs: [],
    ...(typeof nextLink === 'string' ? { nextLink } : {}),
  })
}

/** The body; null when it is longer than it may be. Counted as it travelled where the server says so, else unpacked. */
async function textOf(body: NodeJS.ReadableStream | undefined, packed: number, budget: Budget): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    const piece = Buffer.from(chunk)
    bytes += piece.length
    if (bytes > answerBytesMax) return null // Leaving the loop destroys the stream, and with it the request.
    chunks.push(piece)
  }
  budget.bytes += packed > 0 ? packed : bytes
  return Buffer.concat(chunks, bytes).toString('utf8')
}

function parsed(text: string | null): Pick<Answer, 'body' | 'isForeign'> {
  try {
    return { body: text === null ? null : JSON.parse(text), isForeign: false }
  } catch {
    return { body: null, isForeign: text?.trim() !== '' }
  }
}

const isLate: ReadonlySet<string> = new Set(['AbortError', 'TimeoutError'])

function troubleOf({ account, source, budget, now }: AzureLine, wanted: Wanted, error: unknown, last: Answer | null) {
  if (error instanceof CredentialError) return error.trouble
  const refusal: Refusal = { source, account, ...wanted }
  if (error instanceof ForeignOrigin) return foreignTrouble(refusal, error.origin)
  if (last !== null && last.status !== 200) return troubleOfAnswer(refusal, last, now())
  if (error instanceof Error && isLate.has(error.name) && budget.spent() && !budget.signal.aborted) {
    const message = `source ${source}: the poll’s share of time, requests or bytes ended before ${wanted.what} was read; the next poll goes on`
    return { code: 'Timeout', message } as const
  }
  // The host's own reason for stopping is no news of the server.
  const cause = budget.signal.aborted ? new DOMException('stopped', 'AbortError') : error
  const asked = { source, server: account.cloud.endpoint, path: wanted.what, expiresAt: null, withoutCa: null }
  return troubleOfError(asked, cause)
}
