import { capi, infra, partOf } from './capi-cluster.ts'
import { type Draft, legacyFalse, legacyTrue, modern } from './draft.ts'
import { initialized, isAks, nodeResourceGroupOf, type PoolModel, type Workload } from './workload.ts'

/** The name of a pool's objects: pool names are short and repeat. */
export const poolObjectName = (workload: Workload, pool: PoolModel): string => `${workload.name}-${pool.name}`

/** Nodes are being made or replaced. */
export const poolBusy = (workload: Workload, pool: PoolModel): boolean =>
  !initialized(workload) || pool.current !== pool.replicas || pool.version !== pool.running

/** A MachinePool whose nodes a provider runs: no Machine objects stand behind it. */
export function machinePoolDraft(workload: Workload, pool: PoolModel, infraKind: string): Draft {
  const name = poolObjectName(workload, pool)
  const up = initialized(workload)
  const busy = !up || pool.current !== pool.replicas
  const ready = up ? pool.current : 0
  const waiting = legacyFalse('Ready', 'Info', 'WaitingForReplicasReady', `${ready} of ${pool.replicas} replicas ready`)
  return {
    ...partOf(workload),
    group: capi,
    kind: 'MachinePool',
    name,
    finalizers: ['machinepool.cluster.x-k8s.io'],
    annotations: pool.autoscaled ? { 'cluster.x-k8s.io/replicas-managed-by': 'external-autoscaler' } : {},
    spec: {
      clusterName: workload.name,
      replicas: pool.replicas,
      template: {
        spec: {
          clusterName: workload.name,
          version: pool.version,
          bootstrap: { dataSecretName: '' },
          infrastructureRef: { apiGroup: infra, kind: infraKind, name },
        },
      },
      ...(up ? { providerIDList: providerIdsOf(workload, pool) } : {}),
    },
    status: {
      observedGeneration: 0,
      phase: !up
        ? 'Provisioning'
        : pool.current < pool.replicas
          ? 'ScalingUp'
          : pool.current > pool.replicas
            ? 'ScalingDown'
            : 'Running',
      initialization: { bootstrapDataSecretCreated: true, ...(up ? { infrastructureProvisioned: true } : {}) },
      replicas: ready,
      readyReplicas: ready,
      availableReplicas: ready,
      upToDateReplicas: pool.replicas,
      // Where nobody else tells what runs, the kubelets' own word is all there is.
      ...(up && !isAks(workload) ? { versions: [{ version: kubeletOf(workload, pool), replicas: ready }] } : {}),
      conditions: [modern('Paused', workload.paused, workload.paused ? 'Paused' : 'NotPaused')],
      deprecated: {
        v1beta1: {
          readyReplicas: ready,
          availableReplicas: ready,
          unavailableReplicas: Math.max(0, pool.replicas - ready),
          conditions: [
            busy ? waiting : legacyTrue('Ready'),
            legacyTrue('BootstrapReady'),
            up
              ? legacyTrue('InfrastructureReady')
              : legacyFalse('InfrastructureReady', 'Info', 'WaitingForInfrastructure'),
            busy ? { ...waiting, type: 'ReplicasReady' } : legacyTrue('ReplicasReady'),
          ],
        },
      },
    },
  }
}

export function providerIdsOf(workload: Workload, pool: PoolModel): readonly string[] {
  const { flavour, region, name, subscription } = workload
  const ids = (idOf: (i: number) => string) => Array.from({ length: pool.current }, (_, i) => idOf(i))
  if (flavour === 'AWSManaged') {
    const digits = subscription.replaceAll('-', '').slice(0, 14)
    return ids((i) => `aws:///${region}a/i-${pool.name.length}${digits}${String(i).padStart(2, '0')}`)
  }
  if (flavour === 'GCPManaged') return ids((i) => `gce://fleet-project/${region}-b/gke-${name}-${pool.name}-${i}`)
  const scaleSet = `/subscriptions/${subscription}/resourceGroups/${nodeResourceGroupOf(workload)}/providers/Microsoft.Compute/virtualMachineScaleSets/aks-${pool.name}-28146273-vmss`
  return ids((i) => `azure://${scaleSet}/virtualMachines/${i}`)
}

/** EKS builds its own kubelets, under names of its own. */
export const kubeletOf = ({ flavour }: Workload, { running }: PoolModel): string =>
  flavour === 'AWSManaged' ? `${running}-eks-113cf36` : running
