import { type Freshness, freshnessStateOf, judgedClusters, readingState, sourceState } from './freshness.ts'
import { labelsOf } from './label.ts'
import type { ClusterCount, Source, SourcePush, SourceReading, SourceRegion } from './noun.ts'
import { providersOf } from './provider.ts'
import { livingOf } from './scope.ts'
import { as, clock, manyOf, objectOf, oneOf, type Selection, type Shape } from './shape.ts'

const readingShape: Shape<keyof SourceReading> = {
  kind: as('r.kind'),
  version: as('r.version'),
  state: as(readingState),
  caughtUpAt: as('r.caught_up_at'),
  verifiedAt: as('r.verified_at'),
  lastAttemptAt: as('r.last_attempt_at'),
  lastSuccessAt: as('r.last_success_at'),
  trouble: (below) => {
    const trouble = objectOf(
      { code: as('r.trouble_code'), message: as('r.trouble_message'), at: as('r.trouble_at') },
      below,
    )
    return `case when r.trouble_code is null then null else ${trouble} end`
  },
  rejectedCount: as('r.rejected_count'),
  rejected: as('r.rejected'),
}

const regionShape: Shape<keyof SourceRegion> = {
  region: as('g.region'),
  readAt: as('g.read_at'),
  attemptAt: as('g.attempt_at'),
  trouble: as('g.trouble_message'),
  minors: as('g.minors'),
}

const pushShape: Shape<keyof SourcePush> = {
  agent: as('p.agent'),
  openedAt: as('p.opened_at'),
  heardAt: as('p.last_at'),
}

const freshnessShape: Shape<keyof Freshness> = {
  state: as(sourceState),
  observedAt: as('s.last_success_at'),
  receivedAt: as('s.last_success_at'),
  lagSeconds: as(`floor(extract(epoch from ${clock} - s.last_success_at))::int`),
  source: (below) => objectOf({ id: as(`'Source:' || s.id`), name: as('s.id') }, below),
}

const staleAt = `s.last_success_at + s.stale_after_ms * interval '1 millisecond'`

export const sourceShape: Shape<keyof Source> = {
  id: as(`'Source:' || s.id`),
  name: as('s.id'),
  type: as('s.type'),
  parent: (below) =>
    `case when s.parent_id is not null then ${objectOf({ id: as(`'Source:' || s.parent_id`), name: as('s.parent_id') }, below)} end`,
  armId: as('s.arm_id'),
  region: as('s.region'),
  labels: as(labelsOf('s')),
  serverVersion: as('s.server_version'),
  freshness: (below) => objectOf(freshnessShape, below),
  registeredAt: as('s.registered_at'),
  lastAttemptAt: as('s.last_attempt_at'),
  lastSuccessAt: as('s.last_success_at'),
  staleAt: as(staleAt),
  lastErrorCode: as('s.trouble_code'),
  lastErrorMessage: as('s.trouble_message'),
  lastErrorAt: as('s.trouble_at'),
  consecutiveFailures: as('s.consecutive_failures'),
  expectedInterval: as('s.every_ms / 1000'),
  staleAfter: as('s.stale_after_ms / 1000'),
  // What another source reads along with itself is next read when that one is.
  nextAttemptAt: as(
    `(select greatest(q.due_at, q.not_before) from source q where q.id = case when s.polled then s.id else s.parent_id end)`,
  ),
  // What another source reads is polled with that one.
  polled: as('(s.polled or s.parent_id is not null)'),
  push: (below) => oneOf(pushShape, below, `from push_session p where p.source_id = s.id`),
  clusterCount: (below) => clusterCountOf(below),
  readings: (below) => manyOf(readingShape, below, `from reading r where r.source_id = s.id order by r.kind`),
  regions: (below) => manyOf(regionShape, below, `from region_versions g where g.source_id = s.id order by g.region`),
  providers: (below) => providersOf(below),
}

// Cluster by cluster, because each counts by its own reading where its kind has none.
function clusterCountOf(below: Selection): string {
  const when = (states: string) => as(`count(*) filter (where t.state in (${states}))`)
  const counts: Shape<keyof ClusterCount> = {
    total: as('count(*)'),
    fresh: when(`'FRESH'`),
    stale: when(`'STALE'`),
    unreadable: when(`'UNREADABLE'`),
    neverReported: when(`'NEVER_REPORTED'`),
    lastKnown: when(`'STALE', 'UNREADABLE', 'NEVER_REPORTED'`),
  }
  return `(select ${objectOf(counts, below)} from (
    select ${freshnessStateOf('c')} as state from ${judgedClusters}
    where c.source_id = s.id and ${livingOf('c')}) t)`
}

/** The source a row came from. `id` is the SQL of its id. */
export const sourceOf = (id: string, below: Selection): string =>
  oneOf(sourceShape, below, `from source s where s.id = ${id}`)
