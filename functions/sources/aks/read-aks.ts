import type { Lease } from '../../../db/source.ts'
import type { Trouble } from '../../../fleet/delivery.ts'
import type { AksTarget } from '../../../fleet/target.ts'
import { openArm } from '../azure/arm.ts'
import { forgetCredential } from '../azure/credential.ts'
import type { AzureLine } from '../azure/line.ts'
import type { Budget } from '../budget.ts'
import type { Connection } from '../connections.ts'
import type { Kube } from '../kube.ts'
import type { PollDeps, Tally } from '../poll.ts'
import { openIdentified, readServer } from '../poll-kube.ts'
import { type Result, recordOf } from '../trouble.ts'
import { nameOf } from './login.ts'

/** Reads a management cluster that is reached by its ARM id (azure.md 5.1); gives the trouble that concerns it as a whole. */
export async function readAks(
  deps: PollDeps,
  lease: Lease,
  target: AksTarget,
  budget: Budget,
  tally: Tally,
): Promise<Trouble | null> {
  const line = { account: target.account, source: lease.source, budget, now: deps.now }
  const opened = await open(deps, line, target)
  return opened.trouble ?? readServer(deps, lease, opened.value, tally)
}

/** The API server; what may have changed since it was kept (its token, its address, its CA) is asked anew, once. */
async function open(deps: PollDeps, line: AzureLine, target: AksTarget): Promise<Result<Kube>> {
  const { connections } = deps
  const reach = (connection: Connection) => openIdentified(deps, line.source, connection, line.budget)
  const connection = await connections.connectAks(line, target.cluster)
  if (connection.trouble !== undefined) return connection
  const reached = await reach(connection.value)
  switch (reached.trouble?.code) {
    case 'Unauthorized': {
      await forgetCredential(target.account)
      const renewed = await connections.connectAks(line, target.cluster)
      if (renewed.trouble !== undefined) return renewed
      const again = await reach(renewed.value)
      return again.trouble?.code === 'Unauthorized' ? { trouble: refusedTrouble(line, renewed.value) } : again
    }
    case 'Unreachable':
    case 'Timeout': {
      const absent = await absenceOf(line, target)
      if (absent !== null) return { trouble: absent }
      const moved = await connections.connectAks(line, target.cluster, { anew: true })
      if (moved.trouble !== undefined) return reached
      const same = moved.value.credentials.fingerprint === connection.value.credentials.fingerprint
      return same ? reached : reach(moved.value)
    }
    default:
      return reached
  }
}

const refusedTrouble = ({ source, account }: AzureLine, { credentials }: Connection): Trouble => ({
  code: 'Unauthorized',
  message: `source ${source}: ${credentials.server} does not accept the Entra tokens of account ${account.name}, not even a fresh one; see whether the cluster trusts the tenant of that identity (aadProfile.tenantID)`,
})

/** What ARM says of a cluster that does not answer: stopped, or not there at all. Null where it knows of no reason, or cannot say. */
async function absenceOf(line: AzureLine, { cluster }: AksTarget): Promise<Trouble | null> {
  const { value } = await openArm(line, cluster.subscription).getManagedCluster(cluster)
  if (value === undefined) return null
  if (value === null) {
    const message = `source ${line.source}: Azure has no ${nameOf(cluster)} any more; take it out of the fleet file`
    return { code: 'Misconfigured', message }
  }
  const { code } = recordOf(recordOf(recordOf(value).properties).powerState)
  if (code !== 'Stopped') return null
  const message = `source ${line.source}: ${nameOf(cluster)} is stopped; what it manages is not known until it is started (az aks start)`
  return { code: 'Unreachable', message }
}
