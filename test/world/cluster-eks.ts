import { clusterDraft, endpointOf, infra, kubeadm, partOf } from './capi-cluster.ts'
import { type Draft, type Legacy, legacyFalse, legacyTrue } from './draft.ts'
import { machinePoolDraft, poolBusy, poolObjectName, providerIdsOf } from './machine-pool.ts'
import { initialized, type PoolModel, tagsOf, type Workload } from './workload.ts'

/** EKS, as CAPA drives it. */
export function eksClusterDrafts(workload: Workload): readonly Draft[] {
  return [
    clusterDraft(workload),
    infrastructureDraft(workload),
    controlPlaneDraft(workload),
    ...workload.pools.flatMap((pool) => [
      machinePoolDraft(workload, pool, 'AWSManagedMachinePool'),
      poolDraft(workload, pool),
    ]),
  ]
}

function infrastructureDraft(workload: Workload): Draft {
  const up = initialized(workload)
  return {
    ...partOf(workload),
    group: infra,
    kind: 'AWSManagedCluster',
    name: workload.name,
    spec: up ? { controlPlaneEndpoint: endpointOf(workload) } : {},
    status: { ready: up },
  }
}

function controlPlaneDraft(workload: Workload): Draft {
  const { name, region, version, running } = workload
  const up = initialized(workload)
  return {
    ...partOf(workload),
    group: kubeadm,
    kind: 'AWSManagedControlPlane',
    name,
    finalizers: ['awsmanagedcontrolplane.controlplane.cluster.x-k8s.io'],
    spec: {
      additionalTags: tagsOf(workload),
      eksClusterName: `${workload.namespace}_${name}`,
      endpointAccess: { private: true, public: false },
      identityRef: { kind: 'AWSClusterControllerIdentity', name: 'default' },
      partition: 'aws',
      region,
      version,
      ...(up ? { controlPlaneEndpoint: endpointOf(workload) } : {}),
    },
    status: {
      ready: up,
      initialized: up,
      // AWS tells it from the beginning.
      version: running,
      conditions: conditionsOf(workload),
    },
  }
}

/** An upgrade in place leaves Ready as it is; what is not under way rests as False with severity Info (domain.md 2.3). */
function conditionsOf(workload: Workload): readonly Legacy[] {
  const up = initialized(workload)
  // What AWS did by itself is no update of ours.
  const updating = up && workload.stage === 'Upgrading' && workload.version !== workload.running
  const waiting = (type: string) =>
    legacyFalse(type, 'Info', 'WaitingForEKSControlPlane', 'EKS cluster is being created')
  const made = [
    'IAMControlPlaneRolesReady',
    'InternetGatewayReady',
    'NatGatewaysReady',
    'RouteTablesReady',
    'SubnetsReady',
    'VpcReady',
  ].map(legacyTrue)
  if (!up) return [waiting('Ready'), legacyTrue('EKSControlPlaneCreating'), waiting('EKSControlPlaneReady'), ...made]
  return [
    legacyTrue('Ready'),
    legacyTrue('ClusterSecurityGroupsReady'),
    legacyTrue('EKSAddonsConfigured'),
    legacyFalse('EKSControlPlaneCreating', 'Info', 'created'),
    legacyTrue('EKSControlPlaneReady'),
    updating ? legacyTrue('EKSControlPlaneUpdating') : legacyFalse('EKSControlPlaneUpdating', 'Info', 'updated'),
    legacyTrue('IAMAuthenticatorConfigured'),
    ...made,
  ]
}

function poolDraft(workload: Workload, pool: PoolModel): Draft {
  const up = initialized(workload)
  const busy = poolBusy(workload, pool)
  const ready = busy
    ? legacyFalse('EKSNodegroupReady', 'Info', up ? 'WaitingForNodegroupUpdate' : 'WaitingForEKSControlPlane')
    : legacyTrue('EKSNodegroupReady')
  return {
    ...partOf(workload),
    group: infra,
    kind: 'AWSManagedMachinePool',
    name: poolObjectName(workload, pool),
    finalizers: ['awsmanagedmachinepools.infrastructure.cluster.x-k8s.io'],
    spec: {
      amiType: 'AL2023_x86_64_STANDARD',
      capacityType: 'onDemand',
      eksNodegroupName: `${workload.name}-${pool.name}`,
      instanceType: pool.vmSize,
      scaling: { minSize: 1, maxSize: 20 },
      updateConfig: { maxUnavailable: 1 },
      ...(up ? { providerIDList: providerIdsOf(workload, pool) } : {}),
    },
    status: {
      ready: up,
      replicas: pool.current,
      conditions: [{ ...ready, type: 'Ready' }, ready, legacyTrue('IAMNodegroupRolesReady')],
    },
  }
}
