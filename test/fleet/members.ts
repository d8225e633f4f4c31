import type { Member } from '../../fleet/cluster.ts'
import { composeCluster } from '../../fleet/compose-cluster.ts'
import type { Health, State } from '../../fleet/health.ts'
import type { Facts } from '../../fleet/observation.ts'
import { objectIdOf } from '../../fleet/reference.ts'

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
  Kustomization: 'kustomize.toolkit.fluxcd.io',
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
  readonly parent?: Member
  readonly facts?: Facts
  readonly fresh?: boolean
  readonly health?: Partial<Health>
}

/** A member of the cluster team/prod, as the store hands it to `composeCluster`. */
export function member(
  kind: string,
  state: State,
  { at = 'prod', parent, facts = {}, fresh = true, health: more = {} }: Options = {},
): Member {
  const ref = refOf(kind, at)
  return {
    id: objectIdOf('weu', ref),
    ref,
    parentId: parent?.id ?? null,
    labels: {},
    facts,
    health: health(state, more),
    createdAt: null,
    fresh,
  }
}

export const refs = (infrastructure: string, controlPlane: string) => ({
  refs: { infrastructure: refOf(infrastructure), controlPlane: refOf(controlPlane) },
})
export const selfManaged = (state: State = 'Healthy', more: Options = {}) =>
  member('Cluster', state, { facts: refs('AzureCluster', 'KubeadmControlPlane'), ...more })
export const aks = (state: State = 'Healthy', more: Options = {}) =>
  member('Cluster', state, { facts: refs('AzureASOManagedCluster', 'AzureASOManagedControlPlane'), ...more })
export const compose = (...members: Member[]) => composeCluster(name, members)
export const pathOf = (facts: ReturnType<typeof compose>) =>
  facts.rootCause?.path.map(({ ref }) => `${ref.kind}/${ref.name}`)
