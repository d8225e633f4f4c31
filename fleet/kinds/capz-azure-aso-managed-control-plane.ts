import { endpointOf } from '../families/capi-facts.ts'
import { capzAsoKind } from '../families/capz-aso.ts'
import { bool, defined, text } from '../wire.ts'

export const capzAzureAsoManagedControlPlane = capzAsoKind(
  { kind: 'AzureASOManagedControlPlane', plural: 'azureasomanagedcontrolplanes', part: 'controlPlane' },
  ({ spec, status }) =>
    defined({
      provider: 'aks',
      versionDeclared: text(spec.version),
      versionObserved: text(status.version),
      endpoint: endpointOf(status.controlPlaneEndpoint),
      controlPlaneInitialized: bool(status.initialized),
    }),
)
