import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engines } from '../engine.ts'
import type { Asked } from '../schema/ask.ts'
import { homeOf, openFleet, type QuestionedFleet, skewAllowed, sorted } from './fleet.ts'

describe.each(engines)('questions of witnesses and pools on %s', (engine) => {
  let fleet: QuestionedFleet
  beforeAll(async () => {
    fleet = await openFleet(engine, 'witnesses')
  })
  afterAll(() => fleet.store.close())

  it('Q3: which clusters have no owner or miss a mandatory tag', async () => {
    const { clusters } = await fleet.answer('q03')
    const truth = fleet.world.fleet.filter(({ owner, costCenter }) => owner === null || costCenter === null)
    expect(truth.some(({ owner }) => owner === null) && truth.some(({ owner }) => owner !== null)).toBe(true)
    expect(
      sorted(
        clusters.nodes.map((node: Asked) => ({
          ...{ name: node.name, source: node.source.name, owner: node.owner?.team ?? null, missing: node.missingTags },
        })),
      ),
    ).toEqual(
      sorted(
        truth.map((one) => ({
          ...{ name: one.name, source: homeOf(one), owner: one.owner },
          missing: one.costCenter === null ? ['cost-center'] : [],
        })),
      ),
    )
    expect(clusters.coverage.complete).toBe(true)
    for (const node of clusters.nodes) {
      expect(node.firstSeenAt).toMatch(/Z$/)
      const told = node.owner === null ? null : node.provider === 'aks' && node.source.name.startsWith('corp/')
      expect(node.ownershipSource, node.name).toBe(told === null ? null : told ? 'AZURE_TAG' : 'CLUSTER_LABEL')
    }
  })

  it('Q4: which clusters are seen by both Cluster API and AKS, and on which fields they disagree', async () => {
    const { clusters } = await fleet.answer('q04')
    const truth = fleet.world.fleet.filter(({ witnesses }) => witnesses.length === 2)
    expect(
      sorted(
        clusters.nodes.map((node: Asked) => ({
          ...{ name: node.name, source: node.source.name },
          fields: node.disagreements.map(({ field }: Asked) => field).sort(),
        })),
      ),
    ).toEqual(
      sorted(
        truth.map((one) => ({
          ...{ name: one.name, source: homeOf(one) },
          fields: one.disagreements.map(({ field }) => field).sort(),
        })),
      ),
    )
    expect(truth.filter(({ disagreements }) => disagreements.length > 0).length).toBeGreaterThan(3)
    for (const node of clusters.nodes) {
      const one = truth.find((cluster) => homeOf(cluster) === node.source.name && cluster.name === node.name)
      for (const { field, values } of node.disagreements) {
        const said = one?.disagreements.find((each) => each.field === field)
        expect(
          values.map(({ value }: Asked) => value?.replace(/^v/, '') ?? null),
          field,
        ).toEqual([...[said?.declared, said?.other]])
        for (const value of values) expect(Date.parse(value.observedAt)).toBe(fleet.now.getTime())
      }
    }
  })

  it('Q7: where node pools are further behind their control plane than the policy allows', async () => {
    const { findings, nobodyCanTell } = await fleet.answer('q07')
    const bad = (skew: number | null) => skew !== null && (skew < 0 || skew > skewAllowed)
    const truth = fleet.world.fleet.filter(({ pools }) => pools.some(({ skewMinors }) => bad(skewMinors)))
    expect(truth.length).toBeGreaterThan(0)
    expect(sorted(findings.nodes.map(({ cluster }: Asked) => [cluster.name, cluster.skewMinors]))).toEqual(
      sorted(truth.map(({ name, skewMinors }) => [name, skewMinors])),
    )
    expect(nobodyCanTell.totalCount).toBe(0)
    for (const { cluster, policy, evidence, stale } of findings.nodes) {
      expect([policy, stale]).toEqual([{ name: 'baseline', version: '7' }, false])
      expect(evidence.length).toBeGreaterThan(1)
      const one = truth.find(({ name }) => name === cluster.name)
      expect(sorted(cluster.nodePools.map((pool: Asked) => [pool.skewMinors, minorOf(pool.kubernetes.raw)]))).toEqual(
        sorted(one?.pools.map(({ skewMinors, running }) => [skewMinors, minorOf(running)]) ?? []),
      )
    }
  })

  it('Q8: which node pools run a node image older than 30 days', async () => {
    const { nodePools, nobodyCanTell } = await fleet.answer('q08')
    const pools = fleet.world.fleet.flatMap((one) => one.pools.map((pool) => ({ ...pool, cluster: one })))
    const truth = pools.filter(({ imageAgeDays }) => imageAgeDays !== null && imageAgeDays > 30)
    expect(truth.length).toBeGreaterThan(0)
    expect(
      sorted(
        nodePools.nodes.map((pool: Asked) => ({
          ...{ cluster: pool.cluster.name, image: pool.nodeImage, releasedAt: pool.imageReleasedAt, age: pool.ageDays },
          ...{ os: pool.os, channel: pool.cluster.autoUpgradeChannel },
        })),
      ),
    ).toEqual(
      sorted(
        truth.map((pool) => ({
          ...{ cluster: pool.cluster.name, image: pool.nodeImage, releasedAt: pool.imageReleasedAt },
          ...{ age: pool.imageAgeDays, os: pool.os.toUpperCase(), channel: pool.cluster.upgradeChannel },
        })),
      ),
    )
    expect(nobodyCanTell.totalCount).toBe(
      pools.filter(({ imageAgeDays, cluster }) => imageAgeDays === null && cluster.provider === 'aks').length,
    )
  })

  it('Q20: which clusters only Azure knows, and which Azure does not have', async () => {
    const { clusters } = await fleet.answer('q20')
    // A management cluster of the fleet is declared by the fleet file.
    const truth = fleet.world.fleet.filter((one) => one.orphan !== null && one.managementCluster === null)
    expect(new Set(truth.map(({ orphan }) => orphan))).toEqual(new Set(['UNDECLARED', 'MISSING']))
    expect(
      sorted(
        clusters.nodes.map(({ name, orphan }: Asked) => ({
          ...{ name, direction: orphan.direction, armId: orphan.armId.toLowerCase(), createdBy: orphan.createdBy },
          method: orphan.confirmationMethod,
          group: orphan.direction === 'UNDECLARED' ? orphan.nodeResourceGroup : null,
        })),
      ),
    ).toEqual(
      sorted(
        truth.map((one) => ({
          ...{ name: one.name, direction: one.orphan, armId: one.armId, createdBy: one.createdBy },
          method: one.orphan === 'UNDECLARED' ? 'LISTING' : 'GET',
          group: one.orphan === 'UNDECLARED' ? one.nodeResourceGroup : null,
        })),
      ),
    )
    for (const { orphan } of clusters.nodes) expect(Date.parse(orphan.lastConfirmedAt)).toBe(fleet.now.getTime())
    const { data } = await fleet.ask(
      '{ clusters(first: 100, filter: {not: {witness: {eq: "capi"}}}) { nodes { name orphan { direction } managementCluster { name } } } }',
    )
    const own = fleet.world.fleet.filter(({ managementCluster }) => managementCluster !== null)
    expect(own.length).toBeGreaterThan(0)
    expect(sorted(data.clusters.nodes.filter(({ managementCluster }: Asked) => managementCluster !== null))).toEqual(
      sorted(
        own.map(({ name, managementCluster }) => ({
          name,
          orphan: null,
          managementCluster: { name: managementCluster },
        })),
      ),
    )
  })
})

const minorOf = (version: string | null): string | undefined =>
  version?.replace(/^v/, '').split('.').slice(0, 2).join('.')
