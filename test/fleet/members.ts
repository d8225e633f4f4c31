import type { Member } from '../../fleet/cluster.ts'
import { composeCluster } from '../../fleet/compose-cluster.ts'
import { alone, type Surroundings } from '../../fleet/composition/surroundings.ts'
import type { Health, State } from '../../fleet/health.ts'
import type { Facts } from '../../fleet/observation.ts'
import { type ObjectRef, objectIdOf } from '../../fleet/reference.ts'

const name = { namespace: 'team', name: 'prod' }
const groups: Readonly<Record<string, string>> = {
  KubeadmControlPlane: 'controlplane.cluster.x-k8s.io',
  AWSManagedControlPlane: 'controlplane.cluster.x-k8s.io',
  AzureCluster: 'infrastructure.cluster.x-k8s.io',
  AzureASOManagedCluster: 'infrastructure.cluster.x-k8s.io',
  AzureASOManagedControlPlane: 'infrastructure.cluster.x-k8s.io',
  AzureASOManagedMachinePool: 'infrastructure.cluster.x-k8s.io',
  ManagedCluster: 'containerservice.azure.com',
  ManagedClustersAgentPool: 'containerservice.azure.com',
  AzureManagedControlPlane: 'infrastructure.cluster.x-k8s.io',
  AzureManagedMachinePool: 'infrastructure.cluster.x-k8s.io',
  GCPManagedControlPlane: 'infrastructure.cluster.x-k8s.io',
  HelmRelease: 'helm.toolkit.fluxcd.io',
  Kustomization: 'kustomize.toolkit.fluxcd.io',
  GitRepository: 'source.toolkit.fluxcd.io',
  HelmChart: 'source.toolkit.fluxcd.io',
  HelmRepository: 'source.toolkit.fluxcd.io',
  OCIRepository: 'source.toolkit.fluxcd.io',
  Terraform: 'infra.contrib.fluxcd.io',
  Application: 'argoproj.io',
}
export const refOf = (kind: string, at = 'prod') => ({
  group: groups[kind] ?? 'cluster.x-k8s.io',
  kind,
  namespace: 'team',
  name: at,
})
const health = (state: State, more: Partial<Health> = {}): Health => ({
  state,
  reason: `${state}Reason`,
  message: '',
  since: null,
  underlying: null,
  flags: [],
  holdsUntil: null,
  ...more,
})

export interface Options {
  readonly at?: string
  /** Who tells of it: `weu` where nothing else is said. */
  readonly source?: string
  readonly namespace?: string
  readonly parent?: Member
  readonly labels?: Readonly<Record<string, string>>
  readonly facts?: Facts
  readonly createdAt?: string
  readonly fresh?: boolean
  readonly health?: Partial<Health>
}

/** A member of the cluster team/prod, as the store hands it to `composeCluster`. */
export function member(kind: string, state: State, options: Options = {}): Member {
  const { at = 'prod', namespace = 'team' } = options
  return memberOf({ ...refOf(kind, at), namespace }, state, options)
}

function memberOf(ref: ObjectRef, state: State, options: Options): Member {
  const { source = 'weu', parent, labels = {}, facts = {}, createdAt = null, fresh = true, health: more = {} } = options
  const id = objectIdOf(source, ref)
  return { id, source, ref, parentId: parent?.id ?? null, labels, facts, health: health(state, more), createdAt, fresh }
}

export const armId = '/subscriptions/s/resourcegroups/RG/providers/Microsoft.ContainerService/managedClusters/prod'

/** The same cluster as Azure tells it. */
export function arm(state: State = 'Healthy', { facts, ...options }: Options = {}): Member {
  const ref = { group: 'Microsoft.ContainerService', kind: 'managedClusters', namespace: '', name: armId.toLowerCase() }
  const own = { provider: 'aks', armId, more: { name: 'prod', provisioningState: 'Succeeded' }, ...facts }
  return memberOf(ref, state, { source: 'corp/s', facts: own, ...options })
}

export const refs = (infrastructure: string, controlPlane: string) => ({
  refs: { infrastructure: refOf(infrastructure), controlPlane: refOf(controlPlane) },
})
export const selfManaged = (state: State = 'Healthy', more: Options = {}) =>
  member('Cluster', state, { facts: refs('AzureCluster', 'KubeadmControlPlane'), ...more })
export const aks = (state: State = 'Healthy', more: Options = {}) =>
  member('Cluster', state, { facts: refs('AzureASOManagedCluster', 'AzureASOManagedControlPlane'), ...more })
export const compose = (...members: Member[]) => composeCluster(name, members)

/** What composing knows beside the members: these objects, and what else is said. */
export const surroundedBy = (around: readonly Member[], more: Partial<Surroundings> = {}): Surroundings => ({
  ...alone,
  around: new Map(around.map((one) => [one.id, one])),
  ...more,
})
export const composeAmid = (surroundings: Surroundings, ...members: Member[]) =>
  composeCluster(name, members, surroundings)
export const pathOf = (facts: ReturnType<typeof compose>) =>
  facts.rootCause?.path.map(({ ref }) => `${ref.kind}/${ref.name}`)
