import { tagsOf } from '../families/aks.ts'
import { classicSettingsOf } from '../families/aks-settings.ts'
import { managedClusterId, regionOf } from '../families/azure-id.ts'
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
        region: regionOf(spec.location),
        armId: managedClusterId(text(spec.subscriptionID), text(spec.resourceGroupName), ref.name),
        controlPlaneInitialized: bool(status.initialized),
        nodeResourceGroup: text(spec.nodeResourceGroupName),
        declared: definedOrNone({
          tier: text(record(spec.sku).tier),
          upgradeChannel: text(record(spec.autoUpgradeProfile).upgradeChannel),
          tags: tagsOf(spec.additionalTags),
          settings: classicSettingsOf(spec),
        }),
        more: definedOrNone({ autoUpgradeVersion: text(status.autoUpgradeVersion) }),
      }),
  },
)
