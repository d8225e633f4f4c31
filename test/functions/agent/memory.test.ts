import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KindKey } from '../../../fleet/reference.ts'
import { wireObjects } from '../../fleet/wire-object.ts'
import type { KubeWire } from '../../world/api/object.ts'
import { clusters, type FakeCluster, startFakeCluster } from '../sources/fake-cluster.ts'
import { FakeReceiver } from './fake-receiver.ts'

const kind: KindKey = 'cluster.x-k8s.io/Cluster'
const count = 20_000
/** Of one object: its name, its print and their places in the maps (functions/agent/limits.ts). */
const perObjectMax = 400
/** MiB: pages and requests on their way, and the code, included. */
const heapMax = 96

let api: FakeCluster
let rollcall: FakeReceiver
let folder: string
let agent: ChildProcess | null = null

beforeAll(async () => {
  api = await startFakeCluster()
  for (let n = 0; n < count; n++) put(n)
  rollcall = new FakeReceiver()
  rollcall.keepsObjects = false
  await rollcall.listen()
  folder = await mkdtemp(join(tmpdir(), 'rollcall-memory-'))
  await writeFile(join(folder, 'kubeconfig'), api.kubeconfig())
  await writeFile(join(folder, 'token'), 'token')
}, 60_000)
afterAll(async () => {
  await stop()
  await Promise.all([api.server.close(), rollcall.close(), rm(folder, { recursive: true })])
})

const mould = wireObjects(1)[0] as KubeWire // Made for this.
const nameOf = (n: number) => `a-cluster-with-a-long-name-${n}`
const namespaceOf = (n: number) => `team-${n % 50}`
function put(n: number, more: object = {}): void {
  const metadata = { ...mould.metadata, name: nameOf(n), namespace: namespaceOf(n), uid: crypto.randomUUID() }
  api.storage.put(clusters, { ...mould, ...more, metadata })
}

async function start(): Promise<void> {
  const config = {
    server: rollcall.url,
    tokenFile: 'token',
    kubeconfig: { path: 'kubeconfig' },
    kinds: { only: [kind] },
  }
  await writeFile(join(folder, 'agent.json'), JSON.stringify(config))
  const execArgv = ['--expose-gc', `--max-old-space-size=${heapMax}`, '--max-semi-space-size=8']
  agent = fork(join(import.meta.dirname, 'measured-agent.ts'), [join(folder, 'agent.json')], { execArgv })
}

async function stop(): Promise<void> {
  if (agent === null) return
  const exit = once(agent, 'exit')
  agent.disconnect()
  await exit
  agent = null
}

/** What the agent's heap holds when Rollcall has confirmed everything, in bytes. */
async function heap(): Promise<number> {
  const since = rollcall.now()
  await rollcall.until(() => (rollcall.confirmed.get(kind)?.getTime() ?? 0) > since.getTime())
  if (agent === null) throw new Error('no agent runs')
  const told = once(agent, 'message')
  agent.send('heap')
  return Number((await told)[0])
}

describe('memory', () => {
  test(`${count} objects cost their names and prints, whatever happens to them`, async () => {
    await start()
    const full = await heap()
    expect(rollcall.held.get(kind)?.size).toBe(count)
    // Far more changes at once than may wait.
    for (let n = 0; n < 3_000; n++) put(n, { spec: { paused: true } })
    const churned = await heap()
    for (let n = 1; n < count; n++) api.storage.delete(clusters, namespaceOf(n), nameOf(n))
    const empty = await heap()
    expect([...(rollcall.held.get(kind)?.values() ?? [])].filter(({ object }) => object !== null)).toHaveLength(1)
    const [fullMax, mebibytes] = [Math.max(full, churned), (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`]
    console.info(
      `agent: heap ${mebibytes(full)} with ${count} objects, ${mebibytes(churned)} after 3000 changed at once, ${mebibytes(empty)} with one left: ${Math.round((fullMax - empty) / count)} bytes per object; it ran with ${heapMax} MiB`,
    )
    expect(fullMax - empty).toBeLessThan(count * perObjectMax)
  }, 180_000)
})
