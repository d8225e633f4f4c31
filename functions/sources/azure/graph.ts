import type { QueryRequest } from '@azure/arm-resourcegraph'
import { z } from 'zod'
import type { Result } from '../trouble.ts'
import { type Answer, type AzureLine, call } from './line.ts'
import { badAnswer, quotaResetMs } from './trouble.ts'

/** What a query covers: not one subscription, which is a list of Resource Manager's. */
export type GraphScope =
  | { readonly subscriptions: readonly string[] }
  | { readonly managementGroups: readonly string[] }

export interface GraphPage {
  /** Raw resources, in wire names like Resource Manager's own. */
  readonly rows: readonly unknown[]
  /** Another page follows. */
  readonly more: boolean
}

/** What a resource is read from; ordered, because pages are cut by position (azure.md 1.7). */
export const managedClusters = `resources
| where type =~ 'microsoft.containerservice/managedclusters'
| project id, name, type, location, subscriptionId, resourceGroup, tags, sku, identity, properties
| order by id asc`

/** End-of-support notifications (azure.md 4.3). */
export const endOfSupportEvents = `containerserviceeventresources
| where type =~ 'microsoft.containerservice/managedclusters/scheduledevents'
| where properties.eventSource =~ 'EOLNotification'
| project id, location, properties
| order by id asc`

const rowsPerPage = 1_000
/** Of one scope: more has no end. */
const pagesMax = 100
/** Azure's advice is to stay below 300 subscriptions in one query. */
const subscriptionsPerQuery = 250
const groupsPerQuery = 10

const answerSchema = z.object({
  data: z.array(z.unknown()),
  totalRecords: z.number(),
  // A text, not a boolean.
  resultTruncated: z.enum(['true', 'false']).nullish(),
  $skipToken: z.string().nullish(),
})

/** The scopes of one query each: everything an account names. */
export function scopesOf(account: AzureLine['account']): GraphScope[] {
  return [
    ...chunks(account.subscriptions, subscriptionsPerQuery).map((subscriptions) => ({ subscriptions })),
    ...chunks(account.managementGroups, groupsPerQuery).map((managementGroups) => ({ managementGroups })),
  ]
}

function chunks(items: readonly string[], size: number): string[][] {
  const cut: string[][] = []
  for (let from = 0; from < items.length; from += size) cut.push(items.slice(from, from + size))
  return cut
}

/**
 * Asks Resource Graph, page by page. An answer that says it is not whole ends in a trouble after its rows: they are true, but what they
 * lack proves nothing. What the identity may not read is left out without a word; the caller must see to that.
 */
export async function* queryGraph(
  line: AzureLine,
  scope: GraphScope,
  query: string,
): AsyncGenerator<Result<GraphPage>> {
  const what = `a query of Resource Graph over ${nameOf(scope)}`
  const bad = (why: string) => ({ trouble: badAnswer(line.source, what, why) })
  const tokens = new Set<string>()
  let skipToken: string | null = null
  let read = 0
  for (let page = 1; ; page++) {
    const { answer, trouble } = await call(line, { what, subscription: null, role: 'Reader' }, async (means) => {
      const { ResourceGraphClient } = await import('@azure/arm-resourcegraph')
      const client = new ResourceGraphClient(means.credential, means.options)
      await client.resources(requestOf(scope, query, skipToken), { abortSignal: means.abortSignal })
    })
    if (trouble !== undefined) return yield { trouble }
    const { data: told } = answerSchema.safeParse(answer.body)
    if (told === undefined) return yield bad('something that is no list of rows')
    const next = told.$skipToken || null
    read += told.data.length
    yield { value: { rows: told.data, more: next !== null } }
    if (answer.header('x-ms-tenant-subscription-limit-hit') === 'true') {
      return yield bad('a part only, since more than 10 000 subscriptions are in scope; name fewer management groups')
    }
    if (next === null) {
      if (told.resultTruncated === 'true' || read < told.totalRecords)
        yield bad(`${read} rows of ${told.totalRecords} and no way to the rest`)
      return
    }
    if (tokens.has(next) || page === pagesMax) return yield bad(`a list without end (${page} pages)`)
    tokens.add(next)
    skipToken = next
    await heedQuota(line, answer)
  }
}

const nameOf = (scope: GraphScope): string =>
  'subscriptions' in scope
    ? `${scope.subscriptions.length} subscriptions`
    : `the management groups ${scope.managementGroups.join(', ')}`

function requestOf(scope: GraphScope, query: string, skipToken: string | null): QueryRequest {
  return {
    ...('subscriptions' in scope
      ? { subscriptions: [...scope.subscriptions] }
      : { managementGroups: [...scope.managementGroups] }),
    query,
    options: {
      resultFormat: 'objectArray',
      top: rowsPerPage,
      // Rather a part, which says that it is one, than nothing.
      ...('subscriptions' in scope ? {} : { allowPartialScopes: true }),
      ...(skipToken === null ? {} : { skipToken }),
    },
  }
}

/** Fifteen queries in five seconds are a principal's whole quota: a fleet of more pages is read only by waiting it out, in between. */
async function heedQuota({ budget }: AzureLine, { header }: Answer): Promise<void> {
  const waitMs = quotaResetMs(header)
  if (header('x-ms-user-quota-remaining') !== '0' || waitMs === null) return
  if (waitMs > budget.limits.patienceMs || waitMs >= budget.leftMs()) return
  await new Promise((resolve) => setTimeout(resolve, waitMs))
}
