import { deployments } from '../cluster.ts'
import type { Line } from '../sender.ts'
import type { Case, Making, Sort } from './case.ts'
import { delivery, goodText } from './packing-cases.ts'
import { nastyNumbers, nastyTexts, noNumbers, type Random } from './random.ts'
import { secrets } from './world.ts'

// What the lines of a delivery say.

type Text = (making: Making) => string | Buffer

const sort = (name: string, weight: number, must: Case['must'], textOf: Text): Sort => ({
  ...{ name: `lines: ${name}`, weight },
  make: async (making) => ({ call: await delivery(making, Buffer.from(textOf(making))), must }),
})

const linesOf = (making: Making, more: readonly Line[] = []): string[] => goodText(making, more).trimEnd().split('\n')
const joined = (lines: readonly string[]): string => `${lines.join('\n')}\n`

/** The same lines with a tail that counts them. */
const counted = (lines: readonly string[]): string =>
  joined([...lines.slice(0, -1), JSON.stringify({ type: 'tail', lines: lines.length })])

/** The delivery with one member of one line spelt otherwise, as JSON text. */
function respelt(making: Making, line: number, member: string, spelling: string, more: readonly Line[] = []): string {
  const lines = linesOf(making, more)
  const fields = JSON.parse(lines.at(line) ?? '')
  const mark = '@@'
  const text = JSON.stringify({ ...fields, [member]: mark }).replace(`"${mark}"`, () => spelling)
  return joined(lines.with(line, text))
}

const run = { id: '3f2b8f0e-0f4e-4c43-9f0b-0d6f0c1e2a3b', startedAt: new Date().toISOString() }
const page: Line = { type: 'kind', kind: deployments, proof: 'page', run, page: 0, cursor: '1' }
const digest: Line = { type: 'digest', kind: deployments, count: 1, digest: 'a'.repeat(32) }
const gone: Line = { type: 'gone', namespace: 'fleet', name: 'nobody' }
const server: Line = { type: 'server', uid: 'uid-of-another', version: 'v1.34.0', kinds: [] }

const noCounts = [...nastyNumbers, ...noNumbers]
const spelling = (random: Random) => random.pick(noCounts)
const noText = ({ random }: Making): string =>
  random.pick([
    'null',
    '7',
    '[]',
    '{}',
    'true',
    ...nastyTexts.filter((text) => text.length !== 1).map((text) => JSON.stringify(text)),
  ])

const nested = (depth: number, random: Random): string => {
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['[{"a":', '}]'],
  ] as const)
  return `${open.repeat(depth)}1${random.chance(0.5) ? close.repeat(depth) : ''}`
}

const withObject = (making: Making, text: string): string => {
  const [head = '', kind = '', , tail = ''] = linesOf(making)
  return joined([head, kind, `{"type":"object","object":${text}}`, tail])
}

/** The wire object of `a`, with something odd in it. */
function oddObject(making: Making): string {
  const { random, me } = making
  const good = JSON.stringify(me.sender.cluster.get(deployments, 'a'))
  const odd = random.pick([
    JSON.stringify(random.pick(nastyTexts)),
    spelling(random),
    '[]',
    '{}',
    '{"__proto__":{"a":1}}',
    'null',
  ])
  const member = random.pick([
    '"name":',
    '"namespace":',
    '"uid":',
    '"resourceVersion":',
    '"replicas":',
    '"conditions":',
    '"labels":',
    '"generation":',
    '"status":',
    '"spec":',
    '"metadata":',
  ])
  const at = good.indexOf(member)
  if (at === -1) return good.replace('{', `{${member}${odd},`)
  return `${good.slice(0, at)}${member}${odd},${good.slice(at)}`
}

export const lineSorts: readonly Sort[] = [
  sort('counts that are none', 8, 'be refused', (making) => {
    const { random } = making
    const [line, member, more] = random.pick<readonly [number, string, readonly Line[]]>([
      [0, 'version', []],
      [0, 'epoch', []],
      [0, 'seq', []],
      [-1, 'lines', []],
      [-2, 'page', [page]],
      [-2, 'count', [digest]],
    ])
    // A sequence number has no other bound than being a whole number.
    const text = spelling(random)
    return respelt(making, line, member, ['4294967296', '2147483648'].includes(text) ? '-1' : text, more)
  }),
  sort('another version, session or length', 4, 'be refused', (making) => {
    const { random } = making
    const [line, member, some] = random.pick<readonly [number, string, readonly string[]]>([
      [0, 'version', ['0', '2', '1e9', '[1]']],
      [0, 'epoch', [String(making.me.sender.epoch + 1), '2147483647']],
      [-1, 'lines', ['2', '3', '5', '10001']],
    ])
    return respelt(making, line, member, random.pick(some))
  }),
  sort('instants that cannot be', 4, 'be refused', (making) => {
    const { random } = making
    const from = (ms: number) => JSON.stringify(new Date(Date.now() + ms).toISOString())
    const at = random.pick([
      from(3_600_000),
      from(-86_400_000),
      '"now"',
      '"2026-13-45T99:99:99Z"',
      '"+275760-09-13T00:00:00.001Z"',
      '"0000-01-01T00:00:00Z"',
      '"9999-12-31T23:59:59Z"',
      '0',
      '1e400',
    ])
    return random.chance(0.5)
      ? respelt(making, 0, 'at', at)
      : respelt(making, -2, 'run', `{"id":"${run.id}","startedAt":${at}}`, [page])
  }),
  sort('texts that are none', 6, 'be refused', (making) => {
    const { random } = making
    const [line, member, more] = random.pick<readonly [number, string, readonly Line[]]>([
      [0, 'type', []],
      [1, 'kind', []],
      [1, 'proof', []],
      [-2, 'digest', [digest]],
      [-2, 'buckets', [{ type: 'kind', kind: deployments, proof: 'buckets', buckets: ['00'] }]],
      [-2, 'code', [{ type: 'trouble', kind: deployments, code: 'Forbidden', message: '' }]],
    ])
    return respelt(making, line, member, noText(making), more)
  }),
  sort('a NUL or half a character in a name', 4, 'be refused', (making) => {
    const { random } = making
    const text = JSON.stringify(random.pick(['a\u0000', '\ud800', 'a\udc00b', '\u0000']))
    return random.chance(0.5)
      ? respelt(making, -2, random.pick(['name', 'namespace']), text, [gone])
      : respelt(making, 0, 'agent', text)
  }),
  sort('members that nobody knows', 4, 'be refused', (making) => {
    const { random } = making
    const member = random.pick([
      'source',
      'sourceId',
      'epoch ',
      'constructor',
      'tenant',
      'x'.repeat(5_000),
      'Type',
      'hasOwnProperty',
    ])
    return respelt(making, random.pick([0, 1, -1]), member, JSON.stringify(random.pick(['other', secrets.content])))
  }),
  sort('__proto__ and double members', 4, 'be either', (making) => {
    const lines = linesOf(making)
    const line = making.random.int(0, lines.length - 1)
    const extra = making.random.pick([
      '"__proto__":{"epoch":9,"isAdmin":true}',
      '"epoch":9',
      '"type":"tail"',
      '"constructor":{"prototype":{}}',
      '"object":{"__proto__":{"metadata":{"name":"x"}}}',
    ])
    const text = lines[line] ?? ''
    return joined(
      lines.with(line, making.random.chance(0.5) ? text.replace('{', `{${extra},`) : text.replace(/\}$/, `,${extra}}`)),
    )
  }),
  sort('a wrong order', 6, 'be refused', (making) => {
    const { random } = making
    const [head = '', ...rest] = linesOf(making, [digest])
    const tail = rest.pop() ?? ''
    return random.pick([
      counted([...rest, head, tail]),
      joined([head, tail, ...rest]),
      joined([...rest, tail]),
      joined([head, ...rest]),
      counted([head, head, ...rest, tail]),
      joined([head, ...rest, tail, head]),
      joined([head, ...rest, tail, tail]),
      counted([head, ...rest.slice(1), tail]),
      joined([tail]),
      joined([head]),
    ])
  }),
  sort('nested deeply, where all is at stake', 3, 'be refused', (making) => {
    const [head = '', ...rest] = linesOf(making)
    const deep = nested(making.random.pick([101, 1_000, 100_000]), making.random)
    return making.random.chance(0.5)
      ? joined([head.replace(/\}$/, `,"x":${deep}}`), ...rest])
      : counted([head, deep, ...rest])
  }),
  sort('an object that is nested deeply', 3, 'be either', (making) =>
    withObject(making, nested(making.random.pick([98, 101, 1_000, 200_000]), making.random)),
  ),
  sort('a million values', 0.2, 'be refused', (making) =>
    withObject(
      making,
      `{"metadata":{"name":"a"},"x":[${making.random.pick(['[],', '{},', '1,']).repeat(1_000_100).slice(0, -1).slice(0, 2_097_000)}]}`,
    ),
  ),
  sort('no UTF-8', 4, 'be refused', (making) => {
    const bytes = Buffer.from(goodText(making))
    const bad = making.random.pick([
      [0xff],
      [0xc3],
      [0xe2, 0x82],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xc0, 0x80],
    ])
    const at = making.random.int(1, bytes.indexOf(10) - 1)
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(bad), bytes.subarray(at)])
  }),
  sort('an object that is no UTF-8', 2, 'be taken', (making) => {
    const [head = '', kind = '', , tail = ''] = linesOf(making)
    const bad = Buffer.concat([
      Buffer.from('{"type":"object","object":{"a":"'),
      making.random.bytes(5).map((byte) => byte | 0x80),
      Buffer.from([0xff]),
      Buffer.from('"}}'),
    ])
    return Buffer.concat([
      Buffer.from(`${head}\n${kind}\n`),
      bad.map((byte) => (byte === 10 ? 0xff : byte)),
      Buffer.from(`\n${tail}\n`),
    ])
  }),
  sort('an odd object', 10, 'be taken', (making) => withObject(making, oddObject(making))),
  sort('a Secret, or another kind that is not read', 4, 'be taken', (making) => {
    const { random } = making
    const kind = random.pick([
      '/Secret',
      '/ConfigMap',
      'example.org/Stranger',
      'cluster.x-k8s.io/Secret',
      '/__proto__'.replaceAll('_', 'x'),
      '/constructor',
    ])
    const object = {
      apiVersion: 'v1',
      kind: kind.slice(kind.indexOf('/') + 1),
      metadata: { name: 'a', namespace: 'fleet', uid: 'u', resourceVersion: '1' },
      data: { password: secrets.content },
    }
    const [head = '', , , tail = ''] = linesOf(making)
    return joined([
      head,
      JSON.stringify({ type: 'kind', kind, proof: 'delta' }),
      JSON.stringify({ type: 'object', object }),
      tail,
    ])
  }),
  sort('a Secret under the name of another kind', 2, 'be taken', (making) =>
    withObject(
      making,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'a-secret', namespace: 'fleet', uid: 'u', resourceVersion: '1' },
        data: { password: secrets.content },
      }),
    ),
  ),
  sort('another server', 2, 'be refused', (making) =>
    goodText(making, [server]).replaceAll('uid-of-another', making.random.pick(['uid-of-other', 'uid-of-nobody'])),
  ),
  sort('said twice', 3, 'be either', (making) => {
    const { sender } = making.me
    return sender.request(new Date(), sender.changes(deployments, 'a', 'b', 'a'), { seq: making.random.int(1, 3) })
  }),
]
