import type { AzureAccount } from '../../../fleet/azure-account.ts'
import type { Trouble, TroubleCode } from '../../../fleet/delivery.ts'
import { recordOf, retryAfterOf } from '../trouble.ts'
import type { Answer, Wanted } from './line.ts'

/** What was refused, and to whom. */
export interface Refusal extends Wanted {
  readonly source: string
  readonly account: AzureAccount
}

/** Azure's patience is respected up to here; a longer Retry-After is an error of somebody's. */
const retryAfterMaxMs = 15 * 60_000

/** ARM's code for an error: one word. Its message is not repeated, since it may hold anything. */
function codeOf({ body }: Pick<Answer, 'body'>): string {
  const { code } = recordOf(recordOf(body).error)
  return typeof code === 'string' && /^[A-Za-z][\w.]{0,60}$/.test(code) ? code : ''
}

/** Subscriptions that this tenant does not know, or ids that are none: nothing is derived from them. */
const noSubscription = new Set(['SubscriptionNotFound', 'InvalidSubscriptionId', 'MissingSubscription'])

/** ARM's own words for "there is no such cluster"; another 404 may come from anything in between. */
const notThere = new Set(['ResourceNotFound', 'ResourceGroupNotFound', 'NotFound'])

/** Whether an answer says that a resource is not there (azure.md 1.4). */
export const isGone = (answer: Answer): boolean => answer.status === 404 && notThere.has(codeOf(answer))

/** An answer that is not 200, as what it is. */
export function troubleOfAnswer(refusal: Refusal, answer: Answer, now: Date): Trouble {
  const { account, subscription, role, what } = refusal
  const { status } = answer
  const code = codeOf(answer)
  const said = `${status}${code === '' ? '' : ` ${code}`}`
  const between = betweenOf(account)
  const where = subscription === null ? 'its subscriptions' : `subscription ${subscription}`
  const trouble = (as: TroubleCode, remedy: string): Trouble => ({
    code: as,
    message: `source ${refusal.source}: Azure answered ${said} to ${what}: ${remedy}`,
  })
  if (noSubscription.has(code)) {
    return trouble(
      'Misconfigured',
      `there is no ${where} for the identity of account ${account.name}; correct its id in the fleet file, or see whether it belongs to another tenant or cloud`,
    )
  }
  if (status === 401) {
    return trouble(
      'Unauthorized',
      `the token of account ${account.name} is not accepted; see whether its cloud (${account.cloud.name}) and tenant are those of ${where}`,
    )
  }
  if (status === 403 && answer.isForeign) return trouble('Forbidden', `not in Azure's words; ${between}`)
  if (status === 403)
    return trouble('Forbidden', `grant the identity of account ${account.name} the role ${role} on ${where}`)
  if (status === 429 || (status === 503 && retryAfterMsOf(answer, now) !== null)) {
    const retryAfterMs = retryAfterMsOf(answer, now)
    const throttled = trouble('Throttled', 'it asks to be left alone for a while')
    return retryAfterMs === null ? throttled : { ...throttled, retryAfterMs }
  }
  if (status >= 500) return trouble('ServerError', 'see the Azure status page; it is asked again by itself')
  if (answer.isForeign || (status >= 300 && status < 400) || status === 407)
    return trouble('BadAnswer', `which is not Azure Resource Manager's way; ${between}`)
  return trouble('BadAnswer', 'which the API does not promise')
}

/** What an answer asks for in any of Azure's ways, capped; null when it asks for nothing. */
function retryAfterMsOf({ header }: Answer, now: Date): number | null {
  const ms = [header('retry-after-ms'), header('x-ms-retry-after-ms')].find((value) => /^\d{1,9}$/.test(value ?? ''))
  const asked = ms == null ? (retryAfterOf(header('retry-after'), now) ?? quotaResetMs(header)) : Number(ms)
  return asked === null ? null : Math.min(asked, retryAfterMaxMs)
}

/** When Resource Graph's quota is whole again: `x-ms-user-quota-resets-after`, `hh:mm:ss` (azure.md 1.7). */
export function quotaResetMs(header: Answer['header']): number | null {
  const [, hours, minutes, seconds] = /^(\d\d):(\d\d):(\d\d)/.exec(header('x-ms-user-quota-resets-after') ?? '') ?? []
  if (seconds === undefined) return null
  return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
}

/** An answer of 200 that is not what the API promises. */
export function badAnswer(source: string, what: string, why: string): Trouble {
  return {
    code: 'BadAnswer',
    message: `source ${source}: Azure answered ${what} with ${why}; nothing is derived from it`,
  }
}

/** An answer of 200 that is no JSON. */
export const foreignAnswer = ({ source, what, account }: Refusal): Trouble => ({
  code: 'BadAnswer',
  message: `source ${source}: ${what} was answered with something that is no JSON; ${betweenOf(account)}`,
})

const betweenOf = ({ cloud: { endpoint } }: AzureAccount): string =>
  `a proxy or a login page may stand between; see whether ${endpoint} is the endpoint of Azure Resource Manager, and let Rollcall reach it without a proxy`

export function foreignTrouble({ source, what, account }: Refusal, origin: string): Trouble {
  return badAnswer(
    source,
    what,
    `a next page at ${origin}, which is not ${account.cloud.endpoint}; nothing was sent there`,
  )
}
