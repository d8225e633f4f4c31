import fc from 'fast-check'
import { given } from '../../fleet/configuration/shape.ts'
import type { DriftCode } from '../../fleet/drift/code.ts'
import type { Difference, Drift, Gap } from '../../fleet/drift/difference.ts'
import type { CalendarOverride } from '../../fleet/policy/calendar-file.ts'
import type { Policy, PolicySelector, Rule, Waiver } from '../../fleet/policy/policy.ts'
import type { CalendarEntry, RegionMinor } from '../../fleet/support/calendar.ts'
import { type Facts, idOf, policyOf } from './judged-cluster.ts'
import { driftRuleOf, type SourceFacts, suspendedOf } from './judged-drift.ts'
import { at } from './wire.ts'

// What may happen between two looks, at random, in a small world: so that the same clusters, rules and regions meet again and again.

const dayMs = 86_400_000
const some = <T>(...values: T[]) => fc.constantFrom<T | null>(null, ...values)
const place = fc.constantFrom('westeurope' as const, 'northeurope' as const)
const version = fc.constantFrom('1.30.2', '1.32.4', '1.33.1', '1.33.4', '1.33', '1.36.0', 'no version')
const image = some(
  'AKSUbuntu-2204gen2containerd-202512.10.0',
  'AKSUbuntu-2204gen2containerd-202601.20.0',
  'AKSWindows-2022-containerd-20348.3207.251214',
  'custom',
)
const pool = fc.record({ versionObserved: fc.option(version), nodeImage: image })
const since = fc.option(
  fc.integer({ min: 0, max: 30 }).map((days) => new Date(at(0).getTime() + days * dayMs).toISOString()),
  { nil: undefined },
)
const difference = fc
  .record({
    code: fc.constantFrom('suspended' as const, 'behindSource' as const),
    name: fc.constantFrom('apps', 'infra', 'elsewhere', null),
    field: fc.constantFrom('spec.suspend', 'status.lastAppliedRevision'),
    actual: fc.constantFrom('true', 'main@sha1:1', null),
    severity: fc.constantFrom(undefined, 'critical' as const),
    graceMs: fc.constantFrom(undefined, 3 * dayMs),
    since,
  })
  // Of what a source holds, all but one object live where the cluster does.
  .map(
    ({ name, ...over }) =>
      (home: string): Difference => ({
        ...suspendedOf(name === 'elsewhere' ? 'flux' : home, name ?? ''),
        ...given(over),
        ...{ code: over.code, actual: over.actual },
        ...(name === null ? { about: null } : {}),
      }),
  )
const gap = fc
  .constantFrom('suspended' as const, 'behindSource' as const)
  .map((code): Gap => ({ code, message: 'nobody may read it', evidence: [] }))
/** What differs, of a cluster at some home. */
const found = fc
  .record({
    differences: fc.array(difference, { maxLength: 4 }),
    gaps: fc.uniqueArray(gap, { maxLength: 1, selector: ({ code }) => code }),
    looked: fc.constantFrom<DriftCode[]>([], ['suspended'], ['behindSource', 'suspended']),
  })
  .map(
    ({ differences, gaps, looked }) =>
      (home: string): Drift => ({
        differences: differences.map((each) => each(home)),
        gaps,
        looked,
      }),
  )
const facts: fc.Arbitrary<Facts> = fc
  .record({
    source: fc.constantFrom('weu', 'neu'),
    provider: fc.constantFrom('aks', 'azure', null),
    region: fc.option(place),
    environment: some('prod', 'dev'),
    owner: some('team-a'),
    labels: fc.constantFrom({}, { tier: 'gold', 'cost-center': '4711' }, { tier: '' }),
    versionObserved: fc.option(version),
    supportPlan: some('KubernetesOfficial', 'AKSLongTermSupport'),
    tier: some('Premium'),
    upgradeChannel: some('patch', 'none'),
    pools: fc.array(pool, { maxLength: 2 }),
    components: fc.constantFrom([], [{ type: 'chart', name: 'cert-manager', version: '1.14.2' }] as const),
    drift: found,
  })
  .map(({ pools, drift, ...rest }) => ({
    ...rest,
    drift: drift(rest.source),
    pools: pools.map((each, n) => ({ ...each, name: `p${n}`, versionDeclared: null })),
  }))

const graceMs = fc.constantFrom(0, 0, 7 * dayMs, 40 * dayMs)
const severity = fc.constantFrom('low' as const, 'high' as const)
const parameters = fc.constantFrom<(base: Pick<Rule, 'severity' | 'graceMs'>) => Rule>(
  (base) => ({
    id: 'window',
    type: 'supportWindow',
    leadMs: 30 * dayMs,
    allowPlatformSupport: false,
    allowExtended: true,
    ...base,
  }),
  (base) => ({
    id: 'window',
    type: 'supportWindow',
    leadMs: 0,
    allowPlatformSupport: true,
    allowExtended: false,
    ...base,
  }),
  (base) => ({ id: 'minimum', type: 'minimumVersion', version: '1.32', ...base }),
  (base) => ({ id: 'minimum', type: 'minimumVersion', version: '1.33.4', ...base }),
  (base) => ({ id: 'skew', type: 'versionSkew', max: 1, ...base }),
  (base) => ({ id: 'patch', type: 'patchAge', maxBehind: 1, ...base }),
  (base) => ({ id: 'image', type: 'nodeImageAge', linuxMs: 30 * dayMs, windowsMs: 60 * dayMs, ...base }),
  (base) => ({ id: 'channel', type: 'autoUpgrade', channels: ['patch'], nodeOsChannels: [], ...base }),
  (base) => ({
    id: 'chart',
    type: 'componentVersion',
    component: 'chart',
    name: 'cert-manager',
    range: '>=1.15',
    required: false,
    ...base,
  }),
  (base) => ({ id: 'owner', type: 'owner', contactRequired: false, ...base }),
  (base) => ({ id: 'labels', type: 'labels', required: ['cost-center'], ...base }),
  (base) => driftRuleOf('suspended', { ...base, ownSeverity: false }),
  (base) => driftRuleOf('behindSource', base),
  (base) => driftRuleOf('suspended', { ...base, ignore: [{ id: 'apps', reason: 'known', names: ['app*'] }] }),
  (base) => driftRuleOf('suspended', { ...base, ignore: [{ id: 'gold', reason: 'known', labels: 'tier=gold' }] }),
)
const rule = fc.tuple(parameters, fc.record({ severity, graceMs })).map(([make, base]) => make(base))
const selector = fc.constantFrom<PolicySelector>(
  {},
  {},
  { environment: ['prod'] },
  { labels: 'tier=gold' },
  { source: ['weu'] },
)
const policy = (name: string): fc.Arbitrary<Policy> =>
  fc
    .record({
      rules: fc.uniqueArray(rule, { minLength: 1, maxLength: 5, selector: ({ id }) => id }),
      version: fc.constantFrom('1', '2'),
      selector,
    })
    .map(({ rules, ...more }) => policyOf(name, rules, more))

const expiresInDays = fc.integer({ min: 1, max: 90 })
const excuse = fc.record({
  policy: some('a', 'b'),
  rule: some('minimum', 'image', 'window', 'owner', 'suspended'),
  selector: fc.constantFrom<Waiver['selector']>(
    {},
    { clusterId: idOf('one') },
    { name: ['two'] },
    { environment: ['prod'] },
  ),
  reason: fc.constantFrom('the vendor', 'the freeze'),
  expiresInDays,
})
const override = fc
  .record({
    minor: fc.constantFrom('1.32', '1.33'),
    region: fc.option(place),
    days: fc.integer({ min: -60, max: 200 }),
  })
  .map(({ minor, region, days }): CalendarOverride => {
    const endsAt = new Date(at(0).getTime() + days * dayMs).toISOString().slice(0, 10)
    return {
      calendar: 'aks',
      minor,
      plan: 'standard',
      region,
      availableAt: null,
      endsAt,
      origin: 'operator',
      source: 'contract',
      asOf: '2026-01-01',
    }
  })
const overrides = fc.uniqueArray(override, { maxLength: 2, selector: ({ minor, region }) => `${minor} ${region}` })
const minors = fc.constantFrom<readonly RegionMinor[]>(
  [],
  [offered('1.32', ['AKSLongTermSupport'], ['1.32.4']), offered('1.33', ['KubernetesOfficial'], ['1.33.1', '1.33.4'])],
  [
    offered('1.33', ['KubernetesOfficial', 'AKSLongTermSupport'], ['1.33.4', '1.33.5', '1.33.6']),
    offered('1.34', ['KubernetesOfficial'], ['1.34.0']),
  ],
)
function offered(minor: string, supportPlans: readonly string[], patches: readonly string[]): RegionMinor {
  return { minor, isPreview: false, supportPlans, patches: patches.map((each) => ({ version: each, upgrades: [] })) }
}

/** What Rollcall brings along, here. */
export const seed: readonly CalendarEntry[] = [
  ['aks', '1.32', 'standard', '2026-03-31'],
  ['aks', '1.32', 'lts', '2027-03-31'],
  ['aks', '1.33', 'standard', '2026-07-31'],
  ['upstream', '1.32', 'standard', '2026-02-28'],
  ['upstream', '1.33', 'standard', '2026-06-28'],
].map(
  ([calendar, minor, plan, endsAt]) =>
    ({
      calendar,
      minor,
      plan,
      endsAt,
      region: null,
      availableAt: '2025-01-01',
      origin: 'seed',
      source: 'eol',
      asOf: '2025-12-01',
    }) as CalendarEntry,
)

const names = fc.constantFrom('one', 'two', 'three')
const management = fc.constantFrom('mgmt-a', 'mgmt-b')
const sourceFacts = fc
  .record({
    environment: fc.constantFrom(undefined, 'prod', 'dev'),
    region: fc.option(place),
    drift: found,
  })
  .map(
    (all) =>
      (name: string): SourceFacts =>
        given({ ...all, drift: all.drift(name) }),
  )
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('facts' as const), name: names, facts }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('bury' as const), name: names }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('manage' as const), name: management, facts: sourceFacts }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), name: management }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('register' as const),
      policies: fc
        .tuple(fc.option(policy('a')), fc.option(policy('b')))
        .map((both) => both.filter((each) => each !== null)),
      declared: fc.array(excuse, { maxLength: 2 }),
      calendar: overrides,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('waive' as const), excuse }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revoke' as const), nth: fc.nat(3) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('region' as const), region: place, minors }),
  },
)
export type Action = typeof action extends fc.Arbitrary<infer T> ? T : never
/** Some time passes, then things happen, and everything is looked at. */
export const step = fc.record({
  hours: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 24, max: 24 * 60 })),
  actions: fc.array(action, { maxLength: 3 }),
})
