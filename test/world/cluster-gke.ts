import { clusterDraft, endpointOf, infra, partOf } from './capi-cluster.ts'
import { type Draft, type Legacy, legacyFalse, legacyTrue } from './draft.ts'
import { machinePoolDraft, poolBusy, poolObjectName, providerIdsOf } from './machine-pool.ts'
import { bare, initialized, type PoolModel, type Workload } from './workload.ts'

const project = 'fleet-project'

/** GKE, as CAPG drives it. */
export function gkeClusterDrafts(workload: Workload): readonly Draft[] {
  return [
    clusterDraft(workload),
    infrastructureDraft(workload),
    controlPlaneDraft(workload),
    ...workload.pools.flatMap((pool) => [
      machinePoolDraft(workload, pool, 'GCPManagedMachinePool'),
      poolDraft(workload, pool),
    ]),
  ]
}

function infrastructureDraft(workload: Workload): Draft {
  const up = initialized(workload)
  return {
    ...partOf(workload),
    group: infra,
    kind: 'GCPManagedCluster',
    name: workload.name,
    finalizers: ['gcpmanagedcluster.infrastructure.cluster.x-k8s.io'],
    spec: {
      project,
      region: workload.region,
      network: { name: 'fleet' },
      ...(up ? { controlPlaneEndpoint: endpointOf(workload) } : {}),
    },
    status: { ready: true, conditions: [legacyTrue('Ready')] },
  }
}

function controlPlaneDraft(workload: Workload): Draft {
  const { name, region, releaseChannel, version, running } = workload
  const up = initialized(workload)
  return {
    ...partOf(workload),
    group: infra,
    kind: 'GCPManagedControlPlane',
    name,
    finalizers: ['gcpmanagedcontrolplane.infrastructure.cluster.x-k8s.io'],
    spec: {
      clusterName: name,
      location: region,
      project,
      ...(releaseChannel === null ? {} : { releaseChannel }),
      version: bare(version),
      ...(up ? { endpoint: endpointOf(workload) } : {}),
    },
    status: {
      ready: up,
      initialized: up,
      // Both names of it, of which the second is the older; Google tells it from the beginning.
      ...{ version: bare(running), currentVersion: bare(running) },
      conditions: up ? conditionsOf('GKEControlPlane', isUpdating(workload)) : creatingOf('GKEControlPlane'),
    },
  }
}

/** What its release channel did is no update of ours. */
const isUpdating = ({ stage, version, running }: Workload): boolean => stage === 'Upgrading' && version !== running

/** What is not under way rests as False with severity Info (domain.md 2.3). */
const conditionsOf = (of: string, updating: boolean): readonly Legacy[] => [
  legacyTrue('Ready'),
  legacyFalse(`${of}Creating`, 'Info', `${of}Created`),
  legacyTrue(`${of}Ready`),
  updating ? legacyTrue(`${of}Updating`) : legacyFalse(`${of}Updating`, 'Info', `${of}Updated`),
]

const creatingOf = (of: string): readonly Legacy[] => [
  legacyFalse('Ready', 'Info', `${of}Creating`),
  legacyTrue(`${of}Creating`),
  legacyFalse(`${of}Ready`, 'Info', `${of}Creating`),
]

function poolDraft(workload: Workload, pool: PoolModel): Draft {
  const up = initialized(workload)
  return {
    ...partOf(workload),
    group: infra,
    kind: 'GCPManagedMachinePool',
    name: poolObjectName(workload, pool),
    finalizers: ['gcpmanagedmachinepool.infrastructure.cluster.x-k8s.io'],
    spec: {
      nodePoolName: pool.name,
      machineType: pool.vmSize,
      imageType: 'COS_CONTAINERD',
      management: { autoRepair: true, autoUpgrade: workload.releaseChannel !== null },
      ...(pool.autoscaled ? { scaling: { enableAutoscaling: true, minCount: 1, maxCount: 50 } } : {}),
      ...(up ? { providerIDList: providerIdsOf(workload, pool) } : {}),
    },
    status: {
      ready: up,
      replicas: pool.current,
      conditions: up ? conditionsOf('GKEMachinePool', poolBusy(workload, pool)) : creatingOf('GKEMachinePool'),
    },
  }
}
