import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { judge } from '../../db/judge.ts'
import { registerPolicies } from '../../db/policy.ts'
import type { CalendarEntry } from '../../fleet/support/calendar.ts'
import { type Facts, putClusters, putRegion, subjectOf } from '../db/judged-cluster.ts'
import { engines, openEngine } from '../engine.ts'
import { type Ask, asker } from './ask.ts'

const entry = (minor: string, endsAt: string | null, more: Partial<CalendarEntry> = {}): CalendarEntry => ({
  calendar: 'upstream',
  minor,
  plan: 'standard',
  region: null,
  availableAt: null,
  endsAt,
  origin: 'seed',
  source: 'a test',
  asOf: '2026-01-01',
  ...more,
})
const seed = [
  entry('1.9', '2018-12-31'),
  entry('1.10', '2019-03-31'),
  entry('1.33', '2026-03-31'),
  entry('1.34', '2026-06-30'),
  entry('1.35', null),
  entry('1.33', '2026-05-31', { calendar: 'aks' }),
  entry('1.33', '2027-05-31', { calendar: 'aks', plan: 'lts' }),
  entry('1.32', '2025-12-31', { calendar: 'aks' }),
  entry('1.32', '2026-12-31', { calendar: 'aks', plan: 'lts' }),
  entry('1.36', '2027-06-30', { calendar: 'aks', availableAt: '2026-01-01' }),
]
const facts: Readonly<Record<string, Facts>> = {
  ancient: { provider: 'azure', versionObserved: 'v1.9.11' },
  old: { provider: 'azure', versionObserved: 'v1.10.1' },
  march: { provider: 'azure', versionObserved: 'v1.33.4', country: 'NL', geographies: ['EU', 'Europe'] },
  june: { provider: 'azure', versionObserved: 'v1.34.1', country: 'GB', geographies: ['Europe'] },
  undated: { provider: 'azure', versionObserved: 'v1.35.0' },
  foreign: { provider: 'openshift', versionObserved: 'v1.33.4' },
  silent: { provider: 'azure' },
  lts: { provider: 'aks', versionObserved: '1.32.1', supportPlan: 'AKSLongTermSupport', tier: 'Premium' },
  cheap: { provider: 'aks', versionObserved: '1.32.1', supportPlan: 'AKSLongTermSupport', tier: 'Standard' },
  late: { provider: 'aks', versionObserved: '1.32.1', supportPlan: 'KubernetesOfficial' },
  regional: { provider: 'aks', versionObserved: '1.33.2', region: 'westeurope' },
}
const judgedAt = new Date('2026-03-20T12:00:00Z')

describe.each(engines)('support on %s', (engine) => {
  let store: Store
  let ask: Ask
  let now = judgedAt

  beforeAll(async () => {
    store = await openEngine(engine)
    const calendar = [
      { ...entry('1.33', '2026-04-10'), source: 'a contract', asOf: '2026-02-02', region: 'northeurope' },
    ]
    await registerPolicies(store.db, { policies: [], waivers: [], calendar }, judgedAt, seed)
    const minors = [
      {
        minor: '1.33',
        isPreview: false,
        supportPlans: ['KubernetesOfficial', 'AKSLongTermSupport'],
        patches: [
          { version: '1.33.2', upgrades: ['1.33.9', '1.33.10'] },
          { version: '1.33.9', upgrades: ['1.33.10'] },
          { version: '1.33.10', upgrades: [] },
        ],
      },
    ]
    await putRegion(store.db, { region: 'westeurope', readAt: judgedAt, minors }, judgedAt)
    const subjects = Object.entries(facts).map(([name, given]) => subjectOf(name, given))
    await putClusters(store.db, subjects, judgedAt)
    await judge(store.db, judgedAt)
    await putClusters(store.db, [subjectOf('unjudged', { provider: 'azure', versionObserved: 'v1.33.4' })], judgedAt)
    ask = asker(store.db, () => now).ask
  })
  afterAll(() => store.close())

  const names = async (filter: object): Promise<string[]> => {
    const { data, errors } = await ask(
      'query ($filter: ClusterFilter) { clusters(first: 100, filter: $filter) { totalCount nodes { name } } }',
      { filter },
    )
    expect(errors).toBeUndefined()
    expect(data.clusters.totalCount).toBe(data.clusters.nodes.length)
    return data.clusters.nodes.map(({ name }: { name: string }) => name)
  }

  it('tells phase, plan, dates and who says so', async () => {
    const { data, errors } = await ask(
      '{ clusters(first: 100) { nodes { name support { calendar minor plan phase reason endsAt standardEnd extendedEnd ltsEnd ltsOnly inSupport calendarSource asOf latestPatch upgradeTargets } upgradeTargets } } }',
    )
    expect(errors).toBeUndefined()
    const support = Object.fromEntries(
      data.clusters.nodes.map((node: { name: string; support: object }) => [node.name, node.support]),
    )
    expect(support.march).toMatchObject({
      ...{ calendar: 'UPSTREAM', minor: '1.33', plan: 'STANDARD', phase: 'SUPPORTED', inSupport: true },
      ...{ endsAt: '2026-03-31', standardEnd: '2026-03-31', extendedEnd: null, ltsEnd: null, ltsOnly: false },
      ...{ calendarSource: 'a test', asOf: '2026-01-01' },
    })
    expect(support.lts).toMatchObject({
      ...{ plan: 'LTS', phase: 'SUPPORTED_LTS', inSupport: true, ltsOnly: true },
      ...{ endsAt: '2026-12-31', standardEnd: '2025-12-31', ltsEnd: '2026-12-31' },
    })
    expect(support.late).toMatchObject({ inSupport: false, ltsOnly: true, ltsEnd: '2026-12-31' })
    expect(support.regional).toMatchObject({ latestPatch: '1.33.10', upgradeTargets: ['1.33.9', '1.33.10'] })
    for (const name of ['silent', 'foreign'])
      expect(support[name]).toMatchObject({ phase: 'UNKNOWN', inSupport: null, endsAt: null })
    expect(support.unjudged).toMatchObject({ phase: 'UNKNOWN', reason: 'NotJudged', plan: null, inSupport: null })
  })

  it('counts days by the reader’s clock in UTC: 0 on the last day, whole', async () => {
    const left = async (instant: string) => {
      now = new Date(instant)
      const { data } = await ask(
        '{ clusters(first: 1, filter: {name: {eq: "march"}}) { nodes { support { daysLeft } } } }',
      )
      return data.clusters.nodes[0].support.daysLeft
    }
    expect(await left('2026-03-20T00:00:00Z')).toBe(11)
    expect(await left('2026-03-20T23:59:59Z')).toBe(11)
    expect(await left('2026-03-31T00:00:00Z')).toBe(0)
    expect(await left('2026-03-31T23:59:59.999Z')).toBe(0)
    expect(await left('2026-04-01T00:00:00Z')).toBe(-1)
    now = judgedAt
  })

  it('filters by days, last days, phases and plans; what is not known meets none of them', async () => {
    expect(await names({ supportDaysLeft: { gte: 0, lt: 61 } })).toEqual(['march'])
    expect(await names({ supportDaysLeft: { gte: 11, lt: 12 } })).toEqual(['march'])
    expect(await names({ supportDaysLeft: { lt: 0 } })).toEqual(['ancient', 'cheap', 'late', 'old'])
    expect(await names({ supportDaysLeft: { isNull: true } })).toEqual(['foreign', 'silent', 'undated', 'unjudged'])
    expect(await names({ supportEndsAt: { gte: '2026-03-31', lt: '2026-07-01' } })).toEqual([
      'june',
      'march',
      'regional',
    ])
    expect(await names({ supportEndsAt: { eq: '2026-06-30' } })).toEqual(['june'])
    expect(await names({ supportPhase: { eq: 'SUPPORTED_LTS' } })).toEqual(['lts'])
    expect(await names({ supportPhase: { eq: 'UNKNOWN' }, provider: { eq: 'azure' } })).toContain('unjudged')
    expect(await names({ ltsOnly: true, not: { supportPhase: { eq: 'SUPPORTED_LTS' } } })).toEqual(['cheap', 'late'])
    const [yes, no] = [await names({ inSupport: true }), await names({ inSupport: false })]
    expect(yes).toEqual(['june', 'lts', 'march', 'regional'])
    expect(no).toEqual(['ancient', 'cheap', 'late', 'old'])
    expect(await names({ not: { or: [{ inSupport: true }, { inSupport: false }] } })).toEqual(
      await names({ supportPhase: { eq: 'UNKNOWN' } }),
    )
    expect(await names({ supportPlan: { eq: 'AKSLongTermSupport' }, tier: { eq: 'Standard' } })).toEqual(['cheap'])
    expect(await names({ geography: { eq: 'EU' } })).toEqual(['march'])
    expect(await names({ geography: { in: ['Europe'] }, country: { eq: 'GB' } })).toEqual(['june'])
    expect(await names({ geography: { isNull: false } })).toEqual(['june', 'march'])
    expect(await names({ not: { geography: { eq: 'Europe' } } })).not.toContain('june')
  })

  it('says what is wrong with a day, a number, a null', async () => {
    for (const filter of [
      { supportEndsAt: { lt: '2026-02-30' } },
      { supportEndsAt: { lt: '31.3.2026' } },
      { supportDaysLeft: { lt: 1.5 } },
      { supportDaysLeft: { eq: null } },
      { geography: { eq: null } },
      { geography: { eq: '\0' } },
    ]) {
      const { errors } = await ask('query ($f: ClusterFilter) { clusters(filter: $f) { totalCount } }', { f: filter })
      expect(errors?.[0]?.extensions.code, JSON.stringify(filter)).toBe('invalid')
    }
  })

  it('counts by phase and plan, and tells the share that is in support', async () => {
    const { data, errors } = await ask(
      `query ($f: ClusterFilter) { clusterAggregate(groupBy: [SUPPORT_PHASE], filter: $f) { total inSupport supportUnknown inSupportRatio
        buckets { count inSupport supportUnknown inSupportRatio keys { dimension value } } }
        none: clusterAggregate(groupBy: [COUNTRY], filter: {name: {eq: "nobody"}}) { inSupportRatio buckets { count } } }`,
      { f: { provider: { eq: 'azure' } } },
    )
    expect(errors).toBeUndefined()
    expect(data.clusterAggregate).toMatchObject({ total: 7, inSupport: 2, supportUnknown: 3, inSupportRatio: 2 / 7 })
    const buckets = Object.fromEntries(
      data.clusterAggregate.buckets.map((bucket: { keys: { value: string }[] }) => [bucket.keys[0]?.value, bucket]),
    )
    expect(buckets).toMatchObject({
      SUPPORTED: { count: 2, inSupport: 2, inSupportRatio: 1 },
      OUT_OF_SUPPORT: { count: 2, inSupport: 0, inSupportRatio: 0 },
      UNKNOWN: { count: 3, inSupport: 0, supportUnknown: 3, inSupportRatio: 0 },
    })
    expect(data.none).toEqual({ inSupportRatio: null, buckets: [] })
  })

  it('the calendar: newest minor first by number, and which of several entries is in force', async () => {
    const { data, errors } = await ask(
      '{ supportCalendar(filter: {calendar: {eq: UPSTREAM}}) { minor region endsAt daysLeft origin source asOf inForce } }',
    )
    expect(errors).toBeUndefined()
    const lines = data.supportCalendar.map((one: { minor: string; region: string | null; endsAt: string | null }) =>
      [one.minor, one.region, one.endsAt].join(' '),
    )
    expect(lines).toEqual([
      '1.35  ',
      '1.34  2026-06-30',
      '1.33  2026-03-31',
      '1.33 northeurope 2026-04-10',
      '1.10  2019-03-31',
      '1.9  2018-12-31',
    ])
    expect(data.supportCalendar[3]).toMatchObject({
      ...{ origin: 'OPERATOR', source: 'a contract', asOf: '2026-02-02', daysLeft: 21, inForce: true },
    })
    const count = async (filter: object) =>
      (await ask('query ($f: SupportCalendarFilter) { supportCalendar(filter: $f) { minor } }', { f: filter })).data
        .supportCalendar.length
    expect(await count({ minor: { lt: '1.10' } })).toBe(1)
    expect(await count({ plan: { eq: 'LTS' } })).toBe(2)
    expect(await count({ origin: { eq: 'OPERATOR' } })).toBe(1)
    expect(await count({ daysLeft: { gte: 0 }, calendar: { in: ['UPSTREAM', 'AKS'] } })).toBe(7)
    await registerPolicies(
      store.db,
      { policies: [], waivers: [], calendar: [{ ...entry('1.34', '2026-07-31'), source: 'a contract', asOf: null }] },
      judgedAt,
      seed,
    )
    const overruled = await ask(
      '{ supportCalendar(filter: {minor: {eq: "1.34"}}) { endsAt origin inForce } mine: supportCalendar(filter: {minor: {eq: "1.34"}, inForce: true}) { endsAt } }',
    )
    expect(overruled.data).toEqual({
      supportCalendar: [
        { endsAt: '2026-07-31', origin: 'OPERATOR', inForce: true },
        { endsAt: '2026-06-30', origin: 'SEED', inForce: false },
      ],
      mine: [{ endsAt: '2026-07-31' }],
    })
  })
})
