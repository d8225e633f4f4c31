import { gzipSync } from 'node:zlib'
import { deployments } from '../cluster.ts'
import type { Making, Sort } from './case.ts'
import { cloudEvents, wholeEvent } from './cloud-cases.ts'
import { fluxEvent, signed } from './flux-cases.ts'
import { delivery } from './packing-cases.ts'
import { nastyNumbers, nastyTexts, type Random } from './random.ts'

// Good requests of many lines and members, with something changed that nobody chose: they may still be good.

const tokens = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\n',
  '\\',
  'null',
  '1e999',
  '-',
  '"__proto__"',
  '\u0000',
  '\ud83d',
  '\r\n',
  '"kind"',
]

/** One to four changes of bytes, or of lines. */
function mutated(text: string, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(text)
  for (let n = random.int(1, 4); n > 0; n--)
    bytes = random.pick([flipped, spliced, cut, inserted, swapped, doubled, respelt])(bytes, random)
  return bytes
}

type Change = (bytes: Buffer, random: Random) => Buffer

const flipped: Change = (bytes, random) => {
  const other = Buffer.from(bytes)
  for (let n = random.int(1, 3); n > 0 && other.length > 0; n--) {
    const at = random.int(0, other.length - 1)
    other[at] = (other[at] ?? 0) ^ (1 << random.int(0, 7))
  }
  return other
}
const place = (bytes: Buffer, random: Random) => random.int(0, bytes.length)
/** A piece of it over another place of it. */
const spliced: Change = (bytes, random) => {
  const from = place(bytes, random)
  const piece = bytes.subarray(from, from + random.int(1, 200))
  const at = place(bytes, random)
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + (random.chance(0.5) ? piece.length : 0))])
}
const cut: Change = (bytes, random) => {
  const at = place(bytes, random)
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.int(1, 60))])
}
const inserted: Change = (bytes, random) => {
  const at = place(bytes, random)
  const what = random.chance(0.7) ? Buffer.from(random.pick(tokens)) : random.bytes(random.int(1, 8))
  return Buffer.concat([bytes.subarray(0, at), what, bytes.subarray(at)])
}
const byLines = (bytes: Buffer, change: (lines: string[]) => string[]): Buffer =>
  Buffer.from(change(bytes.toString('latin1').split('\n')).join('\n'), 'latin1')
const swapped: Change = (bytes, random) =>
  byLines(bytes, (lines) => {
    const [a, b] = [random.int(0, lines.length - 1), random.int(0, lines.length - 1)]
    return lines.with(a, lines[b] ?? '').with(b, lines[a] ?? '')
  })
const doubled: Change = (bytes, random) =>
  byLines(bytes, (lines) => {
    const at = random.int(0, lines.length - 1)
    return random.chance(0.5) ? lines.toSpliced(at, 0, lines[at] ?? '') : lines.toSpliced(at, 1)
  })
/** A value in another spelling. */
const respelt: Change = (bytes, random) => {
  const text = bytes.toString('latin1')
  const values = [...text.matchAll(/:("[^"\n]*"|-?\d+|true|false|null|\[\]|\{\})/g)]
  const value = values[random.int(0, Math.max(0, values.length - 1))]
  if (value === undefined) return bytes
  const other = random.chance(0.5) ? JSON.stringify(random.pick(nastyTexts)) : random.pick(nastyNumbers)
  const at = value.index + 1
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(other), bytes.subarray(at + value[0].length - 1)])
}

/** All sorts of lines at once. */
function richText({ me: { sender }, random }: Making): string {
  const now = new Date()
  const changes = sender.changes(deployments, 'a', 'b', 'nobody')
  const lines = random.shuffled([
    changes,
    sender.reading(deployments, now).flat(),
    [{ type: 'server', ...sender.server() }],
    [{ type: 'trouble', kind: deployments, code: 'Forbidden', message: 'grant list' }],
    [sender.digest(deployments, random.chance(0.5))],
    [
      { type: 'kind', kind: deployments, proof: 'buckets', buckets: ['00', 'ff'] },
      { type: 'unreadable', namespace: 'fleet', name: 'c', why: 'it is 9 MB' },
    ],
  ])
  return sender.request(now, lines.slice(0, random.int(1, lines.length)).flat())
}

export const mutationSorts: readonly Sort[] = [
  {
    name: 'mutated: deliveries',
    weight: 40,
    make: async (making) => {
      const bytes = mutated(richText(making), making.random)
      return making.random.chance(0.5)
        ? { call: await delivery(making, gzipSync(bytes), { 'content-encoding': 'gzip' }), must: 'be either' }
        : { call: await delivery(making, bytes), must: 'be either' }
    },
  },
  {
    name: 'mutated: sessions',
    weight: 6,
    make: async (making) => {
      const { path: _, ...call } = await delivery(
        making,
        mutated(JSON.stringify(making.me.sender.opening()), making.random),
        { 'content-type': 'application/json' },
      )
      return { call: { ...call, path: '/deliveries/sessions' }, must: 'be either' }
    },
  },
  {
    name: 'mutated: Flux, signed',
    weight: 8,
    make: (making) => ({
      call: signed(making, mutated(JSON.stringify(fluxEvent()), making.random)),
      must: 'be either',
    }),
  },
  {
    name: 'mutated: CloudEvents',
    weight: 12,
    make: async (making) => ({
      call: await cloudEvents(
        making,
        mutated(JSON.stringify(wholeEvent(making)), making.random),
        'application/cloudevents+json',
      ),
      must: 'be either',
    }),
  },
]
