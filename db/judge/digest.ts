import { hash } from 'node:crypto'
import type { Subject } from '../../fleet/policy/subject.ts'
import { uuidOf } from '../../fleet/reference.ts'
import type { Calendar } from '../../fleet/support/calendar.ts'
import { calendarNameOf } from '../../fleet/support/provider.ts'
import { regionKey } from '../../fleet/support/resolve.ts'

/** What tells, at the next look, whether facts or calendar are others than now. */
export interface Digests {
  readonly factsDigest: string
  /** Over what the calendar says where the cluster is; not when that was read: the same list, read again, is no change. */
  readonly rulesDigest: string
}

/** The digests of many clusters under one calendar. */
export function digestsBy({ entries, regions }: Calendar): (subject: Subject) => Digests {
  const known = new Map<string, string>()
  return (subject) => {
    const calendar = calendarNameOf(subject.provider)
    const region = subject.region === null ? null : regionKey(subject.region)
    const place = JSON.stringify([calendar, region])
    let rulesDigest = known.get(place)
    if (rulesDigest === undefined) {
      const told = entries.filter(
        (e) => e.calendar === calendar && (e.region === null || regionKey(e.region) === region),
      )
      rulesDigest = digestOf([told, region === null ? null : regions.get(region)?.minors])
      known.set(place, rulesDigest)
    }
    // That somebody is not heard is no news of the cluster.
    const { silent: _, ...facts } = subject
    return { factsDigest: digestOf(facts), rulesDigest }
  }
}

const digestOf = (value: unknown): string => uuidOf(hash('sha256', JSON.stringify(value), 'hex'))
