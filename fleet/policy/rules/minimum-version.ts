import { compareVersions, parseVersion } from '../../version.ts'
import { type Judge, lasting, type RuleOf, runningFact } from '../ruling.ts'

/** Whether what runs is at least a version. What is merely declared proves nothing, and `1.32` alone says nothing of patches. */
export function minimumVersion(rule: RuleOf<'minimumVersion'>): Judge {
  const least = parseVersion(rule.version)
  const expected = `>= ${rule.version}`
  return (subject, { version: runs }) => {
    const raw = subject.versionObserved
    const evidence = [runningFact(subject, 'kubernetes.observed', raw, expected)]
    if (runs === null || least === null) {
      const declared = subject.versionDeclared === null ? '' : ` (${subject.versionDeclared} is declared)`
      return lasting('unknown', `the version that runs is not known${declared}`, evidence)
    }
    const sameMinor = runs.major === least.major && runs.minor === least.minor
    if (sameMinor && runs.patch === null && (least.patch ?? 0) > 0) {
      return lasting('unknown', `${raw} names no patch, so it cannot be compared with ${rule.version}`, evidence)
    }
    return compareVersions(runs, least) < 0
      ? lasting('violated', `${raw} runs, and at least ${rule.version} is asked for`, evidence)
      : lasting('ok', `${raw} runs, which is at least ${rule.version}`, evidence)
  }
}
