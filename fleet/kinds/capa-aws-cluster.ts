import { capaVersions } from '../families/capa.ts'
import { endpointOf } from '../families/capi-facts.ts'
import { providerKind } from '../families/provider.ts'
import { defined, definedOrNone, text } from '../wire.ts'

/** Ready sums up its network, security groups and load balancer (CAPA `pkg/cloud/scope/cluster.go`). */
export const capaAwsCluster = providerKind(
  { kind: 'AWSCluster', plural: 'awsclusters', part: 'infrastructure', versions: capaVersions },
  {
    facts: ({ spec }) =>
      defined({
        provider: 'aws',
        region: text(spec.region),
        endpoint: endpointOf(spec.controlPlaneEndpoint),
        more: definedOrNone({ partition: text(spec.partition) }),
      }),
  },
)
