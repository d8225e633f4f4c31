import { capi, clusterDraft, infra, partOf } from './capi-cluster.ts'
import { madeByTopology } from './capi-topology.ts'
import { type Draft, legacyTrue, modern } from './draft.ts'
import { kubeadmControlPlaneDraft } from './kubeadm-control-plane.ts'
import { controlPlaneOwner, type MachineModel, machineDrafts } from './machine.ts'
import { machineDeploymentDraft, machineSetDraft, machineSetName, poolLabels } from './machine-deployment.ts'
import { poolObjectName } from './machine-pool.ts'
import { initialized, type PoolModel, resourceGroupOf, type Workload } from './workload.ts'

/** A cluster whose control plane and nodes are virtual machines (CAPZ with kubeadm). */
export function selfManagedDrafts(workload: Workload): readonly Draft[] {
  return [
    clusterDraft(workload),
    azureClusterDraft(workload),
    kubeadmControlPlaneDraft(workload),
    ...controlPlaneMachines(workload).flatMap((machine) => machineDrafts(workload, machine)),
    ...workload.pools.flatMap((pool) => [
      machineDeploymentDraft(workload, pool),
      machineSetDraft(workload, pool),
      healthCheckDraft(workload, pool),
      ...poolMachines(workload, pool).flatMap((machine) => machineDrafts(workload, machine)),
    ]),
    ...strayMachines(workload).flatMap((machine) => machineDrafts(workload, machine)),
  ]
}

const suffixes = ['bq7rk', 'c4xdn', 'f9wzl', 'h2m8s', 'k6tvp', 'n8jqx', 'r5gcw', 't3ldz', 'w7kfm', 'z9pxb'] as const
const suffixOf = (i: number): string =>
  `${suffixes[i % suffixes.length]}${i < suffixes.length ? '' : Math.floor(i / suffixes.length)}`

function controlPlaneMachines(workload: Workload): readonly MachineModel[] {
  return Array.from({ length: workload.controlPlaneCurrent }, (_, i) => ({
    name: `${workload.name}-control-plane-${suffixOf(i)}`,
    owner: controlPlaneOwner(workload),
    labels: { 'cluster.x-k8s.io/control-plane': '', 'cluster.x-k8s.io/control-plane-name': workload.name },
    version: workload.version,
    // One machine after another is replaced.
    running: i === 0 && workload.controlPlaneCurrent > 1 ? workload.version : workload.running,
    vmSize: 'Standard_D4s_v5',
    controlPlane: true,
    trouble: null,
    template: `${workload.name}-control-plane`,
  }))
}

function poolMachines(workload: Workload, pool: PoolModel): readonly MachineModel[] {
  const first = pool === workload.pools[0]
  const trouble =
    workload.trouble === 'UnhealthyMachines'
      ? 'NodeUnhealthy'
      : workload.trouble === 'MachineFailed'
        ? 'VmFailed'
        : null
  const set = machineSetName(workload, pool)
  const base = {
    owner: { group: capi, kind: 'MachineSet', name: set },
    labels: { ...poolLabels(workload, pool), 'cluster.x-k8s.io/set-name': set },
    version: pool.version,
    vmSize: pool.vmSize,
    controlPlane: false,
    template: poolObjectName(workload, pool),
  }
  const current = Array.from(
    { length: pool.current },
    (_, i): MachineModel => ({
      ...base,
      name: `${set}-${suffixOf(i)}`,
      running: i === 0 && pool.current > 1 ? pool.version : pool.running,
      trouble: first && i === pool.current - 1 ? trouble : null,
    }),
  )
  if (!first) return current
  // What they are replaced by is there, what they ran on will not drain.
  const replaced = workload.remediatedAt.map(
    (remediatedAt, i): MachineModel => ({
      ...base,
      name: remediatedName(workload, i),
      running: pool.running,
      trouble: null,
      remediatedAt,
    }),
  )
  return [...current, ...replaced]
}

/** The name of the i-th machine that is being replaced. */
const remediatedName = (workload: Workload, i: number): string => {
  const [pool] = workload.pools
  return `${pool ? machineSetName(workload, pool) : workload.name}-gone${i}`
}

const strayMachines = (workload: Workload): readonly MachineModel[] =>
  workload.strays.map((name) => ({
    name,
    owner: null,
    labels: {},
    version: workload.running,
    running: workload.running,
    vmSize: 'Standard_D4s_v5',
    controlPlane: false,
    trouble: null,
    template: 'by-hand',
  }))

function healthCheckDraft(workload: Workload, pool: PoolModel): Draft {
  const sick = workload.trouble === 'UnhealthyMachines' && pool === workload.pools[0]
  const up = initialized(workload)
  const healthy = up ? pool.current - (sick ? Math.min(1, pool.current) : 0) : 0
  const message = 'Remediation is not allowed, the number of not started or unhealthy machines exceeds maxUnhealthy'
  const allowed = sick
    ? modern('RemediationAllowed', false, 'TooManyUnhealthy', message)
    : modern('RemediationAllowed', true, 'RemediationAllowed')
  return {
    ...partOf(workload),
    group: capi,
    kind: 'MachineHealthCheck',
    name: `${poolObjectName(workload, pool)}-unhealthy-5m`,
    spec: {
      clusterName: workload.name,
      selector: { matchLabels: { 'cluster.x-k8s.io/deployment-name': poolObjectName(workload, pool) } },
      checks: {
        nodeStartupTimeoutSeconds: 600,
        unhealthyNodeConditions: [
          { type: 'Ready', status: 'Unknown', timeoutSeconds: 300 },
          { type: 'Ready', status: 'False', timeoutSeconds: 300 },
        ],
      },
      remediation: { triggerIf: { unhealthyLessThanOrEqualTo: sick ? '0%' : '40%' } },
    },
    status: {
      observedGeneration: 0,
      expectedMachines: pool.current,
      currentHealthy: healthy,
      remediationsAllowed: sick ? 0 : Math.floor(pool.current * 0.4),
      conditions: [modern('Paused', workload.paused, workload.paused ? 'Paused' : 'NotPaused'), allowed],
      deprecated: {
        v1beta1: {
          conditions: [
            sick
              ? {
                  type: 'RemediationAllowed',
                  status: 'False',
                  severity: 'Warning',
                  reason: 'TooManyUnhealthy',
                  message,
                  lastTransitionTime: '',
                }
              : legacyTrue('RemediationAllowed'),
          ],
        },
      },
    },
  }
}

function azureClusterDraft(workload: Workload): Draft {
  const { name, region } = workload
  return {
    ...partOf(workload),
    group: infra,
    kind: 'AzureCluster',
    name,
    ...madeByTopology(workload, `AzureClusterTemplate.${infra}`, ''),
    finalizers: ['azurecluster.infrastructure.cluster.x-k8s.io'],
    spec: {
      azureEnvironment: 'AzurePublicCloud',
      location: region,
      resourceGroup: resourceGroupOf(workload),
      subscriptionID: workload.subscription,
      identityRef: {
        apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1',
        kind: 'AzureClusterIdentity',
        name: 'cluster-identity',
      },
      networkSpec: {
        subnets: [
          { name: `${name}-controlplane-subnet`, role: 'control-plane', cidrBlocks: ['10.0.0.0/16'] },
          { name: `${name}-node-subnet`, role: 'node', cidrBlocks: ['10.1.0.0/16'] },
        ],
        vnet: { name: `${name}-vnet`, cidrBlocks: ['10.0.0.0/8'] },
      },
      ...(initialized(workload)
        ? { controlPlaneEndpoint: { host: `${name}.${region}.cloudapp.azure.com`, port: 6443 } }
        : {}),
    },
    status: {
      ready: true,
      failureDomains: { '1': { controlPlane: true }, '2': { controlPlane: true }, '3': { controlPlane: true } },
      conditions: [
        'Ready',
        'ResourceGroupReady',
        'NetworkInfrastructureReady',
        'VNetReady',
        'SubnetsReady',
        'LoadBalancersReady',
      ].map(legacyTrue),
    },
  }
}
