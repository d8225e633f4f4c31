import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rowsOf, type Store } from '../../../db/client.ts'
import { problemTypes, sessionAnswer } from '../../../fleet/push/protocol.ts'
import { at } from '../../db/wire.ts'
import { engines, openEngine } from '../../engine.ts'
import { deployments, FakeCluster, machineSets, widgets } from '../../push/cluster.ts'
import { declarations } from '../../push/declared.ts'
import { declarationOf, openReceiver, storedIn } from '../../push/receiver.ts'
import { FakeSender, type Line } from '../../push/sender.ts'
import { begin, type Story } from '../../push/story.ts'

describe.each(engines)('sessions on %s', (engine) => {
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

  it('a session is given out with all that a sender must know', async () => {
    const { opened } = story
    expect(opened).toMatchObject({ status: 201, body: { epoch: 1, source: 'weu', heartbeatSeconds: 30 } })
    expect(sessionAnswer.parse(opened.body)).toEqual(opened.body)
  })

  it('a kind that is not ours to read is named, and nothing of it is stored', async () => {
    const { sender, say } = story
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace: 'n', uid: 'u', resourceVersion: '1' },
      data: {},
    }
    const lines = [
      { type: 'kind', kind: '/Secret', proof: 'delta' },
      { type: 'object', object: secret },
      ...sender.changes(deployments, 'a'),
    ]
    const answer = await say(lines)
    expect(answer.rejected).toEqual([
      { kind: '/Secret', namespace: '', name: null, why: 'is not a kind that Rollcall reads' },
    ])
    expect(answer).toMatchObject({ observed: 1, changed: 1 })
    expect(await rowsOf(store.db, sql`select from object where kind = '/Secret'`)).toEqual([])
  })

  it('a newer session ends the older one', async () => {
    const { clock, receiver, sender, say, readAll, deliver } = story
    await readAll()
    const before = sender.request(clock.pass(1), sender.changes(deployments, 'a'))
    expect(await receiver.open(sender)).toMatchObject({ status: 201, body: { epoch: 2 } })
    expect(await deliver(before)).toMatchObject({ status: 409, body: { type: 'urn:rollcall:problem:superseded' } })
    expect(await say(sender.digests())).toMatchObject({ duplicate: false, want: [] })
  })

  it('what an agent of another release says of the same versions is read again', async () => {
    const { receiver, cluster, sender, say, readAll, stored, clock } = story
    // The elder one did not know yet that anybody would read this.
    const lesser = (line: Line): Line => {
      const object = Object(line.object)
      return { ...line, object: { ...object, status: { ...object.status, readyReplicas: undefined } } }
    }
    const reading = sender.reading(deployments, clock.now()).flat()
    await say(reading.map((line) => (line.type === 'object' ? lesser(line) : line)))
    expect(await stored()).toEqual(['a', 'b', 'c'].map((name, n) => `${deployments} ${name} null uid-${name}-${n + 1}`))
    clock.pass(1)
    sender.agent = 'fake/2'
    await receiver.open(sender)
    await readAll()
    expect(await stored()).toEqual(cluster.told())
  })

  it('what came cut down by a declaration that is over is read again', async () => {
    const { clock } = story
    const [before, after] = declarations
    const [elder, younger] = [openReceiver(store, clock, before.fleet), openReceiver(store, clock, after.fleet)]
    const cluster = new FakeCluster('uid-of-neu', [widgets])
    const sender = new FakeSender('neu', cluster)
    cluster.put(widgets, 'w', 3, clock.now())
    await elder.register(declarationOf('neu'))
    await elder.open(sender)
    sender.kinds = before.kinds
    await elder.say(sender, sender.reading(widgets, clock.now()).flat())
    expect(await storedIn(store, 'neu')).toEqual(cluster.told(before.readyOf))

    // The fleet file is another, and the sender has not heard of it yet.
    cluster.put(widgets, 'w', 4, clock.pass(1))
    await younger.say(sender, sender.changes(widgets, 'w'))
    clock.pass(1)
    await younger.open(sender)
    sender.kinds = after.kinds
    await younger.say(sender, sender.reading(widgets, clock.now()).flat())
    expect(await storedIn(store, 'neu')).toEqual(cluster.told(after.readyOf))
    await Promise.all([elder.idle(), younger.idle()])
  })

  it('a sender in another server, or in one that is read already, gets no session', async () => {
    const { clock, receiver, cluster, sender, say, deliver } = story
    const moved = new FakeSender('weu', new FakeCluster('uid-of-another'))
    const refused = { status: 409, body: { type: 'urn:rollcall:problem:wrong-server' } }
    expect(await receiver.open(moved)).toMatchObject(refused)
    const [source] = await rowsOf<{ code: string }>(
      store.db,
      sql`select trouble_code as code from source where id = 'weu'`,
    )
    expect(source?.code).toBe('WrongServer')
    // The right one is heard again.
    await say(sender.digests())
    expect(await rowsOf(store.db, sql`select from source where id = 'weu' and trouble_code is null`)).toHaveLength(1)

    await receiver.register(declarationOf('weu'), declarationOf('twin'))
    expect(await receiver.open(new FakeSender('twin', cluster))).toMatchObject(refused)
    // Nor may it say so later.
    expect(await deliver(sender.request(clock.now(), [{ type: 'server', ...moved.server() }]))).toMatchObject(refused)
  })

  it('a source that the store does not know yet is asked to wait', async () => {
    const { receiver } = story
    const answer = await receiver.open(new FakeSender('neu', new FakeCluster('uid-of-neu')))
    expect(answer).toMatchObject({ status: 503 })
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('a kind that the server no longer serves keeps its objects, and says why it is not read', async () => {
    const { clock, cluster, sender, say, readAll, stored, readingOf } = story
    await readAll()
    const { kinds, ...rest } = sender.server()
    await say([{ type: 'server', ...rest, kinds: kinds.filter(({ kind }) => kind !== machineSets) }])
    expect(await readingOf(machineSets)).toMatchObject({ trouble_code: 'NotInstalled' })
    expect(await readingOf(deployments)).toMatchObject({
      trouble_code: null,
      version: 'v1beta2',
      plural: 'machinedeployments',
    })
    expect(await stored()).toEqual(cluster.told())
    // It is back.
    await say([{ type: 'server', ...rest, kinds }, ...sender.reading(machineSets, clock.now()).flat()])
    expect(await readingOf(machineSets)).toMatchObject({ trouble_code: null })
  })

  it('trouble with a kind is told of that kind until it was read again', async () => {
    const { clock, sender, say, readAll, readingOf } = story
    await readAll()
    clock.pass(1)
    await say([{ type: 'trouble', kind: deployments, code: 'Forbidden', message: 'grant list on machinedeployments' }])
    expect(await readingOf(deployments)).toMatchObject({ trouble_code: 'Forbidden' })
    clock.pass(1)
    await say(sender.digests())
    expect(await readingOf(deployments)).toMatchObject({ trouble_code: null })
  })

  it('a sender that does not hear its API server is not good news of the source', async () => {
    const { clock, sender, say, readAll, sourceOf } = story
    await readAll()
    const before = await sourceOf()
    expect(before).toMatchObject({ trouble_code: null })
    const silent = (kind: string, code = 'Unreachable') => ({
      type: 'trouble',
      kind,
      code,
      message: 'weu: ECONNREFUSED',
    })
    clock.pass(30)
    await say([silent(deployments), silent(machineSets)])
    const first = await sourceOf()
    expect(first).toMatchObject({ trouble_code: 'Unreachable', trouble_message: 'weu: ECONNREFUSED', failures: 1 })
    expect(first).toMatchObject({ last_success_at: before?.last_success_at, trouble_at: expect.any(String) })
    clock.pass(30)
    await say([silent(deployments), silent(machineSets)])
    expect(await sourceOf()).toEqual({ ...first, failures: 2 })
    // One kind is away, or forbidden, and the server is there.
    for (const lines of [[silent(deployments, 'Forbidden')], [silent(deployments), sender.digest(machineSets)]]) {
      clock.pass(30)
      await say(lines)
      const after = await sourceOf()
      expect(after).toMatchObject({ trouble_code: null, failures: 0 })
      expect(Date.parse(String(after?.last_success_at))).toBe(clock.now().getTime())
    }
  })

  it('asks the agent for what somebody hinted at, once', async () => {
    const { clock, say } = story
    await store.db.execute(
      sql`insert into push_want values ('weu', ${deployments}, 'fleet', 'a', ${clock.now().toISOString()})`,
    )
    expect(await say([])).toMatchObject({
      want: [{ kind: deployments, what: 'object', namespace: 'fleet', name: 'a' }],
    })
    expect(await say([])).toMatchObject({ want: [] })
  })

  it('refuses instants that cannot be', async () => {
    const { clock, sender, say, deliver, stored } = story
    const lines = sender.changes(deployments, 'a')
    const future = sender.request(clock.now(), lines).replace(clock.now().toISOString(), at(1).toISOString())
    // Ours may have been set back: a new session tells it.
    expect(await deliver(future)).toMatchObject({
      status: 409,
      body: { type: problemTypes.clock, detail: expect.stringContaining('in the future') },
    })
    const past = sender.request(new Date(0), lines)
    expect(await deliver(past)).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('before the session') },
    })
    const lateRun = sender.reading(deployments, clock.pass(-2)).flat()
    const early = sender.request(new Date(clock.now().getTime() - 1000), lateRun)
    expect(await deliver(early)).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('run.startedAt') },
    })
    expect(await stored()).toEqual([])
    // None of them cost the session its turn.
    expect(await say(lines)).toMatchObject({ changed: 1 })
  })

  it('one request per source at a time, a few per process, and only of who says who he is', async () => {
    const { clock, receiver, sender, deliver } = story
    const text = (who: FakeSender) => who.request(clock.now(), [])
    const others = ['s1', 's2', 's3', 's4'].map((id) => new FakeSender(id, new FakeCluster(`uid-of-${id}`)))
    await receiver.register(declarationOf('weu'), ...others.map(({ source }) => declarationOf(source)))
    for (const other of others) await receiver.open(other)
    const trickles = others.map((other) => {
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
      const answer = receiver.post('/deliveries', readable, {
        authorization: `Bearer ${other.source}`,
        'content-type': 'application/x-ndjson',
      })
      return { other, writer: writable.getWriter(), answer }
    })
    const twice = await receiver.deliver('s1', text(others[0] ?? sender))
    expect(twice).toMatchObject({ status: 429 })
    const full = await receiver.deliver('weu', text(sender))
    expect(full).toMatchObject({ status: 503 })
    for (const { headers } of [twice, full]) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    for (const { other, writer, answer } of trickles) {
      await writer.write(new TextEncoder().encode(text(other)))
      await writer.close()
      expect((await answer).status).toBeOneOf([202, 409])
    }
    expect(await receiver.post('/deliveries', text(sender), {})).toMatchObject({ status: 401 })
    expect(await deliver(text(sender))).toMatchObject({ status: 202 })
  })

  it('other ways of asking are refused with a problem, and nothing is stored', async () => {
    const { receiver, sender, clock, stored } = story
    const text = sender.request(clock.now(), sender.changes(deployments, 'a'))
    const gzip = { 'content-encoding': 'gzip' }
    const refusals = [
      [405, () => receiver.app.request('/deliveries')],
      [405, () => receiver.app.request('/deliveries/sessions', { method: 'PUT' })],
      [415, () => receiver.deliver('weu', text, { 'content-type': 'application/json' })],
      [415, () => receiver.deliver('weu', text, { 'content-encoding': 'br' })],
      [400, () => receiver.deliver('weu', text, gzip)],
      [413, () => receiver.deliver('weu', `${text}${'x'.repeat(3_000_000)}`)],
      [401, () => receiver.post('/deliveries', text, {})],
      [401, () => receiver.post('/deliveries/sessions', '{}', {})],
      [400, () => receiver.post('/deliveries/sessions', '{', { authorization: 'Bearer weu' })],
      [400, () => receiver.post('/deliveries/sessions', '{"version":2}', { authorization: 'Bearer weu' })],
      [413, () => receiver.post('/deliveries/sessions', ' '.repeat(2_000_000), { authorization: 'Bearer weu' })],
    ] as const
    for (const [status, ask] of refusals) {
      const answer = await ask()
      expect(answer.status).toBe(status)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(answer.headers.get('x-request-id')).toMatch(/./)
    }
    expect(await stored()).toEqual([])
    expect(receiver.reported).toEqual([])
  })
})
