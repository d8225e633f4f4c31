import { parseLabelSelector, type Requirement } from '../label-selector.ts'
import { regionKey } from '../support/resolve.ts'
import type { PolicySelector, Waiver } from './policy.ts'
import type { Subject } from './subject.ts'

/** Whether a subject is among those that are meant. */
export type Selects = (subject: Subject) => boolean

/**
 * Reads a selector once, for many subjects. What a person typed somewhere is compared without regard to letter case (and a
 * region without its spaces: `West Europe`); names, sources and labels are identities and compared as they are.
 * @throws FleetError invalid where the label selector cannot be read.
 */
export function compileSelector(selector: PolicySelector | Waiver['selector']): Selects {
  const tests: Selects[] = []
  const among = (wanted: readonly string[] | undefined, read: (subject: Subject) => string | null, same = exactly) => {
    if (wanted === undefined) return
    const set = new Set(wanted.map(same))
    tests.push((subject) => {
      const value = read(subject)
      return value !== null && set.has(same(value))
    })
  }
  among(selector.environment, (subject) => subject.environment, folded)
  among(selector.ring, (subject) => subject.ring, folded)
  among(selector.owner, (subject) => subject.owner, folded)
  among(selector.provider, (subject) => subject.provider, folded)
  among(selector.region, (subject) => subject.region, regionKey)
  among(selector.country, (subject) => subject.country, folded)
  among(selector.source, (subject) => subject.source)
  if (selector.geography !== undefined) {
    const wanted = new Set(selector.geography.map(folded))
    tests.push((subject) => subject.geographies.some((geography) => wanted.has(folded(geography))))
  }
  if (selector.labels !== undefined) {
    const requirements = parseLabelSelector(selector.labels)
    // A label may be called `constructor`.
    const valueIn = (labels: Subject['labels'], key: string) =>
      (Object.hasOwn(labels, key) ? labels[key] : null) ?? null
    tests.push(({ labels }) => requirements.every((each) => requirementHolds(each, valueIn(labels, each.key))))
  }
  if ('name' in selector) among(selector.name, (subject) => subject.name)
  if ('clusterId' in selector && selector.clusterId !== undefined) {
    const { clusterId } = selector
    tests.push((subject) => subject.clusterId === clusterId)
  }
  return (subject) => tests.every((test) => test(subject))
}

/** Whether a label's value (null: no such label) satisfies one requirement, as Kubernetes reads it. */
export function requirementHolds(requirement: Requirement, value: string | null): boolean {
  switch (requirement.operator) {
    case 'exists':
      return value !== null
    case 'absent':
      return value === null
    case 'in':
      return value !== null && requirement.values.includes(value)
    case 'notin':
      return value === null || !requirement.values.includes(value)
  }
}

const exactly = (text: string): string => text
const folded = (text: string): string => text.toLowerCase()
