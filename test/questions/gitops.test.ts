import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kindByKey } from '../../fleet/kinds/registry.ts'
import { engines } from '../engine.ts'
import type { Asked } from '../schema/ask.ts'
import type { FleetCluster } from '../world/azure/truth.ts'
import { draftsOf } from '../world/cluster.ts'
import type { TrueReconciler } from '../world/drift/reconciler.ts'
import type { World } from '../world/world.ts'
import {
  commonOf,
  commonTruth,
  instantOf,
  openDriftingFleet,
  pollAll,
  type QuestionedFleet,
  sorted,
  wholeCoverage,
} from './fleet.ts'

const dayMs = 86_400_000

/** The cluster of the fleet that this is a claim to. */
function claimedBy({ fleet }: World, place: { source: string; namespace: string; name: string }): FleetCluster {
  const is = (claim: typeof place) =>
    claim.source === place.source && claim.namespace === place.namespace && claim.name === place.name
  const found = fleet.find(({ claims }) => claims.some(is))
  if (found === undefined) throw new Error(`nobody claims ${place.source}/${place.namespace}/${place.name}`)
  return found
}

describe.each(engines)('questions of GitOps on %s', (engine) => {
  let fleet: QuestionedFleet
  let world: World
  beforeAll(async () => {
    fleet = await openDriftingFleet(engine, 'gitops')
    world = fleet.world
  })
  afterAll(() => fleet.store.close())

  it('Q17: which Flux objects are not ready or behind, and how far', async () => {
    const { gitops, fluxSources } = await fleet.answer('q17')
    const lagOf = ({ behind, expectedAt }: TrueReconciler) =>
      behind && expectedAt !== null ? (fleet.now.getTime() - expectedAt.getTime()) / 1000 : behind === null ? null : 0
    const told = (source: string, cluster: FleetCluster | null) => (one: TrueReconciler) => ({
      ...{ kind: one.kind, namespace: one.namespace, name: one.name, source, cluster: cluster && commonTruth(cluster) },
      ...{ ready: one.ready.toUpperCase(), suspended: one.suspended, behind: one.behind, lagSeconds: lagOf(one) },
      ...{ appliedRevision: one.applied, expectedRevision: one.expected },
    })
    const matches = ({ tool, ready, behind }: TrueReconciler) =>
      tool === 'flux' && (ready !== 'True' || behind === true)
    const all = [
      ...world.truth.map((one) => ({ ...one, cluster: claimedBy(world, one) })),
      ...world.management.map((one) => ({ ...one, cluster: null })),
    ]
    const truth = all.flatMap(({ source, reconcilers, cluster }) =>
      reconcilers.filter(matches).map(told(source, cluster)),
    )
    const answered = gitops.nodes.map((node: Asked) => ({
      ...{ kind: node.kind, namespace: node.namespace, name: node.name, source: node.source.name },
      cluster: node.cluster && commonOf(node.cluster),
      ...{ ready: node.ready, suspended: node.suspended, behind: node.behind, lagSeconds: node.lagSeconds },
      ...{ appliedRevision: node.appliedRevision, expectedRevision: node.expectedRevision },
    }))
    expect(sorted(answered)).toEqual(sorted(truth))
    // Not ready and not behind, behind and ready, of clusters and of management clusters; and most are neither.
    const standing = new Set(truth.map(({ ready, behind, cluster }) => `${ready} ${behind} ${cluster !== null}`))
    expect([...standing]).toEqual(expect.arrayContaining(['FALSE true true', 'TRUE true true', 'FALSE true false']))
    expect(all.flatMap(({ reconcilers }) => reconcilers).length).toBeGreaterThan(2 * truth.length)
    expect([gitops.totalCount, gitops.coverage]).toEqual([truth.length, wholeCoverage(fleet)])
    const lags = gitops.nodes.map(({ lagSeconds }: Asked) => lagSeconds)
    expect(lags).toEqual(lags.toSorted((a: number, b: number) => b - a))
    for (const { reason, behind, appliesFrom, freshness } of gitops.nodes) {
      expect(reason).toMatch(/\S/)
      expect([appliesFrom === null && behind, freshness.state]).toEqual([false, 'FRESH'])
    }
    // What they apply from: one cannot be fetched, others are switched off.
    const sources = world.management.flatMap(({ source, drift }) =>
      drift.flatMap(({ code, about }) =>
        about !== null && (code === 'sourceFailing' || (code === 'suspended' && about.kind === 'GitRepository'))
          ? [{ source, kind: about.kind, name: about.name, state: code === 'suspended' ? 'SUSPENDED' : 'DEGRADED' }]
          : [],
      ),
    )
    expect(
      sorted(
        fluxSources.nodes.map(({ kind, name, health, source }: Asked) => ({
          ...{ source: source.name, kind, name, state: health.state },
        })),
      ),
    ).toEqual(sorted(sources))
  })

  it('Q18: which clusters differ from the rest of their ring, in what, and by how much', async () => {
    const { outliers } = await fleet.answer('q18')
    expect(outliers.coverage).toEqual(wholeCoverage(fleet))
    const rows = outliers.nodes.filter(({ tied }: Asked) => !tied)
    // A release is compared by its chart, and as the app that it is.
    const asApps = (row: Asked) => row.component.kind === 'HelmRelease'
    const truth = world.outliers('ring').filter(({ deviants }) => deviants.length > 0)
    expect(truth.length).toBeGreaterThan(5)
    expect(sorted(rows.filter((row: Asked) => !asApps(row)).map(told))).toEqual(
      sorted(
        truth.map(({ cohort, component, mode, size, deviants }) => ({
          ...{ ring: cohort, type: component.type, name: component.name, mode, size },
          share: ((size - deviants.length) / size).toFixed(4),
          deviants: sorted(deviants.map(({ cluster, version }) => ({ ...commonTruth(cluster), runs: version }))),
        })),
      ),
    )
    expect(sorted(rows.filter(asApps).map((row: Asked) => ({ ...told(row), type: 'CHART' })))).toEqual(
      sorted(rows.filter((row: Asked) => row.component.type === 'CHART').map(told)),
    )
    // Of charts the patch and the minor are told apart: a deviation is signed, and behind is below 0.
    const charts = rows.filter(({ component }: Asked) => component.type === 'CHART')
    const deviations = charts.flatMap(({ cohortMode, deviants }: Asked) =>
      deviants.map(({ version, deviation }: Asked) => [cohortMode, version, ...Object.values(deviation)].join(' ')),
    )
    expect(new Set(deviations)).toEqual(
      new Set([
        '1.17.1 1.17.0 BEHIND 0 0 -1',
        '1.17.1 1.16.2 BEHIND 0 -1 ',
        '1.16.2 1.16.1 BEHIND 0 0 -1',
        '1.16.2 1.15.4 BEHIND 0 -1 ',
      ]),
    )
    // Since the ring has run what it runs, those behind have not.
    for (const { deviants, component, cohortMode } of rows.filter(asApps))
      for (const { behindSeconds } of deviants)
        expect([component.name, cohortMode, behindSeconds]).toEqual([component.name, cohortMode, 11 * 86_400])
    // Where as many run one as the other, there is no mode to deviate from.
    for (const row of outliers.nodes.filter(({ tied }: Asked) => tied)) {
      expect(row).toMatchObject({ share: null, deviantCount: 0, deviants: [] })
      const { ring, component } = row
      expect(
        world.outliers('ring').filter(({ cohort, component: { name } }) => cohort === ring && name === component.name),
      ).toEqual([])
    }
  })

  it('which revision of an app each environment runs, and how long it lags behind the one before', async () => {
    const { promotions } = await fleet.answer('promotions', { app: 'storefront' })
    const stages = ['dev', 'staging', 'prod']
    expect(promotions.nodes).toMatchObject([{ app: 'storefront', kind: 'Kustomization' }])
    const truth = world.promotion('storefront', stages)
    expect(truth.map(({ stage }) => stage)).toEqual(stages)
    expect(
      promotions.nodes[0].stages.map(({ stage, revision, clusters, since, lagSeconds }: Asked) => ({
        ...{ stage, revision, clusters, since, lagSeconds },
      })),
    ).toEqual(
      truth.map(({ since, lagSeconds, ...one }, i) => ({
        ...{ ...one, since: instantOf(since), lagSeconds: i === 0 ? null : lagSeconds },
      })),
    )
    expect(truth.map(({ lagSeconds }) => lagSeconds > 0)).toEqual([false, true, true])
    expect((await fleet.answer('promotions')).promotions.totalCount).toBeGreaterThan(3)
  })

  it('Q15: what is switched off for more than 7 days, by whom, and what it leaves alone', async () => {
    const read = fleet.now
    for (const days of [0, 8]) {
      if (days > 0) {
        world.advance(days * dayMs)
        await pollAll(fleet)
      }
      const before = new Date(fleet.now.getTime() - 7 * dayMs)
      const { resources } = await fleet.answer('q15', { before: before.toISOString() })
      const known = pausesOf(world).map(({ actor, since, ...one }) => ({
        // Where the object does not remember, we do since we first saw it.
        ...{ ...one, actor, since: actor === null ? read : since },
      }))
      const truth = known.filter(({ since }) => since < before)
      expect(
        sorted(
          resources.nodes.map((node: Asked) => ({
            ...{ source: node.source.name, kind: node.kind, namespace: node.namespace, name: node.name },
            ...{ field: node.pause.field, actor: node.pause.actor, since: node.pause.since },
          })),
        ),
      ).toEqual(sorted(truth.map(({ since, ...one }) => ({ ...one, since: instantOf(since) }))))
      expect([resources.totalCount, resources.coverage]).toEqual([truth.length, wholeCoverage(fleet)])
      expect(known.length).toBeGreaterThan(days === 0 ? truth.length : truth.length - 1)
      for (const {
        kind,
        source,
        namespace,
        name,
        cluster,
        pause,
        affected,
        affectedObjects,
        health,
      } of resources.nodes) {
        expect([health.state, pause.reason]).toEqual(['SUSPENDED', null])
        if (kind !== 'Cluster') continue
        // A Cluster leaves alone all that is its own.
        const place = { source: source.name, namespace, name }
        const objects = draftsOf(world.workload(place)).filter((one) => kindByKey.has(`${one.group}/${one.kind}`))
        expect([affected, affectedObjects.length]).toEqual([objects.length - 1, objects.length - 1])
        expect(commonOf(cluster)).toEqual(commonTruth(claimedBy(world, place)))
      }
      const actors = new Set(resources.nodes.map(({ pause }: Asked) => pause.actor))
      expect([...actors]).toEqual(expect.arrayContaining(['kubectl-edit', 'flux']))
      expect(actors.has(null)).toBe(days > 0)
      const [legacy] = resources.nodes.filter(({ name }: Asked) => name === 'legacy')
      expect(legacy.affectedObjects).toMatchObject([{ kind: 'Kustomization', name: 'legacy' }])
      const release = resources.nodes.find(({ kind }: Asked) => kind === 'HelmRelease')
      expect(release.affectedObjects).toMatchObject([{ kind: 'Cluster', name: release.cluster.name }])
    }
  })
})

/** An outlier as it was answered, its deviants in order. */
const told = ({ ring, component, cohortMode, size, share, deviants, deviantCount }: Asked) => {
  if (deviantCount !== deviants.length) throw new Error(`${component.name}: ${deviantCount} deviants`)
  return {
    ...{ ring, type: component.type, name: component.name, mode: cohortMode, size, share: share.toFixed(4) },
    deviants: sorted(deviants.map(({ cluster, version }: Asked) => ({ ...commonOf(cluster), runs: version }))),
  }
}

/** Everything that is switched off: objects of GitOps tools, Clusters, and what CAPZ switches off with these. */
function pausesOf(world: World) {
  const policy = 'metadata.annotations[serviceoperator.azure.com/reconcile-policy]'
  return [
    ...world.management.flatMap(({ source, suspended }) => suspended.map((pause) => ({ source, ...pause }))),
    ...world.truth.flatMap(({ source, pause, provider, ...place }) => {
      if (pause === null) return []
      const groups: readonly string[] = ['containerservice.azure.com', 'resources.azure.com']
      const drafts = provider === 'aks' ? draftsOf(world.workload({ source, ...place })) : []
      const managed = drafts.filter(({ group }) => groups.includes(group))
      return [
        { source, ...pause },
        ...managed.map(({ kind, namespace, name }) => ({
          ...{ source, kind, namespace: namespace ?? '', name, field: policy, since: pause.since, actor: 'manager' },
        })),
      ]
    }),
  ]
}
