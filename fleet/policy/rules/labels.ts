import { fact, type Judge, lasting, type RuleOf } from '../ruling.ts'
import type { Subject } from '../subject.ts'

/**
 * Whether labels or tags are there and not empty. A key matches as conventions match it (fleet/convention.ts): without regard to
 * letter case, and with or without a prefix.
 */
export function labels(rule: RuleOf<'labels'>): Judge {
  const required = rule.required.map((label) => ({ label, key: label.toLowerCase() }))
  return (subject) => {
    const present = presentLabels(subject)
    const answers = required.map(({ label, key }) => ({ label, actual: heldBy(present, key) }))
    const evidence = answers.map(({ label, actual }) => fact(subject, `labels.${label}`, actual, 'given'))
    const missing = answers.filter(({ actual }) => actual === null).map(({ label }) => label)
    return missing.length > 0
      ? lasting('violated', `has no ${missing.join(', no ')}`, evidence)
      : lasting('ok', 'has every label that is asked for', evidence)
  }
}

type Present = readonly { readonly key: string; readonly value: string }[]

const presentLabels = (subject: Subject): Present =>
  Object.entries(subject.labels)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => ({ key: key.toLowerCase(), value }))

const heldBy = (present: Present, key: string): string | null =>
  (present.find((label) => label.key === key) ?? present.find((label) => label.key.endsWith(`/${key}`)))?.value ?? null
