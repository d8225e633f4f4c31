import { createGzip, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { deliveryType, pushLimits } from '../../../fleet/push/protocol.ts'
import { readDelivery } from '../../../functions/push/read-body.ts'

const head = '{"type":"head","version":1,"epoch":1,"seq":1,"at":"2026-01-01T12:00:00Z","agent":"fake/1"}\n'
const kind = '{"type":"kind","kind":"cluster.x-k8s.io/Cluster","proof":"delta"}\n'
const tail = '{"type":"tail","lines":2}\n'
const whole = head + tail

const requestOf = (body: BodyInit | null, headers: Readonly<Record<string, string>> = {}) =>
  new Request('http://local/deliveries', {
    method: 'POST',
    headers: { 'content-type': deliveryType, ...headers },
    body,
    // Node's word, which not every declaration of `RequestInit` has.
    ...{ duplex: 'half' },
  })
const gzip = { 'content-encoding': 'gzip' }
const bytesOf = (text: string | Buffer) => Uint8Array.from(Buffer.from(text))

/** A body that comes in pieces and tells how many were asked for. */
function endless(piece: Uint8Array<ArrayBuffer>, count: number) {
  const asked = { pieces: 0 }
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (++asked.pieces > count) controller.close()
      else controller.enqueue(piece)
    },
  })
  return { stream, asked }
}

describe('the body of a delivery', () => {
  it('is gzip or plain, in pieces of any size', async () => {
    const text = bytesOf(whole)
    expect((await readDelivery(requestOf(text))).body.head.seq).toBe(1)
    expect(await readDelivery(requestOf(bytesOf(gzipSync(whole)), gzip))).toMatchObject({
      bytes: gzipSync(whole).length,
    })
    const { stream } = endless(bytesOf(' '), 3)
    await expect(readDelivery(requestOf(stream))).rejects.toMatchObject({ code: 'invalid' })
    const byByte = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (const byte of text) controller.enqueue(Uint8Array.of(byte))
        controller.close()
      },
    })
    expect((await readDelivery(requestOf(byByte))).body.head.seq).toBe(1)
  })

  it.each([
    ['another type', whole, { 'content-type': 'application/json' }, 415],
    ['another encoding', whole, { 'content-encoding': 'br' }, 415],
    ['a length over the limit', whole, { 'content-length': String(pushLimits.bodyBytes + 1) }, 413],
  ])('with %s is refused unread', async (_what, body, headers, status) => {
    await expect(readDelivery(requestOf(body, headers))).rejects.toMatchObject({ status })
  })

  it.each([
    ['nothing', null, {}],
    ['gzip that is none', whole, gzip],
    ['gzip that was cut off', bytesOf(gzipSync(whole).subarray(0, -9)), gzip],
    ['empty lines without end', bytesOf(gzipSync(`${'\n'.repeat(pushLimits.lines)}${whole}`)), gzip],
    ['gzip with noise behind it', bytesOf(Buffer.concat([gzipSync(whole), gzipSync('x')])), gzip],
  ])('that is %s is no delivery', async (_what, body, headers) => {
    await expect(readDelivery(requestOf(body, headers))).rejects.toMatchObject({ code: 'invalid' })
  })

  it('that breaks off is the sender’s trouble, not ours', async () => {
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error('ECONNRESET')),
    })
    await expect(readDelivery(requestOf(broken))).rejects.toMatchObject({ code: 'invalid' })
  })

  it('that trickles is given up', async () => {
    let cancelled = false
    const trickle = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytesOf(head)),
      cancel: () => {
        cancelled = true
      },
    })
    await expect(readDelivery(requestOf(trickle), pushLimits, 50)).rejects.toMatchObject({ status: 408 })
    expect(cancelled).toBe(true)
  })

  it('is not read beyond its limits, however much more would come', async () => {
    const piece = new Uint8Array(64 * 1024).fill(97)
    const cases = [
      { ...endless(piece, 2_000), limit: pushLimits.lineBytes },
      { ...endless(bytesOf(`${head}`.repeat(500)), 4_000), limit: 500 * head.length },
      { ...endless(new Uint8Array(64 * 1024).fill(10), 2_000), limit: pushLimits.bodyBytes },
    ]
    for (const { stream, asked, limit } of cases) {
      await expect(readDelivery(requestOf(stream))).rejects.toThrow()
      expect(asked.pieces * 64 * 1024).toBeLessThan(limit + 10 * 64 * 1024)
    }
  })

  it('that is a bomb is stopped at its first bytes over the limit', async () => {
    const bomb = createGzip({ level: 9 })
    bomb.write(head + kind)
    // 400 MB of lines in 400 kB.
    const zeros = Buffer.alloc(1024 * 1024, `${' '.repeat(1023)}\n`)
    const packed: Buffer[] = []
    bomb.on('data', (chunk: Buffer) => packed.push(chunk))
    for (let n = 0; n < 400; n++) bomb.write(zeros)
    await new Promise<void>((resolve) => bomb.end(resolve))
    const before = process.memoryUsage().arrayBuffers
    const refused = readDelivery(requestOf(bytesOf(Buffer.concat(packed)), gzip))
    await expect(refused).rejects.toMatchObject({ code: 'invalid' })
    const oneLine = bytesOf(gzipSync(Buffer.concat([Buffer.from(head), Buffer.alloc(100 * 1024 * 1024, 'a')])))
    await expect(readDelivery(requestOf(oneLine, gzip))).rejects.toMatchObject({ status: 413 })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(300 * 1024 * 1024)
  })
})
