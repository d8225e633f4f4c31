import { expect, it } from 'vitest'
import { readKubernetesVersions } from '../../../fleet/azure/kubernetes-versions.ts'
import type { ClusterFacts } from '../../../fleet/cluster.ts'
import { conventionsOf, defaultConventions } from '../../../fleet/convention.ts'
import { placeOf } from '../../../fleet/geography/geography.ts'
import type { Calendar } from '../../../fleet/support/calendar.ts'
import { seedCalendar } from '../../../fleet/support/seed.ts'
import { supportOf } from '../../../fleet/support/support.ts'
import { parseVersion } from '../../../fleet/version.ts'
import { keyOf, readFleet } from '../read-fleet.ts'
import { createWorld, type World } from '../world.ts'
import { versionsBody } from './offer.ts'
import type { FleetCluster } from './truth.ts'

function calendarOf({ now, azure }: World): Calendar {
  const minors = readKubernetesVersions(versionsBody(now)) ?? []
  const regions = new Set(azure.resources.map(({ region }) => region))
  const read = [...regions].map((region) => [region, { region, readAt: now, minors }] as const)
  return { entries: seedCalendar, regions: new Map(read) }
}

/** A cluster as it was read, in the words of its truth. */
function toldOf(facts: ClusterFacts, calendar: Calendar, now: Date): Partial<Record<keyof FleetCluster, unknown>> {
  const said = conventionsOf(facts.labels, defaultConventions)
  const place = placeOf(facts.provider, facts.region)
  const { calendar: name, ...support } = supportOf(
    { ...facts, version: parseVersion(facts.versionObserved ?? '') },
    calendar,
    now,
  )
  return {
    ...{ namespace: facts.name.namespace, name: facts.name.name, witnesses: facts.witnesses, provider: facts.provider },
    armId: facts.armId?.toLowerCase() ?? null,
    ...{ environment: said.environment, owner: said.owner, contact: said.contact },
    costCenter: facts.labels['cost-center'] ?? null,
    ...{ region: facts.region, country: place.country, eu: place.geographies.includes('EU') },
    health: facts.health.state,
    versionDeclared: facts.versionDeclared?.replace(/^v/, ''),
    versionObserved: facts.versionObserved?.replace(/^v/, ''),
    ...{ supportPlan: facts.supportPlan, tier: facts.tier, powerState: facts.powerState },
    ...{ upgradeChannel: facts.upgradeChannel, nodeOsUpgradeChannel: facts.nodeOsUpgradeChannel },
    ...{ resourceUid: facts.resourceUid, nodeResourceGroup: facts.nodeResourceGroup, createdBy: facts.createdBy },
    support: [name, support.minor, support.plan, support.phase, support.endsAt, support.standardEnd, support.ltsOnly],
    pools: facts.pools
      .map((pool) => [pool.versionObserved?.replace(/^v/, ''), pool.skewMinors, pool.nodeImage, pool.imageReleasedAt])
      .map(String)
      .sort(),
    skewMinors: facts.skewMinors,
    disagreements: facts.disagreements.map(({ field, values }) =>
      [field, ...values.map(({ value }) => value)].join(' '),
    ),
  }
}

function expectedOf(cluster: FleetCluster): Partial<Record<keyof FleetCluster, unknown>> {
  const { support, pools, disagreements, ...rest } = cluster
  return {
    ...rest,
    support: [
      ...[support.calendar, support.minor, support.plan, support.phase, support.endsAt, support.standardEnd],
      support.ltsOnly,
    ],
    pools: pools
      .map(({ running, skewMinors, nodeImage, imageReleasedAt }) =>
        String([running, skewMinors, nodeImage, imageReleasedAt]),
      )
      .sort(),
    disagreements: disagreements.map(({ field, declared, other }) => [field, declared, other].join(' ')).sort(),
  }
}

function differences(world: World): readonly string[] {
  const read = readFleet(world)
  const calendar = calendarOf(world)
  return world.fleet.flatMap((cluster) => {
    const facts = read.get(keyOf(cluster))
    if (facts === undefined) return [`${keyOf(cluster)} is not read`]
    const told = new Map<string, unknown>(Object.entries(toldOf(facts, calendar, world.now)))
    return Object.entries(expectedOf(cluster))
      .filter(([key, value]) => told.has(key) && JSON.stringify(told.get(key)) !== JSON.stringify(value))
      .map(
        ([key, value]) =>
          `${keyOf(cluster)}: ${key} is ${JSON.stringify(value)}, read ${JSON.stringify(told.get(key))}`,
      )
  })
}

it('what the core reads of all witnesses together is what the world says is so', () => {
  expect(differences(createWorld())).toEqual([])
})

it('after a hundred steps of its life, in Azure too', () => {
  const world = createWorld({ seed: 'life' })
  for (let step = 0; step < 100; step++) {
    world.advance(4000)
    world.live(step)
    world.liveInAzure(step)
  }
  expect(differences(world)).toEqual([])
})
