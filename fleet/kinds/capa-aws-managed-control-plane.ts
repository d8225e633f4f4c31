import { providerKind } from '../families/provider.ts'
import { bool, defined, definedOrNone, text } from '../wire.ts'

/** Its API is v1beta2 while its conditions are legacy ones: the version of a provider's API says nothing of its contract. */
export const capaAwsManagedControlPlane = providerKind(
  {
    group: 'controlplane.cluster.x-k8s.io',
    kind: 'AWSManagedControlPlane',
    plural: 'awsmanagedcontrolplanes',
    part: 'controlPlane',
    versions: ['v1beta2', 'v1beta1'],
  },
  {
    facts: ({ spec, status }) =>
      defined({
        provider: 'eks',
        versionDeclared: text(spec.version),
        versionObserved: text(status.version),
        region: text(spec.region),
        controlPlaneInitialized: bool(status.initialized),
        more: definedOrNone({ eksCluster: text(spec.eksClusterName), partition: text(spec.partition) }),
      }),
  },
)
