import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { idOf } from '../db/judged-cluster.ts'
import { at } from '../db/wire.ts'
import { engines } from '../engine.ts'
import { everyFieldAlone } from './alone.ts'
import type { Ask, Asked } from './ask.ts'
import { type DriftingFleet, everything, kustomization, openDriftingFleet } from './drifting-fleet.ts'
import { putDrift, refOf } from './fill-drift.ts'

describe.each(engines)('drift on %s', (engine) => {
  let fleet: DriftingFleet
  let ask: Ask
  const drift: DriftingFleet['drift'] = (...given) => fleet.drift(...given)
  const lines: DriftingFleet['lines'] = (filter) => fleet.lines(filter)

  beforeAll(async () => {
    fleet = await openDriftingFleet(engine)
    ask = fleet.ask
  })
  afterAll(() => fleet.store.close())

  it('lists what differs and what nobody can tell, of clusters and management clusters that are there', async () => {
    expect(await lines({})).toEqual(everything)
    // What is clean is among the findings, and what is of no cluster is not.
    const { data } = await ask('{ findings(first: 100) { totalCount nodes { code cluster { name } } } }')
    expect(data.findings.nodes.map(({ code }: Asked) => code)).toContain('AKS_VS_SPEC')
    expect(data.findings.totalCount).toBe(everything.length - 2 + 1)
  })

  it('tells the object, the field, what was expected and what is, and what excuses it', async () => {
    const fields =
      'dimension severity outcome message confidence subject { id group kind namespace name } field expected actual policy { name } rule type suppressedBy { policy rule ignore reason } waiver { id } violatedSince graceUntil evidence { source actual observedAt }'
    const [behind, , azure, ignored, tolerated] = (await drift({}, fields)).nodes
    expect(behind).toEqual({
      ...{
        id: `Drift:${fleet.ids.behind}`,
        code: 'BEHIND_SOURCE',
        dimension: 'GITOPS',
        severity: 'CRITICAL',
        outcome: 'FAIL',
      },
      ...{
        cluster: { name: 'lagging' },
        source: { name: 'weu' },
        message: 'behindSource it is',
        confidence: 'CERTAIN',
      },
      subject: {
        ...{ id: expect.stringMatching(/^Resource:/), group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization' },
        ...{ namespace: 'fleet', name: 'apps' },
      },
      ...{
        field: 'spec.x',
        expected: 'a',
        actual: 'b',
        policy: { name: 'drift' },
        rule: 'behindSource',
        type: 'DRIFT',
      },
      ...{ suppressedBy: null, waiver: null, violatedSince: '2026-01-01T12:00:00Z', graceUntil: null },
      evidence: [{ source: 'weu', actual: 'b', observedAt: '2026-01-01T12:00:00Z' }],
    })
    expect(azure).toMatchObject({ confidence: 'LIKELY', subject: null, field: 'sku.tier' })
    expect(azure.evidence).toMatchObject([{ source: 'weu' }, { source: 'corp', observedAt: '2026-01-01T12:00:00Z' }])
    expect(ignored).toMatchObject({
      outcome: 'WAIVED',
      waiver: null,
      suppressedBy: { policy: 'drift', rule: 'replicasDrift', ignore: 'scaler', reason: 'the autoscaler sets it' },
    })
    expect(tolerated).toMatchObject({ outcome: 'PASS', graceUntil: '2026-01-01T12:50:00Z' })
    const subject = await ask('query ($id: ID!) { node(id: $id) { ... on Resource { kind name } } }', {
      id: behind.subject.id,
    })
    expect(subject.data.node).toEqual({ kind: 'Kustomization', name: 'apps' })
  })

  it.each<[object, readonly string[]]>([
    [{ code: { in: ['BEHIND_SOURCE', 'HELM_DRIFT'] } }, ['lagging BEHIND_SOURCE', 'blind HELM_DRIFT']],
    [{ dimension: { eq: 'GITOPS' } }, ['lagging BEHIND_SOURCE', 'blind HELM_DRIFT']],
    [{ severity: { eq: 'CRITICAL' } }, ['lagging BEHIND_SOURCE']],
    [{ outcome: { eq: 'UNKNOWN' } }, ['blind HELM_DRIFT']],
    [{ suppressed: true }, ['lagging REPLICAS_DRIFT']],
    [{ tolerated: true }, ['tolerated CP_BEHIND_SPEC']],
    [{ waived: true }, []],
    [{ subjectKind: { eq: 'Machine' } }, ['lagging MACHINE_NOT_UP_TO_DATE', 'neu ORPHAN_MACHINE']],
    [{ subjectName: { startsWith: 'was' } }, ['neu GONE_SINCE_LAST_POLL']],
    [
      { subjectNamespace: { isNull: true }, field: { isNull: false } },
      ['lagging SETTING_VS_SPEC', 'lagging REPLICAS_DRIFT'],
    ],
    [{ field: { eq: 'sku.tier' } }, ['lagging SETTING_VS_SPEC']],
    [{ source: { eq: 'neu' } }, ['neu ORPHAN_MACHINE', 'neu GONE_SINCE_LAST_POLL']],
    [{ since: { lt: '2026-01-01T11:51:30Z' } }, ['lagging BEHIND_SOURCE', 'lagging MACHINE_NOT_UP_TO_DATE']],
    [{ violatedSince: { lt: '2026-01-01T12:00:00Z' } }, ['tolerated CP_BEHIND_SPEC']],
    [{ policy: { eq: 'drift' }, rule: { eq: 'helmDrift' } }, ['blind HELM_DRIFT']],
    [{ cluster: { ring: { eq: 'r2' } } }, ['tolerated CP_BEHIND_SPEC']],
    // A management cluster itself is no cluster, so that nothing that is said of clusters holds of it, not even that it is nowhere.
    [{ cluster: { environment: { isNull: true } } }, []],
    [
      { cluster: { health: { eq: 'HEALTHY' }, owner: { isNull: false }, supportPhase: { eq: 'UNKNOWN' } } },
      everything.slice(0, 5),
    ],
    [{ not: { cluster: {} } }, ['neu ORPHAN_MACHINE', 'neu GONE_SINCE_LAST_POLL']],
    [{ stale: true }, []],
  ])('filters by %j', async (filter, expected) => {
    expect(await lines(filter)).toEqual(expected)
    const rest = await lines({ not: filter })
    expect([...expected, ...rest].toSorted()).toEqual(everything.toSorted())
  })

  it.each(['SINCE', 'SEVERITY'])('walks all of it once by %s, both ways', async (field) => {
    const walk = async (size: number, descending: boolean): Promise<Asked[]> => {
      const nodes: Asked[] = []
      for (let after: string | null = null; ; ) {
        const { data }: Asked = await ask(
          'query ($n: Int, $after: String, $by: DriftOrder) { drift(first: $n, after: $after, orderBy: $by) { totalCount nodes { id severity since } pageInfo { hasNextPage endCursor } } }',
          { n: size, after, by: { field, descending } },
        )
        nodes.push(...data.drift.nodes)
        after = data.drift.pageInfo.endCursor
        expect(data.drift.totalCount).toBe(everything.length)
        if (!data.drift.pageInfo.hasNextPage) return nodes
      }
    }
    const all = await walk(100, false)
    expect(new Set(all.map(({ id }) => id)).size).toBe(everything.length)
    expect(await walk(3, false)).toEqual(all)
    expect(await walk(3, true)).toEqual(all.toReversed())
    const rank = (severity: string) =>
      field === 'SEVERITY' ? ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'].indexOf(severity) : 0
    const places = all.map(({ severity, since }) => `${rank(severity)} ${since}`)
    expect(places).toEqual(places.toSorted())
    // A cursor of findings is none of drift.
    const { data } = await ask('{ findings(first: 1) { pageInfo { endCursor } } }')
    const foreign = await ask('query ($a: String) { drift(after: $a) { totalCount } }', {
      a: data.findings.pageInfo.endCursor,
    })
    expect(foreign.errors?.[0]?.extensions.code).toBe('invalid')
  })

  it('counts what it lists, by whatever', async () => {
    const groups = [
      'CODE',
      'DIMENSION',
      'SEVERITY',
      'OUTCOME',
      'ENVIRONMENT',
      'RING',
      'OWNER',
      'PROVIDER',
      'REGION',
      'SOURCE',
    ]
    const fields = 'code dimension severity outcome environment ring owner provider region source'
    for (const filter of [
      {},
      { dimension: { eq: 'GITOPS' } },
      { cluster: { environment: { eq: 'prod' } } },
      { stale: false },
    ]) {
      const { nodes } = await drift(
        filter,
        'dimension severity outcome cluster { environment ring owner { team } provider region }',
      )
      for (const by of [[], ...groups.map((group) => [group]), ['RING', 'SEVERITY'], ['SOURCE', 'CODE', 'OUTCOME']]) {
        const { data, errors } = await ask(
          `query ($f: DriftFilter, $by: [DriftGroup!]!) { driftAggregate(filter: $f, by: $by) { totalCount clusters truncated buckets { key { ${fields} } count clusters } coverage { complete } } }`,
          { f: filter, by },
        )
        expect(errors).toBeUndefined()
        const said: Readonly<Record<string, (node: Asked) => unknown>> = {
          ...Object.fromEntries(
            ['code', 'dimension', 'severity', 'outcome'].map((name) => [name, (node) => node[name]]),
          ),
          ...Object.fromEntries(
            ['environment', 'ring', 'provider', 'region'].map((name) => [name, (node) => node.cluster?.[name]]),
          ),
          owner: (node) => node.cluster?.owner?.team,
          source: (node) => node.source.name,
        }
        const keyOf = (node: Asked) =>
          JSON.stringify(
            Object.fromEntries(
              fields
                .split(' ')
                .map((name) => [name, by.includes(name.toUpperCase()) ? (said[name]?.(node) ?? null) : null]),
            ),
          )
        const expected = Map.groupBy(nodes, keyOf)
        const { buckets, totalCount, clusters } = data.driftAggregate
        expect(Object.fromEntries(buckets.map(({ key, count }: Asked) => [JSON.stringify(key), count]))).toEqual(
          Object.fromEntries([...expected].map(([key, of]) => [key, of.length])),
        )
        for (const { key, clusters } of buckets)
          expect(clusters).toBe(
            new Set(expected.get(JSON.stringify(key))?.flatMap(({ cluster }: Asked) => cluster?.name ?? [])).size,
          )
        expect(totalCount).toBe(nodes.length)
        expect(clusters).toBe(new Set(nodes.flatMap(({ cluster }: Asked) => cluster?.name ?? [])).size)
      }
    }
    const { data } = await ask('{ driftAggregate(by: [CODE], first: 2) { truncated buckets { count } } }')
    expect(data.driftAggregate).toMatchObject({ truncated: true, buckets: [{}, {}] })
    const refused = await ask('{ driftAggregate(by: [CODE, RING, OWNER, REGION, SOURCE, SEVERITY]) { totalCount } }')
    expect(refused.errors?.[0]?.message).toContain('At most 5')
  })

  it('a cluster tells its drift, and whether it has drifted: what nobody looked at is neither yes nor no', async () => {
    const { data } = await ask('{ clusters(first: 100) { nodes { name driftCount drift { code severity stale } } } }')
    const told = Object.fromEntries(data.clusters.nodes.map((one: Asked) => [one.name, one]))
    expect(told.lagging.drift.map(({ code }: Asked) => code)).toEqual([
      ...['BEHIND_SOURCE', 'SETTING_VS_SPEC', 'MACHINE_NOT_UP_TO_DATE', 'REPLICAS_DRIFT'],
    ])
    expect(
      Object.fromEntries(data.clusters.nodes.map((one: Asked) => [one.name, [one.driftCount, one.drift.length]])),
    ).toEqual({
      ...{ lagging: [4, 4], tolerated: [1, 1], clean: [0, 0], blind: [1, 1], bare: [0, 0] },
    })
    const named = async (filter: object) =>
      (
        await ask('query ($f: ClusterFilter) { clusters(first: 100, filter: $f) { nodes { name } } }', { f: filter })
      ).data.clusters.nodes.map(({ name }: Asked) => name)
    expect(await named({ drifted: true })).toEqual(['lagging'])
    expect(await named({ drifted: false })).toEqual(['clean', 'tolerated'])
    expect(await named({ and: [{ not: { drifted: true } }, { not: { drifted: false } }] })).toEqual(['bare', 'blind'])
    const gone = await ask('query ($id: ID) { cluster(id: $id) { driftCount drift { id } } }', { id: idOf('buried') })
    expect(gone.data.cluster).toEqual({ driftCount: 0, drift: [] })
  })

  it('compliance counts a cluster once, however much of it differs, and management clusters never', async () => {
    const { data } = await ask(
      '{ compliance(groupBy: [RULE]) { total { clusters compliant failing waived unknown notApplicable } groups { keys { value } clusters failing } } }',
    )
    // Judging the assessments is not what this is about: what was not judged is unknown.
    expect(data.compliance.total).toEqual({
      ...{ clusters: 5, compliant: 2, failing: 1, waived: 0, unknown: 2, notApplicable: 0 },
    })
    await putDrift(fleet.store.db, { cluster: 'lagging' }, 'behindSource', {
      ref: refOf(kustomization, 'base'),
      since: at(-2),
    })
    const again = await ask(
      '{ compliance(groupBy: [RULE]) { total { failing } groups { keys { value } clusters failing } } }',
    )
    expect(again.data.compliance.total.failing).toBe(1)
    expect(again.data.compliance.groups).toContainEqual({ keys: [{ value: 'behindSource' }], clusters: 1, failing: 1 })
    await fleet.store.db.execute(sql`delete from finding where about ->> 'name' = 'base'`)
  })

  it('policies tell what they ignore, and why', async () => {
    const { data } = await ask('{ policies { rules { id parameters { name value } } } }')
    expect(data.policies[0].rules.find(({ id }: Asked) => id === 'replicasDrift').parameters).toEqual([
      { name: 'code', value: 'replicasDrift' },
      { name: 'ignore.scaler', value: 'everything (the autoscaler sets it)' },
    ])
  })

  it('finds drift by its id while it is there; every field says alone what it says in company', async () => {
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Verdict { code } } }'
    const { data } = await ask(query, {
      ids: [fleet.ids.gap, fleet.ids.orphan, fleet.ids.clean]
        .map((id) => `Drift:${id}`)
        .concat(`Finding:${fleet.ids.gap}`),
    })
    expect(data.nodes).toEqual([
      { id: `Drift:${fleet.ids.gap}`, code: 'HELM_DRIFT' },
      { id: `Drift:${fleet.ids.orphan}`, code: 'ORPHAN_MACHINE' },
      null, // It differs in nothing.
      { id: `Finding:${fleet.ids.gap}`, code: 'HELM_DRIFT' },
    ])
    await everyFieldAlone(ask, 'Drift', 'drift')
  })
})
