import type { Support, SupportPlan } from '../../support/calendar.ts'
import { dayAfter } from '../../support/day.ts'
import { compareVersions, minorRank, parseVersion } from '../../version.ts'
import type { Evidence } from '../policy.ts'
import { type Judge, lasting, type RuleContext, type RuleOf, type Ruling, runningFact } from '../ruling.ts'
import { dayMs, spanText } from '../span.ts'
import type { Subject } from '../subject.ts'

type SupportWindow = RuleOf<'supportWindow'>

const planText: Readonly<Record<SupportPlan, string>> = {
  standard: 'standard support',
  lts: 'long-term support',
  extended: 'extended support',
}

/** How long a patch is supported after its removal (azure.md 4.1); when that was, the API does not tell. */
const retiredPatchMs = 30 * dayMs

/**
 * Whether the versions that run, the control plane's and those of pools behind it, are in support, and for long enough (azure.md 4.1,
 * 4.2: the oldest pool decides). What no source can tell is unknown: a phase, and a last day where the policy asks for days ahead of it.
 */
export function supportWindow(rule: SupportWindow): Judge {
  return (subject, context) => {
    const own = ofVersion(rule, subject, context, null)
    const pools = poolsBehind(subject).map((pool) => ofVersion(rule, subject, context, pool))
    const worst = [own, ...pools].reduce((a, b) => (rank[b.state] < rank[a.state] ? b : a))
    return { ...worst, holdsUntilMs: Math.min(own.holdsUntilMs, ...pools.map(({ holdsUntilMs }) => holdsUntilMs)) }
  }
}

const rank: Readonly<Record<Ruling['state'], number>> = { violated: 0, unknown: 1, ok: 2, notApplicable: 3 }

interface OlderPool {
  readonly name: string
  readonly running: string
}

/** The oldest pool of each minor below the control plane's; only what runs, not what is asked for. */
function poolsBehind({ versionObserved, pools }: Subject): readonly OlderPool[] {
  const own = parseVersion(versionObserved ?? '')
  if (own === null || pools.length === 0) return []
  const behind = pools
    .map(({ name, versionObserved }) => ({ name, version: parseVersion(versionObserved ?? '') }))
    .flatMap(({ name, version }) => (version && minorRank(version) < minorRank(own) ? [{ name, version }] : []))
    .sort((a, b) => compareVersions(a.version, b.version) || (a.name < b.name ? -1 : 1))
  const oldest = new Map(behind.toReversed().map((pool) => [minorRank(pool.version), pool]))
  return [...oldest.values()].reverse().map(({ name, version }) => ({ name, running: version.raw }))
}

function ofVersion(rule: SupportWindow, subject: Subject, context: RuleContext, pool: OlderPool | null): Ruling {
  const support = context.support(pool?.running)
  const ruling = rulingOf(rule, support, context.now.getTime())
  const untilMs = support.holdsUntil === null ? Number.POSITIVE_INFINITY : Date.parse(support.holdsUntil)
  return {
    ...ruling,
    message: pool === null ? ruling.message : `pool ${pool.name}: ${ruling.message}`,
    evidence: evidenceOf(rule, subject, support, pool),
    holdsUntilMs: Math.min(ruling.holdsUntilMs, untilMs),
  }
}

function rulingOf(rule: SupportWindow, support: Support, nowMs: number): Ruling {
  const { phase, reason, message } = support
  const violated = (why: string) => datedViolation(rule, support, nowMs, why)
  if (phase === 'Unknown') return lasting('unknown', message)
  if (phase === 'PlatformSupport' && rule.allowPlatformSupport) return lasting('ok', message)
  // A preview's promises, with their days, have not begun.
  if (phase === 'Preview') return lasting('violated', message)
  if (phase === 'OutOfSupport' || phase === 'PlatformSupport') return violated(message)
  if (reason === 'LtsPatchTooOld') return lasting('violated', message)
  if (reason === 'PatchRetired') return lasting(rule.leadMs >= retiredPatchMs ? 'violated' : 'unknown', message)
  if (!rule.allowExtended) {
    if (support.ltsOnly || phase === 'SupportedExtended') {
      return violated(`standard support of Kubernetes ${support.minor} is over, and the policy counts no other`)
    }
    if (phase === 'SupportedLts' && support.standardEnd === null) {
      return lasting('unknown', `no source says until when Kubernetes ${support.minor} has standard support`)
    }
  }
  return ahead(rule, support, nowMs)
}

/** In support now: is it for as long as the policy asks? */
function ahead(rule: SupportWindow, support: Support, nowMs: number): Ruling {
  if (rule.leadMs === 0) return lasting('ok', support.message)
  const day = lastDay(rule, support)
  const plan = planText[rule.allowExtended ? planThatCounts(support) : 'standard']
  const minor = `Kubernetes ${support.minor}`
  if (day === null) {
    return lasting('unknown', `no source says until when ${minor} has ${plan}; an entry under "calendar" can`)
  }
  const beginsMs = leadBegins(rule, day)
  if (nowMs < beginsMs) return { ...lasting('ok', `${minor} has ${plan} until ${day}`), holdsUntilMs: beginsMs }
  const why = `the last day of ${plan} of ${minor} is ${day}, and the policy asks for ${spanText(rule.leadMs)} ahead`
  return datedViolation(rule, support, nowMs, why)
}

/** Dated by the day on which the lead began, unless the calendar says that it has not begun yet. */
function datedViolation(rule: SupportWindow, support: Support, nowMs: number, why: string): Ruling {
  const day = lastDay(rule, support)
  const beganMs = day === null ? null : leadBegins(rule, day)
  return { ...lasting('violated', why), sinceMs: beganMs !== null && beganMs <= nowMs ? beganMs : null }
}

/** The last day that counts for the policy. */
const lastDay = (rule: SupportWindow, support: Support): string | null =>
  rule.allowExtended ? support.endsAt : support.standardEnd

/** A minor that long-term support does not cover has standard support, whatever the cluster is set to. */
const planThatCounts = ({ plan, phase }: Support): SupportPlan =>
  plan === 'lts' && phase === 'Supported' ? 'standard' : plan

const leadBegins = (rule: SupportWindow, day: string): number => dayAfter(day).getTime() - rule.leadMs

function evidenceOf(
  rule: SupportWindow,
  subject: Subject,
  support: Support,
  pool: OlderPool | null,
): readonly Evidence[] {
  const { phaseBy, standardBy, source, asOf } = support
  return [
    pool === null
      ? runningFact(subject, 'kubernetes.observed', subject.versionObserved)
      : runningFact(subject, `pools.${pool.name}.version`, pool.running),
    ...planEvidence(rule, subject, support),
    {
      field: 'support.phase',
      expected: `in ${rule.allowExtended ? '' : 'standard '}support${rule.allowPlatformSupport ? ', or platform support' : ''}`,
      actual: support.phase,
      from: phaseBy.source,
      asOf: phaseBy.asOf,
    },
    {
      field: 'support.endsAt',
      expected: rule.leadMs === 0 ? 'not past' : `${spanText(rule.leadMs)} ahead`,
      actual: lastDay(rule, support),
      ...(rule.allowExtended ? { from: source, asOf } : { from: standardBy.source, asOf: standardBy.asOf }),
    },
  ]
}

/** What a cluster is set to, where that decides: AKS long-term support needs a plan and a tier. */
function planEvidence(rule: SupportWindow, subject: Subject, support: Support): readonly Evidence[] {
  const { calendar, plan, phase, ltsOnly } = support
  const asked = (value: string) => (rule.allowExtended ? value : null)
  if (calendar === 'aks') {
    const isAsked = subject.supportPlan?.toLowerCase() === 'akslongtermsupport'
    if (!isAsked && !ltsOnly && plan !== 'lts') return []
    return [
      runningFact(subject, 'supportPlan', subject.supportPlan, asked('AKSLongTermSupport')),
      runningFact(subject, 'tier', subject.tier, asked('Premium')),
    ]
  }
  const decides = phase === 'SupportedExtended' || support.reason === 'ChannelUnread'
  return decides ? [runningFact(subject, 'supportPlan', subject.supportPlan)] : []
}
