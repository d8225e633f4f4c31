import { providerKind } from '../families/provider.ts'
import { defined, definedOrNone, text } from '../wire.ts'

/** Has `status.ready`, failure fields and no condition (CRD of CAPG 1.12). */
export const capgGcpMachine = providerKind(
  { kind: 'GCPMachine', plural: 'gcpmachines', part: 'none' },
  {
    facts: ({ spec, status }) =>
      defined({
        providerId: text(spec.providerID),
        pool: definedOrNone({ vmSize: text(spec.instanceType) }),
        more: definedOrNone({ instanceState: text(status.instanceState) }),
      }),
  },
)
