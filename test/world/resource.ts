import type { Resource, ServedVersion } from './api/object.ts'
import { toV1beta1 } from './capi-conversion.ts'
import { type Tool, toolResources } from './resource-tool.ts'

/** Which releases a management cluster runs: Cluster API 1.9 with CAPZ 1.19 and Flux 2.2, or 1.14 with 1.26 and 2.9. */
export type Era = 'old' | 'new'

const contractLabel = (contract: string, versions: string) => ({ [`cluster.x-k8s.io/${contract}`]: versions })

export type { Tool } from './resource-tool.ts'

/** Everything a management cluster of that era with these tools serves. */
export function resourcesOf(era: Era, tools: readonly Tool[]): readonly Resource[] {
  return [
    ...core,
    ...clusterApi(era),
    ...azure(era),
    ...serviceOperator,
    ...flux(era),
    provider,
    ...tools.flatMap((tool) => toolResources[tool](contractLabel)),
  ]
}

const core: readonly Resource[] = [
  {
    group: '',
    kind: 'Namespace',
    plural: 'namespaces',
    namespaced: false,
    shortNames: ['ns'],
    versions: [{ name: 'v1' }],
  },
  {
    group: 'apiextensions.k8s.io',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    namespaced: false,
    shortNames: ['crd', 'crds'],
    versions: [{ name: 'v1' }],
  },
]

/** What clusterctl notes of each provider it installs. */
const provider: Resource = {
  group: 'clusterctl.cluster.x-k8s.io',
  kind: 'Provider',
  plural: 'providers',
  namespaced: true,
  // Nobody reconciles it.
  versions: [{ name: 'v1alpha3', status: false, storage: true }],
}

function clusterApi(era: Era): readonly Resource[] {
  const inGroup = (group: string, kind: string, shortName: string): Resource => ({
    group,
    kind,
    plural: pluralOf(kind),
    namespaced: true,
    shortNames: [shortName],
    ...(era === 'old'
      ? { versions: [{ name: 'v1beta1', storage: true }] }
      : {
          versions: [{ name: 'v1beta2', storage: true }, deprecated(group, kind, 'v1beta1', 'v1beta2')],
          convert: (stored) => toV1beta1(stored, era),
        }),
    ...(group.startsWith('controlplane')
      ? {
          contract: {
            ...contractLabel('v1beta1', 'v1beta1'),
            ...(era === 'new' ? contractLabel('v1beta2', 'v1beta2') : {}),
          },
        }
      : {}),
  })
  const kinds = {
    Cluster: 'cl',
    ClusterClass: 'cc',
    MachineDeployment: 'md',
    MachineSet: 'ms',
    Machine: 'ma',
    MachineHealthCheck: 'mhc',
    MachinePool: 'mp',
  }
  return [
    ...Object.entries(kinds).map(([kind, shortName]) => inGroup('cluster.x-k8s.io', kind, shortName)),
    inGroup('controlplane.cluster.x-k8s.io', 'KubeadmControlPlane', 'kcp'),
  ]
}

function azure(era: Era): readonly Resource[] {
  const group = 'infrastructure.cluster.x-k8s.io'
  const inGroup = (kind: string, versions: readonly ServedVersion[]): Resource => ({
    group,
    kind,
    plural: pluralOf(kind),
    namespaced: true,
    versions,
    contract: contractLabel('v1beta1', versions.some((version) => version.name === 'v1beta1') ? 'v1beta1' : 'v1alpha1'),
  })
  const stored: ServedVersion = { name: 'v1beta1', storage: true }
  const classic = (kind: string): ServedVersion => {
    if (era === 'old') return stored
    const instead = `${group}/v1beta1 ${kind.replace('Azure', 'AzureASO')} and related AzureASOManaged resources instead.`
    return { ...stored, deprecated: `${kind} and the AzureManaged API are deprecated. Please migrate to ${instead}` }
  }
  const aso = (kind: string): readonly ServedVersion[] => {
    if (era === 'old') return [{ name: 'v1alpha1', storage: true }]
    const instead = `${group}/v1beta1 is equivalent and should be used instead.`
    return [stored, { name: 'v1alpha1', deprecated: `${group}/v1alpha1 ${kind} is deprecated. ${instead}` }]
  }
  return [
    ...['AzureCluster', 'AzureMachine'].map((kind) => inGroup(kind, [stored])),
    ...['AzureManagedCluster', 'AzureManagedControlPlane', 'AzureManagedMachinePool'].map((kind) =>
      inGroup(kind, [classic(kind)]),
    ),
    ...['AzureASOManagedCluster', 'AzureASOManagedControlPlane', 'AzureASOManagedMachinePool'].map((kind) =>
      inGroup(kind, aso(kind)),
    ),
  ]
}

const containerVersions = ['v1api20230201', 'v1api20231001', 'v1api20240402preview', 'v1api20240901', 'v1api20250801']

const operatorKind = (group: string, kind: string, versions: readonly string[]): Resource => {
  const served = versions.flatMap((name) => [{ name }, { name: `${name}storage` }])
  return {
    group,
    kind,
    plural: pluralOf(kind),
    namespaced: true,
    versions: served.map((version) => (version === served.at(-1) ? { ...version, storage: true } : version)),
  }
}

const serviceOperator: readonly Resource[] = [
  operatorKind('containerservice.azure.com', 'ManagedCluster', containerVersions),
  operatorKind('containerservice.azure.com', 'ManagedClustersAgentPool', containerVersions),
  operatorKind('resources.azure.com', 'ResourceGroup', ['v1api20200601']),
]

function flux(era: Era): readonly Resource[] {
  const inGroup = (group: string, kind: string, now: readonly string[], then: readonly ServedVersion[]): Resource => ({
    group,
    kind,
    plural: pluralOf(kind),
    namespaced: true,
    versions: era === 'old' ? then : now.map((name) => ({ name, storage: true })),
  })
  const source = 'source.toolkit.fluxcd.io'
  const kustomize = 'kustomize.toolkit.fluxcd.io'
  const helm = 'helm.toolkit.fluxcd.io'
  const operator = 'fluxcd.controlplane.io'
  const old = (kind: string, stored: string, ...others: string[]): readonly ServedVersion[] => [
    { name: stored, storage: true },
    ...others.map((name) => ({ name, deprecated: `${name} ${kind} is deprecated, upgrade to ${stored}` })),
  ]
  return [
    inGroup(source, 'GitRepository', ['v1'], old('GitRepository', 'v1', 'v1beta2', 'v1beta1')),
    inGroup(source, 'OCIRepository', ['v1'], [{ name: 'v1beta2', storage: true }]),
    inGroup(source, 'HelmRepository', ['v1'], [{ name: 'v1beta2', storage: true }, { name: 'v1beta1' }]),
    inGroup(source, 'HelmChart', ['v1'], [{ name: 'v1beta2', storage: true }, { name: 'v1beta1' }]),
    inGroup(kustomize, 'Kustomization', ['v1'], old('Kustomization', 'v1', 'v1beta2', 'v1beta1')),
    inGroup(helm, 'HelmRelease', ['v2'], old('HelmRelease', 'v2', 'v2beta2', 'v2beta1')),
    inGroup(operator, 'FluxInstance', ['v1'], [{ name: 'v1', storage: true }]),
    inGroup(operator, 'FluxReport', ['v1'], [{ name: 'v1', storage: true }]),
  ]
}

const deprecated = (group: string, kind: string, version: string, instead: string): ServedVersion => ({
  name: version,
  deprecated: `${group}/${version} ${kind} is deprecated; use ${group}/${instead} ${kind}`,
})

function pluralOf(kind: string): string {
  const lower = kind.toLowerCase()
  if (lower.endsWith('y')) return `${lower.slice(0, -1)}ies`
  return lower.endsWith('s') ? `${lower}es` : `${lower}s`
}
