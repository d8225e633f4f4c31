import { capaVersions } from '../families/capa.ts'
import { endpointOf } from '../families/capi-facts.ts'
import { providerKind } from '../families/provider.ts'
import { defined } from '../wire.ts'

/** Copies the control plane's endpoint and readiness, and reports no condition (CAPA `controllers/awsmanagedcluster_controller.go`). */
export const capaAwsManagedCluster = providerKind(
  { kind: 'AWSManagedCluster', plural: 'awsmanagedclusters', part: 'infrastructure', versions: capaVersions },
  { facts: ({ spec }) => defined({ provider: 'eks', endpoint: endpointOf(spec.controlPlaneEndpoint) }) },
)
