import { capaVersions } from '../families/capa.ts'
import { endpointOf } from '../families/capi-facts.ts'
import { providerKind } from '../families/provider.ts'
import { bool, defined, definedOrNone, text } from '../wire.ts'

/**
 * Its API is v1beta2 while its conditions are legacy ones: the version of a provider's API says nothing of its contract. Ready sums
 * up all but EKSControlPlaneCreating and EKSControlPlaneUpdating, the only marks of a creation and of an upgrade in place
 * (domain.md 2.3; CAPA `controlplane/eks/controllers`).
 */
export const capaAwsManagedControlPlane = providerKind(
  {
    group: 'controlplane.cluster.x-k8s.io',
    kind: 'AWSManagedControlPlane',
    plural: 'awsmanagedcontrolplanes',
    part: 'controlPlane',
    versions: capaVersions,
  },
  {
    rolls: true,
    facts: ({ spec, status }) =>
      defined({
        provider: 'eks',
        versionDeclared: text(spec.version),
        versionObserved: text(status.version),
        region: text(spec.region),
        endpoint: endpointOf(spec.controlPlaneEndpoint),
        controlPlaneInitialized: bool(status.initialized),
        more: definedOrNone({
          eksCluster: text(spec.eksClusterName),
          partition: text(spec.partition),
          upgradePolicy: text(spec.upgradePolicy),
          externallyManaged: bool(status.externalManagedControlPlane),
        }),
      }),
  },
)
