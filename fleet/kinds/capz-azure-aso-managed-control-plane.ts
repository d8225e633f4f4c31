import { capzAsoKind } from '../families/capz-aso.ts'
import { bool, defined, int, record, text } from '../wire.ts'

export const capzAzureAsoManagedControlPlane = capzAsoKind(
  { kind: 'AzureASOManagedControlPlane', plural: 'azureasomanagedcontrolplanes', part: 'controlPlane' },
  ({ spec, status }) => {
    const endpoint = record(status.controlPlaneEndpoint)
    const host = text(endpoint.host)
    return defined({
      provider: 'aks',
      versionDeclared: text(spec.version),
      versionObserved: text(status.version),
      endpoint: host === undefined ? undefined : `${host}:${int(endpoint.port) ?? 443}`,
      controlPlaneInitialized: bool(status.initialized),
    })
  },
)
