import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judge } from '../../db/judge.ts'
import { engines } from '../engine.ts'
import type { Asked } from '../schema/ask.ts'
import { pollAzure } from '../schema/fill-azure.ts'
import { homeOf, openFleet, type QuestionedFleet, sorted, wholeCoverage, wordOf } from './fleet.ts'

const dayMs = 86_400_000

describe.each(engines)('questions of support on %s', (engine) => {
  let fleet: QuestionedFleet
  beforeAll(async () => {
    fleet = await openFleet(engine, 'support', 0)
  })
  afterAll(() => fleet.store.close())

  it('Q5: which prod clusters in the EU leave AKS support within 60 days, and who owns them', async () => {
    const { clusters, nobodyCanTell } = await fleet.answer('q05')
    const truth = fleet.world.fleet.filter(
      ({ environment, eu, support }) =>
        environment === 'prod' && eu && support.calendar === 'aks' && isWithin(support.daysLeft, 60),
    )
    expect(truth.length).toBeGreaterThan(0)
    const answered = clusters.nodes.map((node: Asked) => ({
      ...{ name: node.name, owner: node.owner?.team ?? null, region: node.region, supportPlan: node.supportPlan },
      ...{ phase: node.support.phase, endsAt: node.support.endsAt, daysLeft: node.support.daysLeft },
    }))
    expect(sorted(answered)).toEqual(
      sorted(
        truth.map(({ name, owner, region, supportPlan, support: { phase, endsAt, daysLeft } }) => ({
          ...{ name, owner, region, supportPlan, phase: wordOf(phase), endsAt, daysLeft },
        })),
      ),
    )
    expect(clusters.coverage.complete).toBe(true)
    expect(nobodyCanTell.total).toBe(0)
    for (const { support, upgradeTargets, freshness } of clusters.nodes) {
      expect(support.calendarSource).toMatch(/\S/)
      expect(support.asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/)
      expect(upgradeTargets.length).toBeGreaterThan(0)
      expect(freshness.state).toBe('FRESH')
    }
  })

  it('Q6: how many clusters per minor, support plan and environment, and what share is in support', async () => {
    const { clusterAggregate } = await fleet.answer('q06')
    const truth = fleet.world.fleet
    const inSupport = truth.filter(({ support }) => support.inSupport).length
    expect(clusterAggregate).toMatchObject({
      ...{ total: truth.length, inSupport, supportUnknown: 0, inSupportRatio: inSupport / truth.length },
      ...{ truncated: false, coverage: { complete: true } },
    })
    const groups = Object.groupBy(truth, ({ support, supportPlan, environment }) =>
      JSON.stringify([support.minor, supportPlan, environment]),
    )
    const expected = Object.entries(groups).map(([key, members = []]) => {
      const supported = members.filter(({ support }) => support.inSupport).length
      return [key, members.length, supported, supported / members.length]
    })
    const answered = clusterAggregate.buckets.map(({ keys, count, inSupport, inSupportRatio }: Asked) => [
      JSON.stringify(keys.map(({ value }: Asked) => value)),
      ...[count, inSupport, inSupportRatio],
    ])
    expect(sorted(answered)).toEqual(sorted(expected))
    // 1.9 and 1.10 are minors of their own.
    const minors = new Set(clusterAggregate.buckets.map(({ keys }: Asked) => keys[0].value))
    expect([...minors]).toEqual(expect.arrayContaining(['1.9', '1.10']))
  })

  it('Q9: which management clusters run unsupported or mismatched providers', async () => {
    const { sources } = await fleet.answer('q09')
    const { data } = await fleet.ask(
      '{ sources(first: 100, filter: {type: {eq: MANAGEMENT_CLUSTER}}) { nodes { name providers { name type version namespace mismatch supported } } } }',
    )
    const everywhere: readonly Asked[] = data.sources.nodes
    expect(everywhere.map(({ name }) => name).toSorted()).toEqual(fleet.world.sites.map(({ name }) => name).toSorted())
    for (const { source, providers } of fleet.world.management) {
      const told = everywhere.find(({ name }) => name === source).providers
      expect(
        sorted(told.map(({ supported: _, mismatch, ...one }: Asked) => ({ ...one, mismatch: mismatch !== null }))),
      ).toEqual(sorted(providers.map((one) => ({ ...one, name: `${prefixes[one.type]}${one.name}` }))))
    }
    // 1.9 came before 1.14, though it sorts after it.
    const era = (name: string) => fleet.world.site(name).era
    const { nodes, totalCount, coverage } = sources
    expect(nodes.map(({ name }: Asked) => name).toSorted()).toEqual(['neu-prod', 'sea-dev'])
    expect(everywhere.filter(({ name }) => era(name) === 'old').map(({ name }) => name)).toEqual([
      'neu-prod',
      'sea-dev',
    ])
    expect([totalCount, coverage]).toEqual([2, wholeCoverage(fleet)])
    for (const { name, region, labels, providers, freshness, clusterCount } of nodes) {
      const site = fleet.world.site(name)
      expect([region, freshness.state]).toEqual([site.region, 'FRESH'])
      expect(Object.fromEntries(labels.map(({ key, value }: Asked) => [key, value]))).toEqual(site.labels)
      expect(clusterCount.total).toBe(fleet.world.fleet.filter((one) => homeOf(one) === name).length)
      const told = Object.fromEntries(
        providers.map((one: Asked) => [one.name, [one.version, one.contract, one.supported, one.latestPatch]]),
      )
      expect(told).toEqual({
        'cluster-api': ['v1.9.11', 'v1beta1', false, '1.9.11'],
        'bootstrap-kubeadm': ['v1.9.11', 'v1beta1', false, '1.9.11'],
        'control-plane-kubeadm':
          name === 'sea-dev' ? ['v1.8.12', 'v1beta1', false, '1.8.12'] : ['v1.9.11', 'v1beta1', false, '1.9.11'],
        'infrastructure-azure': ['v1.19.6', 'v1beta1', false, '1.19.6'],
      })
      for (const one of providers) {
        expect(one.mismatch !== null).toBe(one.version === 'v1.8.12')
        expect([one.calendarSource, one.asOf]).toEqual([
          expect.stringMatching(/^https:/),
          expect.stringMatching(/^\d{4}-/),
        ])
      }
    }
  })

  it('Q10: which clusters are in the LTS-only window without the plan', async () => {
    const { clusters } = await fleet.answer('q10')
    const truth = fleet.world.fleet.filter(({ support }) => support.ltsOnly && support.phase !== 'SupportedLts')
    expect(truth.length).toBeGreaterThan(0)
    expect(
      sorted(
        clusters.nodes.map((node: Asked) => ({
          ...{ name: node.name, source: node.source.name, supportPlan: node.supportPlan },
          ...{ standardEnd: node.support.standardEnd, ltsEnd: node.support.ltsEnd },
        })),
      ),
    ).toEqual(
      sorted(
        truth.map((one) => ({
          ...{ name: one.name, source: homeOf(one), supportPlan: one.supportPlan },
          ...{ standardEnd: one.support.standardEnd, ltsEnd: one.support.ltsEnd },
        })),
      ),
    )
  })

  it('Q11: which waivers expire in 30 days, and which clusters become non-compliant then', async () => {
    const { world, store, now } = fleet
    const out = world.fleet.filter(
      ({ support, environment }) => support.phase === 'OutOfSupport' && environment !== null,
    )
    const [soon, later] = [out.slice(0, 3), out.slice(3, 5)]
    const instant = (days: number) => new Date(now.getTime() + days * dayMs).toISOString()
    const create = async (names: readonly string[], days: number) => {
      const input = {
        ...{ policy: 'baseline', rule: 'supportWindow', selector: { name: names }, owner: 'team-x' },
        ...{ reason: `${days} days`, approvedBy: 'jane', expiresAt: instant(days) },
      }
      const { data, errors } = await fleet.ask(
        'mutation ($input: CreateWaiverInput!) { createWaiver(input: $input) { id } }',
        { input },
      )
      expect(errors).toBeUndefined()
      return data.createWaiver.id
    }
    const id = await create(
      soon.map(({ name }) => name),
      20,
    )
    await create(
      later.map(({ name }) => name),
      90,
    )
    await judge(store.db, now)
    const { waivers, forecast } = await fleet.answer('q11', { now: now.toISOString(), later: instant(30) })
    const waiver = { id, reason: '20 days', approvedBy: 'jane', expiresAt: instant(20).replace('.000Z', 'Z') }
    expect(waivers).toEqual({
      totalCount: 1,
      nodes: [{ ...waiver, policy: 'baseline', rule: 'supportWindow', owner: 'team-x' }],
    })
    expect(forecast.truncated).toBe(false)
    expect(forecast.counts.changes).toBe(soon.length)
    expect(sorted(forecast.findings.map(({ cluster }: Asked) => cluster.name))).toEqual(
      sorted(soon.map(({ name }) => name)),
    )
    for (const finding of forecast.findings) {
      expect(finding).toMatchObject({ rule: 'supportWindow', outcomeThen: 'FAIL', waiver })
      expect(Date.parse(finding.changesAt)).toBe(Date.parse(instant(20)))
    }
    // And so it comes.
    await pollAzure(store.db, world, new Date(instant(20)))
    await judge(store.db, new Date(instant(20)))
    const { data } = await fleet.ask('{ findings(filter: {waived: true}) { nodes { cluster { name } } } }')
    expect(sorted(data.findings.nodes.map(({ cluster }: Asked) => cluster.name))).toEqual(
      sorted(later.map(({ name }) => name)),
    )
  })
})

const isWithin = (daysLeft: number | null, days: number): boolean =>
  daysLeft !== null && daysLeft >= 0 && daysLeft <= days

/** Before the name that clusterctl knows a provider by. */
const prefixes: Readonly<Record<string, string>> = {
  CoreProvider: '',
  BootstrapProvider: 'bootstrap-',
  ControlPlaneProvider: 'control-plane-',
  InfrastructureProvider: 'infrastructure-',
  AddonProvider: 'addon-',
}
