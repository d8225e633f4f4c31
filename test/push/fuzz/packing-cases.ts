import { gzipSync } from 'node:zlib'
import { deliveryType, pushLimits } from '../../../fleet/push/protocol.ts'
import { deployments } from '../cluster.ts'
import type { Line } from '../sender.ts'
import type { Case, Making, Sort } from './case.ts'
import type { Call } from './client.ts'

// How a delivery is packed: what it says is good, or would be if it could be read.

const mebibyte = 1024 * 1024
const packed = { 'content-encoding': 'gzip' } as const

/** Posts the bytes of a delivery as who may. */
export async function delivery(
  { world, me }: Making,
  body: Call['body'],
  headers: Readonly<Record<string, string>> = {},
): Promise<Call> {
  const authorization = `Bearer ${await world.goodToken(me.name)}`
  return { path: '/deliveries', headers: { authorization, 'content-type': deliveryType, ...headers }, body }
}

/** What would be taken: a change of one object, as text. */
export const goodText = ({ me: { sender } }: Making, more: readonly Line[] = []): string =>
  sender.request(new Date(), [...sender.changes(deployments, 'a'), ...more])

/** Made once: the same for every case of a sort. */
const bombs = {
  // One line, of nothing, of spaces and of open brackets.
  zeros: gzipSync(Buffer.alloc(100 * mebibyte), { level: 9 }),
  spaces: gzipSync(Buffer.alloc(100 * mebibyte, ' '), { level: 9 }),
  brackets: gzipSync(Buffer.alloc(20 * mebibyte, '['), { level: 9 }),
  // Many lines, of nothing and of next to nothing.
  newlines: gzipSync(Buffer.alloc(100 * mebibyte, '\n'), { level: 9 }),
  ones: gzipSync(Buffer.alloc(20 * mebibyte, '1\n'), { level: 9 }),
  carriage: gzipSync(Buffer.alloc(20 * mebibyte, '\r\n'), { level: 9 }),
}
const emptyMember = gzipSync('')

function* repeated(piece: Uint8Array, count: number): Generator<Uint8Array> {
  for (let n = 0; n < count; n++) yield piece
}

const refusedBody = (
  name: string,
  weight: number,
  bodyOf: (making: Making) => Call['body'],
  headers?: Readonly<Record<string, string>>,
): Sort => ({
  ...{ name: `packing: ${name}`, weight },
  make: async (making) => ({ call: await delivery(making, bodyOf(making), headers), must: 'be refused' }),
})

function truncated({ random }: Making, bytes: Buffer): Buffer {
  return bytes.subarray(0, random.int(0, bytes.length - 1))
}

/** Flips bits of the header, of the data or of the checksum. A flag of the header may mean nothing: then it is good. */
function corrupted({ random }: Making, bytes: Buffer): Buffer {
  const other = Buffer.from(bytes)
  const at = random.int(0, bytes.length - 1)
  other[at] = (other[at] ?? 0) ^ (1 << random.int(0, 7))
  return other
}

export const packingSorts: readonly Sort[] = [
  {
    name: 'packing: gzip bomb',
    weight: 0.3,
    make: async (making) => {
      const bomb = making.random.pick(Object.values(bombs))
      const whole = Buffer.concat([gzipSync(goodText(making)), bomb])
      return { call: await delivery(making, making.random.pick([bomb, whole]), packed), must: 'be refused' }
    },
  },
  refusedBody(
    'gzip in gzip',
    3,
    (making) => {
      let bytes = gzipSync(goodText(making))
      for (let n = making.random.int(1, 5); n > 0; n--) bytes = gzipSync(bytes)
      return bytes
    },
    packed,
  ),
  refusedBody(
    'gzip of many empty members',
    0.3,
    ({ random }) => Buffer.concat(Array.from({ length: random.pick([1, 1_000, 100_000]) }, () => emptyMember)),
    packed,
  ),
  {
    // As gzip has it, members follow each other: what they hold is one text.
    name: 'packing: gzip of some members',
    weight: 3,
    make: async (making) => {
      const text = goodText(making)
      const size = making.random.int(1, text.length)
      const members = [...text.matchAll(new RegExp(`[^]{1,${size}}`, 'g'))].map(([part]) => gzipSync(part))
      return { call: await delivery(making, Buffer.concat(members), packed), must: 'be taken' }
    },
  },
  refusedBody('gzip cut off', 8, (making) => truncated(making, gzipSync(goodText(making))), packed),
  {
    name: 'packing: gzip with flipped bits',
    weight: 8,
    make: async (making) => ({
      call: await delivery(making, corrupted(making, gzipSync(goodText(making))), packed),
      must: 'be either',
    }),
  },
  {
    name: 'packing: gzip, and then more',
    weight: 3,
    make: async (making) => {
      const { random } = making
      const more = random.pick([
        random.bytes(random.int(1, 50)),
        Buffer.alloc(9),
        gzipSync('more\n'),
        Buffer.from([0x1f, 0x8b, 8, 0]),
      ])
      return {
        call: await delivery(making, Buffer.concat([gzipSync(goodText(making)), more]), packed),
        must: 'be either',
      }
    },
  },
  refusedBody('plain, said to be gzip', 4, (making) => Buffer.from(goodText(making)), packed),
  refusedBody('gzip, said to be plain', 4, (making) => gzipSync(goodText(making))),
  {
    name: 'packing: another encoding or type',
    weight: 6,
    make: async (making) => {
      const { random } = making
      const encoding = random.pick([
        'br',
        'deflate',
        'zstd',
        'x-gzip',
        'gzip, gzip',
        'identity, gzip',
        'chunked',
        '*',
        'gzip;q=1',
        'GZIP ,',
      ])
      const type = random.pick([
        'application/json',
        'text/plain',
        'application/x-ndjsonx',
        'application/x-ndjson, a/b',
        'multipart/form-data; boundary=x',
        ' ',
      ])
      const headers = random.pick<Readonly<Record<string, string>>>([
        { 'content-encoding': encoding },
        { 'content-type': type },
      ])
      return {
        call: await delivery(making, random.pick([gzipSync, Buffer.from])(goodText(making)), headers),
        must: 'be refused',
      }
    },
  },
  {
    // No more than was announced is part of the request. Without the end of its last line a delivery would still be whole.
    name: 'packing: longer than announced',
    weight: 3,
    make: async (making) => {
      const bytes = Buffer.from(goodText(making))
      const length = making.random.int(0, bytes.length - 2)
      return {
        call: await delivery(making, bytes, { 'content-length': String(length), connection: 'close' }),
        must: 'be refused',
        mayBeBroken: true,
      }
    },
  },
  {
    name: 'packing: announced too long',
    weight: 2,
    make: async (making): Promise<Case> => {
      const length = making.random.pick([pushLimits.bodyBytes + 1, 2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER])
      const call = await delivery(making, () => [Buffer.from('{')], {
        'content-length': String(length),
        connection: 'close',
      })
      return { call, must: 'be refused', mayBeCut: true }
    },
  },
  {
    name: 'packing: a line of 100 MB',
    weight: 0.2,
    make: async (making) => {
      const piece = Buffer.alloc(mebibyte, making.random.pick(['x', '[', '"', ' ', '\\', '{"a":', '\u0000', 'é']))
      return { call: await delivery(making, () => repeated(piece, 100)), must: 'be refused', mayBeCut: true }
    },
  },
  refusedBody('a line of 3 MB', 0.5, (making) => Buffer.from(`${goodText(making)}${'x'.repeat(3 * mebibyte)}`)),
  refusedBody('nothing', 1, ({ random }) =>
    random.pick([
      null,
      Buffer.alloc(0),
      Buffer.from('\n'),
      Buffer.from(' '),
      Buffer.from('\n\n\n'),
      Buffer.from('\ufeff'),
    ]),
  ),
  refusedBody('noise', 4, ({ random }) => random.bytes(random.int(1, 400))),
]
