import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { writeFleet } from './serve-fleet.ts'
import { createWorld, type World } from './world.ts'

/**
 * The process behind `npm start` without a fleet: a fake fleet that lives, and a fake Azure. Prints one JSON line when it can
 * be polled, `{"fleet": path of the fleet file, "sources": [{"name", "url"}], "azure": url, "environment": {name: value}}`, of
 * which the environment is what the fleet file's credential wants; ends with its standard input or on SIGTERM.
 */
const { values: flags } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    clusters: { type: 'string', default: '80' },
    'management-clusters': { type: 'string', default: '4' },
    /** Where the fleet file and its kubeconfigs go; without it, a temporary folder that is removed at the end. */
    folder: { type: 'string' },
    /** Between two steps of the fleet's life; 0: nothing moves. */
    'interval-ms': { type: 'string', default: '4000' },
    every: { type: 'string', default: '60s' },
    /** One source goes silent so long after the start, and comes back so long after that; 0: never. */
    'silent-after-ms': { type: 'string', default: '480000' },
    'silent-for-ms': { type: 'string', default: '300000' },
  },
})

const compactEveryMs = 300_000
/** Azure shows a change so long after Cluster API asked for it. */
const azureLagMs = 10_000

main().catch((error: unknown) => {
  console.error(`the simulated fleet: ${error instanceof Error ? error.message : error}`)
  process.exit(1)
})

async function main(): Promise<void> {
  const numberOf = (
    name: 'clusters' | 'management-clusters' | 'interval-ms' | 'silent-after-ms' | 'silent-for-ms',
  ): number => {
    const value = Number(flags[name])
    if (Number.isInteger(value) && value >= 0) return value
    throw new Error(`--${name} must be a whole number, such as 80, and is "${flags[name]}"`)
  }
  if (numberOf('management-clusters') === 0) throw new Error('--management-clusters must be at least 1')
  const world = createWorld({
    seed: flags.seed,
    clusters: numberOf('clusters'),
    managementClusters: numberOf('management-clusters'),
    now: () => new Date(),
    azureLagMs,
    destinations: true,
  })
  for (const { name } of world.sites.slice(0, 1)) world.leaveRemains(name)
  const [sites, azure] = await Promise.all([world.serve(), world.azure.serveAzure({ pageSize: 50 })])
  const folder = flags.folder === undefined ? await mkdtemp(join(tmpdir(), 'rollcall-world-')) : resolve(flags.folder)
  const fleet = await writeFleet(folder, { world, sites, azure, every: flags.every })
  const timers = [
    ...lifeOf(world, numberOf('interval-ms')),
    ...silenceOf(world, numberOf('silent-after-ms'), numberOf('silent-for-ms')),
    setInterval(() => compact(world), compactEveryMs),
  ]
  const end = async (): Promise<void> => {
    for (const timer of timers) clearTimeout(timer)
    await Promise.all([azure, ...sites].map((server) => server.close()))
    if (flags.folder === undefined) await rm(folder, { recursive: true, force: true })
    process.exit()
  }
  // The parent's end closes our standard input, whatever it died of.
  process.stdin.resume().on('close', end).on('end', end)
  process.on('SIGTERM', end).on('SIGINT', end)
  const environment = {
    AZURE_TENANT_ID: azure.tenantId,
    AZURE_CLIENT_ID: azure.clientId,
    AZURE_CLIENT_SECRET: azure.clientSecret,
  }
  const sources = sites.map(({ site, url }) => ({ name: site.name, url }))
  console.log(JSON.stringify({ fleet, sources, azure: azure.url, environment }))
}

function lifeOf(world: World, intervalMs: number): NodeJS.Timeout[] {
  if (intervalMs === 0) return []
  let step = 0
  const live = () => {
    world.live(step)
    world.liveInAzure(step)
    step += 1
  }
  return [setInterval(live, intervalMs)]
}

/** The last source, so that the first ones stay calm. */
function silenceOf(world: World, afterMs: number, forMs: number): NodeJS.Timeout[] {
  const name = world.sites.at(-1)?.name
  if (afterMs === 0 || name === undefined || world.sites.length < 2) return []
  const begin = setTimeout(() => world.silence(name), afterMs)
  const end = setTimeout(() => world.unsilence(name), afterMs + forMs)
  return [begin, end]
}

const revisions = new WeakMap<object, number>()

/** As etcd does it: what is older than the last compaction but one is forgotten. */
function compact(world: World): void {
  for (const { storage } of world.sites) {
    const before = revisions.get(storage)
    if (before !== undefined) storage.compact(before)
    if (before !== undefined) storage.forget(before)
    revisions.set(storage, storage.revision)
  }
}
