import { declaredCluster, listedPools, managedClusterFacts, type PoolList, tagsOf } from '../families/aks.ts'
import { readAso } from '../families/aso.ts'
import { regionOf } from '../families/azure-id.ts'
import type { Facts } from '../observation.ts'
import { defined, definedOrNone, record, text } from '../wire.ts'
import type { Kind, KindReading, KubeObject } from './kind.ts'

export const asoManagedCluster: Kind = {
  group: 'containerservice.azure.com',
  kind: 'ManagedCluster',
  reach: { by: 'kube', plural: 'managedclusters', versions: 'newest' },
  part: 'infrastructure',
  normalise: read,
  judgedWithRelatives: true,
}

function read(object: KubeObject): KindReading {
  const { facts, rejected } = listedPools(object.status.agentPoolProfiles)
  const reading = readAso(object, factsOf(object, facts))
  return { ...reading, rejected: [...(reading.rejected ?? []), ...rejected] }
}

function factsOf({ spec, status }: KubeObject, listed: PoolList['facts']): Facts {
  return {
    ...managedClusterFacts(status, record(status.sku).tier),
    ...defined({
      versionDeclared: text(spec.kubernetesVersion),
      armId: text(status.id),
      region: regionOf(status.location) ?? regionOf(spec.location),
      tags: tagsOf(status.tags),
      ...listed,
      declared: declaredCluster(spec),
      more: definedOrNone({
        azureName: text(spec.azureName),
        provisioningState: text(status.provisioningState),
        versionAccepted: text(status.kubernetesVersion),
      }),
    }),
  }
}
