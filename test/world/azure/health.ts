import type { ExpectedHealth } from '../workload.ts'
import type { AksResource } from './resource.ts'

const stuckMs = 3 * 3_600_000

/** Words that mean work, of those that the world uses (azure.md 2.2). */
const atWork: readonly string[] = ['Creating', 'Updating', 'Upgrading', 'Scaling', 'Starting', 'Stopping']

/** What azure.md 2.3 says of a managed cluster, its rules in their order. */
export function azureHealthOf(resource: AksResource, now: Date): ExpectedHealth {
  const { provisioningState: state, pools, systemData, power } = resource
  if (state === 'Deleting') return 'Deleting'
  if (state === 'Starting' || state === 'Stopping') return 'Progressing'
  if (power === 'Stopped') return 'Suspended'
  if (state === 'Failed') return 'Failed'
  if (atWork.includes(state)) {
    const since = systemData?.lastModifiedAt.getTime() ?? now.getTime()
    return now.getTime() - since >= stuckMs ? 'Degraded' : 'Progressing'
  }
  if (state === 'Canceled') return 'Degraded'
  if (state !== 'Succeeded') return 'Unknown'
  const failed = pools.filter(({ provisioningState }) => provisioningState === 'Failed')
  if (failed.some(({ mode }) => mode === 'System')) return 'Failed'
  if (failed.length > 0 || pools.some(({ provisioningState }) => provisioningState === 'Canceled')) return 'Degraded'
  if (pools.some(({ provisioningState }) => atWork.includes(provisioningState))) return 'Progressing'
  const system = pools.filter(({ mode }) => mode === 'System')
  if (system.length > 0 && system.every(({ count, power: on }) => count === 0 || on === 'Stopped')) return 'Degraded'
  return 'Healthy'
}

const worstFirst: readonly ExpectedHealth[] = [
  'Deleting',
  'Suspended',
  'Failed',
  'Degraded',
  'Unknown',
  'Progressing',
  'Healthy',
]

/** Of one cluster that two witnesses speak of as a whole (domain.md 3.4, roll-up). */
export const worstOf = (healths: readonly ExpectedHealth[]): ExpectedHealth =>
  worstFirst.find((health) => healths.includes(health)) ?? 'Unknown'
