import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rowsOf, type Store } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { progressOf, recordTrouble } from '../../db/reading.ts'
import type { Delivery } from '../../fleet/delivery.ts'
import type { KubeObject } from '../../fleet/kinds/kind.ts'
import { kindOf } from '../../fleet/kinds/registry.ts'
import type { KindKey } from '../../fleet/reference.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { at, caughtUp, condition, deployment, deploymentKind, end, listed, page, pushed, refOf } from './wire.ts'

describe.each(engines)('ingest on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(() => clear(store))
  afterAll(() => store.close())

  const take = (delivery: Delivery, receivedAt = delivery.observedAt) => ingest(store.db, delivery, { receivedAt })
  const living = async () =>
    (await rowsOf<{ name: string }>(store.db, sql`select name from object where gone_at is null order by name`)).map(
      ({ name }) => name,
    )
  const one = async (name: string) =>
    (
      await rowsOf<Record<string, unknown>>(
        store.db,
        sql`select *, xmin::text as xmin from object where name = ${name}`,
      )
    )[0] ?? {}
  const history = () =>
    rowsOf<{ what: string; name: string; facts: Record<string, unknown> }>(
      store.db,
      sql`select c.what, o.name, c.facts from change c join object o on o.id = c.subject_id order by c.cursor`,
    )
  /** Every row version of the tables that content costs: equal means nothing was written. */
  const written = async () =>
    rowsOf(
      store.db,
      sql`select 'o' as t, id::text || xmin::text as row from object union all select 'c', object_id::text || type || xmin::text from condition
        union all select 'h', cursor::text from change order by 1, 2`,
    )

  it('tells a story', async () => {
    // A poll finds two.
    expect(await take(listed(at(0), [deployment('a'), deployment('b')]))).toEqual({
      observed: 2,
      changed: 2,
      gone: 0,
      rejected: [],
    })
    expect(await living()).toEqual(['a', 'b'])
    const after = await written()

    // The same poll a minute later writes nothing.
    expect(await take(listed(at(1), [deployment('a'), deployment('b')]))).toMatchObject({
      observed: 2,
      changed: 0,
      gone: 0,
    })
    expect(await written()).toEqual(after)

    // A push changes one.
    expect(await take(pushed(at(2), [deployment('a', { ready: 1, available: 'False' })]))).toMatchObject({ changed: 1 })
    expect(await one('a')).toMatchObject({ replicas_ready: 1, state: 'Degraded' })

    // A push that comes late, from before the last complete poll, is ignored.
    expect(await take(pushed(at(0, 30), [deployment('b', { ready: 0 })]), at(3))).toMatchObject({ changed: 0 })
    expect(await one('b')).toMatchObject({ replicas_ready: 3 })

    // So is one that is older than what the row already knows.
    expect(await take(pushed(at(1, 30), [deployment('a', { ready: 2 })]), at(3))).toMatchObject({ changed: 0 })

    // A page removes nothing, a complete poll removes what is absent, and keeps its last state.
    await take(page(at(4), 0, [deployment('a')]))
    expect(await living()).toEqual(['a', 'b'])
    expect(await take(listed(at(5), [deployment('a')]))).toMatchObject({ gone: 1 })
    expect(await living()).toEqual(['a'])
    expect(await one('b')).toMatchObject({ state: 'Healthy', replicas_ready: 3 })

    // It comes back.
    expect(await take(listed(at(6), [deployment('a'), deployment('b', { uid: 'another' })]))).toMatchObject({
      changed: 1,
    })
    expect((await history()).map(({ what, name }) => `${name} ${what}`)).toEqual([
      'a appeared',
      'b appeared',
      'a changed',
      'a changed',
      'b gone',
      'b returned',
    ])
  })

  it('writes what changed, from what to what, and only the conditions that differ', async () => {
    const more = [condition('Paused', 'False', 'NotPaused'), condition('Old', 'True', 'Was')]
    await take(listed(at(0), [deployment('a', { more })]))
    const conditions = () =>
      rowsOf<{ type: string; status: string; xmin: string }>(
        store.db,
        sql`select type, status, xmin::text from condition order by type`,
      )
    const before = await conditions()
    await take(
      pushed(at(1), [
        deployment('a', {
          more: [condition('Paused', 'False', 'NotPaused')],
          available: 'False',
          ready: 1,
          version: 'v1.34.0',
        }),
      ]),
    )
    const [available, paused] = await conditions()
    expect(available).toMatchObject({ type: 'Available', status: 'False' })
    expect(paused).toEqual(before.find(({ type }) => type === 'Paused'))
    expect(await conditions()).toHaveLength(2)
    expect((await history()).at(-1)?.facts).toEqual({
      state: ['Healthy', 'Degraded'],
      reason: ['Available', 'NotAvailable'],
      versionDeclared: ['v1.33.4', 'v1.34.0'],
      replicasReady: [3, 1],
      replicasAvailable: [3, 1],
    })
    expect(await one('a')).toMatchObject({ declared_major: 1, declared_minor: 34, declared_patch: 0 })
  })

  it('lists over several pages, and takes the run up where it was left', async () => {
    await take(
      listed(
        at(0),
        ['a', 'b', 'c', 'd'].map((name) => deployment(name)),
      ),
    )
    await take(page(at(1), 0, [deployment('a')]))
    await take(page(at(1), 1, [deployment('b')]))
    expect((await progressOf(store.db, 'weu'))[0]?.open).toEqual({
      runId: `run-${at(1).toISOString()}`,
      startedAt: at(1),
      token: 'more',
      limit: 500,
      page: 2,
    })
    // A page delivered twice does no harm.
    await take(page(at(1), 1, [deployment('b')]))
    expect(await take(end(at(1), 2, [deployment('c')]))).toMatchObject({ gone: 1 })
    expect(await living()).toEqual(['a', 'b', 'c'])
    expect((await progressOf(store.db, 'weu'))[0]).toMatchObject({
      cursor: `rv-${at(1).getTime()}`,
      verifiedAt: at(1),
      open: null,
    })
    expect(await rowsOf(store.db, sql`select * from sighting`)).toEqual([])
  })

  it.each([
    ['a page is missing', [page(at(1), 0, [deployment('a')]), end(at(1), 2, [deployment('c')])]],
    ['the first page is missing', [page(at(1), 1, [deployment('b')]), end(at(1), 2, [deployment('c')])]],
    [
      'it was not of one moment',
      [page(at(1), 0, [deployment('a')]), end(at(1), 1, [deployment('b')], { consistent: false })],
    ],
    ['it never ends', [page(at(1), 0, [deployment('a')])]],
    [
      'another run replaced it',
      [page(at(1), 0, [deployment('a')]), page(at(2), 0, [deployment('a')]), end(at(1), 1, [])],
    ],
    [
      'something did not say who it is',
      [page(at(1), 0, [{ kind: 'MachineDeployment' }]), end(at(1), 1, [deployment('a')])],
    ],
  ])('derives no absence when %s', async (_, deliveries) => {
    await take(
      listed(
        at(0),
        ['a', 'b', 'c', 'd'].map((name) => deployment(name)),
      ),
    )
    for (const delivery of deliveries) expect(await take(delivery)).toMatchObject({ gone: 0 })
    expect(await living()).toEqual(['a', 'b', 'c', 'd'])
  })

  it('keeps what was pushed while the LIST ran', async () => {
    await take(page(at(1), 0, [deployment('a', { ready: 0 })]))
    await take(pushed(at(1, 30), [deployment('new'), deployment('a', { ready: 2 })]))
    await take({ ...end(at(1), 1, [deployment('b')]), observedAt: at(2) })
    expect(await living()).toEqual(['a', 'b', 'new'])
    expect(await one('a')).toMatchObject({ replicas_ready: 2 })
  })

  it('never takes unreadable for absent, and shows what it was', async () => {
    await take(listed(at(0), [deployment('a'), deployment('b')]))
    const receipt = await take(
      listed(at(1), [deployment('a'), { ...deployment('c'), status: 'x' }], {
        rejected: [{ ref: refOf('b'), why: 'over 10 MB' }],
      }),
    )
    expect(receipt.rejected.map(({ why }) => why)).toHaveLength(2)
    expect(await living()).toEqual(['a', 'b', 'c'])
    const [shown] = await rowsOf<{ rejected: unknown; n: number }>(
      store.db,
      sql`select rejected, rejected_count as n from reading`,
    )
    expect(shown).toMatchObject({ n: 2, rejected: [{ ref: { name: 'b' }, why: 'over 10 MB' }, { ref: { name: 'c' } }] })
    // Once it can be read again, nothing is rejected.
    await take(caughtUp(at(2), [deployment('b', { ready: 2 })]))
    await take(listed(at(3), [deployment('a'), deployment('b', { ready: 2 }), deployment('c')]))
    expect(await rowsOf(store.db, sql`select rejected_count as n from reading`)).toEqual([{ n: 0 }])
  })

  it('believes a deletion that was seen, whatever comes late', async () => {
    await take(listed(at(0), [deployment('a'), deployment('b')]))
    expect(await take(caughtUp(at(1), [deployment('a', { ready: 1 })], { gone: [refOf('b')] }))).toMatchObject({
      changed: 1,
      gone: 1,
    })
    expect(await progressOf(store.db, 'weu')).toMatchObject([
      { cursor: `rv-${at(1).getTime()}`, caughtUpAt: at(1), verifiedAt: at(0) },
    ])
    await take(pushed(at(0, 30), [deployment('b', { ready: 2 })]), at(2))
    expect(await living()).toEqual(['a'])
  })

  it('clears the trouble of a kind with its next success', async () => {
    const trouble = { code: 'Forbidden' as const, message: 'may not list' }
    await recordTrouble(store.db, { source: 'weu', kind: deploymentKind, at: at(0), trouble })
    expect((await progressOf(store.db, 'weu'))[0]?.trouble).toEqual(trouble)
    await take(pushed(at(1), [deployment('a')]))
    expect((await progressOf(store.db, 'weu'))[0]?.trouble).toEqual(trouble)
    await take(listed(at(2), [deployment('a')]))
    expect((await progressOf(store.db, 'weu'))[0]?.trouble).toBeNull()
  })

  it('dates generations, shortages and states itself', async () => {
    await take(listed(at(0), [deployment('a', { generation: 1, ready: 1, available: 'False' })]))
    await take(pushed(at(5), [deployment('a', { generation: 2, observed: 1, ready: 2, available: 'False' })]))
    expect(await one('a')).toMatchObject({
      generation_seen_at: expect.stringContaining('12:05:00'),
      short_since: expect.stringContaining('12:00:00'),
    })
    await take(pushed(at(6), [deployment('a', { generation: 2, ready: 3 })]))
    expect(await one('a')).toMatchObject({
      short_since: null,
      state: 'Healthy',
      state_since: expect.stringContaining('12:06:00'),
    })
  })

  it('survives text that PostgreSQL cannot hold, and numbers too big for a column', async () => {
    const wild = deployment('a', { more: [condition('Odd', 'True', 'R', 1, 'nul \u0000 half \ud800 pair')] })
    await take(listed(at(0), [{ ...wild, spec: { ...wild.spec, replicas: 5_000_000_000 } }, deployment('b')]))
    expect(await living()).toEqual(['a', 'b'])
  })

  it('keeps sources apart', async () => {
    await take(listed(at(0), [deployment('a')]))
    await take(listed(at(0), [deployment('a')], { source: 'neu' }))
    expect(await take(listed(at(1), [], { source: 'neu' }))).toMatchObject({ gone: 1 })
    expect(await living()).toEqual(['a'])
  })

  it('a row the database refuses fails its delivery, and nothing else', async () => {
    const kinds = (key: KindKey) => {
      const kind = kindOf(key)
      const refused = (object: KubeObject) => {
        const reading = kind.normalise(object)
        const conditions = reading.conditions.map((one) => ({ ...one, lastTransitionAt: '0000-01-01T00:00:00Z' }))
        return object.ref.name === 'bad' ? { ...reading, conditions } : reading
      }
      return { ...kind, normalise: refused }
    }
    const poisoned = listed(at(0), [deployment('bad'), deployment('a')])
    await expect(ingest(store.db, poisoned, { receivedAt: at(0), kinds })).rejects.toThrow()
    expect(await living()).toEqual([])
    expect((await take(listed(at(1), [deployment('a')]))).changed).toBe(1)
  })
})
