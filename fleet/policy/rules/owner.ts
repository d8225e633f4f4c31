import { fact, type Judge, lasting, type RuleOf } from '../ruling.ts'

/** Whether somebody owns the cluster, and perhaps can be reached. A missing label is a fact, not a gap in what we know. */
export function owner(rule: RuleOf<'owner'>): Judge {
  return (subject) => {
    const asked = [
      { field: 'owner', actual: subject.owner },
      ...(rule.contactRequired ? [{ field: 'contact', actual: subject.contact }] : []),
    ]
    const evidence = asked.map(({ field, actual }) => fact(subject, field, actual, 'given'))
    const missing = asked.filter(({ actual }) => actual === null).map(({ field }) => field)
    return missing.length > 0
      ? lasting('violated', `no label or tag tells its ${missing.join(' and its ')}`, evidence)
      : lasting('ok', asked.map(({ field, actual }) => `its ${field} is ${actual}`).join(', '), evidence)
  }
}
