import { readAso } from '../families/aso.ts'
import { bool, defined, definedOrNone, int, record, text } from '../wire.ts'
import type { Kind, KubeObject } from './kind.ts'

export const asoManagedClustersAgentPool: Kind = {
  group: 'containerservice.azure.com',
  kind: 'ManagedClustersAgentPool',
  reach: { by: 'kube', plural: 'managedclustersagentpools', versions: 'newest' },
  part: 'pool',
  normalise: (object) => readAso(object, factsOf(object)),
  judgedWithRelatives: true,
}

function factsOf({ ref, spec, status }: KubeObject): ReturnType<Kind['normalise']>['facts'] {
  return defined({
    versionDeclared: text(spec.orchestratorVersion),
    versionObserved: text(status.currentOrchestratorVersion),
    armId: text(status.id),
    replicas: definedOrNone({ desired: int(spec.count), current: int(status.count) }),
    pool: definedOrNone({
      name: text(spec.azureName) ?? ref.name,
      mode: text(status.mode) ?? text(spec.mode),
      nodeImage: text(status.nodeImageVersion),
      vmSize: text(status.vmSize) ?? text(spec.vmSize),
      autoscaled: bool(status.enableAutoScaling) ?? bool(spec.enableAutoScaling),
    }),
    more: definedOrNone({
      provisioningState: text(status.provisioningState),
      powerState: text(record(status.powerState).code),
      versionAccepted: text(status.orchestratorVersion),
    }),
  })
}
