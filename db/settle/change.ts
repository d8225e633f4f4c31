import { type ChangeRow, difference } from '../ingest/change.ts'
import type { ClusterRow } from './cluster-row.ts'
import type { StoredCluster } from './stored.ts'

/** Facts of a cluster whose change is history. */
const reported = [
  'state',
  'reason',
  'gitopsState',
  'versionDeclared',
  'versionObserved',
  'phase',
  'region',
  'armId',
  'resourceUid',
  'sourceId',
  'supportPlan',
  'powerState',
  'environment',
  'owner',
  'ring',
  'contact',
  'topologyClass',
  'flavour',
  'provider',
  'endpoint',
  'rolloutStartedAt',
] as const satisfies readonly (keyof StoredCluster & keyof ClusterRow)[]

/** The history of a cluster that a reader would notice. */
export function changeOf(row: ClusterRow, before: StoredCluster | null, now: Date): ChangeRow[] {
  const living = before && before.goneAt === null ? before : null
  const then = living && { ...living, rolloutStartedAt: living.rolloutStartedAt?.toISOString() ?? null }
  const facts = difference(then, row, reported)
  if (living && Object.keys(facts).length === 0) return []
  return [
    {
      sourceId: row.sourceId,
      subject: 'cluster',
      subjectId: row.id,
      clusterId: row.id,
      what: living ? 'changed' : before ? 'returned' : 'appeared',
      facts,
      observedAt: now,
      receivedAt: now,
    },
  ]
}
