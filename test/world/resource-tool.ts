import type { Resource, ServedVersion } from './api/object.ts'

/** What a management cluster may have installed beside Cluster API, CAPZ and Flux. */
export const tools = ['aws', 'gcp', 'argocd', 'tofu', 'helm'] as const
export type Tool = (typeof tools)[number]

type Contract = (contract: string, versions: string) => Readonly<Record<string, string>>

const stored = (name: string): readonly ServedVersion[] => [{ name, storage: true }]

const inGroup = (
  group: string,
  kind: string,
  versions: readonly ServedVersion[],
  rest: Partial<Resource> = {},
): Resource => ({
  group,
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced: true,
  versions,
  ...rest,
})

const infrastructure = 'infrastructure.cluster.x-k8s.io'

/** By tool: the kinds that its CRDs bring. Both eras serve them alike. */
export const toolResources: Readonly<Record<Tool, (contract: Contract) => readonly Resource[]>> = {
  // Its API is v1beta2 while it follows the contract of v1beta1.
  aws: (contract) => {
    const rest = { contract: contract('v1beta1', 'v1beta2') }
    return [
      inGroup('controlplane.cluster.x-k8s.io', 'AWSManagedControlPlane', stored('v1beta2'), rest),
      inGroup(infrastructure, 'AWSManagedCluster', stored('v1beta2'), rest),
      inGroup(infrastructure, 'AWSManagedMachinePool', stored('v1beta2'), rest),
    ]
  },
  gcp: (contract) =>
    ['GCPManagedControlPlane', 'GCPManagedCluster', 'GCPManagedMachinePool'].map((kind) =>
      inGroup(infrastructure, kind, stored('v1beta1'), { contract: contract('v1beta1', 'v1beta1') }),
    ),
  argocd: () => [
    // The controller writes the whole object.
    inGroup('argoproj.io', 'Application', [{ name: 'v1alpha1', storage: true, status: false }], {
      shortNames: ['app', 'apps'],
    }),
    inGroup('argoproj.io', 'ApplicationSet', stored('v1alpha1'), { shortNames: ['appset', 'appsets'] }),
  ],
  tofu: () => [
    inGroup(
      'infra.contrib.fluxcd.io',
      'Terraform',
      [
        ...stored('v1alpha2'),
        { name: 'v1alpha1', deprecated: 'v1alpha1 Terraform is deprecated, upgrade to v1alpha2' },
      ],
      { shortNames: ['tf'] },
    ),
  ],
  helm: (contract) => {
    const rest = { contract: contract('v1beta1', 'v1alpha1') }
    const group = 'addons.cluster.x-k8s.io'
    return [
      inGroup(group, 'HelmChartProxy', stored('v1alpha1'), {
        ...rest,
        plural: 'helmchartproxies',
        shortNames: ['hcp'],
      }),
      inGroup(group, 'HelmReleaseProxy', stored('v1alpha1'), {
        ...rest,
        plural: 'helmreleaseproxies',
        shortNames: ['hrp'],
      }),
    ]
  },
}
