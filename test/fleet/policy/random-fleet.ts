import fc from 'fast-check'
import type { Policy, Rule, Waiver } from '../../../fleet/policy/policy.ts'
import type { Component, Subject, SubjectPool } from '../../../fleet/policy/subject.ts'
import type { Calendar, RegionMinor, RegionVersions } from '../../../fleet/support/calendar.ts'
import { seedCalendar } from '../../../fleet/support/seed.ts'
import { policyOf, subjectOf, waiverOf } from './ask.ts'
import { drift, driftRule, silent } from './random-drift.ts'

// Random clusters, rules and clocks over few words, so that they meet.

const dayMs = 86_400_000
/** The years that the seed's dates lie in. */
export const instant = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2027, 11, 31) }).map((ms) => new Date(ms))
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 4 })

const minor = fc.integer({ min: 27, max: 37 }).map((number) => `1.${number}`)
const patched = fc.tuple(minor, fc.integer({ min: 0, max: 11 })).map(([of, patch]) => `${of}.${patch}`)
const version = fc.oneof(
  { weight: 8, arbitrary: patched },
  { weight: 1, arbitrary: minor },
  { weight: 1, arbitrary: fc.constant('latest') },
)

const image = instant.chain((at) => {
  const [year = '', month = '', day = ''] = at.toISOString().slice(0, 10).split('-')
  return fc.constantFrom(
    `AKSUbuntu-2204gen2containerd-${year}${month}.${day}.0`,
    `AKSWindows-2022-containerd-20348.3207.${year.slice(2)}${month}${day}`,
    'AKSUbuntu-custom',
  )
})

const pool: fc.Arbitrary<SubjectPool> = fc.record({
  name: fc.constantFrom('system', 'batch', 'gpu', 'web'),
  versionDeclared: maybe(version),
  versionObserved: maybe(version),
  nodeImage: maybe(image),
})

const component: fc.Arbitrary<Component> = fc.record({
  type: fc.constantFrom('chart', 'provider'),
  name: fc.constantFrom('cert-manager', 'ingress'),
  version: maybe(fc.constantFrom('1.13.0', 'v1.14.2', '1.15.0-rc.1', '2.0.0', '1.14', 'latest')),
})

export const subject: fc.Arbitrary<Subject> = fc
  .record({
    environment: maybe(fc.constantFrom('prod', 'dev')),
    owner: maybe(fc.constantFrom('team-a', 'team-b')),
    contact: maybe(fc.constant('#team')),
    labels: fc.constantFrom({}, { tier: 'gold' }, { 'Cost-Center': '4711', tier: 'silver' }),
    provider: fc.oneof(
      { weight: 4, arbitrary: fc.constant('aks') },
      { weight: 3, arbitrary: maybe(fc.constantFrom('eks', 'gke', 'azure', 'openshift')) },
    ),
    region: maybe(fc.constantFrom('westeurope', 'eastus')),
    versionDeclared: maybe(version),
    versionObserved: maybe(version),
    supportPlan: maybe(fc.constantFrom('KubernetesOfficial', 'AKSLongTermSupport')),
    tier: maybe(fc.constantFrom('Free', 'Premium')),
    upgradeChannel: maybe(fc.constantFrom('patch', 'rapid', 'none')),
    nodeOsUpgradeChannel: maybe(fc.constantFrom('NodeImage', 'None')),
    azure: fc.constantFrom(null, 'corp/1111'),
    pools: fc.uniqueArray(pool, { selector: ({ name }) => name, maxLength: 4 }),
    components: fc.array(component, { maxLength: 3 }),
    drift,
    silent: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, silent),
  })
  .map(subjectOf)

const days = (most: number) => fc.integer({ min: 0, max: most }).map((count) => count * dayMs)
const common = {
  severity: fc.constantFrom('low', 'medium', 'high', 'critical'),
  graceMs: fc.oneof(fc.constant(0), days(60)),
}

/** Any rule but those over drift. */
export const rule: fc.Arbitrary<Rule> = fc
  .oneof(
    fc.record({
      ...common,
      type: fc.constant('supportWindow'),
      leadMs: days(120),
      allowPlatformSupport: fc.boolean(),
      allowExtended: fc.boolean(),
    }),
    fc.record({ ...common, type: fc.constant('minimumVersion'), version: fc.oneof(minor, patched) }),
    fc.record({ ...common, type: fc.constant('versionSkew'), max: fc.integer({ min: 0, max: 3 }) }),
    fc.record({ ...common, type: fc.constant('patchAge'), maxBehind: fc.integer({ min: 0, max: 3 }) }),
    fc.record({ ...common, type: fc.constant('nodeImageAge'), linuxMs: days(90), windowsMs: days(90) }),
    fc.record({
      ...common,
      type: fc.constant('autoUpgrade'),
      channels: fc.constantFrom([], ['patch', 'stable']),
      nodeOsChannels: fc.constant(['NodeImage']),
    }),
    fc.record({
      ...common,
      type: fc.constant('componentVersion'),
      component: fc.constantFrom('chart', 'provider'),
      name: fc.constant('cert-manager'),
      range: fc.constantFrom('>=1.14 <2', '^2'),
      required: fc.boolean(),
    }),
    fc.record({ ...common, type: fc.constant('owner'), contactRequired: fc.boolean() }),
    fc.record({
      ...common,
      type: fc.constant('labels'),
      required: fc.constantFrom(['cost-center'], ['tier', 'cost-center']),
    }),
  )
  // The records above spell out every rule; their literal types are lost on the way through fast-check.
  .map((each) => ({ ...each, id: each.type }) as Rule)

const selector = fc.constantFrom({}, { environment: ['prod'] }, { labels: 'tier' }, { provider: ['aks', 'eks'] })

export const policies: fc.Arbitrary<readonly Policy[]> = fc.uniqueArray(
  fc
    .tuple(
      fc.constantFrom('baseline', 'strict', 'eu'),
      selector,
      fc.uniqueArray(fc.oneof({ weight: 3, arbitrary: rule }, driftRule), {
        selector: ({ id }) => id,
        minLength: 1,
        maxLength: 9,
      }),
    )
    .map(([name, of, rules]) => policyOf(rules, { name, selector: of })),
  { selector: ({ name }) => name, minLength: 1, maxLength: 3 },
)

export const waivers: fc.Arbitrary<readonly Waiver[]> = fc.uniqueArray(
  fc
    .record({
      id: fc.uuid(),
      policy: maybe(fc.constantFrom('baseline', 'strict', 'eu')),
      rule: maybe(fc.constantFrom('supportWindow', 'nodeImageAge', 'owner', 'minimumVersion', 'behindSource')),
      selector,
      createdAt: instant,
      expiresAt: instant,
      revokedAt: fc.option(instant, { nil: null, freq: 2 }),
    })
    .map(waiverOf),
  { selector: ({ id }) => id, maxLength: 4 },
)

const regionMinor: fc.Arbitrary<RegionMinor> = fc
  .record({
    minor,
    isPreview: fc.boolean(),
    supportPlans: fc.subarray(['KubernetesOfficial', 'AKSLongTermSupport']),
    patches: fc.subarray([0, 2, 4, 9, 10]),
  })
  .map((of) => ({ ...of, patches: of.patches.map((patch) => ({ version: `${of.minor}.${patch}`, upgrades: [] })) }))

const region: fc.Arbitrary<RegionVersions> = fc.record({
  region: fc.constant('westeurope'),
  readAt: maybe(instant),
  minors: fc.uniqueArray(regionMinor, { selector: (each) => each.minor, maxLength: 6 }),
})

/** The seed's dates, and a list of one region in half of the cases. */
export const calendar: fc.Arbitrary<Calendar> = maybe(region).map((read) => ({
  entries: seedCalendar,
  regions: new Map(read ? [['westeurope', read]] : []),
}))
