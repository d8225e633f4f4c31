import { readAso } from '../families/aso.ts'
import { defined, definedOrNone, list, record, text } from '../wire.ts'
import type { Kind, KubeObject } from './kind.ts'

export const asoManagedCluster: Kind = {
  group: 'containerservice.azure.com',
  kind: 'ManagedCluster',
  reach: { by: 'kube', plural: 'managedclusters', versions: 'newest' },
  part: 'infrastructure',
  normalise: (object) => readAso(object, factsOf(object)),
  judgedWithRelatives: true,
}

function factsOf({ spec, status }: KubeObject): ReturnType<Kind['normalise']>['facts'] {
  const upgrade = record(spec.autoUpgradeProfile)
  const fqdn = text(status.fqdn) ?? text(status.privateFQDN)
  return defined({
    provider: 'aks',
    versionDeclared: text(spec.kubernetesVersion),
    versionObserved: text(status.currentKubernetesVersion),
    armId: text(status.id),
    region: text(status.location) ?? text(spec.location),
    endpoint: fqdn === undefined ? undefined : `${fqdn}:443`,
    more: definedOrNone({
      azureName: text(spec.azureName),
      provisioningState: text(status.provisioningState),
      powerState: text(record(status.powerState).code),
      versionAccepted: text(status.kubernetesVersion),
      nodeResourceGroup: text(status.nodeResourceGroup),
      resourceUid: text(status.resourceUID),
      upgradeChannel: text(upgrade.upgradeChannel),
      nodeOsUpgradeChannel: text(upgrade.nodeOSUpgradeChannel),
      pools: Array.isArray(status.agentPoolProfiles) ? list(status.agentPoolProfiles).length : undefined,
    }),
  })
}
