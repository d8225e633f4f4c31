// A fake cluster, a fake Rollcall and agents between them, for each test of the file that imports this.
import { afterEach, beforeEach, expect } from 'vitest'
import type { KindKey } from '../../../fleet/reference.ts'
import { clusters, type FakeCluster, machines, startFakeCluster } from '../sources/fake-cluster.ts'
import { FakeReceiver } from './fake-receiver.ts'
import { type RunningAgent, type Story, startAgent } from './run-agent.ts'

export const cluster: KindKey = 'cluster.x-k8s.io/Cluster'
export let api: FakeCluster
export let rollcall: FakeReceiver
const agents: RunningAgent[] = []

beforeEach(async () => {
  api = await startFakeCluster()
  for (const name of ['a', 'b', 'c']) api.put(clusters, name)
  api.put(machines, 'm')
  rollcall = new FakeReceiver()
  await rollcall.listen()
})
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.stop()
  await Promise.all([api.server.close(), rollcall.close()])
  expect(rollcall.breaches).toEqual([])
})

export async function start(more: Partial<Story> = {}): Promise<RunningAgent> {
  const agent = await startAgent({ url: rollcall.url, kubeconfig: api.kubeconfig(), ...more })
  agents.push(agent)
  return agent
}

export const has = (...names: string[]) => rollcall.until(() => String(rollcall.names(cluster)) === String(names))
/** Equal digests, of what is there from now on. */
export async function confirmed(kind = cluster): Promise<void> {
  const since = rollcall.now()
  await rollcall.until(() => (rollcall.confirmed.get(kind)?.getTime() ?? 0) > since.getTime())
}
/** Both kinds: what is told from now on is no first reading. */
export async function settled(): Promise<void> {
  await confirmed('cluster.x-k8s.io/Machine')
  await confirmed()
}
export const sectionsSince = (seq: number) =>
  rollcall.requests.filter((one) => one.seq > seq).flatMap(({ sections }) => sections)
export const lastSeq = () => rollcall.requests.at(-1)?.seq ?? 0
export const warnings = ({ logged }: RunningAgent) =>
  logged.filter(({ level }) => level === 'warn').map(({ message }) => message)
