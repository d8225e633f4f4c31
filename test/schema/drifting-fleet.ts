import type { Store } from '../../db/client.ts'
import { registerPolicies } from '../../db/policy.ts'
import { driftCodeNames } from '../../fleet/drift/code.ts'
import { armClusterKind, clusterKind, type KindKey } from '../../fleet/reference.ts'
import { buryCluster, idOf, putClusters, subjectOf } from '../db/judged-cluster.ts'
import { at } from '../db/wire.ts'
import { type Engine, openEngine } from '../engine.ts'
import { type Ask, type Asked, asker } from './ask.ts'
import { driftPolicy, putDrift, putObject, putReading, putSource, refOf } from './fill-drift.ts'

export const kustomization: KindKey = 'kustomize.toolkit.fluxcd.io/Kustomization'
export const machine: KindKey = 'cluster.x-k8s.io/Machine'
const apps = refOf(kustomization, 'apps')

/** All drift of the fleet that is there, by \`since\`. */
export const everything: readonly string[] = [
  'lagging BEHIND_SOURCE',
  'lagging MACHINE_NOT_UP_TO_DATE',
  'lagging SETTING_VS_SPEC',
  'lagging REPLICAS_DRIFT',
  'tolerated CP_BEHIND_SPEC',
  'blind HELM_DRIFT',
  'neu ORPHAN_MACHINE',
  'neu GONE_SINCE_LAST_POLL',
]

export interface DriftingFleet {
  readonly store: Store
  readonly ask: Ask
  /** Ids of findings, by what they are called here. */
  readonly ids: Readonly<Record<string, string>>
  /** The page that `drift` answers, with further fields of its nodes. */
  readonly drift: (filter: object, fields?: string) => Promise<Asked>
  /** One line each: cluster, else source, and code. */
  readonly lines: (filter: object) => Promise<readonly string[]>
  now: Date
}

/** Clusters and management clusters of which something differs in every way that a list of drift knows. */
export async function openDriftingFleet(engine: Engine): Promise<DriftingFleet> {
  const store = await openEngine(engine)
  const ids = await fillFleet(store.db)
  const { ask } = asker(store.db, () => fleet.now)
  const drift = async (filter: object, fields = ''): Promise<Asked> => {
    const { data, errors } = await ask(
      `query ($f: DriftFilter) { drift(first: 100, filter: $f) { totalCount coverage { complete expectedSources staleSources { name state } } nodes { id code cluster { name } source { name } ${fields} } } }`,
      { f: filter },
    )
    if (errors) throw new Error(JSON.stringify(errors))
    return data.drift
  }
  const lines = async (filter: object): Promise<readonly string[]> => {
    const { nodes, totalCount } = await drift(filter)
    if (totalCount !== nodes.length) throw new Error(`totalCount is ${totalCount} of ${nodes.length}`)
    return nodes.map(({ cluster, source, code }: Asked) => `${cluster?.name ?? source.name} ${code}`)
  }
  const fleet: DriftingFleet = { store, ask, ids, drift, lines, now: at(0) }
  return fleet
}

async function fillFleet(db: Store['db']): Promise<Readonly<Record<string, string>>> {
  const ids: Record<string, string> = {}
  for (const id of ['weu', 'neu']) {
    await putSource(db, id)
    for (const kind of [clusterKind, kustomization, machine]) await putReading(db, id, kind)
  }
  await putSource(db, 'left', { removedAt: at(0) })
  await putSource(db, 'corp', { type: 'azure' })
  await putReading(db, 'corp', armClusterKind)
  await registerPolicies(
    db,
    {
      policies: [driftPolicy('drift', driftCodeNames, { scaler: 'the autoscaler sets it' })],
      waivers: [],
      calendar: [],
    },
    at(0),
    [],
  )
  await putClusters(
    db,
    [
      subjectOf('lagging', { environment: 'prod', ring: 'r1', owner: 'team-a', provider: 'aks', azure: 'corp' }),
      subjectOf('tolerated', { environment: 'prod', ring: 'r2', owner: 'team-b' }),
      subjectOf('clean', { environment: 'dev' }),
      subjectOf('blind', { environment: 'dev' }),
      subjectOf('bare', {}),
      subjectOf('buried', { environment: 'dev' }),
      subjectOf('gone-with-its-source', { source: 'left' }),
    ],
    at(0),
  )
  await putObject(db, 'weu', apps)
  await putObject(db, 'weu', refOf(machine, 'm-1'), { clusterId: idOf('lagging') })
  const lagging = { cluster: 'lagging' }
  ids.behind = await putDrift(db, lagging, 'behindSource', { ref: apps, since: at(-10), severity: 'critical' })
  ids.machine = await putDrift(db, lagging, 'machineNotUpToDate', { ref: refOf(machine, 'm-1'), since: at(-9) })
  ids.azure = await putDrift(db, lagging, 'settingVsSpec', {
    ...{ field: 'sku.tier', expected: 'Standard', actual: 'Free', since: at(-8), likely: true },
    evidence: [
      { field: 'spec.sku.tier', expected: 'Standard', actual: null, from: 'weu', asOf: null },
      { field: 'sku.tier', expected: 'Standard', actual: 'Free', from: 'corp', asOf: null },
    ],
  })
  ids.ignored = await putDrift(db, lagging, 'replicasDrift', {
    ...{ field: 'spec.replicas', outcome: 'Waived', suppressedBy: 'scaler', since: at(-7) },
  })
  ids.tolerated = await putDrift(db, { cluster: 'tolerated' }, 'cpBehindSpec', {
    ...{ outcome: 'Pass', graceUntil: at(50), holdsUntil: at(50), violatedSince: at(-10), since: at(-6) },
  })
  ids.clean = await putDrift(db, { cluster: 'clean' }, 'aksVsSpec', { outcome: 'Pass', violatedSince: null })
  ids.gap = await putDrift(db, { cluster: 'blind' }, 'helmDrift', { outcome: 'Unknown', since: at(-5) })
  await putDrift(db, { cluster: 'buried' }, 'suspended', { ref: apps })
  await putDrift(db, { cluster: 'gone-with-its-source', source: 'left' }, 'suspended')
  await putDrift(db, { source: 'left' }, 'orphanMachine', { ref: refOf(machine, 'x') })
  ids.orphan = await putDrift(db, { source: 'neu' }, 'orphanMachine', { ref: refOf(machine, 'lost'), since: at(-4) })
  await putObject(db, 'neu', refOf(machine, 'lost'))
  ids.vanished = await putDrift(db, { source: 'neu' }, 'goneSinceLastPoll', {
    ...{ ref: refOf(clusterKind, 'was-here'), since: at(-3) },
  })
  await putObject(db, 'neu', refOf(clusterKind, 'was-here'), { goneAt: at(-3) })
  await buryCluster(db, 'buried', at(0))
  return ids
}
