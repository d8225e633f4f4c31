import { hash } from 'node:crypto'
import type { ClusterFacts } from '../../fleet/cluster.ts'
import { placeOf } from '../../fleet/geography/geography.ts'
import { armClusterKind, uuidOf } from '../../fleet/reference.ts'
import type { cluster } from '../cluster-tables.ts'
import { count, healthCells, versionCells } from '../ingest/row.ts'
import type { Row } from '../recordset.ts'

export type ClusterRow = Row<typeof cluster> & { readonly id: string; readonly sourceId: string }

export interface Composed {
  readonly id: string
  readonly facts: ClusterFacts
  readonly before: typeof cluster.$inferSelect | null
  readonly now: Date
  readonly sourceRegion: string | null
  readonly armSourceId: string | null
  readonly armLastReadAt: string | null
  readonly lastReadAt: string | null
  readonly told: (layers: ClusterFacts['labelLayers']) => Told
}

interface Told {
  readonly environment: string | null
  readonly owner: string | null
  readonly ring: string | null
  readonly contact: string | null
}

/** The row of a composed cluster. Its clocks run on while their cause lasts. */
export function clusterRow({ id, facts, before, now, sourceRegion, told, ...read }: Composed): ClusterRow {
  const at = now.toISOString()
  const { judgements: _, drift: _drift, reconcilers: _reconcilers, labelLayers, ...digested } = facts
  const { environment, owner, ring, contact } = told(labelLayers)
  const region = facts.region ?? sourceRegion
  const { country, geographies } = placeOf(facts.provider, region)
  const declaredUntil = facts.kind === armClusterKind ? declaredUntilOf(before, at) : null
  const promoted = { environment, owner, ring, contact, region, country, geographies: [...geographies], ...read }
  const living = before && before.goneAt === null ? before : null
  return {
    id,
    sourceId: facts.source,
    kind: facts.kind,
    namespace: facts.name.namespace,
    name: facts.name.name,
    objectId: facts.objectId,
    labels: facts.labels,
    ...promoted,
    provider: facts.provider,
    flavour: facts.flavour,
    armId: facts.armId,
    resourceUid: facts.resourceUid,
    nodeResourceGroup: facts.nodeResourceGroup,
    createdBy: facts.createdBy,
    supportPlan: facts.supportPlan,
    tier: facts.tier,
    powerState: facts.powerState,
    upgradeChannel: facts.upgradeChannel,
    nodeOsUpgradeChannel: facts.nodeOsUpgradeChannel,
    components: facts.components,
    declaredUntil,
    witnesses: [...facts.witnesses],
    disagreements: facts.disagreements,
    skewMinors: count(facts.skewMinors),
    unreadPools: count(facts.unreadPools),
    phase: facts.phase,
    topologyClass: facts.topologyClass,
    topology: facts.topology,
    endpoint: facts.endpoint?.toLowerCase() ?? null,
    managedBy: facts.managedBy,
    rollouts: facts.rollouts,
    rolloutStartedAt: rolloutStartOf(facts, living, at),
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

/** When the oldest rollout began: by its own word, else when the first of those under way was seen. */
function rolloutStartOf({ rollouts }: ClusterFacts, living: Composed['before'], at: string): string | null {
  const dated = rollouts.flatMap(({ startedAt }) => startedAt ?? []).toSorted((a, b) => Date.parse(a) - Date.parse(b))
  if (rollouts.length === 0 || dated[0] !== undefined) return dated[0] ?? null
  return living?.rolloutStartedAt?.toISOString() ?? at
}

/** When the Cluster object of what only Azure knows now was last there. */
export function declaredUntilOf(before: Composed['before'], at: string): string | null {
  if (before === null || before.kind === armClusterKind) return before?.declaredUntil?.toISOString() ?? null
  return at
}
