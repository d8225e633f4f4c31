import { capaVersions } from '../families/capa.ts'
import { providerKind } from '../families/provider.ts'
import { defined, definedOrNone, int, isRecord, text } from '../wire.ts'

/** Ready sums up RosaMachinePoolReady alone, so an upgrade that failed is asked for beside it (CAPA `exp/controllers`). */
export const capaRosaMachinePool = providerKind(
  { kind: 'ROSAMachinePool', plural: 'rosamachinepools', part: 'pool', versions: capaVersions },
  {
    alsoJudged: ['RosaMachinePoolUpgrading'],
    rolls: true,
    facts: ({ spec, status }) =>
      defined({
        replicas: definedOrNone({ current: int(status.replicas) }),
        pool: definedOrNone({
          name: text(spec.nodePoolName),
          vmSize: text(spec.instanceType),
          autoscaled: isRecord(spec.autoscaling) ? true : undefined,
        }),
        more: definedOrNone({ id: text(status.id), openShiftDeclared: text(spec.version) }),
      }),
  },
)
