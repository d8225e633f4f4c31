import { capaVersions } from '../families/capa.ts'
import { endpointOf } from '../families/capi-facts.ts'
import { providerKind } from '../families/provider.ts'
import { bool, defined, definedOrNone, text } from '../wire.ts'

/**
 * OpenShift by Red Hat on AWS. It has no Ready of the whole: ROSAControlPlaneReady stands in for it, and neither an invalid spec nor
 * an upgrade that could not be scheduled touches that (CAPA `controlplane/rosa/controllers`). Its versions are OpenShift's, which no
 * Kubernetes version may be compared with.
 */
export const capaRosaControlPlane = providerKind(
  {
    group: 'controlplane.cluster.x-k8s.io',
    kind: 'ROSAControlPlane',
    plural: 'rosacontrolplanes',
    part: 'controlPlane',
    versions: capaVersions,
  },
  {
    legacyPrimary: 'ROSAControlPlaneReady',
    alsoJudged: ['ROSAControlPlaneValid', 'ROSAControlPlaneUpgrading'],
    rolls: true,
    facts: ({ spec, status }) =>
      defined({
        provider: 'rosa',
        region: text(spec.region),
        endpoint: endpointOf(spec.controlPlaneEndpoint),
        controlPlaneInitialized: bool(status.initialized),
        more: definedOrNone({
          rosaCluster: text(spec.rosaClusterName),
          id: text(status.id),
          openShiftDeclared: text(spec.version),
          openShiftObserved: text(status.version),
          channelGroup: text(spec.channelGroup),
        }),
      }),
  },
)
