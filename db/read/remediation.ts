import type { KindKey } from '../../fleet/reference.ts'
import type { NodePool } from './noun.ts'
import { clock, columnsOf, type Selection, type Shape } from './shape.ts'

// Machines that were replaced because they were ill: of their own word, which outlives them, and of their control plane's.

/** Machines of one pool, of the control plane, or one that stands alone, with all that is told of the last `hoursMax` hours. */
export interface RemediatedScope {
  readonly scope: string
  readonly nodePool: NodePool | null
  /** The newest first. */
  readonly events: readonly { readonly at: string; readonly reason: string }[]
}

/** How often they were replaced within so many hours. */
export interface Remediations extends Omit<RemediatedScope, 'events'> {
  readonly count: number
  readonly lastAt: string
  readonly reason: string
}

const hourMs = 3_600_000
const withinDefault = 24
/** What is gone is not kept for much longer. */
export const hoursMax = 168

/** Those remediated within so many hours, the most often first. */
export function remediationsWithin(
  scopes: readonly RemediatedScope[],
  within: number | null | undefined,
  now: Date,
): readonly Remediations[] {
  const from = now.getTime() - (within ?? withinDefault) * hourMs
  return scopes
    .flatMap(({ events, ...scope }) => {
      const told = events.filter(({ at }) => Date.parse(at) >= from)
      const [last] = told
      return last ? { ...scope, count: told.length, lastAt: last.at, reason: last.reason } : []
    })
    .sort((a, b) => b.count - a.count || (a.scope < b.scope ? -1 : 1))
}

const machineKind: KindKey = 'cluster.x-k8s.io/Machine'
const label = (name: string): string => `m.labels ->> 'cluster.x-k8s.io/${name}'`
const pool = `coalesce(${label('deployment-name')}, ${label('pool-name')})`
const scope = `coalesce(${pool}, ${label('set-name')},
  case when m.kind <> '${machineKind}' or m.labels ? 'cluster.x-k8s.io/control-plane' then 'control plane' end, m.name)`

/** Instants are compared as they are written, in UTC: an object's word may be no instant at all, and is then later than any. */
const since = (hours: number): string =>
  `to_char((${clock} - interval '${hours} hours') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')`

/** Objects `m` of a cluster `c`, also those that are gone. A control plane names the machine it replaced last, which may tell that itself. */
const events = (hours: number): string => `from object m
  where m.cluster_id = c.id and m.facts ? 'remediation' and m.facts #>> '{remediation,at}' between ${since(hours)} and '9999'
    and (m.kind = '${machineKind}' or not exists (select from object n
      where n.cluster_id = m.cluster_id and n.facts ? 'remediation' and n.kind = '${machineKind}'
        and n.source_id = m.source_id and n.namespace = m.namespace and n.name = m.facts #>> '{remediation,machine}'))`

/** How often machines of one pool of a cluster `c`, or of its control plane, were replaced within a day: the most of any of them. */
export const remediations24hOf = `coalesce((select max(t.times) from (
  select count(*)::int as times ${events(24)} group by ${scope}) t), 0)`

const shape: Shape<'scope' | 'events'> = { scope: () => 'z.scope', events: () => 'z.events' }

/** What `remediationsWithin` counts, whatever of it is selected. `nodePoolOf` is given the SQL of a worker object's name. */
export function remediationsOf(below: Selection, nodePoolOf: (name: string, below: Selection) => string): string {
  const withPool: Shape = { ...shape, nodePool: (pool) => nodePoolOf('z.pool', pool) }
  const wanted = { scope: {}, events: {}, ...(below.nodePool && { nodePool: below.nodePool }) }
  return `(select coalesce(json_agg(t), '[]'::json) from (select ${columnsOf(withPool, wanted)} from (
    select ${scope} as scope, min(${pool}) as pool, json_agg(json_build_object('at', m.facts #>> '{remediation,at}',
      'reason', coalesce(m.facts #>> '{remediation,reason}', '')) order by m.facts #>> '{remediation,at}' desc) as events
    ${events(hoursMax)} group by 1) z order by z.scope) t)`
}
