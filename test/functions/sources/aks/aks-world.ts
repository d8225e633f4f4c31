// Two management clusters on AKS in a simulated Azure, and a store of its own, for each test of the file that imports this.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, vi } from 'vitest'
import type { Store } from '../../../../db/client.ts'
import { clusterIdOf } from '../../../../fleet/azure/cluster-id.ts'
import type { AzureAccount } from '../../../../fleet/azure-account.ts'
import type { AksTarget } from '../../../../fleet/target.ts'
import { openEngine } from '../../../engine.ts'
import { managementArmId } from '../../../world/azure/scene.ts'
import type { ServedAzure } from '../../../world/azure/server.ts'
import type { ServedSite } from '../../../world/serve-sites.ts'
import { createWorld, type World } from '../../../world/world.ts'

export let world: World
export let azure: ServedAzure
export let site: ServedSite
export let store: Store
export let account: AzureAccount
export let target: AksTarget
/** In lower case. */
export let armId: string
let folder: string
let served: readonly ServedSite[]

beforeEach(async () => {
  world = createWorld({ seed: 'aks', clusters: 3, managementClusters: 1, now: () => new Date() })
  ;[azure, served, store] = await Promise.all([world.azure.serveAzure(), world.serve(), openEngine('pglite')])
  const [first] = served
  if (first === undefined) throw new Error('a world without management clusters')
  site = first
  folder = mkdtempSync(join(tmpdir(), 'rollcall-aks-'))
  writeFileSync(join(folder, 'azure.pem'), azure.ca)
  vi.stubEnv('AZURE_TENANT_ID', azure.tenantId)
  vi.stubEnv('AZURE_CLIENT_ID', azure.clientId)
  vi.stubEnv('AZURE_CLIENT_SECRET', azure.clientSecret)
  const { url: endpoint, authority, scope, aksScope } = azure
  account = {
    name: 'corp',
    subscriptions: [],
    managementGroups: [],
    cloud: { name: 'custom', endpoint, authority, scope, aksScope, ca: join(folder, 'azure.pem') },
    credential: { by: 'environment' },
    labels: {},
    everyMs: 300_000,
    staleAfterMs: 900_000,
    discover: null,
  }
  const id = managementArmId(world.azure, site.site)
  const cluster = clusterIdOf(id)
  if (cluster === null) throw new Error(`no managed cluster: ${id}`)
  armId = cluster.key
  target = { by: 'aks', account, cluster }
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await Promise.all([azure.close(), store.close(), ...served.map((one) => one.close())])
  rmSync(folder, { recursive: true, force: true })
})
