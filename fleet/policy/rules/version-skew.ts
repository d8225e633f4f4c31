import { skewOf } from '../../support/skew.ts'
import { parseVersion } from '../../version.ts'
import type { Evidence } from '../policy.ts'
import { type Judge, lasting, type RuleOf, runningFact } from '../ruling.ts'
import { counted } from '../span.ts'
import type { Subject, SubjectPool } from '../subject.ts'

/** A pool's distance from its control plane, and what is allowed of it. */
interface Skew {
  readonly pool: SubjectPool
  /** Minors behind, below 0 ahead; null: not known. */
  readonly behind: number | null
  readonly allowed: number
}

/**
 * Whether nodes are at most so many minors behind their control plane and never ahead (azure.md 4.1, domain.md 4.2: kubelets
 * before 1.25 may be 2 behind, not 3). A pool that is known to violate decides, even where another one is not known.
 */
export function versionSkew(rule: RuleOf<'versionSkew'>): Judge {
  return (subject, { version }) => {
    if (subject.pools.length === 0) return lasting('notApplicable', 'no node pools')
    const skews = subject.pools.map((pool): Skew => {
      const behind = skewOf(subject.versionObserved, pool.versionObserved)
      return { pool, behind, allowed: Math.min(rule.max, supported(pool.versionObserved)) }
    })
    const worst = farthest(skews.filter(isViolation))
    if (worst) return lasting('violated', sentenceOf(worst), evidenceOf(subject, skews.filter(isViolation)))
    const unknown = skews.filter(({ behind }) => behind === null)
    if (unknown.length > 0) {
      const what = version === null ? 'the control plane' : `pool ${unknown[0]?.pool.name}`
      return lasting('unknown', `the version that ${what} runs is not known`, evidenceOf(subject, unknown))
    }
    const most = farthest(skews)
    return lasting(
      'ok',
      `no pool is ahead of its control plane, or more than ${counted(rule.max, 'minor')} behind`,
      evidenceOf(subject, most ? [most] : []),
    )
  }
}

const supported = (kubelet: string | null): number => {
  const version = kubelet === null ? null : parseVersion(kubelet)
  return version && version.major === 1 && version.minor < 25 ? 2 : 3
}

const isViolation = ({ behind, allowed }: Skew): boolean => behind !== null && (behind < 0 || behind > allowed)

/** Ahead first, for it is never supported; then the most behind. */
function farthest(skews: readonly Skew[]): Skew | undefined {
  const rank = ({ behind }: Skew) => (behind === null ? -1 : behind < 0 ? 1_000_000 - behind : behind)
  let worst: Skew | undefined
  for (const skew of skews) if (!worst || rank(skew) > rank(worst)) worst = skew
  return worst
}

function sentenceOf({ pool, behind, allowed }: Skew): string {
  const distance = behind ?? 0
  if (distance < 0)
    return `pool ${pool.name} is ${counted(-distance, 'minor')} ahead of its control plane, which is never supported`
  return `pool ${pool.name} is ${counted(distance, 'minor')} behind its control plane, and ${allowed} ${allowed === 1 ? 'is' : 'are'} allowed`
}

function evidenceOf(subject: Subject, skews: readonly Skew[]): readonly Evidence[] {
  return [
    runningFact(subject, 'kubernetes.observed', subject.versionObserved),
    ...skews.map(({ pool, allowed }) =>
      runningFact(
        subject,
        `pools.${pool.name}.version`,
        pool.versionObserved,
        `0 to ${counted(allowed, 'minor')} behind`,
      ),
    ),
  ]
}
