import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { rowsOf, type Store } from '../../../db/client.ts'
import { registerSources } from '../../../db/source.ts'
import { defaultStaleAfterMs } from '../../../fleet/source.ts'
import type { PollLimits } from '../../../functions/sources/budget.ts'
import type { KubeTarget } from '../../../functions/sources/kube-config.ts'
import { pollSource } from '../../../functions/sources/poll-source.ts'
import { openEngine } from '../../engine.ts'
import { clusters, type FakeCluster, machines, namespaces, quietConnections, startFakeCluster } from './fake-cluster.ts'

const connections = quietConnections()
let cluster: FakeCluster
let store: Store
let targets: Map<string, KubeTarget>
let minutes: number
const logged: unknown[] = []

beforeEach(async () => {
  cluster = await startFakeCluster({ clock: now })
  for (let i = 0; i < 12; i++) cluster.put(clusters, `c${String(i).padStart(2, '0')}`)
  for (let i = 0; i < 3; i++) cluster.put(machines, `m${i}`)
  store = await openEngine('pglite')
  targets = new Map([['weu', { data: cluster.kubeconfig() }]])
  minutes = 0
  await declare('weu')
})
afterEach(async () => {
  await store.close()
  await cluster.server.close()
})
afterAll(() => connections.close())

/** Every poll is an hour later than the last, so that no back-off keeps it away; a LIST is due only when a test says so. */
const now = () => new Date(Date.now() + minutes * 60_000)

async function declare(...ids: string[]) {
  const declaration = {
    type: 'managementCluster',
    region: null,
    labels: {},
    everyMs: 60_000,
    staleAfterMs: defaultStaleAfterMs(60_000),
  } as const
  await registerSources(
    store.db,
    ids.map((id) => ({ id, ...declaration })),
    now(),
  )
}

async function poll(
  source = 'weu',
  limits: Partial<PollLimits> = {},
  later = 60,
  signal = new AbortController().signal,
  through = connections,
) {
  minutes += later
  return pollSource(
    {
      db: store.db,
      sourceOf: (id) => targets.get(id) ?? null,
      connections: through,
      now,
      log: { info: (fields, message) => logged.push({ ...fields, message }) },
      limits: { watchSeconds: 1, patienceMs: 0, requestMs: 1_500, relistMs: 24 * 3_600_000, ...limits },
    },
    source,
    signal,
  )
}

const present = async (kind = 'Cluster') =>
  (
    await rowsOf<{ name: string }>(
      store.db,
      sql`select name from object where kind like ${`%/${kind}`} and gone_at is null order by name`,
    )
  ).map(({ name }) => name)
const sourceTrouble = async (id = 'weu') =>
  (
    await rowsOf<{ code: string | null; message: string | null }>(
      store.db,
      sql`select trouble_code as code, trouble_message as message from source where id = ${id}`,
    )
  )[0]
const sourceSuccess = async () =>
  (await rowsOf<{ at: unknown }>(store.db, sql`select last_success_at as at from source`))[0]?.at
const kindTrouble = async (kind = 'Cluster') =>
  (
    await rowsOf<{ code: string | null }>(
      store.db,
      sql`select trouble_code as code from reading where kind = ${`cluster.x-k8s.io/${kind}`}`,
    )
  )[0]?.code
const cursors = () =>
  rowsOf<{ kind: string; cursor: string | null }>(
    store.db,
    sql`select kind, cursor from reading where cursor is not null order by kind`,
  )

describe('a poll', () => {
  test('reads everything once, then only what changed', async () => {
    expect(await poll()).toMatchObject({ observed: 15, changed: 15, gone: 0, unfinished: false })
    expect(await present()).toHaveLength(12)
    cluster.put(clusters, 'c03', { spec: { paused: true } })
    cluster.put(clusters, 'new')
    cluster.storage.delete(clusters, 'default', 'c00')
    const before = cluster.server.counts.get('clusters.cluster.x-k8s.io') ?? 0
    expect(await poll()).toMatchObject({ observed: 2, gone: 1 })
    // One watch, one look at the newest resourceVersion.
    expect((cluster.server.counts.get('clusters.cluster.x-k8s.io') ?? 0) - before).toBeLessThanOrEqual(2)
    expect(await present()).toContain('new')
    expect(await present()).not.toContain('c00')
    expect(logged.at(-1)).toMatchObject({ source: 'weu', observed: 2, gone: 1, message: 'polled' })
  })

  test('asks a known server nothing about what it serves, in this process or another', async () => {
    await poll('weu', {}, 0)
    await store.db.execute(sql`update source set discovered_at = discovered_at + interval '1 hour'`)
    const asked = () => cluster.server.counts.get('/apis') ?? 0
    const before = asked()
    const other = quietConnections()
    cluster.put(clusters, 'new')
    expect(await poll('weu', {}, 60, undefined, other)).toMatchObject({ observed: 1 })
    expect(asked()).toBe(before)
    // Ten minutes later one small question, and nothing is written anew.
    const readings = await rowsOf(
      store.db,
      sql`select kind, version, other_versions, xmin::text from reading order by kind`,
    )
    expect(readings).toContainEqual(
      expect.objectContaining({ kind: 'cluster.x-k8s.io/Cluster', other_versions: ['v1beta1'] }),
    )
    await poll()
    expect(asked()).toBe(before + 1)
    await other.close()
  })

  test('a kind that went away is asked about at once', async () => {
    await poll('weu', {}, 0)
    const asked = () => cluster.server.counts.get('/apis') ?? 0
    const before = asked()
    await store.db.execute(sql`update reading set plural = 'gones', cursor = null where kind like '%/Machine'`)
    await poll('weu', {}, 1)
    expect([asked() - before, await kindTrouble('Machine')]).toEqual([0, 'NotInstalled'])
    await poll('weu', {}, 1)
    expect([asked() - before, await kindTrouble('Machine')]).toEqual([1, null])
  })

  test('a long first poll shows its clusters before its end, and reports them only then', async () => {
    const reports = async () => {
      const [row] = await rowsOf<{ clusters: number; composed: boolean }>(
        store.db,
        sql`select (select count(*)::int from cluster) as clusters, composed_at is not null as composed
          from reading where kind = 'cluster.x-k8s.io/Cluster'`,
      )
      return [row?.clusters, row?.composed]
    }
    cluster.faults.add({ fault: 'slow', ms: 1_200, on: 'machines.cluster.x-k8s.io' })
    const polling = poll('weu', { composeAfterMs: 0 })
    await expect.poll(reports, { timeout: 5_000, interval: 20 }).toEqual([12, true])
    expect(await sourceSuccess()).toBeNull()
    await polling
    expect(await sourceSuccess()).not.toBeNull()
  })

  test('records kinds that are not there as not installed', async () => {
    await poll()
    expect(await kindTrouble('MachinePool')).toBe('NotInstalled')
    expect(await sourceTrouble()).toMatchObject({ code: null })
  })

  test('sees what was deleted while its cursor had died', async () => {
    await poll()
    cluster.storage.delete(clusters, 'default', 'c05')
    cluster.storage.forget()
    cluster.storage.compact()
    expect(await poll()).toMatchObject({ gone: 1 })
    expect(await present()).not.toContain('c05')
  })

  test('lists again at the relist interval though catch-up works', async () => {
    await poll()
    const before = cluster.server.counts.get('clusters.cluster.x-k8s.io') ?? 0
    await poll('weu', { relistMs: 600_000, pageObjects: 5 })
    expect((cluster.server.counts.get('clusters.cluster.x-k8s.io') ?? 0) - before).toBeGreaterThanOrEqual(3)
  })

  test('one page that fails midway deletes nothing, and the next poll goes on from there', async () => {
    await poll()
    const whole = await present()
    cluster.storage.forget()
    cluster.faults.add({ fault: 'error', code: 500, on: 'clusters.cluster.x-k8s.io' })
    expect(await poll('weu', { pageObjects: 5 })).toMatchObject({ gone: 0 })
    expect(await kindTrouble()).toBe('ServerError')
    expect(await present()).toEqual(whole)
    cluster.faults.clear()
    expect(await poll('weu', { pageObjects: 5 })).toMatchObject({ gone: 0 })
    expect(await kindTrouble()).toBeNull()
  })

  test('one bad kind does not stop the others', async () => {
    cluster.faults.add({ fault: 'forbidden', on: 'clusters.cluster.x-k8s.io' })
    expect(await poll()).toMatchObject({ observed: 3 })
    expect([await kindTrouble('Cluster'), await kindTrouble('Machine')]).toEqual(['Forbidden', null])
    expect(await sourceTrouble()).toMatchObject({ code: null })
  })

  test('a failing conversion webhook: the other served version is read', async () => {
    const moved = { ...clusters, versions: [{ name: 'v1beta2' }, { name: 'v1beta1', storage: true }] }
    const other = await startFakeCluster({
      clock: now,
      resources: [...cluster.resources.filter(({ kind }) => kind === 'Namespace'), moved],
    })
    other.put(moved, 'c')
    targets.set('weu', { data: other.kubeconfig() })
    other.faults.add({ fault: 'conversion' })
    expect(await poll()).toMatchObject({ observed: 1 })
    expect(await kindTrouble()).toBeNull()
    await other.server.close()
  })

  test('a source that does not fit one invocation continues, and reads no committed page again', async () => {
    const few = { pageObjects: 5, requests: 5 }
    const first = await poll('weu', few)
    expect(first).toMatchObject({ unfinished: true, gone: 0 })
    const seen = [first.observed]
    for (let tries = 0; tries < 5 && seen.length < 6; tries++) {
      const next = await poll('weu', few)
      seen.push(next.observed)
      if (!next.unfinished) break
    }
    expect(seen.reduce((sum, n) => sum + n)).toBe(15)
    expect(await present()).toHaveLength(12)
  })

  test('a store restored from a backup is listed anew', async () => {
    await poll()
    const old = await startFakeCluster({ clock: now, resources: cluster.resources })
    const uid = cluster.storage.get(namespaces, '', 'kube-system')?.metadata.uid
    old.storage.put(namespaces, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'kube-system', uid: uid ?? '' },
    })
    old.put(clusters, 'c01')
    targets.set('weu', { data: old.kubeconfig() })
    expect(await poll()).toMatchObject({ gone: 14 })
    expect(await present()).toEqual(['c01'])
    await old.server.close()
  })
})

describe('a source in trouble is a record, not an exception', () => {
  test.each<[string, () => KubeTarget, string]>([
    ['typo in the context', () => ({ data: cluster.kubeconfig(), context: 'wue' }), 'Misconfigured'],
    ['no CA', () => ({ data: cluster.kubeconfig({ ca: null }) }), 'Misconfigured'],
    ['expired token', () => ({ data: cluster.kubeconfig({ token: 'gone' }) }), 'Unauthorized'],
    ['no rights', () => ({ data: cluster.kubeconfig({ token: 'nobody-token' }) }), 'Forbidden'],
    ['nobody there', () => ({ data: cluster.kubeconfig({ url: 'https://127.0.0.1:1' }) }), 'Unreachable'],
  ])('%s', async (_name, target, code) => {
    await poll()
    const [whole, before] = [await present(), await cursors()]
    targets.set('weu', target())
    expect(await poll()).toMatchObject({ observed: 0, unfinished: false })
    expect(await sourceTrouble()).toMatchObject({ code, message: expect.stringContaining('weu') })
    expect([await present(), await cursors()]).toEqual([whole, before])
    targets.set('weu', { data: cluster.kubeconfig() })
    await poll()
    expect(await sourceTrouble()).toMatchObject({ code: null })
  })

  test('a silent server', async () => {
    cluster.faults.add({ fault: 'silent' })
    await poll()
    expect(await sourceTrouble()).toMatchObject({ code: 'Timeout' })
  })

  test('429 leaves it alone for as long as it asked', async () => {
    cluster.faults.add({ fault: 'throttled', retryAfterSeconds: 1_800 })
    await poll()
    expect(await sourceTrouble()).toMatchObject({ code: 'Throttled' })
    const [row] = await rowsOf<{ later: boolean }>(
      store.db,
      sql`select not_before >= ${new Date(now().getTime() + 1_700_000).toISOString()} as later from source`,
    )
    expect(row?.later).toBe(true)
  })

  test('another server under the same name is refused', async () => {
    await poll()
    const other = await startFakeCluster({ clock: now })
    targets.set('weu', { data: other.kubeconfig() })
    await poll()
    expect(await sourceTrouble()).toMatchObject({ code: 'WrongServer' })
    expect(await present()).toHaveLength(12)
    await other.server.close()
  })

  test('two names for one server are refused, with both names', async () => {
    await declare('weu', 'twin')
    targets.set('twin', { data: cluster.kubeconfig() })
    await poll()
    await poll('twin')
    expect(await sourceTrouble('twin')).toMatchObject({
      code: 'WrongServer',
      message: expect.stringMatching(/twin.*weu|weu.*twin/),
    })
  })

  test('a host that stops holds nothing against the source, and another goes on at once', async () => {
    const stopping = new AbortController()
    cluster.faults.add({ fault: 'silent', on: 'machines.cluster.x-k8s.io' })
    const polling = poll('weu', { requestMs: 10_000 }, 60, stopping.signal)
    setTimeout(() => stopping.abort(new Error('stopping')), 700)
    expect(await polling).toMatchObject({ unfinished: true })
    expect(await sourceTrouble()).toMatchObject({ code: null })
    cluster.faults.clear()
    await poll('weu', {}, 0)
    expect(await present('Machine')).toHaveLength(3)
  })

  test('a source that another invocation polls is left alone', async () => {
    const [one, two] = await Promise.all([poll(), poll('weu', {}, 0)])
    expect([one.observed, two.observed].sort((a, b) => a - b)).toEqual([0, 15])
  })
})
