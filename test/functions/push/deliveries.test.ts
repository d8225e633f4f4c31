import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rowsOf, type Store } from '../../../db/client.ts'
import { ingest } from '../../../db/ingest.ts'
import { caughtUp, listed, page } from '../../db/wire.ts'
import { engines, openEngine } from '../../engine.ts'
import { deployments, machineSets } from '../../push/cluster.ts'
import { exchange, written } from '../../push/receiver.ts'
import type { Line } from '../../push/sender.ts'
import { begin, type Story } from '../../push/story.ts'

const instant = (value: unknown) => new Date(String(value)).toISOString()

describe.each(engines)('deliveries on %s', (engine) => {
  let store: Store
  let story: Story
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(async () => {
    story = await begin(store)
  })
  afterEach(() => story.receiver.idle())
  afterAll(() => store.close())

  it('a full reading, a change, a deletion', async () => {
    const { clock, cluster, sender, say, readAll, stored } = story
    clock.pass(1)
    expect(await readAll()).toMatchObject({
      duplicate: false,
      observed: 4,
      changed: 4,
      gone: 0,
      rejected: [],
      want: [],
    })
    expect(await stored()).toEqual(cluster.told())

    clock.pass(1)
    cluster.put(deployments, 'a', 1, clock.now())
    cluster.delete(deployments, 'b', clock.now())
    expect(await say(sender.changes(deployments, 'a', 'b'))).toMatchObject({ observed: 1, changed: 1, gone: 1 })
    expect(await stored()).toEqual(cluster.told())

    // A later reading finds gone what nobody said was deleted, over several requests.
    clock.pass(1)
    cluster.delete(deployments, 'c', clock.now())
    const [first = [], last = []] = sender.reading(deployments, clock.now(), 2)
    expect(await say(first)).toMatchObject({ gone: 0 })
    expect(await say(last)).toMatchObject({ gone: 1 })
    expect(await stored()).toEqual(cluster.told())
  })

  it('the same request twice is one effect', async () => {
    const { clock, sender, deliver } = story
    const text = sender.request(clock.now(), sender.reading(deployments, clock.now()).flat())
    expect(await deliver(text)).toMatchObject({ status: 202, body: { duplicate: false, changed: 3 } })
    await story.receiver.idle()
    const before = await written(store)
    expect(await deliver(text)).toMatchObject({
      status: 202,
      body: { duplicate: true, observed: 0, changed: 0, want: [] },
    })
    expect(await written(store)).toEqual(before)
  })

  it('a request that comes after a later one is not taken any more', async () => {
    const { clock, cluster, sender, say, readAll, deliver, stored } = story
    await readAll()
    clock.pass(1)
    cluster.put(deployments, 'a', 1, clock.now())
    const early = sender.request(clock.now(), sender.changes(deployments, 'a'))
    clock.pass(1)
    cluster.put(deployments, 'a', 2, clock.now())
    await say(sender.changes(deployments, 'a'))
    expect(await deliver(early)).toMatchObject({ status: 202, body: { duplicate: true } })
    expect(await stored()).toEqual(cluster.told())
  })

  it('digests find what was lost, and only its bucket is sent again', async () => {
    const { clock, cluster, sender, say, readAll, stored } = story
    for (let n = 0; n < 60; n++) cluster.put(deployments, `more-${n}`, 3, clock.now())
    await readAll()
    clock.pass(5)
    // Three requests that nobody receives: a change, a deletion, a new object.
    cluster.put(deployments, 'more-7', 1, clock.now())
    cluster.delete(deployments, 'more-8', clock.now())
    cluster.put(deployments, 'new', 3, clock.now())

    clock.pass(25)
    const { want } = await say(sender.digests())
    expect(want).toEqual([{ kind: deployments, what: 'buckets' }])
    const asked = await say(want.flatMap((one) => sender.wanted(one, clock.now())))
    expect(asked.want).toMatchObject([{ kind: deployments, what: 'objects' }])

    clock.pass(1)
    const repair = asked.want.flatMap((one) => sender.wanted(one, clock.now()))
    expect(repair.length).toBeLessThan(10)
    const repaired = await say([...repair, ...sender.digests()])
    expect(repaired).toMatchObject({ changed: 2, gone: 1, want: [] })
    expect(await stored()).toEqual(cluster.told())
  })

  it('a heartbeat with equal digests confirms the kinds and writes no object row', async () => {
    const { clock, sender, say, readAll, readingOf } = story
    await readAll()
    await story.receiver.idle()
    const before = await written(store)
    const beat = clock.pass(30)
    expect(await say(sender.digests())).toMatchObject({ changed: 0, want: [] })
    expect(await written(store)).toEqual(before)
    const { caught_up_at, last_success_at } = await readingOf(deployments)
    expect([caught_up_at, last_success_at].map(instant)).toEqual([beat.toISOString(), beat.toISOString()])
    const [source] = await rowsOf<{ at: string }>(
      store.db,
      sql`select last_success_at as at from source where id = 'weu'`,
    )
    expect(instant(source?.at)).toBe(beat.toISOString())
  })

  it('a kind whose digests differ is not confirmed, and grows old while nobody repairs it', async () => {
    const { clock, cluster, sender, say, readAll, readingOf } = story
    await readAll()
    const { last_success_at } = await readingOf(deployments)
    cluster.put(deployments, 'a', 1, clock.now())
    clock.pass(30)
    await say(sender.digests())
    expect((await readingOf(deployments)).last_success_at).toEqual(last_success_at)
  })

  it('a version that says nothing new is noted, so that digests agree', async () => {
    const { clock, cluster, sender, say, readAll } = story
    await readAll()
    clock.pass(1)
    cluster.put(deployments, 'a', 3, clock.now())
    expect(await say(sender.changes(deployments, 'a'))).toMatchObject({ observed: 1, changed: 0 })
    clock.pass(1)
    expect(await say(sender.digests())).toMatchObject({ want: [] })
  })

  it('what polls find is noted as well: interleaved, the two agree', async () => {
    const { clock, cluster, sender, say, readAll, deliver, stored } = story
    await readAll()
    const poll = async (delivery: ReturnType<typeof listed>) =>
      ingest(store.db, { ...delivery, source: 'weu' }, { receivedAt: clock.now() })
    clock.pass(1)
    cluster.put(deployments, 'a', 1, clock.now())
    cluster.put(deployments, 'b', 3, clock.now())
    const early = sender.request(clock.now(), sender.changes(deployments, 'a', 'b'))
    clock.pass(1)
    cluster.put(deployments, 'a', 2, clock.now())
    await poll(listed(clock.now(), cluster.all(deployments), { kind: deployments }))
    // What was pushed before the poll comes after it, and loses.
    expect(await deliver(early)).toMatchObject({ status: 202, body: { changed: 0 } })
    expect(await stored()).toEqual(cluster.told())

    clock.pass(1)
    cluster.delete(deployments, 'c', clock.now())
    await say(sender.changes(deployments, 'c'))
    const gone = { group: 'cluster.x-k8s.io', kind: 'MachineDeployment', namespace: 'fleet', name: 'c' }
    await poll(caughtUp(clock.now(), [], { kind: deployments, gone: [gone] }))
    clock.pass(1)
    expect(await say(sender.digests())).toMatchObject({ want: [] })
    expect(await stored()).toEqual(cluster.told())
  })

  it('an older version that is still under way loses against a newer one that says what was known before', async () => {
    const { clock, cluster, sender, readAll, deliver, stored } = story
    await readAll()
    cluster.put(deployments, 'a', 1, clock.pass(1))
    const early = sender.request(clock.now(), sender.changes(deployments, 'a'))
    cluster.put(deployments, 'a', 3, clock.pass(1))
    // The first page of a poll that has not come to its end: only the object's own row can tell.
    const polled = page(clock.now(), 0, cluster.all(deployments), { kind: deployments })
    await ingest(store.db, { ...polled, source: 'weu' }, { receivedAt: clock.now() })
    expect(await deliver(early)).toMatchObject({ status: 202, body: { duplicate: false, changed: 0 } })
    expect(await stored()).toEqual(cluster.told())
  })

  it('a request that was cut off is not taken, and can be sent again', async () => {
    const { clock, sender, deliver, stored } = story
    const text = sender.request(clock.now(), sender.reading(deployments, clock.now()).flat())
    for (const part of [text.slice(0, -30), text.split('\n').slice(0, 3).join('\n'), ''])
      expect(await deliver(part)).toMatchObject({
        status: 400,
        body: { type: 'about:blank', requestId: expect.any(String) },
      })
    expect(await stored()).toEqual([])
    expect(await deliver(text)).toMatchObject({ status: 202, body: { duplicate: false, changed: 3 } })
  })

  it('an object that cannot be read is named, and harms no neighbour; nothing is then derived from absence', async () => {
    const { clock, cluster, sender, say, readAll, deliver, stored, readingOf } = story
    await readAll()
    const { verified_at } = await readingOf(deployments)
    clock.pass(1)
    const [section = {}, a = {}, , c] = sender.reading(deployments, clock.now()).flat()
    const broken: Line[] = [section, a, { type: 'object', object: { ...Object(c?.object), metadata: { name: 7 } } }]
    const text = sender
      .request(clock.now(), broken)
      .replace('\n{"type":"tail","lines":5}', '\n{"type":"object","obj\n{"type":"tail","lines":6}')
    const { status, body } = await deliver(text)
    expect(status).toBe(202)
    expect(body).toMatchObject({ observed: 1, gone: 0 })
    expect(body.rejected).toEqual([
      { kind: deployments, namespace: '', name: null, why: 'line 5 is not JSON' },
      { kind: deployments, namespace: '', name: null, why: 'metadata.name is a number' },
    ])
    expect(await stored()).toEqual(cluster.told())
    // Nor is the kind known as it was at that instant: it is wanted once more.
    expect(await readingOf(deployments)).toMatchObject({ verified_at })
    clock.pass(1)
    expect(await say([sender.digest(deployments)])).toMatchObject({ want: [{ kind: deployments, what: 'reading' }] })
  })

  it('an object that the sender cannot read has no part in digests', async () => {
    const { clock, cluster, sender, say, readAll } = story
    await readAll()
    clock.pass(1)
    await say([
      { type: 'kind', kind: deployments, proof: 'delta' },
      { type: 'unreadable', namespace: 'fleet', name: 'a', why: 'it is 9 MB' },
    ])
    // The fake agent holds no objects that it cannot read.
    cluster.delete(deployments, 'a', clock.now())
    clock.pass(1)
    expect(await say([sender.digest(deployments)])).toMatchObject({ want: [] })
  })

  it('comes to agree whatever was lost, also where nearly all was', async () => {
    const { clock, cluster, sender, say, stored } = story
    for (let n = 0; n < 80; n++) cluster.put(machineSets, `set-${n}`, 3, clock.now())
    expect(await exchange(say, sender, clock.now)).toBe(2)
    for (let n = 0; n < 80; n++) cluster.put(machineSets, `set-${n}`, n, clock.pass(1))
    expect(await exchange(say, sender, clock.now)).toBe(3)
    expect(await stored()).toEqual(cluster.told())
  })

  it('nothing of it was a fault of ours, and clusters follow by themselves', async () => {
    const { receiver, readAll } = story
    await readAll()
    await receiver.idle()
    expect(receiver.reported).toEqual([])
  })
})
