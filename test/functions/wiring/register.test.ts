import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { rowsOf } from '../../../db/client.ts'
import { settle } from '../../../db/settle.ts'
import { parseFleet } from '../../../fleet/configuration.ts'
import { kindsOf } from '../../../fleet/kinds/declared.ts'
import { register } from '../../../functions/wiring/register.ts'
import { clusters } from '../sources/fake-cluster.ts'
import { cluster, now, poll, store, targets } from '../sources/polled-cluster.ts'

const managementClusters = [{ name: 'weu', inCluster: true }]
/** A process that starts with this fleet file: what its first tick does before it asks who is due. */
async function start(more: object): Promise<{ composed: number }> {
  const fleet = parseFleet({ managementClusters, ...more })
  await register(store.db, fleet, now())
  return settle(store.db, now(), { conventions: fleet.conventions, kinds: kindsOf(fleet.kinds).of })
}
const environments = async () =>
  (
    await rowsOf<{ environment: string | null }>(
      store.db,
      sql`select distinct environment from cluster where gone_at is null`,
    )
  ).map(({ environment }) => environment)

describe('a fleet file that changed', () => {
  test('has its clusters composed again by other conventions, and only then', async () => {
    targets.set('weu', { data: cluster.kubeconfig() })
    for (const { metadata } of cluster.storage.list(clusters)) {
      cluster.put(clusters, metadata.name, { metadata: { ...metadata, labels: { stage: 'prod' } } })
    }
    await poll()
    await start({})
    expect(await environments()).toEqual([null])
    expect(await start({})).toMatchObject({ composed: 0 })
    expect((await start({ conventions: { environment: ['stage'] } })).composed).toBeGreaterThanOrEqual(12)
    expect(await environments()).toEqual(['prod'])
    expect(await start({ conventions: { environment: ['stage'] } })).toMatchObject({ composed: 0 })
    const kinds = [{ group: 'example.com', kind: 'Widget' }]
    expect((await start({ conventions: { environment: ['stage'] }, kinds })).composed).toBeGreaterThanOrEqual(12)
  })
})
