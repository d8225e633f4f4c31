import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiServerPresent } from '../api-server.ts'
import { allowDeclared, declared, deleteCluster, makeCluster, makeObjects, sayOfWorkers } from './agent-objects.ts'
import { kubectl, type Running } from './agent-parts.ts'
import { type Answer, manifests, openSite, type Site } from './agent-site.ts'

const changes = 20
const generators = `${declared.group}/${declared.kind}`
let site: Site
let agent: Running

/** Asks until the answer holds what is expected of it. */
const shown = (expected: (answer: Answer) => void, timeout = 60_000) =>
  expect
    .poll(
      () =>
        site
          .ask()
          .then(expected)
          .then(() => true),
      { timeout, interval: 50 },
    )
    .toBe(true)

const expectClusters = (...names: string[]) =>
  shown(({ resources: { nodes } }) => {
    const there = nodes.filter(({ kind }) => kind === 'Cluster').map(({ name }) => name)
    expect(there.toSorted()).toEqual(names)
  })

/** Waits until equal digests proved that the store has all that the API server has. */
async function expectTrue(): Promise<void> {
  const since = Date.now()
  await shown(({ source: { readings } }) => {
    const caughtUp = readings.find(({ kind }) => kind === 'cluster.x-k8s.io/Cluster')?.caughtUpAt
    expect(caughtUp?.getTime()).toBeGreaterThan(since)
  })
}

/** The value that so many of a hundred do not exceed. */
const percentile = (values: readonly number[], percent: number): number =>
  Math.round(values.toSorted((a, b) => a - b)[Math.ceil((values.length * percent) / 100) - 1] ?? 0)

const residentMiB = ({ process: { pid } }: Running): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024

describe.skipIf(!apiServerPresent())('from a change in a cluster to GraphQL', () => {
  beforeAll(async () => {
    site = await openSite()
    await makeObjects(site.writer)
    await site.open()
    agent = site.launch()
  }, 180_000)
  afterAll(() => site?.close())

  test('the manifests are valid for the API server', async () => {
    // Its namespace has to be there for that: kubectl asks for each object by itself.
    const said = await kubectl(site.server.kubeconfig, 'apply', '--dry-run=server', '-k', manifests)
    expect(said.trim().split('\n')).toHaveLength(6)
    expect(said.match(/unchanged \(server dry run\)/g)).toHaveLength(6)
    const can = (...what: string[]) =>
      kubectl(
        site.server.kubeconfig,
        ...['auth', 'can-i', '--as=system:serviceaccount:rollcall-agent:rollcall-agent', ...what],
      ).then(
        () => true,
        () => false,
      )
    const cluster = 'clusters.cluster.x-k8s.io'
    const asked = [can('watch', cluster), can('patch', cluster), can('get', 'secrets'), can('list', 'configmaps')]
    expect(await Promise.all(asked)).toEqual([true, false, false, false])
  })

  test('clusters, the health of nodes, drift, and how old it is', async () => {
    await shown(({ clusters, nodePools, drift, source }) => {
      expect(clusters.nodes).toEqual([{ name: 'prod', health: { state: 'DEGRADED', message: '2 of 3 nodes' } }])
      expect(nodePools.nodes).toEqual([{ name: 'workers', health: { state: 'DEGRADED', message: '2 of 3 nodes' } }])
      expect(drift.nodes).toContainEqual({ code: 'APPLY_FAILED' })
      expect(source.freshness.state).toBe('FRESH')
    })
  })

  test('so quickly, with so few bytes', async () => {
    await expectTrue()
    const delays: number[] = []
    const bytes: number[] = []
    for (let n = 1; n <= changes; n++) {
      const message = `change ${n}`
      const before = site.relay.bytes()
      const began = performance.now()
      await sayOfWorkers(site.writer, message)
      while ((await site.ask()).clusters.nodes[0]?.health.message !== message) await sleep(10)
      delays.push(performance.now() - began)
      bytes.push(site.relay.bytes() - before)
    }
    console.info(
      `agent, end to end: from a write in the cluster to its health in GraphQL ${percentile(delays, 50)} ms (p95 ${percentile(delays, 95)} ms, ${changes} changes); ${percentile(bytes, 50)} bytes on the wire per change, answer and HTTP headers included; the agent has ${Math.round(residentMiB(agent))} MiB resident`,
    )
    // A busy machine takes several times as long as a quiet one.
    expect(percentile(delays, 50)).toBeLessThan(5_000)
    expect(percentile(bytes, 50)).toBeLessThan(8_000)
  }, 120_000)

  test('Rollcall is away, and comes back with a kind that its operator declared: the agent goes on by itself', async () => {
    const opened = (await site.ask()).source.push?.openedAt
    const before = residentMiB(agent)
    await site.shut()
    for (let n = 0; n < 60; n++) await sayOfWorkers(site.writer, `unheard ${n} ${'x'.repeat(20_000)}`)
    await makeCluster(site.writer, 'second')
    expect(residentMiB(agent) - before).toBeLessThan(64)
    await site.open(declared)
    // The role of infra/agent does not know the kind: its trouble is its own, and says what to do.
    await shown(({ source: { push, readings } }) => {
      expect(push?.openedAt).not.toEqual(opened)
      const troubles = readings.flatMap(({ kind, trouble }) => (trouble ? [{ kind, ...trouble }] : []))
      expect(troubles.filter(({ code }) => code !== 'NOT_INSTALLED')).toEqual([
        { kind: generators, code: 'FORBIDDEN', message: expect.stringMatching(/grant .* get, list and watch on it/) },
      ])
    })
    await expectClusters('prod', 'second')
    await expectTrue()
    await allowDeclared(site.writer)
    await shown(({ resources: { nodes } }) =>
      expect(nodes).toContainEqual({ kind: 'ArtifactGenerator', name: 'apps', phase: 'apps' }),
    )
    expect(agent.process.exitCode).toBeNull()
  }, 120_000)

  test('the API server is killed, and comes back', async () => {
    await site.killServer(() => shown(({ source: { freshness } }) => expect(freshness.state).toBe('UNREADABLE')))
    await deleteCluster(site.writer, 'second')
    await makeCluster(site.writer, 'third')
    await expectClusters('prod', 'third')
  }, 120_000)

  test('the token in its file ends, and another one takes its place', async () => {
    await site.giveToken({ ends: true })
    await expect.poll(() => agent.said(), { timeout: 60_000 }).toMatch(/answered 401: .* has expired/)
    await makeCluster(site.writer, 'fourth')
    await site.giveToken()
    await expectClusters('fourth', 'prod', 'third')
  }, 120_000)

  test('a second agent, whose clock is an hour ahead, is heard in place of the first; each ends when it is told to', async () => {
    const second = site.launch(3_600_000)
    await expect.poll(() => agent.said(), { timeout: 60_000 }).toMatch(/run only one/)
    await deleteCluster(site.writer, 'fourth')
    await expectClusters('prod', 'third')
    const { observedAt } = (await site.ask()).source.freshness
    expect(Math.abs(observedAt.getTime() - Date.now())).toBeLessThan(30_000)
    for (const { code, ms } of [await agent.end(), await second.end()]) {
      expect(code).toBe(0)
      expect(ms).toBeLessThan(3_000)
    }
    agent = site.launch(-3_600_000)
    await makeCluster(site.writer, 'fifth')
    await expectClusters('fifth', 'prod', 'third')
    await expectTrue()
    expect(agent.said()).not.toMatch(/"level":50/)
  }, 120_000)
})
