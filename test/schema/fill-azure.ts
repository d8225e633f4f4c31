import { expectedClusters, recordAbsences, recordRegion } from '../../db/azure.ts'
import type { Db } from '../../db/client.ts'
import { recordChildPoll } from '../../db/found-source.ts'
import { ingest } from '../../db/ingest.ts'
import { judge } from '../../db/judge.ts'
import { type DeclaredRules, registerPolicies } from '../../db/policy.ts'
import { settle } from '../../db/settle.ts'
import { finishPoll, registerSources, takeLease } from '../../db/source.ts'
import { readKubernetesVersions } from '../../fleet/azure/kubernetes-versions.ts'
import { type AzureAccount, azureClouds } from '../../fleet/azure-account.ts'
import { accountSources } from '../../fleet/azure-source.ts'
import { armClusterKind } from '../../fleet/reference.ts'
import { defaultStaleAfterMs } from '../../fleet/source.ts'
import { versionsBody } from '../world/azure/offer.ts'
import { wireOf } from '../world/azure/wire.ts'
import type { World } from '../world/world.ts'
import { pollOnce, siteSources } from './fill.ts'

const azureEveryMs = 300_000
export const azureStaleAfterMs = defaultStaleAfterMs(azureEveryMs)

/** The world's Azure as a fleet file would name it. */
const accountOf = ({ azure }: World): AzureAccount => ({
  name: 'corp',
  subscriptions: azure.subscriptions.map(({ id }) => id),
  managementGroups: [],
  cloud: azureClouds.public,
  credential: { by: 'default' },
  labels: {},
  everyMs: azureEveryMs,
  staleAfterMs: azureStaleAfterMs,
  discover: null,
})

/** Management clusters and Azure, read to the end, joined and judged; `except` are kinds that no management cluster lets us read. */
export async function fillWithAzure(
  db: Db,
  world: World,
  rules: DeclaredRules,
  now: Date,
  except: readonly string[] = [],
): Promise<void> {
  const managed = siteSources(world).map((source) => ({
    ...source,
    armId: world.azure.find(world.managementArmId(source.id)) ? world.managementArmId(source.id).toLowerCase() : null,
  }))
  await registerSources(db, [...managed, ...accountSources(accountOf(world))], now)
  await registerPolicies(db, rules, now)
  for (const { name } of world.sites) await pollOnce(db, world, name, now, except)
  await settleAll(db, now)
  await pollAzure(db, world, now)
  await settleAll(db, now)
  await judgeAll(db, now)
}

/** What a complete poll of the account would leave in the store. Subscriptions that are `silent` fail. */
export async function pollAzure(db: Db, world: World, now: Date, silent: readonly string[] = []): Promise<void> {
  const lease = await takeLease(db, 'corp', `corp ${now.getTime()}`, now, 60_000)
  if (lease === null) throw new Error('no lease on corp')
  for (const { id } of world.azure.subscriptions) {
    const source = `corp/${id.toLowerCase()}`
    if (silent.includes(source)) {
      const message = `${source}: the answer did not come in time`
      await recordChildPoll(db, source, { code: 'Timeout', message }, now)
      continue
    }
    await readSubscription(db, world, { source, id }, now)
    await recordChildPoll(db, source, null, now)
  }
  await finishPoll(db, lease, { trouble: null, unfinished: false }, now)
}

async function readSubscription(
  db: Db,
  world: World,
  { source, id }: { readonly source: string; readonly id: string },
  now: Date,
): Promise<void> {
  const resources = world.azure.resources.filter(({ subscription }) => subscription === id)
  const expected = (await expectedClusters(db, source, id.toLowerCase())).map(({ key }) => key)
  const run = { id: `${source} ${now.getTime()}`, startedAt: now }
  await ingest(
    db,
    {
      source,
      kind: armClusterKind,
      observedAt: now,
      objects: resources.map(wireOf),
      gone: [],
      rejected: [],
      proof: { as: 'end', run, page: 0, cursor: now.toISOString(), consistent: true },
    },
    { receivedAt: now },
  )
  const [present, gone] = [
    expected.filter((key) => world.azure.find(key)),
    expected.filter((key) => !world.azure.find(key)),
  ]
  await recordAbsences(db, source, { expected, present, gone }, now)
  const minors = readKubernetesVersions(versionsBody(now)) ?? []
  for (const region of new Set(resources.map((resource) => resource.region))) {
    await recordRegion(db, { source, region, minors }, now)
  }
}

export async function settleAll(db: Db, now: Date): Promise<void> {
  while ((await settle(db, now)).left > 0);
}

export async function judgeAll(db: Db, now: Date): Promise<void> {
  while ((await judge(db, now)).left > 0);
}
