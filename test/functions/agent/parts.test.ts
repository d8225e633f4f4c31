import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { kindOf } from '../../../fleet/kinds/registry.ts'
import { printsDigest } from '../../../fleet/push/print.ts'
import { digestLine } from '../../../fleet/push/protocol.ts'
import { objectIdOf } from '../../../fleet/reference.ts'
import { Batch } from '../../../functions/agent/batch.ts'
import { FleetClock } from '../../../functions/agent/clock.ts'
import { parseConfig, readConfig } from '../../../functions/agent/config.ts'
import { entryOf, keyOf, nameOf } from '../../../functions/agent/entry.ts'
import { Mirror } from '../../../functions/agent/mirror.ts'
import { backoffMs, pause } from '../../../functions/agent/pause.ts'

const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms)

describe("Rollcall's clock", () => {
  // Each step: what the monotonic clock says, the `now` of an answer that arrives then (if one does), and what is reckoned.
  const stories: readonly [string, readonly (readonly [number, number | null, number])[]][] = [
    [
      'goes on with the time that passes',
      [
        [0, 1_000, 1_000],
        [250, null, 1_250],
      ],
    ],
    [
      'a slow answer does not set it back',
      [
        [0, 1_000, 1_000],
        [500, 1_200, 1_500],
        [600, null, 1_600],
      ],
    ],
    [
      'a fast answer sets it forward: the earlier ones were slow',
      [
        [0, 1_000, 1_000],
        [500, 1_900, 1_900],
      ],
    ],
    [
      'a machine whose own clock runs fast is put right within two windows, and never goes back',
      [
        [0, 0, 0],
        [301_000, 300_900, 301_000],
        [602_000, 601_800, 601_900],
        [903_000, 902_700, 902_800],
        [903_100, null, 902_900],
      ],
    ],
  ]
  test.each(stories)('%s', (_, steps) => {
    let monotonic = 0
    const clock = new FleetClock(() => monotonic)
    for (const [passed, answered, reckoned] of steps) {
      monotonic = passed
      if (answered !== null) clock.hear(at(answered))
      expect(clock.now()).toEqual(at(reckoned))
    }
  })

  test('nothing is dated before the first answer', () => {
    expect(() => new FleetClock().now()).toThrow('no answer was heard yet')
  })
})

describe('changes that wait', () => {
  const never = () => null
  const [a, b] = ['cluster.x-k8s.io/Cluster', 'cluster.x-k8s.io/Machine'] as const

  test('of each object the newest is sent, dated by the oldest change', () => {
    const batch = new Batch(10, 1_000)
    batch.put(a, 'n/x', 'x1', at(5))
    batch.put(b, 'n/y', 'y1', at(6))
    batch.put(a, 'n/x', 'x2', at(7))
    expect(batch.drain(never)).toEqual({
      at: at(5),
      kinds: [a, b],
      lines: [
        `{"type":"kind","kind":"${a}","proof":"delta"}`,
        'x2',
        `{"type":"kind","kind":"${b}","proof":"delta"}`,
        'y1',
      ],
    })
    expect([batch.isEmpty, batch.drain(never)]).toEqual([true, null])
  })

  test('a kind of which something later was said goes by itself: an earlier date would lose', () => {
    const batch = new Batch(10, 1_000)
    batch.put(a, 'n/x', 'x', at(5))
    batch.put(b, 'n/y', 'y', at(9))
    const said = (kind: string) => (kind === b ? at(7) : null)
    expect(batch.drain(said)).toMatchObject({ at: at(5), kinds: [a] })
    expect(batch.drain(said)).toMatchObject({ at: at(9), kinds: [b] })
  })

  test('bounded in objects and in size; what replaces takes the room of what it replaces', () => {
    const batch = new Batch(2, 10)
    expect(batch.put(a, '1', '12345', at(0))).toBe(true)
    expect(batch.put(a, '2', '123456', at(0))).toBe(false)
    expect(batch.put(a, '2', '12345', at(0))).toBe(true)
    expect(batch.put(a, '3', '', at(0))).toBe(false)
    expect(batch.put(a, '1', '54321', at(0))).toBe(true)
    expect([batch.has(a), batch.has(b)]).toEqual([true, false])
    batch.drain(never)
    expect(batch.put(a, '3', '1234567890', at(0))).toBe(true)
  })
})

describe('what Rollcall was told', () => {
  test('has the digest that the store makes of the same objects, whatever was told on the way', () => {
    const mirror = new Mirror('weu', 'cluster.x-k8s.io/Cluster')
    const prints = new Map<string, string>()
    for (let n = 0; n < 500; n++) {
      const ref = { group: 'cluster.x-k8s.io', kind: 'Cluster', namespace: 'fleet', name: `c${n}` }
      const print = randomUUID()
      prints.set(objectIdOf('weu', ref), print)
      mirror.set(keyOf('fleet', ref.name), n % 2 === 0 ? print : 'old')
      if (n % 50 === 0) mirror.digest(false)
      mirror.set(keyOf('fleet', ref.name), print)
    }
    mirror.set(keyOf('fleet', 'unreadable'), null)
    mirror.set(keyOf('fleet', 'gone'), randomUUID())
    mirror.delete(keyOf('fleet', 'gone'))
    const { count, digest, buckets } = printsDigest(prints)
    expect(mirror.digest(false)).toEqual({ type: 'digest', kind: 'cluster.x-k8s.io/Cluster', count, digest })
    expect(digestLine.parse(mirror.digest(true)).buckets).toEqual(Object.fromEntries(buckets))
  })

  test('nothing has a digest too', () => {
    const mirror = new Mirror('weu', 'cluster.x-k8s.io/Cluster')
    mirror.set('a/b', 'print')
    mirror.delete('a/b')
    expect(mirror.digest(true)).toEqual({
      type: 'digest',
      kind: 'cluster.x-k8s.io/Cluster',
      ...printsDigest(new Map()),
      buckets: {},
    })
  })
})

describe('an object as it is said', () => {
  const wire = {
    apiVersion: 'cluster.x-k8s.io/v1beta2',
    kind: 'Cluster',
    metadata: { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '1' },
    spec: { secret: 1 },
  }
  test('projected; too large it is only named; without a name it is nothing', () => {
    const entry = entryOf(kindOf('cluster.x-k8s.io/Cluster'), wire, 1_000)
    expect(entry?.key).toBe('n/a')
    expect(JSON.parse(entry?.line ?? '')).toEqual({
      type: 'object',
      object: { apiVersion: wire.apiVersion, kind: 'Cluster', metadata: wire.metadata, spec: {} },
    })
    const large = entryOf(kindOf('cluster.x-k8s.io/Cluster'), wire, 20)
    expect([large?.print, JSON.parse(large?.line ?? '')]).toMatchObject([
      null,
      { type: 'unreadable', namespace: 'n', name: 'a' },
    ])
    expect(entryOf(kindOf('cluster.x-k8s.io/Cluster'), { metadata: {} }, 1_000)).toBeNull()
    expect(nameOf(keyOf('', 'a'))).toEqual({ namespace: '', name: 'a' })
  })
})

test('pauses double up to their limit, with jitter, and end with their signal', async () => {
  expect([1, 2, 3, 4, 99].map((n) => backoffMs(n, 100, 500, () => 1))).toEqual([100, 200, 400, 500, 500])
  expect(backoffMs(2, 100, 500, () => 0)).toBe(100)
  const control = new AbortController()
  const paused = pause(60_000, control.signal)
  control.abort()
  expect([await paused, await pause(1, control.signal), await pause(1, new AbortController().signal)]).toEqual([
    false,
    false,
    true,
  ])
})

describe('the configuration', () => {
  const parse = (text: string) => parseConfig(text, '/etc/rollcall/agent.yaml')

  test('paths are relative to it, and the pod itself is read unless it says otherwise', () => {
    const config = parse(
      'server: https://rollcall.example/fleet/\ntokenFile: token\nca: /ca.pem\nkinds: { except: [argoproj.io/Application] }\n',
    )
    expect(config).toMatchObject({
      tokenFile: '/etc/rollcall/token',
      ca: '/ca.pem',
      proxy: null,
      kube: { inCluster: true },
      heartbeatSeconds: null,
      logLevel: 'info',
    })
    expect([config.server.href, config.kinds]).toEqual([
      'https://rollcall.example/fleet/',
      { only: null, except: new Set(['argoproj.io/Application']) },
    ])
  })

  const wrong: readonly [string, RegExp][] = [
    ['', /must be a map with server and tokenFile/],
    ['server: [', /is not YAML: line 1/],
    [
      'server: http://rollcall.example\ntokenFile: t',
      /server must be an https URL without user or query \(http only to this machine\)/,
    ],
    ['server: https://u:p@rollcall.example\ntokenFile: t', /server must be an https URL without user/],
    ['server: rollcall\ntokenFile: t', /server must be a URL, for example https:\/\/rollcall.example/],
    ['server: https://r.example', /tokenFile must be the path of a file/],
    ['server: https://r.example\ntokenFile: t\ntoken: abc', /: token is not known/],
    ['server: https://r.example\ntokenFile: t\nproxy: socks://x', /proxy must be an http or https URL/],
    ['server: https://r.example\ntokenFile: t\nkinds: { only: [Cluster] }', /kinds.only.0 must be a group and a kind/],
    ['server: https://r.example\ntokenFile: t\nheartbeatSeconds: 1', /heartbeatSeconds must be at least 5/],
    [
      'server: https://r.example\ntokenFile: t\nkubeconfig: { context: a }',
      /kubeconfig.path must be the path of a kubeconfig/,
    ],
    [`a: "${'x'.repeat(70_000)}"`, /is larger than 65536 bytes/],
  ]
  test.each(wrong)('%j is refused in one sentence', (text, sentence) => {
    expect(() => parse(text)).toThrow(sentence)
    expect(() => parse(text)).toThrow(/^Configuration \/etc\/rollcall\/agent.yaml: [^\n]*\.$/)
  })

  test('a file that is not there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rollcall-config-'))
    await writeFile(join(folder, 'agent.json'), '{"server":"http://127.0.0.1:7071","tokenFile":"t"}')
    expect((await readConfig(join(folder, 'agent.json'))).tokenFile).toBe(join(folder, 't'))
    await expect(readConfig(join(folder, 'no.yaml'))).rejects.toThrow(/no.yaml cannot be read \(ENOENT\)\.$/)
    await rm(folder, { recursive: true })
  })
})
