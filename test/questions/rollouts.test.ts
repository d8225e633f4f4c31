import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engines } from '../engine.ts'
import type { Asked } from '../schema/ask.ts'
import { pollOnce, staleAfterMs } from '../schema/fill.ts'
import { pollAzure, settleAll } from '../schema/fill-azure.ts'
import { azureHealthOf } from '../world/azure/health.ts'
import type { FleetCluster } from '../world/azure/truth.ts'
import { versionAfter } from '../world/fleet.ts'
import { poolObjectName } from '../world/machine-pool.ts'
import { expectedHealthOf, initialized, isSelfManaged, type PoolModel, type Workload } from '../world/workload.ts'
import type { World } from '../world/world.ts'
import {
  commonOf,
  commonTruth,
  homeOf,
  instantOf,
  openDriftingFleet,
  type QuestionedFleet,
  sorted,
  wholeCoverage,
} from './fleet.ts'

const hourMs = 3_600_000

/** Pools that are being replaced, of both releases of Cluster API; and machines that were, but too seldom or too long ago. */
function prepare(world: World): void {
  const places = world.sites.flatMap((site) =>
    world
      .workloadsOf(site)
      .filter((one) => isSelfManaged(one) && expectedHealthOf(one) === 'Healthy' && one.topologyClass === null)
      .map(({ namespace, name }) => ({ source: site.name, namespace, name })),
  )
  const [rolling, seldom, ...others] = places
  const old = others.find(({ source }) => world.site(source).era === 'old')
  const longAgo = others.find((place) => place !== old)
  if (!rolling || !seldom || !old || !longAgo) throw new Error('four clusters of machines are needed')
  const agoes = (hours: readonly number[]) => hours.map((one) => new Date(world.now.getTime() - one * hourMs))
  for (const place of [rolling, old])
    world.change(place, (workload) => {
      const [first] = workload.pools
      workload.version = versionAfter(workload.version)
      workload.running = workload.version
      workload.stage = 'Upgrading'
      if (first) first.version = workload.version
    })
  world.change(seldom, (workload) => Object.assign(workload, { remediatedAt: agoes([5, 1]) }))
  world.change(longAgo, (workload) => Object.assign(workload, { remediatedAt: agoes([60, 30, 3]) }))
}

describe.each(engines)('questions of health and rollouts on %s', (engine) => {
  let fleet: QuestionedFleet
  let world: World
  let clusters: readonly FleetCluster[]
  const ago = (hours: number): Date => new Date(fleet.now.getTime() - hours * hourMs)
  const isFirst = (one: FleetCluster) => (node: Asked) => node.name === one.name && node.source.name === homeOf(one)
  const truthOf = (node: Asked): FleetCluster => {
    const found = clusters.find((one) => isFirst(one)(node))
    if (found === undefined) throw new Error(`nobody knows ${node.name}`)
    return found
  }

  beforeAll(async () => {
    fleet = await openDriftingFleet(engine, 'rollouts', { prepare })
    world = fleet.world
    clusters = world.fleet
  })
  afterAll(() => fleet.store.close())

  it('Q12: which clusters are not available, since when, and what is the deepest failing object', async () => {
    const { nodes, totalCount, coverage } = (await fleet.answer('q12')).clusters
    const bad = ['Failed', 'Degraded', 'Unknown']
    const truth = clusters.filter(({ health }) => bad.includes(health))
    expect([totalCount, coverage]).toEqual([truth.length, wholeCoverage(fleet)])
    const answered = nodes.map((node: Asked) => ({
      ...{ ...commonOf(node), state: node.health.state, since: node.health.since },
      cause: node.rootCause.kind,
    }))
    expect(sorted(answered)).toEqual(
      sorted(truth.map((one) => ({ ...commonTruth(one), state: one.health.toUpperCase(), ...causeOf(world, one) }))),
    )
    expect(new Set(truth.map(({ health }) => health))).toEqual(new Set(bad))
    // Paused, rolling out, scaling up, being made: none of these is a failure.
    const others = new Set(clusters.map(({ health }) => health).filter((health) => !bad.includes(health)))
    expect(others).toEqual(new Set(['Healthy', 'Progressing', 'Suspended', 'Deleting']))
    for (const { name, source, conditions, rootCause, health } of nodes) {
      const { declared } = truthOf({ name, source })
      const { path } = rootCause
      expect(path[0].kind).toBe(declared === null ? 'managedClusters' : 'Cluster')
      expect([path.at(-1).kind, path.at(-1).reason]).toEqual([rootCause.kind, rootCause.reason])
      expect(path.at(-1).state).not.toBe('HEALTHY')
      // A condition that is absent is Unknown, and not invented; and `Paused: False` is as it should be.
      const word = (type: string) => conditions.find((one: Asked) => one.type === type)?.status
      if (declared?.trouble === 'NotReported') {
        expect([conditions, health.state]).toEqual([[], 'UNKNOWN'])
        continue
      }
      if (declared === null) continue
      const away = ['Unreachable', 'UnhealthyMachines', 'MachineFailed', 'TopologyFailed'].includes(
        `${declared.trouble}`,
      )
      const isNew = world.site(declared.source).era === 'new'
      if (isNew) expect([word('Available'), word('Paused')]).toEqual([away ? 'FALSE' : 'TRUE', 'FALSE'])
      for (const { lastTransitionAt } of conditions) expect(lastTransitionAt).toMatch(/Z$/)
    }
  })

  it('Q13: which rollouts have run longer than 2 h', async () => {
    // The oldest of a cluster’s, where anything dates one; else we know it since we first saw it.
    const beganAt = ({ rollouts }: FleetCluster): number | null => {
      const dated = rollouts.flatMap(({ startedAt }) => startedAt?.getTime() ?? [])
      return rollouts.length === 0 ? null : dated.length === 0 ? fleet.now.getTime() : Math.min(...dated)
    }
    const under = (before: Date) => clusters.filter((one) => (beganAt(one) ?? Infinity) < before.getTime())
    const answer = async (before: Date) => (await fleet.answer('q13', { before: before.toISOString() })).clusters
    // And two hours later those that began a moment ago.
    for (const before of [ago(2), ago(-2)]) {
      const { nodes, totalCount, coverage } = await answer(before)
      const truth = under(before)
      expect([totalCount, coverage]).toEqual([truth.length, wholeCoverage(fleet)])
      expect(
        sorted(nodes.map((node: Asked) => ({ ...commonOf(node), rollouts: sorted(node.rollouts.map(rolloutOf)) }))),
      ).toEqual(sorted(truth.map((one) => ({ ...commonTruth(one), rollouts: sorted(rolloutsOf(one)) }))))
      for (const node of nodes) {
        const { declared } = truthOf(node)
        expect(Date.parse(node.rolloutStartedAt)).toBe(beganAt(truthOf(node)))
        // The oldest comes first, and what nobody dates last.
        const told = node.rollouts.map(({ startedAt }: Asked) => startedAt ?? 'undated')
        expect(told).toEqual(told.toSorted())
        const workload = declared && world.workload(declared)
        for (const { kind, name, upToDate, desired } of node.rollouts) {
          const pool = workload?.pools.find((one) => poolObjectName(workload, one) === name)
          const asked = kind === 'KubeadmControlPlane' ? workload?.controlPlaneReplicas : pool?.replicas
          if (kind === 'KubeadmControlPlane' || kind === 'MachineDeployment')
            expect([kind, desired, upToDate]).toEqual([kind, asked, Math.min(1, asked ?? 0)])
        }
      }
    }
    const kinds = new Set(
      (await answer(ago(-2))).nodes.flatMap((node: Asked) => node.rollouts.map(({ kind }: Asked) => kind)),
    )
    for (const kind of ['Cluster', 'KubeadmControlPlane', 'MachineDeployment', 'ManagedCluster'])
      expect([...kinds]).toContain(kind)
    expect([under(ago(2)).length > 1, under(ago(-2)).length > under(ago(2)).length]).toEqual([true, true])
  })

  it('Q14: which pools have unavailable or outdated replicas', async () => {
    const { nodePools } = await fleet.answer('q14')
    const pools = clusters.flatMap((one) => {
      const workload = one.declared && world.workload(one.declared)
      return (
        workload?.pools.map((pool) => ({
          one,
          replicas: replicasOf(workload, pool),
          name: poolObjectName(workload, pool),
        })) ?? []
      )
    })
    const unavailable = ({ replicas: { available, desired } }: (typeof pools)[number]) => available < desired
    const outdated = ({ replicas: { upToDate, current } }: (typeof pools)[number]) => upToDate < current
    const truth = pools.filter((pool) => unavailable(pool) || outdated(pool))
    expect([nodePools.totalCount, nodePools.coverage]).toEqual([truth.length, wholeCoverage(fleet)])
    expect(
      sorted(
        nodePools.nodes.map(({ name, replicas, cluster }: Asked) => ({ name, replicas, cluster: commonOf(cluster) })),
      ),
    ).toEqual(
      sorted(
        truth.map(({ one, name, replicas: { current: _, ...replicas } }) => ({
          name,
          replicas,
          cluster: commonTruth(one),
        })),
      ),
    )
    expect([
      truth.filter(unavailable).length > 3,
      truth.filter((pool) => outdated(pool) && !unavailable(pool)).length,
    ]).toEqual([true, 2])
    expect(pools.length).toBeGreaterThan(3 * truth.length)
    for (const { health } of nodePools.nodes) expect(health.state).not.toBe('HEALTHY')
  })

  it('Q16: which machines or pools were remediated three or more times in 24 h', async () => {
    const { nodes, totalCount, coverage } = (await fleet.answer('q16')).clusters
    const remediated = clusters.map((one) => {
      const lately = one.declared?.remediations.filter((at) => at >= ago(24)) ?? []
      return { one, lately: lately.toSorted((a, b) => b.getTime() - a.getTime()) }
    })
    const truth = remediated.filter(({ lately }) => lately.length >= 3)
    const answered = nodes.map((node: Asked) => ({
      ...commonOf(node),
      remediations: node.remediations.map(({ scope, count, lastAt, reason, nodePool }: Asked) => ({
        ...{ scope, count, lastAt, reason, nodePool: nodePool.name },
      })),
    }))
    expect(sorted(answered)).toEqual(
      sorted(
        truth.map(({ one, lately }) => {
          const workload = one.declared && world.workload(one.declared)
          const [first] = workload?.pools ?? []
          const pool = workload && first && poolObjectName(workload, first)
          const lastAt = lately[0] && instantOf(lately[0])
          const told = { scope: pool, count: lately.length, lastAt, reason: 'UnhealthyNode', nodePool: pool }
          return { ...commonTruth(one), remediations: [told] }
        }),
      ),
    )
    expect([totalCount, coverage]).toEqual([truth.length, wholeCoverage(fleet)])
    // Twice in a day, and three times of which two were before.
    const counts = remediated.flatMap(({ lately }) => (lately.length === 0 ? [] : [lately.length]))
    expect(counts.toSorted()).toEqual([1, 2, 3])
  })

  it('Q21: which clusters lag their ClusterClass', async () => {
    const { clusters: answer, nobodyCanTell } = await fleet.answer('q21')
    const classed = clusters.flatMap((one) =>
      one.declared?.topology ? [{ one, topology: one.declared.topology }] : [],
    )
    const truth = classed.filter(
      ({ topology: { rebaseNeeded, variablesDiffCount } }) => rebaseNeeded || variablesDiffCount > 0,
    )
    expect([truth.length > 1, classed.length > 2 * truth.length]).toEqual([true, true])
    const answered = answer.nodes.map((node: Asked) => {
      const { classVersion, classNamespace, ...topology } = node.topology
      // A generation of the class, and a Cluster that names no namespace means its own.
      expect([classVersion, classNamespace]).toEqual([expect.stringMatching(/^\d+$/), truthOf(node).namespace])
      const rebase = node.drift.filter(({ code }: Asked) => code === 'REBASE_PENDING').length
      return { ...commonOf(node), ...topology, rebase }
    })
    expect(sorted(answered)).toEqual(
      sorted(
        truth.map(({ one, topology }) => {
          const rebase = one.drift.filter(({ code }) => code === 'rebasePending').length
          return { ...commonTruth(one), ...topology, rebase }
        }),
      ),
    )
    expect([answer.totalCount, answer.coverage]).toEqual([truth.length, wholeCoverage(fleet)])
    expect(nobodyCanTell.totalCount).toBe(0)
  })

  it('trap: what is not heard of any more is not known to be available', async () => {
    const silent = 'eus-prod'
    world.advance(staleAfterMs)
    fleet.now = world.now
    for (const { name } of world.sites) if (name !== silent) await pollOnce(fleet.store.db, world, name, fleet.now)
    await pollAzure(fleet.store.db, world, fleet.now)
    await settleAll(fleet.store.db, fleet.now)
    const { nodes, coverage } = (await fleet.answer('q12')).clusters
    expect(coverage).toMatchObject({ complete: false, staleSources: [{ name: silent, state: 'STALE' }] })
    const alone = clusters.filter((one) => homeOf(one) === silent && !one.witnesses.includes('arm'))
    expect(alone.length).toBeGreaterThan(3)
    const stale = nodes.filter(({ health }: Asked) => health.state === 'STALE')
    expect(
      sorted(stale.map(({ name, health, freshness }: Asked) => [name, health.underlying, freshness.state])),
    ).toEqual(sorted(alone.map(({ name, health }) => [name, health.toUpperCase(), 'STALE'])))
  })
})

const rolloutOf = ({ kind, name, from, to, startedAt }: Asked) => ({ kind, name, from, to, startedAt })
/** Of an ARM id, people are told the last segment. */
const rolloutsOf = ({ rollouts }: FleetCluster) =>
  rollouts.map(({ kind, name, from, to, startedAt }) => ({
    ...{ kind, name: name.split('/').at(-1), from, to, startedAt: startedAt && instantOf(startedAt) },
  }))

/** What each trouble breaks. */
const causes: Readonly<Record<NonNullable<Workload['trouble']>, string>> = {
  Unreachable: 'Cluster',
  UnhealthyMachines: 'Machine',
  MachineFailed: 'AzureMachine',
  QuotaExceeded: 'ManagedClustersAgentPool',
  ReferenceNotFound: 'ManagedClustersAgentPool',
  ControlPlaneError: 'AzureManagedControlPlane',
  TopologyFailed: 'Cluster',
  GoneInAzure: 'ManagedCluster',
  NotReported: 'Cluster',
}

/** The kind of the object that failed, and since when: Azure dates nothing, and who does not report neither. */
function causeOf(world: World, { declared, armId, health }: FleetCluster) {
  const resource = armId === null ? undefined : world.azure.find(armId)
  if (resource && azureHealthOf(resource, world.now) === health) return { cause: 'managedClusters', since: null }
  if (!declared?.trouble) throw new Error(`${armId} is well`)
  const since = declared.trouble === 'NotReported' ? null : instantOf(world.workload(declared).since)
  return { cause: causes[declared.trouble], since }
}

/** What a pool counts. Of a MachinePool, nobody tells what is outdated. */
function replicasOf(workload: Workload, { replicas: desired, current, version, running, ...pool }: PoolModel) {
  const machines = isSelfManaged(workload)
  const broken = workload.trouble === 'UnhealthyMachines' || workload.trouble === 'MachineFailed'
  const down = broken && pool.name === workload.pools[0]?.name ? Math.min(1, current) : 0
  const ready = initialized(workload) ? current - down : 0
  const upToDate = machines ? (version === running ? current : Math.min(1, current)) : desired
  return { desired, ready, available: ready, upToDate, current: machines ? current : ready }
}
