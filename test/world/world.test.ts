import { describe, expect, it } from 'vitest'
import { randomOf } from './random.ts'
import { createWorld, type Place, type World } from './world.ts'

const everything = (world: World): string =>
  JSON.stringify(world.sites.map((site) => [site.name, site.uid, [...site.objects()].map(({ object }) => object)]))

function grown(seed: string, steps: number): World {
  const world = createWorld({ seed })
  for (let step = 0; step < steps; step++) {
    world.advance(4000)
    world.live(step)
  }
  return world
}

describe('the world', () => {
  it('is the same for the same seed, to the last byte, and another for another', () => {
    const [one, same, other] = [grown('a', 25), grown('a', 25), grown('b', 25)]
    expect(everything(same)).toBe(everything(one))
    expect(same.truth).toEqual(one.truth)
    expect(everything(other)).not.toBe(everything(one))
  })

  it('has four management clusters in four regions, of both eras, and ninety clusters besides one known twice', () => {
    const world = createWorld()
    expect(new Set(world.sites.map((site) => site.region)).size).toBe(4)
    expect(world.sites.map((site) => [site.name, site.era, site.profile])).toEqual([
      ['weu-prod', 'new', 'current'],
      ['neu-prod', 'old', '1.20'],
      ['eus-prod', 'new', 'current'],
      ['sea-dev', 'old', '1.20'],
    ])
    expect(world.truth).toHaveLength(91)
    const elsewhere = world.truth.filter(({ provider }) => provider === 'eks' || provider === 'gke')
    expect(new Set(elsewhere.map(({ source }) => source))).toEqual(new Set(['eus-prod']))
    expect(elsewhere).toHaveLength(10)
    const arm = world.truth.flatMap((cluster) => cluster.armId ?? [])
    expect(arm.length - new Set(arm).size).toBe(1)
  })

  it('shows every state, flavour and trap at its start', () => {
    const { truth } = createWorld()
    const all = <T>(read: (cluster: (typeof truth)[number]) => T) => new Set(truth.map(read))
    expect(all((cluster) => cluster.health)).toEqual(
      new Set(['Healthy', 'Progressing', 'Degraded', 'Failed', 'Suspended', 'Deleting', 'Unknown']),
    )
    expect(all((cluster) => cluster.stage)).toEqual(
      new Set(['Running', 'Creating', 'Upgrading', 'Scaling', 'Deleting']),
    )
    expect(all((cluster) => cluster.flavour).size).toBe(5)
    expect([...all((cluster) => cluster.versionObserved)]).toEqual(
      expect.arrayContaining(['v1.9.11', 'v1.10.13', 'v1.32.9', 'v1.32.10']),
    )
    expect(all((cluster) => cluster.owner)).toContain(null)
    expect(all((cluster) => cluster.topologyClass)).toContain('azure-self-managed')
  })

  it('has the same clusters in Azure with EKS and GKE beside them and without', () => {
    const told = (cloudClusters: number) =>
      createWorld({ cloudClusters, seed: 'beside' }).truth.filter(
        ({ armId, provider }) => armId ?? provider === 'azure',
      )
    expect(told(0)).toHaveLength(81)
    expect(told(12)).toEqual(told(0))
  })

  it('takes any size', () => {
    expect(createWorld({ clusters: 0, managementClusters: 1 }).truth).toEqual([])
    const large = createWorld({ clusters: 300, managementClusters: 11 })
    expect(large.truth).toHaveLength(338)
    expect(new Set(large.sites.map((site) => site.name)).size).toBe(11)
    expect(new Set(large.sites.map((site) => site.uid)).size).toBe(11)
  })
})

describe('acts', () => {
  const world = createWorld({ seed: 'acts', clusters: 12 })
  let place: Place
  const state = () => world.truth.find((cluster) => cluster.source === place.source && cluster.name === place.name)
  const cluster = () => world.site(place.source).get('cluster.x-k8s.io', 'Cluster', place.namespace, place.name)

  it('create, upgrade, scale, fail, heal, pause, delete and remove a cluster', () => {
    place = world.createCluster('weu-prod')
    expect(state()).toMatchObject({ health: 'Progressing', stage: 'Creating' })
    world.heal(place)
    expect(state()).toMatchObject({ health: 'Healthy', stage: 'Running' })
    world.upgrade(place, 'v1.35.0')
    expect(state()).toMatchObject({ health: 'Progressing', versionDeclared: 'v1.35.0' })
    world.heal(place)
    world.scale(place, 9)
    expect(state()?.pools[0]).toMatchObject({ replicas: 9 })
    world.heal(place)
    world.fail(place, 'Unreachable')
    expect(state()).toMatchObject({ health: 'Degraded', trouble: 'Unreachable' })
    world.heal(place)
    world.pause(place)
    expect(state()).toMatchObject({ health: 'Suspended' })
    world.unpause(place)
    world.deleteCluster(place)
    expect(cluster()?.metadata.deletionTimestamp).toBeDefined()
    world.removeCluster(place)
    expect([state(), cluster()]).toEqual([undefined, null])
  })

  it('touch only what they change, and move only conditions that change', () => {
    const [first, second] = world.workloadsOf(world.site('weu-prod'))
    if (first === undefined || second === undefined) throw new Error('two clusters are needed')
    const read = (name: string, namespace: string) =>
      world.site('weu-prod').get('cluster.x-k8s.io', 'Cluster', namespace, name)
    // Clusters of the world have conditions unless nobody reports, and this one is healed.
    const conditions = (of: ReturnType<typeof read>) =>
      Object(of?.status).conditions as { type: string; lastTransitionTime: string }[]
    world.heal({ source: 'weu-prod', namespace: first.namespace, name: first.name })
    const [before, other] = [read(first.name, first.namespace), read(second.name, second.namespace)]
    world.advance(60_000)
    world.fail({ source: 'weu-prod', namespace: first.namespace, name: first.name }, 'Unreachable')
    expect(read(second.name, second.namespace)).toBe(other)
    const after = read(first.name, first.namespace)
    expect(after?.metadata.generation).toBe(before?.metadata.generation)
    const moved = conditions(after).filter(
      ({ type, lastTransitionTime }) =>
        conditions(before).find((old) => old.type === type)?.lastTransitionTime !== lastTransitionTime,
    )
    expect(moved.map(({ type }) => type).sort()).toEqual(['Available', 'RemoteConnectionProbe'])
  })

  it('name what they cannot find', () => {
    expect(() => world.silence('nowhere')).toThrow(
      'no management cluster nowhere: weu-prod, neu-prod, eus-prod, sea-dev',
    )
    expect(() => world.pause({ source: 'weu-prod', namespace: 'clusters', name: 'nobody' })).toThrow(
      'no cluster clusters/nobody on weu-prod',
    )
  })
})

describe('its numbers', () => {
  it('look random, and repeat', () => {
    const draw = () => {
      const random = randomOf('numbers')
      return [random.uuid(), random.hex(8), random.between(3, 5), random.pick(['a', 'b']), random.chance(1)]
    }
    expect(draw()).toEqual(draw())
    expect(draw()[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    const many = Array.from({ length: 10_000 }, (_, i) => randomOf(i).next())
    expect(many.reduce((sum, one) => sum + one, 0) / many.length).toBeCloseTo(0.5, 1)
  })
})
