import type { OwnDifference, OwnGap } from '../drift/difference.ts'
import { compareRevisions } from '../drift/revision.ts'
import type { GitOps } from '../gitops.ts'
import type { KubeObject } from '../kinds/kind.ts'
import { has, hasFresh, isFresh, type View } from '../ladder.ts'
import type { Facts } from '../observation.ts'
import { defined, definedOrNone, instant, list, record } from '../wire.ts'
import { conditionDrift } from './condition-drift.ts'
import { ownPauseOf } from './pause.ts'
import { isWaitReason } from './reason.ts'

type Told = { readonly [K in Exclude<keyof GitOps, 'tool' | 'role' | 'suspended'>]?: GitOps[K] | undefined }

/** How a kind of Flux or tofu-controller differs from the others in what it says of GitOps. */
export interface FluxGitOps {
  readonly tool: GitOps['tool']
  readonly role: GitOps['role']
  readonly more?: (object: KubeObject, view: View) => Told
  /** Differences that only this kind shows, in the order of its rules. */
  readonly drift?: (view: View, facts: Facts) => readonly (OwnDifference | undefined)[]
  readonly unlooked?: (view: View) => readonly OwnGap[]
  /** True: what was tried and not applied is told by one of those, and not told twice. */
  readonly tells?: (view: View) => boolean
}

type GitOpsFacts = Pick<Facts, 'gitops' | 'drift' | 'unlooked'>

/** What an object of Flux says of GitOps (domain.md 2.5), and how it differs from what it should apply, by its own word (4.1). */
export function gitopsFacts(view: View, facts: Facts, kind: FluxGitOps): GitOpsFacts {
  const { object, primary } = view
  const pause = ownPauseOf(object)
  const reported = primary && isFresh(view, primary) ? primary : undefined
  const unlooked = kind.unlooked?.(view) ?? []
  const drift = [
    pause && suspendedDrift(pause),
    ...(kind.drift?.(view, facts) ?? []),
    kind.role === 'source' ? notFetched(view) : notApplied(view, facts, kind.tells?.(view) === true),
  ].filter((difference) => difference !== undefined)
  return {
    gitops: {
      tool: kind.tool,
      role: kind.role,
      suspended: pause !== undefined,
      ...defined({ ready: reported?.status, reason: reported?.reason ?? undefined }),
      ...defined(kind.more?.(object, view) ?? {}),
    },
    ...definedOrNone({
      drift: drift.length === 0 ? undefined : drift,
      unlooked: unlooked.length === 0 ? undefined : unlooked,
    }),
  }
}

/** Reconciling is switched off; who did it and when, `normalise` adds. */
export function suspendedDrift({ field, expected, actual }: Omit<OwnDifference, 'code'>): OwnDifference {
  return { code: 'suspended', field, expected, actual, message: `reconciling is switched off by ${field}` }
}

/** What it offers is out of date: it could not be fetched, built or kept. Its last artifact is served on (domain.md 3.5, W38). */
function notFetched(view: View): OwnDifference | undefined {
  const unmet = hasFresh(view, 'Ready', 'False')
  const failed = unmet && !isWaitReason(unmet.reason) ? unmet : hasFresh(view, 'FetchFailed', 'True')
  return failed && conditionDrift('sourceFailing', failed)
}

/** `blocked` or `applyFailed`: Ready is False, or another revision was tried than was applied while nothing is under way. */
function notApplied(view: View, { revision }: Facts, isTold: boolean): OwnDifference | undefined {
  const { primary } = view
  if (primary?.status === 'False') {
    if (!isFresh(view, primary)) return undefined
    if (primary.reason === 'DependencyNotReady') return conditionDrift('blocked', primary)
    return isTold || isWaitReason(primary.reason) ? undefined : conditionDrift('applyFailed', primary)
  }
  // An attempt names its revision before it is through, so the difference proves nothing while one is made.
  const isAtWork = primary?.status === 'Unknown' || has(view, 'Reconciling', 'True') !== undefined
  if (isAtWork || isTold) return undefined
  const { attempted, applied } = revision ?? {}
  if (attempted === undefined || compareRevisions(attempted, applied) !== 'different') return undefined
  return { code: 'applyFailed', field: 'status.lastAppliedRevision', expected: attempted, actual: applied ?? null }
}

/**
 * When the applied revision was applied. Flux dates a condition anew with its message, so a Ready=True whose message names the
 * revision tells it; else the history does, by the first success with these manifests, where it names the same revision.
 */
export function appliedAtOf({ primary, object }: View, applied: string | undefined): string | undefined {
  if (applied === undefined) return undefined
  if (primary?.status === 'True' && primary.lastTransitionAt !== null && primary.message?.includes(applied))
    return primary.lastTransitionAt
  for (const entry of list(object.status.history)) {
    const { lastReconciledStatus, firstReconciled, metadata } = record(entry)
    if (lastReconciledStatus !== 'ReconciliationSucceeded') continue
    const { revision } = record(metadata)
    return revision === undefined || revision === applied ? instant(firstReconciled) : undefined
  }
  return undefined
}
