import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { managementTag } from './azure/scene.ts'
import type { ServedAzure } from './azure/server.ts'
import type { ServedSite } from './serve-sites.ts'
import type { World } from './world.ts'

export interface ServedWorld {
  readonly world: World
  readonly sites: readonly ServedSite[]
  readonly azure: ServedAzure
  /** How often sources are polled, as the fleet file writes it. */
  readonly every: string
}

/** Writes the fleet file that leads to a served world, with all that it names, into `folder`; gives its path. */
export async function writeFleet(folder: string, served: ServedWorld): Promise<string> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'azure.pem'), served.azure.ca)
  // Kubeconfigs hold tokens, if only of a world that pretends.
  for (const { site, kubeconfig } of byKubeconfig(served))
    await writeFile(join(folder, `${site.name}.kubeconfig`), kubeconfig, { mode: 0o600 })
  const path = join(folder, 'fleet.yaml')
  const fleet = {
    managementClusters: [...byArm(served), ...byKubeconfig(served).map((one) => connection(one, served.every))],
    azure: [account(served)],
    destinations: served.world.destinations,
    policies,
    waivers: waiversOf(served.world),
  }
  await writeFile(path, stringify(fleet))
  return path
}

/** On AKS: the first is named by its ARM id, the others say by a tag that they are management clusters. */
const byArm = ({ world, sites, every }: ServedWorld) =>
  sites.slice(0, 1).map(({ site: { name, region, labels } }) => {
    const resourceId = world.managementArmId(name)
    return { name, region, labels, aks: { resourceId }, every }
  })

const byKubeconfig = ({ world, sites }: ServedWorld): readonly ServedSite[] =>
  sites.filter(({ site }) => world.azure.find(world.managementArmId(site.name)) === null)

const connection = ({ site: { name, region, labels } }: ServedSite, every: string) => ({
  name,
  region,
  labels,
  kubeconfig: { path: `./${name}.kubeconfig`, context: name },
  every,
})

const account = ({ world, azure, every }: ServedWorld) => ({
  name: 'azure',
  subscriptions: world.azure.subscriptions.map(({ id }) => id),
  cloud: { endpoint: azure.url, scope: azure.scope, authority: azure.authority, ca: './azure.pem' },
  credential: 'environment',
  every,
  managementClusters: { tag: managementTag },
})

const policies = [
  {
    name: 'baseline',
    description: 'What every cluster must keep',
    rules: [
      { supportWindow: { lead: '30d' } },
      { versionSkew: { max: 3 } },
      { patchAge: { maxBehind: 2, grace: '14d' } },
      { nodeImageAge: { linux: '60d', windows: '90d' } },
      { owner: { contact: false } },
      { labels: { required: ['cost-center'] } },
    ],
  },
  {
    name: 'eu-prod',
    description: 'Production in the European Union: time to plan, and nodes that patch themselves',
    selector: { environment: 'prod', geography: 'EU' },
    rules: [
      { supportWindow: { severity: 'critical', lead: '60d' } },
      { nodeImageAge: { severity: 'high', linux: '30d', windows: '60d' } },
      { autoUpgrade: { nodeOsChannels: ['NodeImage', 'SecurityPatch'] } },
    ],
  },
]

/** Somebody was given three weeks more for a cluster that is out of support. */
function waiversOf({ fleet, now }: World) {
  const excused = fleet.find(
    ({ claims, provider, support }) => claims.length > 0 && provider === 'aks' && !support.inSupport,
  )
  if (excused === undefined) return []
  const expires = new Date(now.getTime() + 21 * 86_400_000).toISOString().slice(0, 10)
  const reason = `${excused.name} moves to a supported version with its next release`
  const whom = {
    selector: { name: [excused.name] },
    owner: excused.owner ?? 'team-platform',
    approvedBy: 'jane@example.com',
  }
  return [{ id: 'next-release', policy: 'baseline', rule: 'supportWindow', ...whom, reason, expires }]
}
