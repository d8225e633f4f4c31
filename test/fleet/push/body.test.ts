import { describe, expect, it } from 'vitest'
import { BodyReader } from '../../../fleet/push/body.ts'

const head = { type: 'head', version: 1, epoch: 1, seq: 1, at: '2026-01-01T12:00:00Z', agent: 'fake/1' }
const kind = { type: 'kind', kind: 'cluster.x-k8s.io/Cluster', proof: 'delta' }
const object = { type: 'object', object: { metadata: { name: 'a' } } }
const said = (line: unknown): string => (typeof line === 'string' ? line : JSON.stringify(line))

function read(lines: readonly unknown[], limits?: { lines: number; objects: number }) {
  const reader = new BodyReader(limits)
  for (const line of lines) reader.take(line instanceof Uint8Array ? line : Buffer.from(said(line)))
  return reader.end()
}
/** With head and tail around it. */
const readWithin = (...lines: readonly unknown[]) => read([head, ...lines, { type: 'tail', lines: lines.length + 2 }])
const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`

describe('the lines of a delivery', () => {
  it('are one after another what is said of each kind', () => {
    const gone = { type: 'gone', namespace: 'fleet', name: 'b' }
    const { sections, digests, troubles } = readWithin(
      kind,
      object,
      gone,
      { type: 'unreadable', name: 'c', why: 'it is 9 MB' },
      { ...kind, kind: 'cluster.x-k8s.io/Machine', proof: 'buckets', buckets: ['00', 'ff'] },
      { type: 'trouble', kind: 'cluster.x-k8s.io/MachineSet', code: 'Forbidden', message: '' },
      { type: 'digest', kind: kind.kind, count: 0, digest: '0'.repeat(32) },
    )
    const ref = { group: 'cluster.x-k8s.io', kind: 'Cluster', namespace: 'fleet' }
    expect(sections).toMatchObject([
      {
        line: { kind: kind.kind, proof: 'delta' },
        objects: [object.object],
        gone: [{ ...ref, name: 'b' }],
        rejected: [{ ref: { ...ref, namespace: '', name: 'c' }, why: 'it is 9 MB' }],
      },
      { line: { proof: 'buckets', buckets: ['00', 'ff'] }, objects: [] },
    ])
    expect([digests.length, troubles.length]).toEqual([1, 1])
  })

  it.each([
    ['no JSON', '{"type":"object","object":{', 'line 3 is not JSON'],
    ['no UTF-8', Buffer.from('{"type":"object","object":{"a":"\xff"}}', 'latin1'), 'line 3 is not UTF-8'],
    ['bottomless', `{"type":"object","object":{"a":${deep(5000)}}}`, 'line 3 is nested deeper than 100'],
    ['no object', '{"type":"object","object":[1]}', 'line 3 has no object'],
    ['nothing', '{"type":"object"}', 'line 3 has no object'],
  ])('an object that is %s costs itself alone, and says so without a name', (_what, line, why) => {
    const { sections } = readWithin(kind, line, object)
    expect(sections).toMatchObject([{ objects: [object.object], rejected: [{ why }] }])
    expect(sections[0]?.rejected[0]).not.toHaveProperty('ref')
  })

  it('keys that come twice, prototypes and huge numbers are values like any other', () => {
    const line = '{"type":"object","object":{"a":1,"a":2,"__proto__":{"b":1},"n":1e999,"constructor":null}}'
    const [section] = readWithin(kind, line).sections
    expect(section?.objects[0]).toMatchObject({ a: 2, n: Number.POSITIVE_INFINITY })
    expect(({} as { b?: number }).b).toBeUndefined()
  })

  it.each<[string, readonly unknown[], string]>([
    ['no head', [kind, { type: 'tail', lines: 2 }], 'Line 1: the head is the first line'],
    ['two heads', [head, head], 'Line 2: the head is the first line'],
    ['no tail', [head, kind, object], 'cut off after line 3'],
    ['nothing at all', [], 'cut off after line 0'],
    ['a tail that counts otherwise', [head, { type: 'tail', lines: 3 }], 'Line 2: the tail counts 3 lines'],
    ['something after the tail', [head, { type: 'tail', lines: 2 }, kind], 'Line 3: nothing may follow'],
    ['an object of no kind', [head, object], 'Line 2: objects follow the line of their kind'],
    ['an unknown line', [head, { type: 'toString' }], 'Line 2: its type is none of head, server'],
    ['no JSON', [head, 'kind'], 'Line 2: is not JSON'],
    ['an array', [head, '[]'], 'Line 2: its type is none'],
    ['another version', [{ ...head, version: 2 }], 'Line 1: head.version'],
    ['an epoch that no column holds', [{ ...head, epoch: 2 ** 40 }], 'Line 1: head.epoch'],
    ['a number that is none', [JSON.stringify(head).replace('"seq":1', '"seq":1e999')], 'Line 1: head.seq'],
    ['a field nobody knows', [head, { ...kind, source: 'neu' }], 'Line 2: kind: Unrecognized key'],
    ['a kind that is none', [head, { ...kind, kind: 'Cluster' }], 'Line 2: kind.kind'],
    ['a text no database holds', [head, kind, { type: 'gone', name: 'a\0' }], 'Line 3: gone.name'],
    ['half a character', [head, kind, '{"type":"gone","name":"\\ud800"}'], 'Line 3: gone.name'],
  ])('with %s are no delivery', (_what, lines, sentence) => {
    expect(() => read(lines)).toThrow(
      expect.objectContaining({ code: 'invalid', message: expect.stringContaining(sentence) }),
    )
  })

  it('are so many at most, and hold so many objects and values', () => {
    expect(() => read([head, kind, object, object], { lines: 3, objects: 9 })).toThrow(
      'Line 4: a delivery has at most 3 lines',
    )
    expect(() => read([head, kind, object, object], { lines: 9, objects: 1 })).toThrow('at most 1 objects')
    const small = `{"type":"object","object":{"a":[${'[],'.repeat(600_000)}[]]}}`
    expect(() => readWithin(kind, small)).toThrow('at most 1000000 values')
  })

  it('are not repeated in what is said of them', () => {
    const secret = 'x'.repeat(10_000)
    expect(() => read([{ ...head, [secret]: 1 }])).toThrow(/^.{0,400}$/s)
    expect(() => read([{ ...head, at: secret }])).toThrow(/^(?!.*xxx)/s)
  })
})
