import { hash } from 'node:crypto'
import type { ClusterFacts } from '../../fleet/cluster.ts'
import { uuidOf } from '../../fleet/reference.ts'
import type { cluster } from '../cluster-tables.ts'
import { count, healthCells, versionCells } from '../ingest/row.ts'
import type { Row } from '../recordset.ts'

export type ClusterRow = Row<typeof cluster> & { readonly id: string; readonly sourceId: string }

interface Composed {
  readonly id: string
  readonly source: string
  readonly facts: ClusterFacts
  readonly before: typeof cluster.$inferSelect | null
  readonly now: Date
  readonly sourceRegion: string | null
  readonly told: (labels: Readonly<Record<string, string>>) => Told
}

interface Told {
  readonly environment: string | null
  readonly owner: string | null
  readonly ring: string | null
  readonly contact: string | null
}

/** The row of a composed cluster. Its clocks run on while their cause lasts. */
export function clusterRow({ id, source, facts, before, now, sourceRegion, told }: Composed): ClusterRow {
  const at = now.toISOString()
  const { judgements: _, ...digested } = facts
  const { environment, owner, ring, contact } = told(facts.labels)
  const region = facts.region ?? sourceRegion
  const promoted = { environment, owner, ring, contact, region }
  const living = before && before.goneAt === null ? before : null
  return {
    id,
    sourceId: source,
    namespace: facts.name.namespace,
    name: facts.name.name,
    objectId: facts.objectId,
    labels: facts.labels,
    ...promoted,
    provider: facts.provider,
    flavour: facts.flavour,
    armId: facts.armId,
    phase: facts.phase,
    topologyClass: facts.topologyClass,
    createdAt: facts.createdAt,
    ...versionCells(facts.versionDeclared, facts.versionObserved),
    controlPlaneDesired: count(facts.controlPlane.desired),
    controlPlaneCurrent: count(facts.controlPlane.current),
    controlPlaneReady: count(facts.controlPlane.ready),
    controlPlaneAvailable: count(facts.controlPlane.available),
    controlPlaneUpToDate: count(facts.controlPlane.upToDate),
    workersDesired: count(facts.workers.desired),
    workersCurrent: count(facts.workers.current),
    workersReady: count(facts.workers.ready),
    workersAvailable: count(facts.workers.available),
    workersUpToDate: count(facts.workers.upToDate),
    ...healthCells(facts.health),
    stateSince: living?.state === facts.health.state ? living.stateSince : at,
    gitopsState: facts.gitops?.state ?? null,
    gitops: facts.gitops,
    rootCause: facts.rootCause,
    firstSeenAt: before?.firstSeenAt ?? at,
    composedAt: at,
    goneAt: null,
    digest: uuidOf(hash('sha256', JSON.stringify([digested, promoted]), 'hex')),
  }
}
