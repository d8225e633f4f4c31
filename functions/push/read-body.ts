import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { createGunzip } from 'node:zlib'
import { FleetError } from '../../fleet/error.ts'
import { type Body, BodyReader } from '../../fleet/push/body.ts'
import { deliveryType, pushLimits } from '../../fleet/push/protocol.ts'
import { Refusal } from '../http/problem.ts'
import { bounded } from '../http/request-body.ts'

/** A body that is not all here by then is given up: a sender that trickles holds a place. */
const readMs = 60_000

export type BodyLimits = { readonly [K in keyof typeof pushLimits]: number }

/**
 * Reads a delivery, gzip or plain. No more of it is held than the limits allow, whatever it is said to be: of a bomb the first bytes
 * over the limit end it. Throws Refusal or FleetError `invalid`; nothing is stored then.
 */
export async function readDelivery(
  request: Request,
  limits: BodyLimits = pushLimits,
  patienceMs: number = readMs,
): Promise<{ readonly body: Body; readonly bytes: number }> {
  const encoding = request.headers.get('content-encoding')?.toLowerCase() ?? 'identity'
  refuseForeign(request, encoding)
  const { body: sent } = bounded(request, limits.bodyBytes, patienceMs)
  const reader = new BodyReader(limits)
  // The two declarations of a web stream differ, the stream does not.
  const raw = Readable.fromWeb((sent ?? new Blob().stream()) as ReadableStream<Uint8Array>)
  let bytes = 0
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of raw) {
      bytes += chunk.length
      yield chunk
    }
  }
  const split = (chunks: AsyncIterable<Buffer>) => splitLines(chunks, limits, (line) => reader.take(line))
  try {
    if (encoding === 'gzip') await pipeline(counted, createGunzip({ chunkSize: 64 * 1024 }), split)
    else await pipeline(counted, split)
  } catch (error) {
    raw.destroy()
    throw troubleOf(error)
  }
  return { body: reader.end(), bytes }
}

async function splitLines(
  chunks: AsyncIterable<Buffer>,
  limits: BodyLimits,
  take: (line: Uint8Array) => void,
): Promise<void> {
  let plain = 0
  let parts: Buffer[] = []
  let held = 0
  let ended = 0
  const hold = (part: Buffer): void => {
    held += part.length
    if (held > limits.lineBytes) throw tooLarge('line', limits.lineBytes)
    parts.push(part)
  }
  const flush = (): void => {
    if (held > 0) take(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts))
    parts = []
    held = 0
  }
  for await (const chunk of chunks) {
    plain += chunk.length
    if (plain > limits.plainBytes) throw tooLarge('body, unpacked,', limits.plainBytes)
    let from = 0
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      // Empty ones are no lines of the delivery, and there may be millions.
      if (++ended > limits.lines)
        throw new FleetError('invalid', `A delivery has at most ${limits.lines} lines, empty ones included.`)
      hold(chunk.subarray(from, at))
      flush()
      from = at + 1
    }
    if (from < chunk.length) hold(chunk.subarray(from))
  }
  flush()
}

function refuseForeign({ headers }: Request, encoding: string): void {
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type !== deliveryType)
    throw new Refusal(415, 'The content type is not NDJSON', `Send the delivery as ${deliveryType}.`)
  if (encoding !== 'identity' && encoding !== 'gzip')
    throw new Refusal(
      415,
      'The content encoding is not known',
      'Send the delivery plain or with content-encoding gzip.',
    )
}

const tooLarge = (what: string, bytes: number): Refusal =>
  new Refusal(413, 'The request is too large', `The ${what} may have ${bytes} bytes at most.`)

/** What gzip says of what it cannot unpack; the rest says itself what it is. */
function troubleOf(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return code.startsWith('Z_')
    ? new FleetError('invalid', `The body is not whole gzip (${code}).`, { cause: error })
    : error
}
