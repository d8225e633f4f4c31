import { capzAsoKind } from '../families/capz-aso.ts'
import { defined, definedOrNone, int, list, record, text, type Wire } from '../wire.ts'

export const capzAzureAsoManagedMachinePool = capzAsoKind(
  { kind: 'AzureASOManagedMachinePool', plural: 'azureasomanagedmachinepools', part: 'pool' },
  ({ spec, status }) =>
    defined({
      replicas: definedOrNone({ current: int(status.replicas) }),
      pool: definedOrNone({ name: azureNameOf(spec) }),
    }),
)

/** The agent pool's name in Azure, by the manifest that this object carries: its own is another one. */
function azureNameOf(spec: Wire): string | undefined {
  const manifests = list(spec.resources).map(record)
  const pool = manifests.find(({ kind }) => kind === 'ManagedClustersAgentPool')
  return text(record(pool?.spec).azureName) ?? text(record(pool?.metadata).name)
}
