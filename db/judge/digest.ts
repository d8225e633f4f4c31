import { hash } from 'node:crypto'
import type { RulesInForce } from '../../fleet/policy/rules-in-force.ts'
import type { Subject } from '../../fleet/policy/subject.ts'
import { uuidOf } from '../../fleet/reference.ts'
import { calendarNameOf } from '../../fleet/support/provider.ts'
import { regionKey } from '../../fleet/support/resolve.ts'

/** What tells, at the next look, whether facts or rules are others than now. */
export interface Digests {
  readonly factsDigest: string
  /**
   * Over the policies that select the cluster, whole, because an operator may change one and keep its version; and over what the calendar
   * says where the cluster is. Not over when that was read: the same list, read again, is no change.
   */
  readonly rulesDigest: string
}

/** The digests of many clusters under the same rules. */
export function digestsBy({ policies, calendar }: RulesInForce): (subject: Subject) => Digests {
  const { entries, regions } = calendar
  // Sorted, because their order says nothing.
  const known = policies.map(({ policy, selects }) => ({ selects, digest: digestOf(policy) })).sort(byDigest)
  const rulesDigests = new Map<string, string>()
  return (subject) => {
    const calendar = calendarNameOf(subject.provider)
    const region = subject.region === null ? null : regionKey(subject.region)
    const inForce = known.filter(({ selects }) => selects(subject)).map(({ digest }) => digest)
    const key = JSON.stringify([calendar, region, inForce])
    let rulesDigest = rulesDigests.get(key)
    if (rulesDigest === undefined) {
      const told = entries.filter(
        (e) => e.calendar === calendar && (e.region === null || regionKey(e.region) === region),
      )
      // Only AKS is judged by what regions offer, and nobody else is told when that changes.
      const offered = calendar === 'aks' && region !== null ? regions.get(region)?.minors : null
      rulesDigest = digestOf([told, offered, inForce])
      rulesDigests.set(key, rulesDigest)
    }
    // That somebody is not heard is no news of the cluster.
    const { silent: _, ...facts } = subject
    return { factsDigest: digestOf(facts), rulesDigest }
  }
}

const byDigest = (a: { readonly digest: string }, b: { readonly digest: string }): number =>
  a.digest < b.digest ? -1 : 1

const digestOf = (value: unknown): string => uuidOf(hash('sha256', JSON.stringify(value), 'hex'))
