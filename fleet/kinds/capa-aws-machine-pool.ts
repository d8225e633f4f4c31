import { boundsOf, capaVersions, groupFacts } from '../families/capa.ts'
import { providerKind } from '../families/provider.ts'
import { defined, definedOrNone, text } from '../wire.ts'

/** An auto scaling group. Ready sums up ASGReady and LaunchTemplateReady (CAPA `exp/controllers/awsmachinepool_controller.go`). */
export const capaAwsMachinePool = providerKind(
  { kind: 'AWSMachinePool', plural: 'awsmachinepools', part: 'pool', versions: capaVersions },
  {
    facts: (object) => {
      const { spec, status } = object
      const { replicas, launchTemplateVersion, vmSize } = groupFacts(object)
      return defined({
        providerId: text(spec.providerID),
        replicas,
        pool: definedOrNone({ vmSize }),
        more: definedOrNone({ asgStatus: text(status.asgStatus), launchTemplateVersion, ...boundsOf(spec) }),
      })
    },
  },
)
