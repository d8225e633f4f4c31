import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rowsOf, type Store } from '../../db/client.ts'
import { discoveryOf, progressOf, recordDiscovery, recordServed, recordTrouble } from '../../db/reading.ts'
import {
  circuitOpensAfter,
  circuitProbeMs,
  dueSources,
  extendLease,
  finishPoll,
  pinServer,
  registerSources,
  takeLease,
} from '../../db/source.ts'
import type { Trouble } from '../../fleet/delivery.ts'
import type { SourceDeclaration } from '../../fleet/source.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { at } from './wire.ts'

const declared = (id: string, over: Partial<SourceDeclaration> = {}): SourceDeclaration => ({
  id,
  type: 'managementCluster',
  parentId: null,
  polled: true,
  armId: null,
  region: 'westeurope',
  labels: {},
  everyMs: 60_000,
  staleAfterMs: 180_000,
  ...over,
})
const trouble: Trouble = { code: 'Unreachable', message: 'connection refused' }
const minutes = (n: number) => n * 60_000

describe.each(engines)('sources on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(() => clear(store))
  afterAll(() => store.close())

  const row = async (id: string) =>
    (await rowsOf<Record<string, unknown>>(store.db, sql`select * from source where id = ${id}`))[0] ?? {}
  const waitMs = async (id: string, now: Date) => new Date(String((await row(id)).not_before)).getTime() - now.getTime()

  it('are due once, and again only when their poll has ended or their message was lost', async () => {
    await registerSources(store.db, [declared('b'), declared('a', { everyMs: minutes(5) })], at(0))
    expect(await dueSources(store.db, at(0))).toEqual(['a', 'b'])
    expect(await dueSources(store.db, at(0, 30))).toEqual([])
    // `a` is polled; the message of `b` is lost.
    const lease = await takeLease(store.db, 'a', 'one', at(1), minutes(5))
    if (!lease) throw new Error('no lease')
    expect(await finishPoll(store.db, lease, { trouble: null, unfinished: false }, at(1, 30))).toBe(true)
    expect(await dueSources(store.db, at(1, 59))).toEqual([])
    expect(await dueSources(store.db, at(2, 59))).toEqual([])
    expect(await dueSources(store.db, at(3))).toEqual(['b'])
    expect(await dueSources(store.db, at(8))).toContain('a')
  })

  it('are polled as often as they say, by ticks once a minute, whatever a poll takes; not in step', async () => {
    const [often, seldom] = [declared('often'), ['a', 'b', 'c', 'd', 'e', 'f']]
    const every = { everyMs: minutes(5), staleAfterMs: minutes(15) }
    await registerSources(store.db, [often, ...seldom.map((id) => declared(id, every))], at(0))
    const polls = new Map<string, number[]>()
    for (let minute = 0; minute < 60; minute++) {
      // A tick is late by up to a second, a poll waits in the queue and takes a while.
      const due = await dueSources(store.db, new Date(at(minute).getTime() + ((minute * 397) % 1000)))
      for (const id of due) {
        polls.set(id, [...(polls.get(id) ?? []), minute])
        const tookMs = 2_000 + ((minute * 7_919) % 50_000)
        const lease = await takeLease(store.db, id, `${id} ${minute}`, at(minute, 1), minutes(2))
        if (!lease) throw new Error('no lease')
        const ended = new Date(at(minute, 1).getTime() + tookMs)
        expect(await finishPoll(store.db, lease, { trouble: null, unfinished: false }, ended)).toBe(true)
      }
    }
    expect(polls.get('often')?.length).toBeGreaterThanOrEqual(59)
    // The first poll is at once, the second when the source's own beat says so.
    for (const id of seldom) expect([12, 13]).toContain(polls.get(id)?.length)
    for (const id of seldom) {
      const [, ...beat] = polls.get(id) ?? []
      expect(new Set(beat.slice(1).map((minute, n) => minute - (beat[n] ?? 0)))).toEqual(new Set([5]))
    }
    expect(new Set(seldom.map((id) => polls.get(id)?.[1])).size).toBeGreaterThan(2)
  })

  it('are not handed to two ticks at once', async () => {
    await registerSources(
      store.db,
      Array.from({ length: 50 }, (_, n) => declared(`s${n}`)),
      at(0),
    )
    const handed = (await Promise.all([1, 2, 3, 4].map(() => dueSources(store.db, at(1))))).flat()
    expect(handed).toHaveLength(50)
    expect(new Set(handed).size).toBe(50)
  })

  it('are held by one lease, which ends by itself', async () => {
    await registerSources(store.db, [declared('a')], at(0))
    const first = await takeLease(store.db, 'a', 'one', at(0), minutes(2))
    expect(first).toMatchObject({ source: 'a', holder: 'one', until: at(2) })
    expect(await takeLease(store.db, 'a', 'two', at(1), minutes(2))).toBeNull()
    if (!first) throw new Error('no lease')
    expect(await extendLease(store.db, first, at(1), minutes(2))).toMatchObject({ until: at(3) })
    expect(await takeLease(store.db, 'a', 'two', at(2, 30), minutes(2))).toBeNull()
    // One dies; two takes over, and what one still says is not heard.
    expect(await takeLease(store.db, 'a', 'two', at(4), minutes(2))).not.toBeNull()
    expect(await extendLease(store.db, first, at(4), minutes(2))).toBeNull()
    expect(await finishPoll(store.db, first, { trouble, unfinished: false }, at(4))).toBe(false)
    expect(await row('a')).toMatchObject({ trouble_code: null, lease_holder: 'two' })
  })

  it('wait longer with each failure, then are only probed, and are forgiven at once', async () => {
    await registerSources(store.db, [declared('a')], at(0))
    let now = at(0)
    const waits: number[] = []
    const fail = async (n: number, told: Trouble) => {
      const lease = await takeLease(store.db, 'a', `holder-${n}`, now, minutes(1))
      if (!lease) throw new Error('no lease')
      await finishPoll(store.db, lease, { trouble: told, unfinished: false }, now)
      const wait = await waitMs('a', now)
      expect(await takeLease(store.db, 'a', 'early', new Date(now.getTime() + wait - 1000), minutes(1))).toBeNull()
      now = new Date(now.getTime() + wait)
      return wait
    }
    for (let n = 1; n <= circuitOpensAfter + 1; n++) waits.push(await fail(n, trouble))
    for (const [n, wait] of waits.entries()) {
      const most = n + 1 >= circuitOpensAfter ? circuitProbeMs : Math.min(minutes(2 ** n), minutes(5))
      expect(wait).toBeLessThanOrEqual(most)
      expect(wait).toBeGreaterThanOrEqual(most / 2)
    }
    expect(await row('a')).toMatchObject({
      consecutive_failures: circuitOpensAfter + 1,
      trouble_code: 'Unreachable',
      trouble_message: 'connection refused',
    })
    // The server's own word counts where it asks for more.
    expect(await fail(9, { code: 'Throttled', message: 'too many requests', retryAfterMs: minutes(30) })).toBe(
      minutes(30),
    )
    const lease = await takeLease(store.db, 'a', 'last', now, minutes(1))
    if (!lease) throw new Error('no lease')
    await finishPoll(store.db, lease, { trouble: null, unfinished: true }, now)
    expect(await row('a')).toMatchObject({ consecutive_failures: 0, trouble_code: null, not_before: null })
    // Unfinished: whoever polled has enqueued the rest; a tick does so only if that message was lost.
    expect(await dueSources(store.db, new Date(now.getTime() + minutes(1)))).toEqual([])
    expect(await dueSources(store.db, new Date(now.getTime() + minutes(3)))).toEqual(['a'])
  })

  it('that leave the fleet file are neither due nor pollable, and may come back', async () => {
    await registerSources(store.db, [declared('a'), declared('b')], at(0))
    await registerSources(store.db, [declared('b', { region: null })], at(1))
    expect(await dueSources(store.db, at(1))).toEqual(['b'])
    expect(await takeLease(store.db, 'a', 'one', at(1), 1000)).toBeNull()
    expect(await row('b')).toMatchObject({ region: null })
    await registerSources(store.db, [declared('a')], at(2))
    expect(await dueSources(store.db, at(2))).toEqual(['a'])
  })

  it('are pinned to one server, and a server to one source', async () => {
    await registerSources(store.db, [declared('a'), declared('b')], at(0))
    expect(await pinServer(store.db, 'a', 'uid-1', 'v1.33.0')).toBeNull()
    expect(await pinServer(store.db, 'a', 'uid-1')).toBeNull()
    expect(await row('a')).toMatchObject({ server_version: 'v1.33.0' })
    expect(await pinServer(store.db, 'a', 'uid-2')).toMatchObject({
      code: 'WrongServer',
      message: expect.stringMatching(/a used to be .*uid-1.*uid-2/),
    })
    expect(await pinServer(store.db, 'b', 'uid-1')).toMatchObject({
      code: 'WrongServer',
      message: expect.stringMatching(
        /Sources b and a are one server .*from the fleet file, or its context from the kubeconfig/,
      ),
    })
    // Taken out of the fleet file, a source gives its server free.
    await registerSources(store.db, [declared('b')], at(1))
    expect(await pinServer(store.db, 'b', 'uid-1')).toBeNull()
    await registerSources(store.db, [declared('a'), declared('b')], at(2))
    expect(await pinServer(store.db, 'a', 'uid-1')).toMatchObject({ code: 'WrongServer' })
  })

  it('that serve a kind in another version are read from its start', async () => {
    const served = { kind: 'g/K', version: 'v1', otherVersions: [], plural: 'ks', namespaced: true } as const
    const known = { at: at(0), etag: '"1"', asked: 'x' }
    await registerSources(store.db, [declared('a')], at(0))
    await recordServed(store.db, 'a', [served, { ...served, kind: 'g/L' }], at(0))
    await recordDiscovery(store.db, 'a', known)
    await store.db.execute(
      sql`update reading set cursor = '7', run_id = 'r', run_started_at = ${at(0).toISOString()}, run_token = 't', run_page = 1`,
    )
    await store.db.execute(sql`insert into sighting select 'a', kind, 'r', 0, '{}' from reading`)
    await recordServed(
      store.db,
      'a',
      [
        { ...served, version: 'v2', otherVersions: ['v1'] },
        { ...served, kind: 'g/L' },
      ],
      at(1),
    )
    expect(await progressOf(store.db, 'a')).toMatchObject([
      { kind: 'g/K', cursor: null, open: null, served: { version: 'v2', otherVersions: ['v1'], plural: 'ks' } },
      { kind: 'g/L', cursor: '7', open: { runId: 'r' }, served: { version: 'v1', otherVersions: [] } },
    ])
    expect(await rowsOf(store.db, sql`select kind from sighting`)).toEqual([{ kind: 'g/L' }])
    expect(await discoveryOf(store.db, 'a')).toEqual(known)
    // A source that comes back may be another server.
    await registerSources(store.db, [], at(2))
    await registerSources(store.db, [declared('a')], at(3))
    expect(await discoveryOf(store.db, 'a')).toBeNull()
  })

  it('say which kinds they serve', async () => {
    const served = { kind: 'g/K', version: 'v1', otherVersions: [], plural: 'ks', namespaced: true } as const
    await recordServed(store.db, 'a', [served, { ...served, kind: 'g/L' }], at(0))
    await recordTrouble(store.db, {
      source: 'a',
      kind: 'g/K',
      at: at(1),
      trouble: { code: 'Forbidden', message: 'no' },
    })
    await recordServed(store.db, 'a', [{ ...served, version: 'v2' }], at(2))
    expect(await progressOf(store.db, 'a')).toMatchObject([
      { kind: 'g/K', version: 'v2', trouble: { code: 'Forbidden' } },
      { kind: 'g/L', version: 'v1', trouble: { code: 'NotInstalled' } },
    ])
    await recordServed(store.db, 'a', [served, { ...served, kind: 'g/L' }], at(3))
    expect(await progressOf(store.db, 'a')).toMatchObject([{ trouble: { code: 'Forbidden' } }, { trouble: null }])
    // An older attempt's trouble says nothing of a newer one.
    await recordTrouble(store.db, { source: 'a', kind: 'g/K', at: at(0), trouble })
    expect(await progressOf(store.db, 'a')).toMatchObject([{ trouble: { code: 'Forbidden' } }, { trouble: null }])
  })
})
