import { capaVersions } from '../families/capa.ts'
import { endpointOf } from '../families/capi-facts.ts'
import { providerKind } from '../families/provider.ts'
import { defined } from '../wire.ts'

/** Copies the control plane's endpoint (CAPA `controllers/rosacluster_controller.go`). */
export const capaRosaCluster = providerKind(
  { kind: 'ROSACluster', plural: 'rosaclusters', part: 'infrastructure', versions: capaVersions },
  { facts: ({ spec }) => defined({ provider: 'rosa', endpoint: endpointOf(spec.controlPlaneEndpoint) }) },
)
