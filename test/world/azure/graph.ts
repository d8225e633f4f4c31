import { hash } from 'node:crypto'
import { type Answer, authorizationFailed, badRequest } from './answer.ts'
import { daysUntil, offerOf } from './offer.ts'
import { type AksResource, idOf } from './resource.ts'
import type { AzureRequest, Serving } from './server.ts'
import { type AzureState, managementGroup, type Subscription } from './state.ts'
import { rowOf, tenantId } from './wire.ts'

type Row = Readonly<Record<string, unknown>>

/** By the table a query begins with; the rest of the query is not read. */
const tables: Readonly<Record<string, (azure: AzureState, subscriptions: readonly string[]) => readonly Row[]>> = {
  resources: (azure, subscriptions) => resourcesOf(azure, subscriptions).map(rowOf),
  containerserviceeventresources: (azure, subscriptions) =>
    resourcesOf(azure, subscriptions).flatMap((resource) => eventsOf(resource, azure.now)),
  resourcecontainers: ({ subscriptions }, readable) =>
    subscriptions.filter(({ id }) => readable.includes(id)).map(subscriptionRow),
}

const pageMax = 1000

/** Answers a query of Resource Graph: as if it projected every column, ordered by id. */
export function answerGraph(serving: Serving, { body }: AzureRequest): Answer {
  const { azure } = serving
  const asked = parsed(body)
  const table = /^\s*(\w+)/.exec(asked.query)?.[1]?.toLowerCase() ?? ''
  const rowsOf = tables[table]
  if (rowsOf === undefined)
    throw badRequest('BadRequest', 'Please provide below info when asking for support: the query is invalid.')
  const readable = scopeOf(azure, asked).filter(
    (id) => !azure.faults.take('forbidden', 'graph', id) && !azure.faults.take('revoked', 'graph', id),
  )
  if (readable.length === 0) throw authorizationFailed(serving.clientId, 'Microsoft.ResourceGraph/resources/read', '/')
  const all = [...rowsOf(azure, readable)].sort((a, b) =>
    String(a.id).toLowerCase() < String(b.id).toLowerCase() ? -1 : 1,
  )
  return answer(azure, asked, all)
}

function answer(azure: AzureState, { query, top, skipToken }: Asked, all: readonly Row[]): Answer {
  const headers = { 'x-ms-user-quota-remaining': '14', 'x-ms-user-quota-resets-after': '00:00:05' }
  if (azure.faults.take('valueless', 'graph')) return { status: 200, body: { totalRecords: 0, count: 0 }, headers }
  const rows = all.slice(0, azure.faults.take('shrunken', 'graph')?.keep)
  const from = Number(Buffer.from(skipToken, 'base64url').toString() || '0')
  const cut = azure.faults.take('cut', 'graph') !== null
  const page = rows.slice(from, from + top)
  const data: Row[] = cut ? page.slice(0, page.length / 2) : page
  const end = from + data.length
  if (azure.faults.take('badItem', 'graph') && data[0] !== undefined) data[0] = { ...data[0], properties: 'unreadable' }
  const next = azure.faults.take('endless', 'graph') ? from : end
  // A limit of its own takes a query's pages away (azure.md 1.7).
  const unpaged = cut || /\|\s*(limit|take|sample)\b/i.test(query)
  const more = next < rows.length && !unpaged
  return {
    status: 200,
    headers,
    body: {
      totalRecords: rows.length,
      count: data.length,
      data,
      facets: [],
      // A string, not a boolean (azure.md 1.7).
      resultTruncated: String(unpaged && end < rows.length),
      ...(more ? { $skipToken: Buffer.from(String(next)).toString('base64url') } : {}),
    },
  }
}

interface Asked {
  readonly query: string
  readonly top: number
  readonly skipToken: string
  readonly subscriptions: readonly string[] | null
  readonly managementGroups: readonly string[] | null
}

function parsed(body: string): Asked {
  const { query, options, subscriptions, managementGroups } = Object(JSON.parse(body))
  if (typeof query !== 'string') throw badRequest('InvalidQuery', 'The query is missing.')
  const top = Number(options?.$top ?? pageMax)
  if (!Number.isInteger(top) || top < 1 || top > pageMax)
    throw badRequest('BadRequest', `$top must be between 1 and ${pageMax}.`)
  const names = (list: unknown) => (Array.isArray(list) ? list.map((one) => String(one).toLowerCase()) : null)
  return {
    ...{ query, top, skipToken: String(options?.$skipToken ?? '') },
    ...{ subscriptions: names(subscriptions), managementGroups: names(managementGroups) },
  }
}

/** Ids that nobody knows are left out without a word. */
function scopeOf(azure: AzureState, { subscriptions, managementGroups }: Asked): readonly string[] {
  const all = azure.subscriptions.map(({ id }) => id)
  if (subscriptions !== null) return all.filter((id) => subscriptions.includes(id))
  if (managementGroups === null || managementGroups.includes(managementGroup)) return all
  return []
}

const resourcesOf = ({ resources }: AzureState, subscriptions: readonly string[]): readonly AksResource[] =>
  resources.filter(({ subscription }) => subscriptions.includes(subscription))

const subscriptionRow = ({ id, name }: Subscription): Row => ({
  id: `/subscriptions/${id}`,
  name,
  type: 'microsoft.resources/subscriptions',
  tenantId,
  subscriptionId: id,
  properties: { state: 'Enabled' },
})

const noticeDays = 14

/** End-of-support notifications, from two weeks before the end on (azure.md 4.3), and an event that is none. */
function eventsOf(resource: AksResource, now: Date): readonly Row[] {
  const lts = resource.supportPlan === 'AKSLongTermSupport'
  const offer = offerOf(resource.running)
  const eolDate = lts ? offer?.ltsEnd : offer?.standardEnd
  const days = eolDate === undefined ? Number.POSITIVE_INFINITY : daysUntil(eolDate, now)
  const maintenance = eventRow(resource, 'upgrade', {
    description: 'Node image upgrade',
    eventSource: 'NodeOSUpgrade',
    eventStatus: 'Completed',
    eventDetails: '',
  })
  if (days > noticeDays) return [maintenance]
  const details = {
    kubernetesVersion: resource.running,
    eolDate: `${eolDate}T00:00:00Z`,
    supportType: lts ? 'LTS' : 'Community',
    daysUntilEOL: days,
    region: resource.region,
  }
  const ending = days > 7 ? 'KubernetesVersionEOLTwoWeeks' : 'KubernetesVersionEOLOneWeek'
  const notice = eventRow(resource, 'eol', {
    description: days < 0 ? 'KubernetesVersionOutOfSupport' : ending,
    eventSource: 'EOLNotification',
    eventStatus: 'Scheduled',
    // Readers meet both forms: the documentation parses it from a string.
    eventDetails: resource.name.length % 2 === 0 ? details : JSON.stringify(details),
    scheduledTime: details.eolDate,
  })
  return [maintenance, notice]
}

function eventRow(resource: AksResource, what: string, properties: Row): Row {
  const name = hash('sha256', `${idOf(resource)}/${what}`, 'hex').slice(0, 32)
  return {
    id: `${idOf(resource)}/scheduledEvents/${name}`,
    name,
    type: 'microsoft.containerservice/managedclusters/scheduledevents',
    tenantId,
    location: resource.region,
    resourceGroup: resource.resourceGroup.toLowerCase(),
    subscriptionId: resource.subscription,
    properties,
  }
}
