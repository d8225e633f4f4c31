import type { OwnDifference } from '../drift/difference.ts'
import { find, has, isFresh, type View } from '../ladder.ts'
import type { Condition } from '../observation.ts'
import type { Rollout } from '../rollout.ts'
import { versionsOf } from './capi-facts.ts'
import { conditionDrift } from './condition-drift.ts'
import { bareReason } from './reason.ts'

/** Conditions of CAPA and CAPG that are True while the provider changes a cluster or pool in place (domain.md 2.3). */
const isUpdating = ({ type, status }: Condition): boolean =>
  status === 'True' && (type.endsWith('Updating') || type.endsWith('Upgrading'))

const isRolling = ({ status, reason }: Condition): boolean =>
  status === 'False' && bareReason(reason) === 'RollingUpdateInProgress'

/**
 * A rollout under way: RollingOut=True, whose date is its beginning; a provider's *Updating=True; or, before Cluster API had either, a
 * condition that is False for a rolling update. That one is dated anew with every machine, so it tells no beginning.
 */
export function rolloutOf(view: View): Rollout | undefined {
  const { judged, shown } = view.sets
  const rolling = find(judged, 'RollingOut')
  const dated = rolling?.status === 'True' ? rolling : judged.find(isUpdating)
  if (!dated && (rolling || !judged.some(isRolling))) return undefined
  const startedAt = dated?.lastTransitionAt ?? undefined
  const blockedBy = blockageOf(shown)
  return { ...(startedAt === undefined ? {} : { startedAt }), ...(blockedBy === undefined ? {} : { blockedBy }) }
}

const speakers = ['RollingOut', 'ScalingUp', 'ScalingDown', 'TopologyReconciled']
const blockageMax = 500

/**
 * What holds a rollout up: the sentence with which Cluster API says that scaling is blocked, or that a deletion takes too long, most
 * often for a PodDisruptionBudget (CAPI `core/reconcilers/machineset`); or why the topology waits.
 */
function blockageOf(conditions: readonly Condition[]): string | undefined {
  for (const type of speakers) {
    const { message, status, reason } = find(conditions, type) ?? {}
    if (message == null) continue
    const isWaiting = type === 'TopologyReconciled' && status === 'False' && isHeld(reason)
    const said = isWaiting ? message : message.split('\n').filter(isBlockage).join(' ')
    const words = said.replaceAll(/\s+/g, ' ').trim()
    if (words !== '') return words.length > blockageMax ? `${words.slice(0, blockageMax).toWellFormed()}…` : words
  }
  return undefined
}

/** A hook that has not answered yet, or an annotation that puts the upgrade off. */
const isHeld = (reason: string | null | undefined): boolean =>
  reason === 'LifecycleHookBlocking' || reason?.endsWith('Deferred') === true

const isBlockage = (line: string): boolean => /\bblocked\b|since more than|PodDisruptionBudget/.test(line)

/**
 * Machines of one set run several versions, and it is said that nothing rolls out (domain.md 4.2). Since when they do, nothing tells: that
 * saying is dated by the end of the rollout before.
 */
export function mixedVersions(view: View): OwnDifference | undefined {
  const { object } = view
  const versions = new Set(versionsOf(object.status.versions)?.map(({ version }) => version.replace(/^v/, '')))
  if (versions.size < 2 || !has(view, 'RollingOut', 'False')) return undefined
  return {
    code: 'mixedVersions',
    field: 'status.versions',
    expected: null,
    actual: [...versions].join(', '),
    message: `${versions.size} versions run, and no rollout is under way`,
  }
}

/** The only reasons for which an unreconciled topology is a failure; all others wait for something (domain.md 4.3). */
export const topologyFailures: ReadonlySet<string> = new Set(['ReconcileFailed', 'ClusterClassNotReconciled'])

/** What the same failure was called before v1beta2. */
const legacyTopologyFailure = 'TopologyReconcileFailed'

export function topologyFailed(view: View): OwnDifference | undefined {
  const unmet = has(view, 'TopologyReconciled', 'False')
  const reason = unmet?.reason ?? ''
  const isFailure = topologyFailures.has(reason) || (view.sets.legacy && reason === legacyTopologyFailure)
  return unmet && isFailure && isFresh(view, unmet) ? conditionDrift('topologyFailed', unmet) : undefined
}
