import { describe, expect, it } from 'vitest'
import type { ClusterFacts } from '../../fleet/cluster.ts'
import { composeCluster } from '../../fleet/compose-cluster.ts'
import { conventionsOf, defaultConventions } from '../../fleet/convention.ts'
import { type Choice, newest, readSite } from './read-site.ts'
import type { Site } from './site.ts'
import { createWorld, type World } from './world.ts'

const v1beta1: Choice = (resource) =>
  resource.versions.some((version) => version.name === 'v1beta1') ? 'v1beta1' : newest(resource)

/** The clusters of one management cluster as Rollcall's core reads them from its objects. */
function readClusters(site: Site, choice: Choice, now: Date): ReadonlyMap<string, ClusterFacts> {
  const clusters = [...readSite(site, choice, now)].map(([key, members]) => {
    const [namespace = '', name = ''] = key.split('/')
    return [key, composeCluster({ namespace, name }, members)] as const
  })
  return new Map(clusters)
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
