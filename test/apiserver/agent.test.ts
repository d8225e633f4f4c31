import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { printOf } from '../../fleet/push/print.ts'
import type { KindKey } from '../../fleet/reference.ts'
import { record } from '../../fleet/wire.ts'
import { apiServerPresent, startApiServer } from '../api-server.ts'
import { FakeReceiver } from '../functions/agent/fake-receiver.ts'
import { type RunningAgent, startAgent } from '../functions/agent/run-agent.ts'
import { churn, clusters, deployments, kustomizations, mould, pathOf, type Site } from './churn.ts'
import { openWriter } from './writer.ts'

const changes = 40
let site: Site
let agent: RunningAgent
const rollcall = new FakeReceiver()

/** The rights of infra/agent, given to the user of a kubeconfig that has no others. */
async function grantRole(): Promise<void> {
  const rbac = '/apis/rbac.authorization.k8s.io/v1'
  const role: unknown = parse(readFileSync(join(import.meta.dirname, '../../infra/agent/cluster-role.yaml'), 'utf8'))
  await site.writer.create(`${rbac}/clusterroles`, { ...record(role) })
  const apiGroup = 'rbac.authorization.k8s.io'
  await site.writer.create(`${rbac}/clusterrolebindings`, {
    metadata: { name: 'rollcall-agent' },
    roleRef: { apiGroup, kind: 'ClusterRole', name: 'rollcall-agent' },
    subjects: [{ kind: 'User', name: 'rollcall-nobody', apiGroup }],
  })
}

/** Waits until digests of all kinds were equal, as of now. */
async function confirmed(): Promise<void> {
  const since = rollcall.now().getTime()
  const isConfirmed = (kind: KindKey) => (rollcall.confirmed.get(kind)?.getTime() ?? 0) > since
  await rollcall.until(() => [...site.paths.keys()].every(isConfirmed))
}

async function listed(kind: KindKey): Promise<readonly string[]> {
  const { items } = await site.writer.list(pathOf(site, kind))
  const [group, version] = pathOf(site, kind).split('/').slice(2)
  const [, name] = kind.split('/')
  return items.map((item) => printOf({ apiVersion: `${group}/${version}`, kind: name, ...record(item) }) ?? '').sort()
}

const told = (kind: KindKey): readonly string[] =>
  [...(rollcall.held.get(kind)?.values() ?? [])].flatMap(({ print }) => print ?? []).sort()

async function expectSame(): Promise<void> {
  for (const kind of site.paths.keys()) expect(told(kind), kind).toEqual(await listed(kind))
}

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

describe.skipIf(!apiServerPresent())('the agent and a real API server', () => {
  beforeAll(async () => {
    const server = await startApiServer({ crds: 'new', only: 'cluster-api/|flux-kustomize' })
    const group = (name: string, version: string, plural: string) =>
      `/apis/${name}/${version}/namespaces/default/${plural}`
    site = {
      id: 'new-era',
      server,
      capi: 'v1beta2',
      writer: await openWriter(server.kubeconfig),
      paths: new Map([
        [clusters, group('cluster.x-k8s.io', 'v1beta2', 'clusters')],
        [deployments, group('cluster.x-k8s.io', 'v1beta2', 'machinedeployments')],
        [kustomizations, group('kustomize.toolkit.fluxcd.io', 'v1', 'kustomizations')],
      ]),
    }
    await grantRole()
    await churn(site, 40, 1)
    await rollcall.listen()
    const kubeconfig = readFileSync(server.nobodyKubeconfig, 'utf8')
    // Real pauses between a change and its sending; the rest quick.
    agent = await startAgent({
      url: rollcall.url,
      kubeconfig,
      heartbeatMs: 2_000,
      limits: { flushMs: 200, pageObjects: 4, requestMs: 10_000 },
    })
  }, 180_000)
  afterAll(async () => {
    await agent?.stop()
    await rollcall.close()
    await site?.writer.close()
    await site?.server.stop()
  })

  test('tells what it lists, with the rights of infra/agent and no others', async () => {
    await confirmed()
    await expectSame()
    expect(rollcall.troubles).toEqual([])
    expect(rollcall.breaches).toEqual([])
  })

  test('random churn is told as it happens, without another LIST', async () => {
    const before = rollcall.requests.length
    for (let round = 0; round < 3; round++) await churn(site, 40, 200 + round)
    await confirmed()
    await expectSame()
    expect(
      rollcall.requests
        .slice(before)
        .flatMap(({ sections }) => sections)
        .every(({ head }) => head.proof === 'delta'),
    ).toBe(true)
  }, 120_000)

  test('from a change to Rollcall: the delay, and the bytes', async () => {
    const path = pathOf(site, clusters)
    await site.writer.create(path, mould(site, clusters, 'timed'))
    await confirmed()
    const delays: number[] = []
    const bytes: number[] = []
    for (let n = 0; n < changes; n++) {
      const before = rollcall.requests.length
      const began = performance.now()
      await site.writer.patch(`${path}/timed`, { metadata: { labels: { n: String(n) } } })
      const carrying = () => rollcall.requests.slice(before).find(({ sections }) => sections.length > 0)
      await rollcall.until(() => carrying() !== undefined)
      delays.push(performance.now() - began)
      bytes.push(carrying()?.bytes ?? 0)
    }
    const beats = rollcall.requests.filter(({ sections, digests }) => sections.length === 0 && digests.length > 0)
    const round = (values: readonly number[], of: (values: readonly number[]) => number) => Math.round(of(values))
    console.info(
      `agent: from a write to its receipt ${round(delays, middle)} ms (at most ${round(delays, (all) => Math.max(...all))} ms, of which 200 ms are waited for more); ${round(bytes, middle)} bytes for one changed Cluster; ${round(
        beats.map((beat) => beat.bytes),
        middle,
      )} bytes for a sign of life with ${beats.at(-1)?.digests.length} kinds`,
    )
    expect(middle(delays)).toBeLessThan(2_000)
    expect(middle(bytes)).toBeLessThan(2_000)
  }, 60_000)

  test('the server restarts and forgets: what differs is told', async () => {
    const before = rollcall.requests.length
    await site.server.restart()
    await churn(site, 20, 7)
    await confirmed()
    await expectSame()
    const sections = rollcall.requests.slice(before).flatMap(({ sections: all }) => all)
    expect(sections.map(({ head }) => head.proof)).not.toContain('end')
  }, 120_000)
})
