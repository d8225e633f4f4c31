import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { rowsOf } from '../../../db/client.ts'
import type { KubeTarget } from '../../../fleet/target.ts'
import { startFakeCluster } from './fake-cluster.ts'
import {
  cluster,
  cursors,
  declare,
  now,
  poll,
  present,
  sourceTrouble,
  store,
  targets,
  warned,
} from './polled-cluster.ts'

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

  test('its beginning and its end are said once', async () => {
    warned.length = 0
    cluster.faults.add({ fault: 'expired' })
    for (let n = 0; n < 3; n++) await poll()
    cluster.faults.clear()
    for (let n = 0; n < 2; n++) await poll()
    expect(warned).toEqual([
      { source: 'weu', code: 'Unauthorized', message: expect.stringContaining('the credential of source weu') },
      { source: 'weu', message: 'source weu can be read again' },
    ])
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
