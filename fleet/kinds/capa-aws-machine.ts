import { capaVersions } from '../families/capa.ts'
import { providerKind } from '../families/provider.ts'
import { defined, definedOrNone, text } from '../wire.ts'

/** Ready sums up InstanceReady, SecurityGroupsReady and, of a control plane, ELBAttached (CAPA `pkg/cloud/scope/machine.go`). */
export const capaAwsMachine = providerKind(
  { kind: 'AWSMachine', plural: 'awsmachines', part: 'none', versions: capaVersions },
  {
    facts: ({ spec, status }) =>
      defined({
        providerId: text(spec.providerID),
        pool: definedOrNone({ vmSize: text(spec.instanceType) }),
        more: definedOrNone({ instance: text(spec.instanceID), instanceState: text(status.instanceState) }),
      }),
  },
)
