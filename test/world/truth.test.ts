import { describe, expect, it } from 'vitest'
import type { ClusterFacts, Member } from '../../fleet/cluster.ts'
import { composeCluster } from '../../fleet/compose-cluster.ts'
import { conventionsOf, defaultConventions } from '../../fleet/convention.ts'
import { healthOf } from '../../fleet/judge.ts'
import { kindByKey } from '../../fleet/kinds/registry.ts'
import { normalise } from '../../fleet/normalise.ts'
import type { ClusterName } from '../../fleet/observation.ts'
import { kindKeyOf } from '../../fleet/reference.ts'
import { asVersion, type Resource } from './api/object.ts'
import type { Site } from './site.ts'
import { createWorld, type World } from './world.ts'

/** Which version of a kind a test reads. */
type Choice = (resource: Resource) => string

const newest: Choice = (resource) =>
  resource.versions.find((version) => version.storage)?.name.replace('storage', '') ?? ''
const v1beta1: Choice = (resource) =>
  resource.versions.some((version) => version.name === 'v1beta1') ? 'v1beta1' : newest(resource)

/** The clusters of one management cluster as Rollcall's core reads them from its objects. */
function readClusters(site: Site, choice: Choice, now: Date): ReadonlyMap<string, ClusterFacts> {
  const members = new Map<string, { name: ClusterName; members: Member[] }>()
  for (const { resource, object } of site.objects()) {
    const kind = kindByKey.get(kindKeyOf(resource))
    if (kind === undefined) continue
    const { observation, rejected } = normalise(site.name, asVersion(resource, object, choice(resource)), kind)
    expect(rejected).toEqual([])
    if (observation === null || observation.owner === null) continue
    const { id, ref, parentId, labels, facts, createdAt } = observation
    const key = `${observation.owner.namespace}/${observation.owner.name}`
    const cluster = members.get(key) ?? { name: observation.owner, members: [] }
    cluster.members.push({
      id,
      ref,
      parentId,
      labels,
      facts,
      createdAt,
      health: healthOf(observation.reading, {}, now),
      fresh: true,
    })
    members.set(key, cluster)
  }
  return new Map([...members].map(([key, cluster]) => [key, composeCluster(cluster.name, cluster.members)]))
}

function disagreements(world: World, choice: Choice): readonly string[] {
  return world.sites.flatMap((site) => {
    const read = readClusters(site, choice, world.now)
    const truths = world.truth.filter((cluster) => cluster.source === site.name)
    return truths.flatMap((truth) => {
      const facts = read.get(`${truth.namespace}/${truth.name}`)
      const said = conventionsOf(facts?.labels ?? {}, defaultConventions)
      const told = {
        environment: said.environment,
        owner: said.owner,
        ring: said.ring,
        health: facts?.health.state,
        gitops: facts?.gitops?.state ?? null,
        declared: facts?.versionDeclared?.replace(/^v?/, 'v'),
        provider: facts?.provider,
        flavour: facts?.flavour,
        region: facts?.region,
        armId: facts?.armId?.toLowerCase() ?? null,
        pools: facts?.pools.length,
      }
      const expected = {
        environment: truth.environment,
        owner: truth.owner,
        ring: truth.ring,
        health: truth.health,
        gitops: truth.gitops,
        declared: truth.versionDeclared,
        provider: truth.provider,
        flavour: truth.flavour,
        region: truth.region,
        armId: truth.armId,
        pools: truth.pools.length,
      }
      const where = `${site.name} ${truth.namespace}/${truth.name} (${truth.flavour}, ${truth.stage}, ${truth.trouble})`
      const seen = new Map<string, unknown>(Object.entries(told))
      return Object.entries(expected)
        .filter(([key, value]) => seen.get(key) !== value)
        .map(([key, value]) => `${where}: ${key} is ${value}, read ${seen.get(key)}`)
    })
  })
}

describe('what the core reads from the world’s objects is what the world says is so', () => {
  it.each([['newest versions', newest] as const, ['v1beta1', v1beta1] as const])(
    'in its %s, at the start',
    (_name, choice) => {
      expect(disagreements(createWorld({ seed: 1 }), choice)).toEqual([])
    },
  )

  it('after a hundred steps of its life', () => {
    const world = createWorld({ seed: 'life' })
    for (let step = 0; step < 100; step++) {
      world.advance(4000)
      world.live(step)
    }
    expect(disagreements(world, newest)).toEqual([])
  })
})
