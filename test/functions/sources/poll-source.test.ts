import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { rowsOf } from '../../../db/client.ts'
import { clusters, namespaces, quietConnections, startDeafFront, startFakeCluster } from './fake-cluster.ts'
import {
  cluster,
  kindTrouble,
  logged,
  now,
  poll,
  present,
  sourceSuccess,
  sourceTrouble,
  store,
  targets,
} from './polled-cluster.ts'

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

  test('an object over every cap blinds nobody, though the server gives no metadata alone', async () => {
    const big = { spec: { filler: 'x'.repeat(9 * 1024 * 1024) } }
    const front = await startDeafFront(cluster)
    targets.set('weu', { data: cluster.kubeconfig({ url: front.url }) })
    await poll('weu', { requestMs: 20_000 })
    const whole = await present()
    // Known before it grew, and found in a catch-up whose event is too long: a LIST follows.
    cluster.put(clusters, 'c05', big)
    cluster.put(clusters, 'c11', { spec: { paused: true } })
    expect(await poll('weu', { requestMs: 20_000 })).toMatchObject({ gone: 0, unfinished: false })
    expect([await present(), await kindTrouble()]).toEqual([whole, null])
    // New and large, first of its list.
    cluster.put(clusters, 'a', big)
    cluster.put(clusters, 'z')
    expect(await poll('weu', { requestMs: 20_000 })).toMatchObject({ gone: 0, unfinished: false })
    expect([await present(), await kindTrouble()]).toEqual([[...whole, 'z'], null])
    const [row] = await rowsOf<{ rejected: unknown; fresh: boolean }>(
      store.db,
      sql`select rejected, verified_at > now() + interval '2 hours' as fresh
        from reading where kind = 'cluster.x-k8s.io/Cluster'`,
    )
    expect(row).toMatchObject({
      fresh: true,
      rejected: ['a', 'c05'].map((name) => ({
        ref: { name },
        why: `Cluster default/${name} is 9 MiB, more than the 8 MiB that are read of one object, and was not read`,
      })),
    })
    await front.close()
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
