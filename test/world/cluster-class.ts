import { capi, infra, kubeadm } from './capi-cluster.ts'
import { type Draft, legacyTrue, modern } from './draft.ts'
import type { Workload } from './workload.ts'

/** What the class offers to set, and what holds for who does not. */
export const classVariables: Readonly<Record<string, string | number>> = {
  workerVmSize: 'Standard_D4s_v5',
  osDiskSizeGB: 128,
  apiServerSku: 'Standard',
}

/** A ClusterClass in each namespace whose clusters use it. */
export function clusterClassDrafts(workloads: readonly Workload[]): readonly Draft[] {
  const used = new Map<string, Workload>()
  for (const workload of workloads) {
    const key = `${workload.namespace}/${workload.topologyClass}`
    if (workload.topologyClass !== null && !used.has(key)) used.set(key, workload)
  }
  return [...used.values()].map((workload) => clusterClassDraft(workload, workload.topologyClass ?? ''))
}

function clusterClassDraft({ namespace, createdAt }: Workload, name: string): Draft {
  const template = (group: string, version: string, kind: string, suffix = '') => ({
    templateRef: { apiVersion: `${group}/${version}`, kind, name: `${name}${suffix}` },
  })
  const machines = template(infra, 'v1beta1', 'AzureMachineTemplate', '-worker')
  return {
    group: capi,
    kind: 'ClusterClass',
    namespace,
    name,
    createdAt,
    since: createdAt,
    spec: {
      controlPlane: {
        ...template(kubeadm, 'v1beta2', 'KubeadmControlPlaneTemplate', '-control-plane'),
        machineInfrastructure: template(infra, 'v1beta1', 'AzureMachineTemplate', '-control-plane'),
      },
      infrastructure: template(infra, 'v1beta1', 'AzureClusterTemplate'),
      workers: {
        machineDeployments: [
          {
            class: 'default-worker',
            bootstrap: template('bootstrap.cluster.x-k8s.io', 'v1beta2', 'KubeadmConfigTemplate', '-worker'),
            infrastructure: machines,
          },
        ],
      },
      variables: Object.entries(classVariables).map(([name, value]) => ({
        name,
        required: false,
        schema: { openAPIV3Schema: { type: typeof value === 'number' ? 'integer' : 'string', default: value } },
      })),
    },
    status: {
      observedGeneration: 0,
      conditions: [
        modern('Paused', false, 'NotPaused'),
        modern('RefVersionsUpToDate', true, 'RefVersionsUpToDate'),
        modern('VariablesReady', true, 'VariablesReady'),
      ],
      deprecated: {
        v1beta1: {
          conditions: [legacyTrue('ClusterClassVariablesReconciled'), legacyTrue('ClusterClassRefVersionsUpToDate')],
        },
      },
    },
  }
}
