import type { Rung } from '../health.ts'
import type { Rollout } from '../rollout.ts'

/** Words of a provisioningState that mean work (azure.md 2.2); the field is a free string. */
const gerunds: ReadonlySet<string> = new Set([
  'Creating',
  'Updating',
  'Upgrading',
  'Scaling',
  'Starting',
  'Stopping',
  'Canceling',
  'RotatingClusterCertificates',
  'ReconcilingClusterCertificates',
  'UpgradingNodeImageVersion',
  'Migrating',
])

/** Whether a provisioningState says that an operation is under way. */
export const isAtWork = (provisioningState: string): boolean => gerunds.has(provisioningState)

/** Words of a provisioningState that are documented (azure.md 2.2). */
export const isKnownState = (provisioningState: string): boolean =>
  isAtWork(provisioningState) || outcomes.has(provisioningState)

const outcomes: ReadonlySet<string> = new Set(['Deleting', 'Failed', 'Canceled', 'Succeeded'])

/** What a provisioningState says of a cluster or a pool by itself (azure.md 2.2, 2.3); the empty one says nothing. */
export function stateOfOperation(provisioningState: string): Pick<Rung, 'state' | 'reason'> {
  if (isAtWork(provisioningState)) return { state: 'Progressing', reason: provisioningState }
  switch (provisioningState) {
    case 'Deleting':
      return { state: 'Deleting', reason: 'Deleting' }
    case 'Failed':
      return { state: 'Failed', reason: 'Failed' }
    case 'Canceled':
      return { state: 'Degraded', reason: 'OperationCanceled' }
    case 'Succeeded':
      return { state: 'Healthy', reason: 'Succeeded' }
    case '':
      return { state: 'Unknown', reason: 'ProvisioningStateNotReported' }
    default:
      return { state: 'Unknown', reason: `UnrecognisedState:${provisioningState}` }
  }
}

/** An upgrade of Kubernetes or of node images under way, of a cluster or one of its pools. */
const isUpgrading = (provisioningState: unknown): boolean =>
  provisioningState === 'Upgrading' || provisioningState === 'UpgradingNodeImageVersion'

/** The upgrade that provisioning states tell of, begun no earlier than `startedAt` (RFC 3339), where that is known. */
export function upgradeOf(states: readonly unknown[], startedAt: string | null | undefined): Rollout | undefined {
  if (!states.some(isUpgrading)) return undefined
  return startedAt == null ? {} : { startedAt }
}
