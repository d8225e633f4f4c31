import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { expect, it, onTestFinished, vi } from 'vitest'
import { rowsOf } from '../../../db/client.ts'
import { dueSources, registerSources } from '../../../db/source.ts'
import { parseFleet } from '../../../fleet/configuration.ts'
import { openLog } from '../../../functions/wiring/log.ts'
import { openPolls } from '../../../functions/wiring/polls.ts'
import { openEngine } from '../../engine.ts'
import { managementTag } from '../../world/azure/scene.ts'
import { createWorld } from '../../world/world.ts'

it('an AKS cluster with the agreed tag is read as a management cluster, until it loses the tag', async () => {
  const world = createWorld({ seed: 'found', clusters: 6, managementClusters: 3, now: () => new Date() })
  const [azure, sites, store] = await Promise.all([world.azure.serveAzure(), world.serve(), openEngine('pglite')])
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-polls-'))
  writeFileSync(join(folder, 'azure.pem'), azure.ca)
  vi.stubEnv('AZURE_TENANT_ID', azure.tenantId)
  vi.stubEnv('AZURE_CLIENT_ID', azure.clientId)
  vi.stubEnv('AZURE_CLIENT_SECRET', azure.clientSecret)
  const { url: endpoint, authority, scope } = azure
  const subscription = world.azure.subscription('sub-platform').id
  const fleet = parseFleet({
    azure: [
      {
        ...{ name: 'corp', subscriptions: [subscription], credential: 'environment' },
        cloud: { endpoint, authority, scope, ca: join(folder, 'azure.pem') },
        managementClusters: { tag: managementTag },
      },
    ],
  })
  // Each poll is a quarter of an hour later, so that everything is due again.
  let quarters = 0
  const now = () => new Date(Date.now() + quarters * 15 * 60_000)
  const polls = openPolls({ store, fleet, now, log: openLog({ logLevel: 'error' }) })
  onTestFinished(async () => {
    vi.unstubAllEnvs()
    await polls.close()
    await Promise.all([azure.close(), store.close(), ...sites.map((site) => site.close())])
    rmSync(folder, { recursive: true, force: true })
  })
  const tick = async () => {
    quarters++
    await registerSources(
      store.db,
      fleet.sources.map(({ declaration }) => declaration),
      now(),
    )
    const due = await dueSources(store.db, now())
    for (const source of due) await polls.poll(source)
    return due
  }
  const clusters = async (source: string) =>
    (
      await rowsOf<{ name: string }>(
        store.db,
        sql`select name from object where source_id = ${source} and kind = 'cluster.x-k8s.io/Cluster' and gone_at is null`,
      )
    ).length

  const tagged = world.azure.resources.find(({ tags }) => managementTag in tags)
  if (tagged === undefined) throw new Error('a world without a tagged cluster')
  const found = `corp/${subscription}/${tagged.resourceGroup}/${tagged.name}`
  expect(await tick()).toEqual([`corp/${subscription}`])
  expect(await tick()).toContain(found)
  expect(await clusters(found)).toBeGreaterThan(0)
  delete tagged.tags[managementTag]
  await tick()
  expect(await tick()).toEqual([`corp/${subscription}`])
  // What it said before stays known, and says how old it is.
  expect(await clusters(found)).toBeGreaterThan(0)
})
