import { dayOf } from '../../support/day.ts'
import {
  latestPatchOf,
  patchesBehind,
  type RegionList,
  regionOf,
  regionTrouble,
  regionTrustedMs,
} from '../../support/region.ts'
import { minorOf } from '../../version.ts'
import type { Evidence } from '../policy.ts'
import { type Judge, lasting, type RuleContext, type RuleOf, type Ruling, runningFact } from '../ruling.ts'
import { counted } from '../span.ts'
import type { Subject } from '../subject.ts'

type PatchAge = RuleOf<'patchAge'>

/**
 * How many newer patches of its minor a cluster's region offers (azure.md 4.2). Only AKS lists them; where its list is missing,
 * or too old to be believed, the answer is unknown.
 */
export function patchAge(rule: PatchAge): Judge {
  return (subject, context) => {
    if (subject.provider !== 'aks') return lasting('notApplicable', 'only AKS lists the patches it offers')
    const { calendar, now, version } = context
    const list = regionOf({ ...subject, version }, calendar)
    const trouble = list === null ? 'RegionUnread' : regionTrouble(list, calendar.foreseenFrom ?? now)
    if (!list?.readAt || trouble !== null) {
      const why = trouble === 'RegionStale' ? 'was read too long ago to be believed' : 'has not been read'
      return lasting('unknown', `what ${regionText(subject)} offers ${why}`, [observed(rule, subject)])
    }
    // In a forecast the list is believed as it is believed today.
    const untilMs = calendar.foreseenFrom ? Number.POSITIVE_INFINITY : list.readAt.getTime() + regionTrustedMs
    return { ...compared(rule, subject, context, list), holdsUntilMs: untilMs }
  }
}

function compared(rule: PatchAge, subject: Subject, { version }: RuleContext, list: RegionList): Ruling {
  const runs = observed(rule, subject)
  if (version === null || version.patch === null) return lasting('unknown', 'the patch that runs is not known', [runs])
  const minor = list.minors.get(minorOf(version)) ?? null
  const behind = patchesBehind(version, minor)
  if (minor === null || behind === null) {
    return lasting('unknown', `${regionText(subject)} lists no patches of Kubernetes ${minorOf(version)}`, [runs])
  }
  const latest: Evidence = {
    field: 'support.latestPatch',
    expected: null,
    actual: latestPatchOf(minor),
    from: `listKubernetesVersions of ${regionText(subject)}`,
    asOf: list.readAt && dayOf(list.readAt),
  }
  const newer = `${counted(behind, 'newer patch is', 'newer patches are')} offered`
  return behind > rule.maxBehind
    ? lasting('violated', `${newer}, and the policy allows ${rule.maxBehind}`, [runs, latest])
    : lasting('ok', newer, [runs, latest])
}

const regionText = ({ region }: Subject): string => region ?? 'its region'

function observed(rule: PatchAge, subject: Subject): Evidence {
  const expected = `at most ${counted(rule.maxBehind, 'patch', 'patches')} behind`
  return runningFact(subject, 'kubernetes.observed', subject.versionObserved, expected)
}
