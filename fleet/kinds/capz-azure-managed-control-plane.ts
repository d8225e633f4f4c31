import { managedClusterId } from '../families/azure-id.ts'
import { providerKind } from '../families/provider.ts'
import { bool, defined, definedOrNone, record, text } from '../wire.ts'

export const capzAzureManagedControlPlane = providerKind(
  { kind: 'AzureManagedControlPlane', plural: 'azuremanagedcontrolplanes', part: 'controlPlane' },
  {
    facts: ({ ref, spec, status }) =>
      defined({
        provider: 'aks',
        versionDeclared: text(spec.version),
        versionObserved: text(status.version),
        region: text(spec.location),
        armId: managedClusterId(text(spec.subscriptionID), text(spec.resourceGroupName), ref.name),
        controlPlaneInitialized: bool(status.initialized),
        more: definedOrNone({
          autoUpgradeVersion: text(status.autoUpgradeVersion),
          upgradeChannel: text(record(spec.autoUpgradeProfile).upgradeChannel),
        }),
      }),
  },
)
