import { parse, Range, type SemVer } from 'semver'
import { fact, type Judge, lasting, type RuleOf } from '../ruling.ts'

/**
 * Whether every copy of a chart or provider lies in a range. Prereleases are versions like others: `1.15.0-rc.1` lies in
 * `>=1.14 <2`, and `2.0.0-rc.1` does not. `1.14` may be a range as well as a version, so it is not known what runs there. One that
 * is not there is only known to be absent where somebody reads its type.
 */
export function componentVersion(rule: RuleOf<'componentVersion'>): Judge {
  const range = new Range(rule.range, { includePrerelease: true })
  const what = `${rule.component} ${rule.name}`
  const field = `components.${rule.component}.${rule.name}`
  return (subject) => {
    const found = subject.components.filter(({ type, name }) => type === rule.component && name === rule.name)
    if (found.length === 0) {
      if (!subject.readComponents.includes(rule.component)) {
        const why = `whether ${what} is there is not known, because nobody reads ${rule.component}s where the cluster is held`
        return lasting('unknown', why, [fact(subject, field, null, rule.range)])
      }
      if (!rule.required) return lasting('notApplicable', `${what} is not there`)
      return lasting('violated', `${what} is not there`, [fact(subject, field, null, rule.range)])
    }
    const copies = found.map(({ version }) => ({ version, read: version === null ? null : semverOf(version) }))
    const evidence = copies.map(({ version }) => fact(subject, field, version, rule.range))
    const outside = copies.find(({ read }) => read !== null && !range.test(read))
    if (outside) return lasting('violated', `${what} is at ${outside.version}, outside ${rule.range}`, evidence)
    const unread = copies.find(({ read }) => read === null)
    if (unread) {
      const why = unread.version === null ? 'is not known' : `cannot be read: ${unread.version}`
      return lasting('unknown', `the version of ${what} ${why}`, evidence)
    }
    return lasting('ok', `${what} is within ${rule.range}`, evidence)
  }
}

/** Strict but for a leading `v`, which providers write and charts may. */
const semverOf = (version: string): SemVer | null => parse(version.trim().replace(/^v/, ''))
