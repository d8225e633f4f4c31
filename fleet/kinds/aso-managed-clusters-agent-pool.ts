import { agentPool } from '../families/aks.ts'
import { readAso } from '../families/aso.ts'
import type { Facts } from '../observation.ts'
import { defined, definedOrNone, int, record, text } from '../wire.ts'
import type { Kind, KubeObject } from './kind.ts'

export const asoManagedClustersAgentPool: Kind = {
  group: 'containerservice.azure.com',
  kind: 'ManagedClustersAgentPool',
  reach: { by: 'kube', plural: 'managedclustersagentpools', versions: 'newest' },
  part: 'pool',
  normalise: (object) => readAso(object, factsOf(object)),
  judgedWithRelatives: true,
}

function factsOf({ ref, spec, status }: KubeObject): Facts {
  const asked = agentPool(spec)
  return defined({
    versionDeclared: text(spec.orchestratorVersion),
    versionObserved: text(status.currentOrchestratorVersion),
    armId: text(status.id),
    replicas: definedOrNone({ desired: int(spec.count), current: int(status.count) }),
    pool: { name: text(spec.azureName) ?? ref.name, ...asked, ...agentPool(status) },
    declared: definedOrNone({ pool: definedOrNone(asked) }),
    more: definedOrNone({
      provisioningState: text(status.provisioningState),
      powerState: text(record(status.powerState).code),
      versionAccepted: text(status.orchestratorVersion),
    }),
  })
}
