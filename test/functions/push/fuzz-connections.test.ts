import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deliveryType } from '../../../fleet/push/protocol.ts'
import { engines } from '../../engine.ts'
import { deployments } from '../../push/cluster.ts'
import { send } from '../../push/fuzz/client.ts'
import { fluxEvent, signed } from '../../push/fuzz/flux-cases.ts'
import { Random } from '../../push/fuzz/random.ts'
import { openWorld, type Pusher, type World } from '../../push/fuzz/world.ts'

// What a client does to a connection: it trickles, it leaves, it never ends.

const isHere = engines.includes('postgres')
let world: World
let me: Pusher
beforeAll(async () => {
  if (!isHere) return
  world = await openWorld(1)
  me = world.mine[0] ?? expect.fail()
})
afterAll(() => world?.close())

interface Line {
  readonly socket: Socket
  /** All that was answered, once `sign` has come. */
  readonly heard: (sign: RegExp) => Promise<string>
}

/** A connection on which a request was begun. */
async function begin(path: string, headers: Readonly<Record<string, string>>, body = ''): Promise<Line> {
  const { hostname, port } = new URL(world.url)
  const socket = connect(Number(port), hostname)
  let text = ''
  let wake: () => void = () => undefined
  socket.setEncoding('utf8').on('data', (more: string) => {
    text += more
    wake()
  })
  for (const end of ['error', 'close'] as const) socket.on(end, () => wake())
  await new Promise((resolve) => socket.once('connect', resolve))
  const lines = Object.entries({ host: 'rollcall.example', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
  const heard = async (sign: RegExp) => {
    while (!sign.test(text) && !socket.destroyed)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    return text
  }
  return { socket, heard }
}
const chunked = { 'transfer-encoding': 'chunked' }
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
const status = (text: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0)

const authorised = async () => ({
  authorization: `Bearer ${await world.goodToken(me.name)}`,
  'content-type': deliveryType,
})
const goodText = () => me.sender.request(new Date(), me.sender.changes(deployments, 'a'))
const deliver = async (text = goodText()) =>
  (await send(world.url, { path: '/deliveries', headers: await authorised(), body: Buffer.from(text) })).status
/** Until the place of a request whose client has left is free again. */
async function delivered(): Promise<void> {
  for (;;) {
    const answered = await deliver()
    if (answered !== 429 && answered !== 503) return expect(answered).toBe(202)
    await sleep(10)
  }
}
const flux = (body = JSON.stringify(fluxEvent())) => send(world.url, signed({ world, me, random: new Random(1) }, body))

describe.skipIf(!isHere)('a connection', () => {
  it('that breaks off in the middle of a delivery leaves nothing, and no place taken', async () => {
    const { written } = await world.look()
    const text = goodText()
    const headers = await authorised()
    for (const end of ['destroy', 'end', 'resetAndDestroy'] as const) {
      const announced = await begin(
        '/deliveries',
        { ...headers, 'content-length': String(text.length) },
        text.slice(0, -20),
      )
      announced.socket[end]()
      const endless = await begin('/deliveries', { ...headers, ...chunked }, chunk(text))
      endless.socket[end]()
    }
    await sleep(50)
    expect((await world.look()).written).toBe(written)
    await delivered()
  })

  it('on which a refused delivery ends later harms nobody: the app is still there', async () => {
    for (let n = 0; n < 20; n++) {
      const { socket, heard } = await begin(
        '/deliveries',
        { ...(await authorised()), ...chunked },
        chunk('{"type":"none"}\n'),
      )
      // Its end meets the refusal somewhere on the way.
      await sleep(n % 5)
      socket.write('0\r\n\r\n')
      expect(status(await heard(/requestId/))).toBe(400)
      socket.destroy()
    }
    await delivered()
  })

  it('is answered as soon as a line is too long, and closed by whoever is tired of it', async () => {
    const line = await begin('/deliveries', { ...(await authorised()), ...chunked })
    const piece = chunk('x'.repeat(64 * 1024))
    // Whoever writes on to what is closed would never let anything else happen.
    const more = (error?: Error | null): void => {
      if (!error && !line.socket.destroyed) line.socket.write(piece, more)
    }
    more()
    expect(status(await line.heard(/requestId/))).toBe(413)
    line.socket.destroy()
    await delivered()
  })

  it('without a token is refused before anything of a body comes', async () => {
    for (const path of [
      '/deliveries',
      '/deliveries/sessions',
      `/events/cloudevents/${me.name}`,
      '/events/eventgrid',
      `/events/flux/${me.name}`,
    ]) {
      const { socket, heard } = await begin(path, { ...chunked, 'content-type': 'application/json' }, chunk('{'))
      expect([path, status(await heard(/requestId/))]).toEqual([path, 401])
      socket.destroy()
    }
  })

  it('that opens a session with a body that is too long, or never said to be, is refused', async () => {
    const headers = { ...(await authorised()), 'content-type': 'application/json' }
    const { socket, heard } = await begin(
      '/deliveries/sessions',
      { ...headers, ...chunked },
      chunk(' '.repeat(1_100_000)),
    )
    expect(status(await heard(/requestId/))).toBe(413)
    socket.destroy()
    await delivered()
  })

  it('or a hundred that trickle, of who has proven nothing, take no place of those who have', async () => {
    const forged = { 'x-signature': `sha256=${'0'.repeat(64)}`, 'content-type': 'application/json' }
    const lines = await Promise.all(
      Array.from({ length: 100 }, () => begin(`/events/flux/${me.name}`, { ...forged, 'content-length': '1000' }, '{')),
    )
    await Promise.race(lines.map(({ heard }) => heard(/requestId/)))
    await delivered()
    const full = await flux()
    expect([full.status, Number(full.headers['retry-after']) > 0]).toEqual([503, true])
    // They are given up by themselves, and answered.
    for (const { heard, socket } of lines) {
      expect(status(await heard(/requestId/))).toBeOneOf([408, 503])
      socket.destroy()
    }
    expect((await flux()).status).toBe(202)
  }, 30_000)

  it('was never a fault of ours', async () => {
    await world.look()
    expect(world.takeLog()).not.toMatch(/FAULT|geheim|eyJ|"level":(50|60)/)
  })
})
