import { imageOf, type NodeImage, patchedImageOf, undatedImage } from './azure/node-image.ts'
import { versionAfter } from './fleet.ts'
import { cloudVersionAfter, cloudVersionBefore } from './fleet-cloud.ts'
import { type Flavour, type TopologyDeviation, type Trouble, troubles, type Workload } from './workload.ts'

type Change = (workload: Workload, now: Date) => void

const both =
  (...changes: readonly Change[]): Change =>
  (workload, now) => {
    for (const change of changes) change(workload, now)
  }

const trouble =
  (name: Trouble): Change =>
  (workload) => {
    workload.trouble = name
    if (name === 'TopologyFailed') workload.topologyClass = topologyClass
    if (troubles[name].flavours.every((flavour) => flavour === 'AzureASOManaged')) refuseGrowth(workload)
  }

/** Names the ClusterClass that the world's topologies use. */
const topologyClass = 'azure-self-managed'

function refuseGrowth(workload: Workload): void {
  const [system, second] = workload.pools
  if (system === undefined) return
  const pool = second ?? { ...system, name: 'apps', mode: 'User' as const, autoscaled: false }
  if (second === undefined) workload.pools.push(pool)
  pool.replicas = pool.current + 3
}

const upgrading: Change = (workload) => {
  if (versionAfter(workload.version) === workload.version) atVersion('v1.35.5')(workload, workload.since)
  workload.version = versionAfter(workload.version)
  workload.stage = 'Upgrading'
}

const creating: Change = (workload, now) => {
  const createdAt = new Date(now.getTime() - 4 * 60_000)
  Object.assign(workload, { stage: 'Creating', createdAt, since: createdAt, controlPlaneCurrent: 1 })
  for (const pool of workload.pools) pool.current = 0
}

const scaling: Change = (workload) => {
  workload.stage = 'Scaling'
  const [pool] = workload.pools
  if (pool !== undefined) pool.replicas = pool.current + 2
}

const deleting: Change = (workload, now) => {
  workload.stage = 'Deleting'
  workload.deletedAt = new Date(now.getTime() - 6 * 60_000)
}

const atVersion =
  (version: string): Change =>
  (workload) => {
    workload.version = version
    workload.running = version
    for (const pool of workload.pools) Object.assign(pool, { version, running: version })
  }

const pausedFor =
  (days: number, by: string | null): Change =>
  (workload, now) => {
    const pausedAt = new Date(Math.max(workload.createdAt.getTime(), now.getTime() - days * 86_400_000))
    Object.assign(workload, { paused: true, pausedAt, pausedBy: by, since: pausedAt })
  }
const unowned: Change = (workload) => {
  workload.owner = null
  workload.contact = null
}
const uncosted: Change = (workload) => {
  workload.costCenter = null
}
const lagging: Change = (workload) => {
  workload.lagging = true
}
const withClass: Change = (workload) => {
  workload.topologyClass = topologyClass
}
const deviating = (deviation: TopologyDeviation): Change =>
  both(withClass, (workload) => {
    Object.assign(workload.deviation, deviation)
  })
/** A pool beside the topology. */
const withUnmanagedPool: Change = (workload) => {
  const [first] = workload.pools
  if (first === undefined) return
  workload.pools.push({ ...first, name: 'byhand', mode: 'User', autoscaled: false })
  deviating({ unmanagedPool: 'byhand' })(workload, workload.since)
}
/** The topology asks for one replica more than its MachineDeployment. */
const withOtherReplicas: Change = (workload) => {
  deviating({ replicas: (workload.pools[0]?.replicas ?? 0) + 1 })(workload, workload.since)
}
/** An upgrade that a lifecycle hook holds up before anything was asked for. */
const heldUp: Change = (workload) => {
  if (versionAfter(workload.version) === workload.version) atVersion('v1.35.5')(workload, workload.since)
  withClass(workload, workload.since)
  workload.held = versionAfter(workload.version)
}
const remediated: Change = (workload, now) => {
  workload.remediatedAt = [20, 9, 2].map((hours) => new Date(now.getTime() - hours * 3_600_000))
}
const withStray: Change = (workload) => {
  Object.assign(workload, { strays: [`${workload.name}-debug`] })
}
/** Its rollout takes longer than anybody likes. */
const since =
  (hours: number): Change =>
  (workload, now) => {
    workload.since = new Date(now.getTime() - hours * 3_600_000)
  }
const byHand: Change = (workload) => {
  workload.managedBy = null
}
const byArgo: Change = (workload) => {
  workload.managedBy = 'argocd'
}
const cloudUpgrading: Change = (workload) => {
  workload.version = cloudVersionAfter(workload)
  workload.stage = 'Upgrading'
}
/** Its last pool is a minor behind, and nobody asked for more. */
const cloudBehind: Change = (workload) => {
  const version = cloudVersionBefore(workload)
  const last = workload.pools.at(-1)
  if (last !== undefined) Object.assign(last, { version, running: version })
}
/** AWS upgraded it when the support of its version ended, and nobody noted it. */
const cloudAhead: Change = (workload) => {
  workload.running = cloudVersionAfter(workload)
}
/** Its channel has upgraded the control plane beyond what is asked for. */
const onChannel: Change = (workload) => {
  workload.releaseChannel = 'regular'
  workload.running = cloudVersionAfter(workload)
}
/** Its last pool is at another version than its control plane. */
const split =
  (version: string, pool: string): Change =>
  (workload) => {
    atVersion(version)(workload, workload.since)
    const last = workload.pools.at(-1)
    if (last !== undefined) Object.assign(last, { version: pool, running: pool })
  }
/** Nodes two minors behind their control plane, which Kubernetes allows. */
const behind = split('v1.36.1', 'v1.34.8')
const tooFarBehind = split('v1.36.2', 'v1.32.10')
const ahead = split('v1.34.9', 'v1.35.5')
const longTermAt = (version: string): Change =>
  both(atVersion(version), (workload) => {
    workload.supportPlan = 'AKSLongTermSupport'
    workload.tier = 'Premium'
  })
const officialAt = (version: string): Change =>
  both(atVersion(version), (workload) => {
    workload.supportPlan = 'KubernetesOfficial'
    workload.tier = 'Standard'
  })
/** Its last pool is of Windows nodes. */
const withWindows =
  (ageDays: number): Change =>
  (workload, now) => {
    const last = workload.pools.at(-1)
    if (last === undefined) return
    const pool = { ...last, name: 'win', mode: 'User' as const, os: 'Windows' as const }
    workload.pools.push({ ...pool, image: imageOf('Windows', now, ageDays) })
  }
const withImage =
  (image: (now: Date) => NodeImage): Change =>
  (workload, now) => {
    for (const pool of workload.pools) pool.image = image(now)
  }
/** By flavour: what the k-th cluster of it is up to. The rest of each round is at rest. */
const scenes: Readonly<Record<Flavour, Readonly<Record<number, Change>>>> = {
  AzureSelfManaged: {
    1: upgrading,
    2: deviating({ variables: { workerVmSize: 'Standard_D16s_v5', osDiskSizeGB: 256, apiServerSku: 'Standard' } }),
    3: trouble('UnhealthyMachines'),
    4: deviating({ olderTemplates: true, variables: { osDiskSizeGB: 64 } }),
    5: pausedFor(12, 'kubectl-edit'),
    6: withClass,
    7: scaling,
    8: trouble('MachineFailed'),
    9: creating,
    // 1.9 sorts after 1.10 as text, and is older.
    10: atVersion('v1.9.11'),
    11: atVersion('v1.10.13'),
    12: deleting,
    13: both(trouble('Unreachable'), byHand),
    14: both(withClass, upgrading, since(5)),
    15: trouble('NotReported'),
    16: both(unowned, withStray),
    17: trouble('TopologyFailed'),
    18: both(lagging, remediated),
    19: behind,
    20: both(uncosted, withOtherReplicas),
    21: withUnmanagedPool,
    22: deviating({ missingPool: 'gpu' }),
    23: heldUp,
  },
  AzureManaged: {
    1: both(upgrading, since(3)),
    2: both(unowned, officialAt('v1.34.8')),
    3: trouble('ControlPlaneError'),
    4: pausedFor(30, null),
    5: creating,
    6: scaling,
    7: trouble('Unreachable'),
    9: both(lagging, byArgo),
    10: trouble('NotReported'),
    12: deleting,
    13: both(behind, byArgo),
    14: uncosted,
    15: officialAt('v1.33.11'),
    16: withImage((now) => patchedImageOf(now, 75, 12)),
    17: both(officialAt('v1.34.9'), byArgo),
    20: officialAt('v1.35.6'),
    22: officialAt('v1.35.6'),
  },
  AzureASOManaged: {
    1: upgrading,
    2: trouble('QuotaExceeded'),
    3: trouble('ReferenceNotFound'),
    4: pausedFor(2, 'clusterctl'),
    5: creating,
    6: both(scaling, byHand),
    7: unowned,
    8: trouble('Unreachable'),
    9: trouble('NotReported'),
    10: lagging,
    11: deleting,
    12: longTermAt('v1.33.11'),
    13: behind,
    14: both(longTermAt('v1.32.10'), byHand),
    15: longTermAt('v1.31.13'),
    16: both(officialAt('v1.32.9'), trouble('GoneInAzure')),
    17: tooFarBehind,
    18: ahead,
    19: withWindows(20),
    20: both(uncosted, withWindows(95)),
    21: withImage(() => undatedImage),
    22: officialAt('v1.37.0'),
  },
  AWSManaged: { 1: cloudUpgrading, 2: creating, 3: cloudBehind, 4: both(byHand, cloudAhead) },
  GCPManaged: { 0: onChannel, 1: cloudUpgrading, 2: creating, 3: cloudBehind },
}

const roundLength = 24

/** The turn of each cluster in its flavour's round: the same in a fleet of the same size. */
export function turnsOf(workloads: readonly Workload[]): readonly { workload: Workload; turn: number }[] {
  const seen = new Map<Flavour, number>()
  return workloads.map((workload) => {
    const k = seen.get(workload.flavour) ?? 0
    seen.set(workload.flavour, k + 1)
    return { workload, turn: k % roundLength }
  })
}

/** Puts a fleet of healthy clusters into every state there is, in the same places for the same size. */
export function setTheScene(workloads: readonly Workload[], now: Date): void {
  for (const { workload, turn } of turnsOf(workloads)) {
    const change = scenes[workload.flavour][turn]
    if (change === undefined) continue
    workload.since = new Date(Math.max(workload.createdAt.getTime(), now.getTime() - 25 * 60_000))
    change(workload, now)
  }
}
