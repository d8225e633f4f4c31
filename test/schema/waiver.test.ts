import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { judge } from '../../db/judge.ts'
import { registerPolicies } from '../../db/policy.ts'
import type { CalendarEntry } from '../../fleet/support/calendar.ts'
import { type Facts, idOf, minimum, owned, policyOf, putClusters, subjectOf } from '../db/judged-cluster.ts'
import { at } from '../db/wire.ts'
import { engines, openEngine } from '../engine.ts'
import { type Ask, type Asked, asker } from './ask.ts'

const day = (n: number): Date => new Date(at(0).getTime() + n * 86_400_000)
const dayOf = (n: number): string => day(n).toISOString().slice(0, 10)
const instant = (n: number): string => day(n).toISOString()

const policies = [
  policyOf('baseline', [
    minimum('1.32'),
    owned({ graceMs: 10 * 86_400_000 }),
    {
      ...{ id: 'supported', type: 'supportWindow', severity: 'high', graceMs: 5 * 86_400_000 },
      ...{ leadMs: 30 * 86_400_000, allowPlatformSupport: false, allowExtended: true },
    },
  ]),
]
const entry = (minor: string, endsAt: string): CalendarEntry => ({
  ...{ calendar: 'upstream', minor, plan: 'standard', region: null, availableAt: null, endsAt },
  ...{ origin: 'seed', source: 'a test', asOf: '2026-01-01' },
})
const seed = [entry('1.33', dayOf(60)), entry('1.34', dayOf(400)), entry('1.20', dayOf(-400))]
const facts: Readonly<Record<string, Facts>> = {
  leaving: { provider: 'azure', environment: 'prod', versionObserved: 'v1.33.4', owner: 'team-a' },
  nobodys: { provider: 'azure', environment: 'prod', versionObserved: 'v1.34.1' },
  old: { provider: 'azure', environment: 'dev', versionObserved: 'v1.20.1', owner: 'team-b' },
}

describe.each(engines)('waivers and forecasts on %s', (engine) => {
  let store: Store
  let ask: Ask
  let yoga: ReturnType<typeof asker>['yoga']
  let now = at(0)

  beforeAll(async () => {
    store = await openEngine(engine)
    await registerPolicies(store.db, { policies, waivers: [], calendar: [] }, at(0), seed)
    const subjects = Object.entries(facts).map(([name, given]) => subjectOf(name, given))
    await putClusters(store.db, subjects, at(0))
    await judge(store.db, at(0))
    const asking = asker(store.db, () => now)
    ask = asking.ask
    yoga = asking.yoga
  })
  afterAll(() => store.close())

  const answer = async (query: string, variables?: Record<string, unknown>): Promise<Asked> => {
    const { data, errors } = await ask(query, variables)
    expect(errors).toBeUndefined()
    return data
  }
  const create = (input: object) =>
    ask(
      `mutation ($input: CreateWaiverInput!) { createWaiver(input: $input) { id policy rule owner reason approvedBy createdAt expiresAt revokedAt origin active
        selector { labels environment ring owner provider region country geography source name cluster } findings { rule } } }`,
      { input },
    )
  const oldVersion = {
    ...{ policy: 'baseline', rule: 'minimum', selector: { environment: ['dev'] } },
    ...{ owner: 'team-b', reason: 'the vendor certifies 1.32 in spring', expiresAt: instant(20) },
  }
  const forecast = async (n: number, args = 'first: 100'): Promise<Asked> => {
    const data = await answer(
      `query ($at: DateTime!) { forecast(at: $at, ${args}) { at truncated counts { changes now { clusters compliant failing waived unknown } later { compliant failing waived } }
        findings { cluster { name } policy { name version } rule type severity outcomeNow outcomeThen changesAt message evidence { field actual source asOf } waiver { reason approvedBy } } } }`,
      { at: instant(n) },
    )
    return data.forecast
  }
  const turns = async (n: number, args?: string): Promise<string[]> =>
    (await forecast(n, args)).findings.map(
      (one: Asked) =>
        `${one.cluster.name} ${one.rule} ${one.outcomeNow} > ${one.outcomeThen} at ${(Date.parse(one.changesAt) - at(0).getTime()) / 86_400_000}`,
    )

  it('foresees ends of support with their lead and grace, and graces that run out', async () => {
    // Whole days: support ends with day 60, so that its lead begins at the end of day 30, half a day after noon.
    expect(await turns(9)).toEqual([])
    expect(await turns(10)).toEqual(['nobodys owner PASS > FAIL at 10'])
    expect(await turns(35)).toEqual(['nobodys owner PASS > FAIL at 10'])
    const later = await forecast(36)
    expect(await turns(36)).toEqual(['nobodys owner PASS > FAIL at 10', 'leaving supported PASS > FAIL at 35.5'])
    expect(later).toMatchObject({
      at: instant(36),
      truncated: false,
      counts: {
        changes: 2,
        now: { clusters: 3, compliant: 2, failing: 1, waived: 0, unknown: 0 },
        later: { compliant: 0, failing: 3, waived: 0 },
      },
    })
    expect(later.findings[1]).toMatchObject({
      ...{ policy: { name: 'baseline', version: '1' }, type: 'SUPPORT_WINDOW', severity: 'HIGH', waiver: null },
      message: expect.stringContaining(dayOf(60)),
      evidence: expect.arrayContaining([
        { field: 'support.endsAt', actual: dayOf(60), source: 'a test', asOf: '2026-01-01' },
      ]),
    })
    expect(await turns(36, 'first: 1')).toEqual(['nobodys owner PASS > FAIL at 10'])
    expect((await forecast(36, 'first: 1')).truncated).toBe(true)
    expect(await turns(36, 'filter: {owner: {isNull: false}}')).toEqual(['leaving supported PASS > FAIL at 35.5'])
    expect((await forecast(0)).counts).toMatchObject({ changes: 0, later: { compliant: 2, failing: 1 } })
  })

  it('what was foreseen comes true', async () => {
    const foreseen = await forecast(36)
    now = day(36)
    // At every turn on the way, as the timer would.
    for (const n of [10, 30.5, 35.5, 36]) await judge(store.db, day(n))
    const { compliance } = await answer('{ compliance { total { compliant failing waived } } }')
    expect(compliance.total).toEqual(foreseen.counts.later)
    for (const one of foreseen.findings) {
      const { findings } = await answer(
        'query ($name: String, $rule: String) { findings(filter: {rule: {eq: $rule}, cluster: {name: {eq: $name}}}) { nodes { outcome message since cause } } }',
        { name: one.cluster.name, rule: one.rule },
      )
      expect(findings.nodes).toMatchObject([{ outcome: one.outcomeThen, message: one.message, cause: 'CLOCK' }])
      expect(Date.parse(findings.nodes[0].since)).toBe(Date.parse(one.changesAt))
    }
    now = at(0)
    await registerPolicies(store.db, { policies, waivers: [], calendar: [] }, now, seed)
  })

  it('a waiver is granted once, excuses, and is told on what it excuses', async () => {
    const granted = (await create(oldVersion)).data.createWaiver
    const nothing = { labels: null, ring: null, owner: null, provider: null, region: null, country: null }
    expect(granted).toEqual({
      id: expect.stringMatching(/^Waiver:/),
      ...{ policy: 'baseline', rule: 'minimum', owner: 'team-b', reason: oldVersion.reason, approvedBy: 'test' },
      ...{ createdAt: '2026-01-01T12:00:00Z', expiresAt: '2026-01-21T12:00:00Z', revokedAt: null },
      ...{ origin: 'API', active: true, findings: [] },
      selector: { ...nothing, environment: ['dev'], geography: null, source: null, name: null, cluster: null },
    })
    expect((await create(oldVersion)).data.createWaiver.id).toBe(granted.id)
    await judge(store.db, now)
    const { waivers, findings, node, compliance } = await answer(
      `query ($id: ID!) { waivers(filter: {expiresAt: {lt: "2026-01-31T00:00:00Z"}, active: true}) { totalCount nodes { findings { rule outcome cluster { name } } } }
        findings(filter: {waived: true}) { nodes { outcome cause waiver { id reason } } }
        node(id: $id) { ... on Waiver { owner } } compliance(filter: {environment: {eq: "dev"}}) { total { waived failing } } }`,
      { id: granted.id },
    )
    expect(waivers).toEqual({
      totalCount: 1,
      nodes: [{ findings: [{ rule: 'minimum', outcome: 'WAIVED', cluster: { name: 'old' } }] }],
    })
    expect(findings.nodes).toEqual([
      { outcome: 'WAIVED', cause: 'WAIVER', waiver: { id: granted.id, reason: oldVersion.reason } },
    ])
    expect(node).toEqual({ owner: 'team-b' })
    // Support ended long ago, and nobody excuses that.
    expect(compliance.total).toEqual({ waived: 0, failing: 1 })
  })

  it('a forecast tells which waivers run out, and what fails then', async () => {
    expect(await turns(20, 'filter: {name: {eq: "old"}}')).toEqual(['old minimum WAIVED > FAIL at 20'])
    const { findings } = await forecast(30, 'filter: {name: {eq: "old"}}')
    expect(findings).toMatchObject([{ waiver: { reason: oldVersion.reason, approvedBy: 'test' } }])
  })

  it('a revoked waiver excuses no more, and stays to be seen', async () => {
    const { waivers } = await answer('{ waivers { nodes { id } } }')
    const [{ id }] = waivers.nodes
    const revoke = 'mutation ($id: ID!) { revokeWaiver(id: $id) { active revokedAt revokedBy } }'
    expect((await answer(revoke, { id })).revokeWaiver).toEqual({
      ...{ active: false, revokedAt: '2026-01-01T12:00:00Z', revokedBy: 'test' },
    })
    await judge(store.db, now)
    expect(
      await answer(
        '{ findings(filter: {waived: true}) { totalCount } waivers(filter: {active: false}) { totalCount } }',
      ),
    ).toEqual({ findings: { totalCount: 0 }, waivers: { totalCount: 1 } })
    const unknown = await ask(revoke, { id: 'Waiver:00000000-0000-8000-8000-000000000000' })
    expect(unknown.errors?.[0]).toMatchObject({ path: ['revokeWaiver'], extensions: { code: 'not_found' } })
    expect((await ask(revoke, { id: 'Cluster:x' })).errors?.[0]?.extensions.code).toBe('invalid')
  })

  it('several changes in one operation happen in order', async () => {
    const input = { ...oldVersion, selector: { cluster: `Cluster:${idOf('old')}` }, approvedBy: 'jane@example.com' }
    const before = (await create(input)).data.createWaiver
    expect(before).toMatchObject({ approvedBy: 'jane@example.com', selector: { cluster: `Cluster:${idOf('old')}` } })
    const { ended, again } = await answer(
      'mutation ($id: ID!, $input: CreateWaiverInput!) { ended: revokeWaiver(id: $id) { active } again: createWaiver(input: $input) { id active } }',
      { id: before.id, input },
    )
    expect([ended.active, again.active]).toEqual([false, true])
    expect(again.id).not.toBe(before.id)
  })

  it('says what is wrong with a request', async () => {
    const refused = async (change: object, message: string) =>
      expect((await create({ ...oldVersion, ...change })).errors?.[0], message).toMatchObject({
        message: expect.stringContaining(message),
        extensions: { code: 'invalid' },
      })
    await refused({ policy: 'nope' }, 'policy must be one of baseline')
    await refused({ rule: 'nope' }, 'rule must be one of')
    await refused({ expiresAt: instant(-1) }, 'expiresAt must be in the future')
    await refused({ reason: ' ' }, 'reason must not be empty')
    await refused({ selector: { labels: 'a in (' } }, 'selector.labels')
    await refused({ selector: { environment: [] } }, 'selector.environment')
    await refused({ selector: { cluster: 'nonsense' } }, 'is not the id of a Cluster')
    await refused({ policy: null, rule: null, selector: {} }, 'selector')
  })

  it('nothing is changed by GET', async () => {
    const mutation = `mutation { revokeWaiver(id: "Waiver:x") { id } }`
    const response = await yoga.fetch(`http://127.0.0.1/graphql?query=${encodeURIComponent(mutation)}`)
    expect(response.status).toBe(405)
    expect(await response.json()).toMatchObject({ errors: [{ message: expect.stringContaining('POST') }] })
  })
})
