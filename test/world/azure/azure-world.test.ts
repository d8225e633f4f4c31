import { describe, expect, it } from 'vitest'
import { armIdOf, type Workload } from '../workload.ts'
import { createWorld, type World } from '../world.ts'
import * as act from './act.ts'
import { idOf } from './resource.ts'
import type { FleetCluster } from './truth.ts'

/** A managed cluster that nothing happens to, in Azure neither. */
function calm(world: World): {
  place: { source: string; namespace: string; name: string }
  workload: Workload
  armId: string
} {
  const found = world.fleet.find(
    ({ claims, provider, health, disagreements }) =>
      claims.length === 1 && provider === 'aks' && health === 'Healthy' && disagreements.length === 0,
  )
  const [place] = found?.claims ?? []
  if (place === undefined) throw new Error('every cluster of this world is in trouble')
  const workload = world.workload(place)
  return { place, workload, armId: armIdOf(workload) }
}

const fleetCluster = (world: World, armId: string): FleetCluster | undefined =>
  world.fleet.find((one) => one.armId === armId.toLowerCase())

describe('Azure', () => {
  it('has every managed cluster that Cluster API declares, in few subscriptions, but for those that went missing', () => {
    const world = createWorld()
    const declared = new Set(world.truth.flatMap(({ armId }) => armId ?? []))
    const there = new Set(world.azure.resources.map((resource) => idOf(resource).toLowerCase()))
    const missing = world.fleet.filter(({ orphan }) => orphan === 'MISSING').map(({ armId }) => armId)
    expect(missing).toHaveLength(2)
    expect([...declared].filter((armId) => !there.has(armId)).sort()).toEqual(missing.sort())
    expect(world.azure.subscriptions.map(({ name }) => name)).toEqual([
      'sub-prod',
      'sub-dev',
      'sub-platform',
      'sub-sandbox',
    ])
  })

  it('is the same for the same seed', () => {
    const [one, same] = [createWorld({ seed: 'a' }), createWorld({ seed: 'a' })]
    for (const world of [one, same])
      for (let step = 0; step < 30; step++) {
        world.live(step)
        world.liveInAzure(step)
      }
    expect(same.azure.resources).toEqual(one.azure.resources)
    expect(same.fleet).toEqual(one.fleet)
  })

  it('follows what Cluster API asks for, and keeps what others changed', () => {
    const world = createWorld({ seed: 'follow' })
    const { place, workload, armId } = calm(world)
    const resource = world.azure.resource(armId)
    world.azure.change(armId, act.retagged({ note: 'by hand' }))
    world.azure.change(armId, act.longTermSupport)
    world.upgrade(place, 'v1.37.0')
    expect(resource).toMatchObject({ version: '1.37.0', provisioningState: 'Upgrading' })
    world.heal(place)
    expect(resource).toMatchObject({ running: '1.37.0', provisioningState: 'Succeeded', tier: 'Premium' })
    expect(resource.pools.map(({ running }) => running)).toEqual(workload.pools.map(() => '1.37.0'))
    expect(resource.tags.note).toBe('by hand')
    world.pause(place)
    world.change(place, (one) => {
      one.costCenter = 'cc-new'
    })
    expect(resource.tags['cost-center']).not.toBe('cc-new')
    world.unpause(place)
    expect(resource.tags['cost-center']).toBe('cc-new')
    world.deleteCluster(place)
    expect(resource.provisioningState).toBe('Deleting')
    world.removeCluster(place)
    expect(world.azure.find(armId)).toBeNull()
    expect(world.azure.hasResourceGroup(resource.subscription, resource.resourceGroup)).toBe(false)
  })

  it('shows it later where it lags', () => {
    const world = createWorld({ seed: 'lag', azureLagMs: 10_000 })
    const { place, armId } = calm(world)
    world.upgrade(place, 'v1.37.0')
    expect(world.azure.resource(armId).provisioningState).toBe('Succeeded')
    world.advance(10_000)
    expect(world.azure.resource(armId).provisioningState).toBe('Upgrading')
  })

  it('is changed without Cluster API: its truth says what differs', () => {
    const world = createWorld({ seed: 'acts' })
    const { armId, workload } = calm(world)
    const before = fleetCluster(world, armId)
    world.azure.change(armId, act.stopped)
    expect(fleetCluster(world, armId)).toMatchObject({
      health: 'Suspended',
      disagreements: [{ field: 'powerState', declared: 'Running', other: 'Stopped' }],
    })
    world.azure.change(armId, act.started)
    world.azure.recreate(armId)
    const again = fleetCluster(world, armId)
    expect(again?.resourceUid).not.toBe(before?.resourceUid)
    expect({ ...again, resourceUid: '' }).toEqual({ ...before, resourceUid: '' })
    world.azure.change(armId, act.scaled('system', 9))
    expect(fleetCluster(world, armId)?.disagreements).toEqual([
      { field: 'nodePools.system.replicas', declared: String(workload.pools[0]?.replicas), other: '9' },
    ])
    world.azure.delete(armId)
    expect(fleetCluster(world, armId)).toMatchObject({ orphan: 'MISSING', witnesses: ['capi'] })
    expect(() => world.azure.change(armId, act.stopped)).toThrow(`Azure has no ${armId}`)
  })
})

describe('the scene', () => {
  const { fleet } = createWorld()
  const all = <T>(read: (cluster: FleetCluster) => T) => new Set(fleet.map(read))

  it('has every phase of support, with and without the plan', () => {
    expect(
      all(({ support: { calendar, phase, ltsOnly } }) => `${calendar} ${phase}${ltsOnly ? ' in the LTS window' : ''}`),
    ).toEqual(
      new Set([
        'aks Preview',
        'aks Supported',
        'aks SupportedLts',
        'aks SupportedLts in the LTS window',
        'aks PlatformSupport in the LTS window',
        'aks OutOfSupport in the LTS window',
        'aks OutOfSupport',
        'upstream Supported',
        'upstream OutOfSupport',
        'eks Supported',
        'gke Supported',
      ]),
    )
    const ending = fleet.filter(({ support: { daysLeft, inSupport } }) => inSupport && (daysLeft ?? 99) <= 60)
    expect(ending.filter(({ eu, environment }) => eu && environment === 'prod').length).toBeGreaterThanOrEqual(3)
    expect(ending.some(({ eu }) => !eu)).toBe(true)
  })

  it('has every health, twins, orphans of both kinds, and fields on which witnesses disagree', () => {
    expect(all(({ health }) => health).size).toBe(7)
    expect(fleet.filter(({ claims }) => claims.length === 2)).toHaveLength(1)
    expect(all(({ orphan }) => orphan)).toEqual(new Set([null, 'UNDECLARED', 'MISSING']))
    const fields = new Set(
      fleet.flatMap(({ disagreements }) => disagreements.map(({ field }) => field.replace(/\.[^.]*$/, ''))),
    )
    for (const field of ['kubernetes', 'powerState', 'supportPlan', 'tier', 'tags', 'nodePools.apps'])
      expect(fields).toContain(field)
  })

  it('has owners and labels missing, skew of every kind, and node images of every age', () => {
    expect(fleet.some(({ owner }) => owner === null)).toBe(true)
    expect(fleet.some(({ owner, costCenter }) => owner !== null && costCenter === null)).toBe(true)
    expect(all(({ skewMinors }) => skewMinors)).toEqual(new Set([null, 0, 1, 2, 4, -1]))
    const pools = fleet.flatMap((cluster) => cluster.pools)
    const ages = pools.filter(({ nodeImage }) => nodeImage !== null).map(({ imageAgeDays }) => imageAgeDays)
    expect(ages).toContain(null)
    for (const [from, to] of [
      [0, 30],
      [31, 60],
      [61, 365],
    ] as const)
      expect(ages.some((age) => age !== null && age >= from && age <= to)).toBe(true)
    expect(pools.some(({ os }) => os === 'windows')).toBe(true)
  })

  it('fits into small worlds, and into an empty one', () => {
    expect(
      createWorld({ clusters: 0, managementClusters: 1 }).fleet.map(({ managementCluster }) => managementCluster),
    ).toEqual(['weu-prod'])
    const { fleet: small } = createWorld({ clusters: 24 })
    expect(small.some(({ disagreements }) => disagreements.length > 0)).toBe(true)
    expect(small.some(({ orphan, managementCluster }) => orphan === 'UNDECLARED' && managementCluster === null)).toBe(
      true,
    )
  })
})
