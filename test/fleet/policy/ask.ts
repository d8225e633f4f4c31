import { noDrift } from '../../../fleet/drift/difference.ts'
import type { Policy, Rule, Verdict, Waiver } from '../../../fleet/policy/policy.ts'
import { rulingsOf } from '../../../fleet/policy/rules.ts'
import type { RuleOf, Ruling } from '../../../fleet/policy/ruling.ts'
import type { Subject, SubjectPool } from '../../../fleet/policy/subject.ts'
import { keyOfVerdict, type Memory } from '../../../fleet/policy/verdict-key.ts'
import type { Calendar, Support } from '../../../fleet/support/calendar.ts'
import { parseVersion } from '../../../fleet/version.ts'

export const emptyCalendar: Calendar = { entries: [], regions: new Map() }

const subject: Subject = {
  scope: 'cluster',
  drift: noDrift,
  silent: [],
  clusterId: '0f8fad5b-d9cb-869f-8165-70867728950e',
  source: 'mgmt-weu',
  namespace: 'fleet',
  name: 'shop',
  labels: { tier: 'gold' },
  environment: 'prod',
  ring: '1',
  owner: 'team-a',
  contact: null,
  provider: 'aks',
  flavour: 'AzureASOManaged',
  region: 'westeurope',
  country: 'NL',
  geographies: ['EU', 'Europe'],
  azure: 'corp/1111',
  createdAt: '2026-01-01T00:00:00.000Z',
  firstSeenAt: '2026-01-01T00:00:00.000Z',
  versionDeclared: '1.33',
  versionObserved: '1.33.4',
  supportPlan: null,
  tier: 'Standard',
  upgradeChannel: null,
  nodeOsUpgradeChannel: null,
  pools: [],
  components: [],
  unreadPools: null,
  readComponents: ['chart', 'provider'],
}

export const subjectOf = (over: Partial<Subject> = {}): Subject => ({ ...subject, ...over })

export const poolOf = (name: string, over: Partial<SubjectPool> = {}): SubjectPool => ({
  name,
  versionDeclared: null,
  versionObserved: null,
  nodeImage: null,
  ...over,
})

/** What a rule needs beyond its own parameters. */
export const base = { id: 'rule', severity: 'high', graceMs: 0 } as const

export const policyOf = (rules: readonly Rule[], over: Partial<Policy> = {}): Policy => ({
  name: 'baseline',
  description: '',
  version: '1',
  selector: {},
  rules,
  ...over,
})

export const waiverOf = (over: Partial<Waiver> = {}): Waiver => ({
  id: '11111111-1111-8111-8111-111111111111',
  policy: 'baseline',
  rule: null,
  selector: {},
  owner: 'team-a',
  reason: 'the vendor is late',
  approvedBy: null,
  createdAt: new Date('2026-01-01T00:00:00Z'),
  expiresAt: new Date('2027-01-01T00:00:00Z'),
  revokedAt: null,
  origin: 'api',
  ...over,
})

/** What the store remembers of verdicts. */
export const memoryOf = (verdicts: readonly Verdict[]): Memory => {
  const known = new Map(verdicts.map((verdict) => [keyOfVerdict(verdict), verdict.violatedSince]))
  return (key) => known.get(key) ?? null
}

/** What one rule, not over drift, says of a subject. Rules that need the calendar's answer are given it as `support`. */
export function ask<Type extends Rule['type']>(
  type: Type,
  parameters: Omit<RuleOf<Type>, 'type' | keyof typeof base>,
  about: Subject,
  { now = '2026-07-01T00:00:00Z', calendar = emptyCalendar, support }: Asked = {},
): Ruling {
  // Omit loses the union's link between type and parameters.
  const rule = { ...base, type, ...parameters } as unknown as Rule
  const [ruling] = rulingsOf(rule)(about, {
    calendar,
    now: new Date(now),
    version: about.versionObserved === null ? null : parseVersion(about.versionObserved),
    support: () => {
      if (!support) throw new Error(`${type} asked for support`)
      return support
    },
  })
  if (!ruling) throw new Error(`${type} said nothing`)
  return ruling
}

interface Asked {
  readonly now?: string
  readonly calendar?: Calendar
  readonly support?: Support
}

/** Instants of a ruling as text, for tables: `null` for never and for undated. */
export const instants = ({ sinceMs, holdsUntilMs }: Ruling): { since: string | null; holdsUntil: string | null } => ({
  since: sinceMs === null ? null : new Date(sinceMs).toISOString(),
  holdsUntil: Number.isFinite(holdsUntilMs) ? new Date(holdsUntilMs).toISOString() : null,
})
