import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { judge } from '../../db/judge.ts'
import { registerPolicies } from '../../db/policy.ts'
import { finishPoll, registerSources, takeLease } from '../../db/source.ts'
import {
  buryCluster,
  type Facts,
  idOf,
  minimum,
  owned,
  policyOf,
  putClusters,
  subjectOf,
} from '../db/judged-cluster.ts'
import { at } from '../db/wire.ts'
import { engines, openEngine } from '../engine.ts'
import { type Ask, type Asked, asker } from './ask.ts'
import { everyMs, staleAfterMs } from './fill.ts'

const baseline = policyOf('baseline', [minimum('1.32', { severity: 'critical' }), owned({ graceMs: 600_000 })])
const strict = policyOf('strict', [minimum('1.34')], { selector: { environment: ['prod'] } })
const facts: Readonly<Record<string, Facts>> = {
  good: { environment: 'prod', versionObserved: 'v1.34.1', owner: 'team-a' },
  behind: { environment: 'prod', versionObserved: 'v1.33.1', owner: 'team-a' },
  old: { environment: 'dev', versionObserved: 'v1.9.1', owner: 'team-b' },
  nobodys: { environment: 'dev', versionObserved: 'v1.34.1' },
  unread: { environment: 'dev', owner: 'team-b' },
}

describe.each(engines)('findings on %s', (engine) => {
  let store: Store
  let ask: Ask
  let now = at(0)
  const put = (name: string, given: Facts, when: Date) => putClusters(store.db, [subjectOf(name, given)], when)

  beforeAll(async () => {
    store = await openEngine(engine)
    const source = {
      type: 'managementCluster',
      parentId: null,
      polled: true,
      armId: null,
      region: null,
      labels: {},
    } as const
    await registerSources(store.db, [{ ...source, id: 'weu', everyMs, staleAfterMs }], at(0))
    const lease = await takeLease(store.db, 'weu', 'one', at(0), 1000)
    if (lease) await finishPoll(store.db, lease, { trouble: null, unfinished: false }, at(0))
    await registerPolicies(store.db, { policies: [baseline, strict], waivers: [], calendar: [] }, at(0), [])
    for (const [name, given] of Object.entries(facts)) await put(name, given, at(0))
    await judge(store.db, at(0))
    ask = asker(store.db, () => now).ask
  })
  afterAll(() => store.close())

  const fields =
    'totalCount coverage { complete expectedSources } nodes { id cluster { name } policy { name version } rule type severity outcome message evidence { field expected actual source asOf observedAt } since cause graceUntil stale freshness { state } }'
  const findings = async (filter: object): Promise<Asked> => {
    const { data, errors } = await ask(`query ($f: FindingFilter) { findings(first: 100, filter: $f) { ${fields} } }`, {
      f: filter,
    })
    expect(errors).toBeUndefined()
    expect(data.findings.totalCount).toBe(data.findings.nodes.length)
    return data.findings
  }
  const lines = async (filter: object): Promise<string[]> =>
    (await findings(filter)).nodes
      .map((one: Asked) => `${one.cluster.name} ${one.policy.name}/${one.rule} ${one.outcome}`)
      .sort()

  it('tells rule, severity, evidence, since and cause, and what it rests on', async () => {
    const { nodes, coverage } = await findings({ cluster: { name: { eq: 'behind' } }, policy: { eq: 'strict' } })
    expect(coverage).toEqual({ complete: true, expectedSources: 1 })
    expect(nodes).toEqual([
      {
        id: expect.stringMatching(/^Finding:/),
        cluster: { name: 'behind' },
        policy: { name: 'strict', version: '1' },
        ...{ rule: 'minimum', type: 'MINIMUM_VERSION', severity: 'MEDIUM', outcome: 'FAIL', cause: 'CLUSTER' },
        message: expect.stringContaining('1.33.1'),
        evidence: [
          {
            field: 'kubernetes.observed',
            expected: expect.stringContaining('1.34'),
            ...{ actual: 'v1.33.1', source: 'weu', asOf: null, observedAt: null },
          },
        ],
        since: '2026-01-01T12:00:00Z',
        ...{ graceUntil: null, stale: false, freshness: { state: 'FRESH' } },
      },
    ])
    const { data } = await ask('query ($id: ID!) { node(id: $id) { __typename ... on Finding { rule } } }', {
      id: nodes[0].id,
    })
    expect(data.node).toEqual({ __typename: 'Finding', rule: 'minimum' })
  })

  it('filters by everything a finding says, and by what its cluster is', async () => {
    expect(await lines({ outcome: { eq: 'FAIL' } })).toEqual([
      'behind strict/minimum FAIL',
      'old baseline/minimum FAIL',
    ])
    expect(await lines({ outcome: { eq: 'UNKNOWN' } })).toEqual(['unread baseline/minimum UNKNOWN'])
    expect(await lines({ severity: { in: ['CRITICAL'] }, outcome: { in: ['FAIL', 'UNKNOWN'] } })).toEqual([
      'old baseline/minimum FAIL',
      'unread baseline/minimum UNKNOWN',
    ])
    expect(await lines({ graceUntil: { lt: '2026-01-01T12:10:01Z' } })).toEqual(['nobodys baseline/owner PASS'])
    expect(await lines({ type: { eq: 'OWNER' }, cluster: { version: { lt: '1.10' } } })).toEqual([
      'old baseline/owner PASS',
    ])
    expect(await lines({ rule: { eq: 'minimum' }, policy: { eq: 'strict' } })).toHaveLength(2)
    expect(await lines({ since: { gte: '2026-01-01T12:00:01Z' } })).toEqual([])
    expect(await lines({ waived: true })).toEqual([])
    expect(await lines({ cluster: { health: { eq: 'HEALTHY' }, freshness: { eq: 'FRESH' } } })).toHaveLength(12)
    expect(await lines({ cluster: { supportPhase: { eq: 'UNKNOWN' } }, or: [{ stale: false }] })).toHaveLength(
      (await findings({ not: { stale: true } })).nodes.length -
        (await lines({ not: { cluster: { supportPhase: { eq: 'UNKNOWN' } } } })).length,
    )
    expect((await findings({ cluster: { source: { eq: 'weu' } } })).coverage.expectedSources).toBe(1)
    const refused = await ask('{ findings(filter: {cluster: {source: {eq: "nope"}}}) { totalCount } }')
    expect(refused.errors?.[0]?.message).toContain('no source "nope"')
  })

  it.each(['SINCE', 'SEVERITY'])('walks all findings once by %s, both ways', async (field) => {
    const walk = async (size: number, descending: boolean): Promise<Asked[]> => {
      const nodes: Asked[] = []
      for (let after: string | null = null; ; ) {
        const { data }: Asked = await ask(
          `query ($n: Int, $after: String, $by: FindingOrder) { findings(first: $n, after: $after, orderBy: $by) { totalCount nodes { id severity since } pageInfo { hasNextPage endCursor } } }`,
          { n: size, after, by: { field, descending } },
        )
        nodes.push(...data.findings.nodes)
        after = data.findings.pageInfo.endCursor
        expect(data.findings.totalCount).toBe(12)
        if (!data.findings.pageInfo.hasNextPage) return nodes
      }
    }
    const all = await walk(100, false)
    expect(new Set(all.map(({ id }) => id)).size).toBe(12)
    expect(await walk(5, false)).toEqual(all)
    expect(await walk(5, true)).toEqual(all.toReversed())
    const rank = (severity: string) => (field === 'SEVERITY' ? ['CRITICAL', 'MEDIUM'].indexOf(severity) : 0)
    const places = all.map(({ severity, since }) => `${rank(severity)} ${since}`)
    expect(places).toEqual(places.toSorted())
    expect(new Set(all.map(({ severity }) => severity)).size).toBe(2)
  })

  const complies = async (args: string): Promise<Asked> => {
    const { data, errors } = await ask(
      `{ compliance(${args}) { asOf policies { name } total { clusters compliant failing waived unknown notApplicable ratio }
        groups { keys { dimension value } clusters compliant failing waived unknown notApplicable ratio } truncated coverage { complete } } }`,
    )
    expect(errors).toBeUndefined()
    return data.compliance
  }
  const shares = ({ groups }: Asked): Record<string, string> =>
    Object.fromEntries(
      groups.map(({ keys, compliant, failing, waived, unknown }: Asked) => [
        keys.map(({ value }: { value: string | null }) => value).join('/'),
        [compliant, failing, waived, unknown].join(' '),
      ]),
    )

  const besides = ({ groups }: Asked): Record<string, number> =>
    Object.fromEntries(
      groups.map(({ keys, notApplicable }: Asked) => [
        keys.map(({ value }: { value: string | null }) => value).join('/'),
        notApplicable,
      ]),
    )

  it('compliance: the worst finding of a cluster decides, and unknown is never compliant', async () => {
    const all = await complies('groupBy: [ENVIRONMENT]')
    expect(all.total).toEqual({
      ...{ clusters: 5, compliant: 2, failing: 2, waived: 0, unknown: 1, notApplicable: 0, ratio: 2 / 5 },
    })
    expect(shares(all)).toEqual({ prod: '1 1 0 0', dev: '1 1 0 1' })
    expect(all.policies).toEqual([{ name: 'baseline' }, { name: 'strict' }])
    expect(all.coverage.complete).toBe(true)
    const strictly = await complies('policy: "strict"')
    expect(strictly).toMatchObject({
      total: { clusters: 2, compliant: 1, failing: 1, notApplicable: 3, ratio: 1 / 2 },
      groups: [{ keys: [], clusters: 2, notApplicable: 3 }],
      policies: [{ name: 'strict' }],
    })
    // A group says the same as its policy's total.
    for (const groupBy of ['POLICY', 'POLICY, RULE'])
      expect((await complies(`policy: "strict", groupBy: [${groupBy}]`)).groups).toMatchObject([
        { clusters: 2, notApplicable: 3 },
      ])
    expect(besides(await complies('groupBy: [POLICY]'))).toEqual({ baseline: 0, strict: 3 })
    expect(besides(await complies('groupBy: [MINOR, POLICY], filter: {version: {gte: "1.33"}}'))).toEqual({
      ...{ '1.33/baseline': 0, '1.33/strict': 0, '1.34/baseline': 0, '1.34/strict': 1 },
    })
    const fine = await complies('groupBy: [POLICY, RULE, SEVERITY]')
    expect(fine.total).toEqual(all.total)
    expect(shares(fine)).toEqual({
      'baseline/minimum/CRITICAL': '3 1 0 1',
      'baseline/owner/MEDIUM': '5 0 0 0',
      'strict/minimum/MEDIUM': '1 1 0 0',
    })
    expect(shares(await complies('groupBy: [MINOR], filter: {environment: {eq: "prod"}}'))).toEqual({
      '1.33': '0 1 0 0',
      '1.34': '1 0 0 0',
    })
    expect(await complies('groupBy: [MINOR, FRESHNESS], first: 1')).toMatchObject({ groups: [{}], truncated: true })
  })

  it('what was not judged yet is unknown, not compliant', async () => {
    await put('new', { environment: 'prod', versionObserved: 'v1.35.0', owner: 'team-a' }, at(1))
    expect((await complies('first: 9')).total).toMatchObject({ clusters: 6, compliant: 2, unknown: 2 })
    expect(shares(await complies('groupBy: [POLICY]'))).toEqual({
      baseline: '3 1 0 1',
      strict: '1 1 0 0',
      '': '0 0 0 1',
    })
    expect((await complies('policy: "strict"')).total).toMatchObject({ clusters: 3, unknown: 1, notApplicable: 3 })
    expect(besides(await complies('groupBy: [POLICY]'))).toEqual({ baseline: 0, strict: 3, '': 0 })
    await judge(store.db, at(1))
    expect((await complies('first: 9')).total).toMatchObject({ clusters: 6, compliant: 3, unknown: 1 })
  })

  it('compliance as it was: outcomes of then, of clusters that were there then', async () => {
    const before = await complies('groupBy: [POLICY]')
    await put('old', { ...facts.old, versionObserved: 'v1.33.0' }, at(20))
    await buryCluster(store.db, 'behind', at(20))
    now = at(20)
    await judge(store.db, now)
    expect((await complies('first: 9')).total).toMatchObject({ clusters: 5, compliant: 3, failing: 1, unknown: 1 })
    const then = await complies('asOf: "2026-01-01T12:05:00Z", groupBy: [POLICY]')
    expect(then).toMatchObject({ asOf: '2026-01-01T12:05:00.000Z', total: before.total, truncated: false })
    expect(shares(then)).toEqual(shares(before))
    expect((await complies('asOf: "2026-01-01T12:00:30Z"')).total).toMatchObject({
      clusters: 5,
      compliant: 2,
      failing: 2,
    })
    // What it was then is not lost where another source holds it now.
    await put('good', { ...facts.good, source: 'neu' }, at(21))
    await judge(store.db, at(21))
    expect((await complies('asOf: "2026-01-01T12:05:00Z"')).total).toEqual(before.total)
    await put('good', facts.good ?? {}, at(22))
    await judge(store.db, at(22))
    now = at(22)
    expect((await complies('asOf: "2025-12-31T00:00:00Z"')).total).toMatchObject({ clusters: 0, ratio: null })
    expect((await complies('asOf: "2026-01-01T12:20:00Z", policy: "strict"')).total).toMatchObject(
      (await complies('policy: "strict"')).total,
    )
  })

  it('refuses what cannot be told', async () => {
    const refused = async (query: string, message: string) =>
      expect((await ask(query)).errors?.[0], query).toMatchObject({
        message: expect.stringContaining(message),
        extensions: { code: 'invalid' },
      })
    await refused('{ compliance(asOf: "2027-01-01T00:00:00Z") { asOf } }', 'ask "forecast"')
    await refused('{ compliance(policy: "nope") { asOf } }', 'There is no policy "nope"')
    await refused('{ compliance(policy: "a\\u0000") { asOf } }', '"policy"')
    await refused('{ compliance(filter: {source: {eq: "nope"}}) { asOf } }', 'no source "nope"')
    await refused(
      '{ compliance(groupBy: [MINOR, OWNER, REGION, RING, POLICY, RULE]) { asOf } }',
      'at most 5 dimensions',
    )
    await refused('{ compliance(first: 1001) { asOf } }', '0 to 1000 groups')
    await refused('{ forecast(at: "2025-01-01T00:00:00Z") { at } }', 'ask "compliance(asOf:)"')
    await refused('{ forecast(at: "2027-01-01T00:00:00Z", policy: "nope") { at } }', 'There is no policy "nope"')
    await refused('{ forecast(at: "2027-01-01T00:00:00Z", first: 101) { at } }', '0 to 100 findings')
    await refused('{ forecast(at: "2027-01-01T00:00:00Z", filter: {source: {eq: "nope"}}) { at } }', 'no source "nope"')
  })

  it('findings stand while their source is silent, and say that they are stale', async () => {
    const counts = (await complies('first: 9')).total
    now = new Date(at(0).getTime() + staleAfterMs)
    expect((await complies('first: 9')).total).toEqual(counts)
    expect((await complies('first: 9')).coverage.complete).toBe(false)
    const { nodes } = await findings({ stale: true })
    expect(nodes.length).toBe((await findings({})).nodes.length)
    for (const node of nodes) expect([node.stale, node.freshness.state]).toEqual([true, 'STALE'])
    const { data } = await ask('query ($id: ID!) { cluster(id: $id) { findings { stale outcome } } }', {
      id: idOf('good'),
    })
    expect(data.cluster.findings).toMatchObject([{ stale: true }, { stale: true }, { stale: true }])
  })
})
