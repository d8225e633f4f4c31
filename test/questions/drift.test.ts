import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DriftCode, driftCodes } from '../../fleet/drift/code.ts'
import { driftPolicy } from '../../fleet/policy/drift-policy.ts'
import type { Policy } from '../../fleet/policy/policy.ts'
import { engines } from '../engine.ts'
import type { Asked } from '../schema/ask.ts'
import { pollOnce, staleAfterMs } from '../schema/fill.ts'
import { pollAzure, settleAll } from '../schema/fill-azure.ts'
import type { World } from '../world/world.ts'
import { allDrift, driftAnswered, driftInTruth, line } from './drifted.ts'
import {
  bare,
  commonOf,
  commonTruth,
  homeOf,
  instantOf,
  openDriftingFleet,
  pollAll,
  type QuestionedFleet,
  sorted,
  wholeCoverage,
  wordOf,
} from './fleet.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** Whose the clusters are is somebody else's business. */
const ignore = { id: 'owners', reason: 'finance renames them', fields: ['tags.owner'] }
const policy: Policy = {
  ...driftPolicy,
  rules: driftPolicy.rules.map((rule) => (rule.type === 'drift' ? { ...rule, ignore: [ignore] } : rule)),
}

describe.each(engines)('drift on %s', (engine) => {
  let fleet: QuestionedFleet
  let world: World

  beforeAll(async () => {
    fleet = await openDriftingFleet(engine, 'drift', { policy })
    world = fleet.world
  })
  afterAll(() => fleet.store.close())

  it('is what differs in truth, of every cluster and every management cluster, and nothing else', async () => {
    const nodes = await allDrift(fleet)
    expect(driftAnswered(nodes)).toEqual(driftInTruth(world))
    for (const node of nodes) {
      const { code, dimension, severity, outcome, violatedSince, graceUntil, evidence, stale, suppressedBy } = node
      const known = Object.entries(driftCodes).find(([name]) => wordOf(name) === code)?.[1]
      expect([dimension, stale]).toEqual([known?.dimension.toUpperCase(), false])
      expect(severity).toMatch(/^(LOW|MEDIUM|HIGH|CRITICAL)$/)
      // What nobody can tell is violated by nobody, and what is tolerated says until when.
      expect([violatedSince === null, graceUntil !== null]).toEqual([outcome === 'UNKNOWN', outcome === 'PASS'])
      if (outcome === 'PASS') expect(Date.parse(graceUntil)).toBeGreaterThan(fleet.now.getTime())
      expect(outcome === 'WAIVED').toBe(suppressedBy !== null)
      if (outcome === 'UNKNOWN') continue
      expect(evidence.length, `${code} of ${node.subject?.name}`).toBeGreaterThan(0)
      for (const { source, observedAt } of evidence) {
        expect(source).toMatch(/\S/)
        expect(Date.parse(observedAt)).toBe(fleet.now.getTime())
      }
    }
  })

  it('is counted as it is listed', async () => {
    const nodes = await allDrift(fleet)
    const { byCode, drift } = await fleet.answer('drift')
    expect([byCode.totalCount, drift.totalCount]).toEqual([nodes.length, nodes.length])
    expect(drift.coverage).toEqual(wholeCoverage(fleet))
    const groups = Map.groupBy(nodes, ({ dimension, code, outcome }) => [dimension, code, outcome].join(' '))
    const clustersOf = (list: readonly Asked[]) => new Set(list.flatMap(({ cluster }) => cluster?.id ?? [])).size
    expect(byCode.clusters).toBe(clustersOf(nodes))
    expect(
      sorted(byCode.buckets.map(({ key, count, clusters }: Asked) => [Object.values(key).join(' '), count, clusters])),
    ).toEqual(sorted([...groups].map(([key, list]) => [key, list.length, clustersOf(list)])))
  })

  it('Q19: where AKS differs from the declared spec, in what, since when, and who excused it', async () => {
    const { drift } = await fleet.answer('q19')
    const now = instantOf(fleet.now)
    const codes: readonly DriftCode[] = ['aksVsSpec', 'replicasDrift']
    const asked = (code: DriftCode) => driftCodes[code].dimension === 'infrastructure' || codes.includes(code)
    const clusters = world.fleet.filter(({ provider }) => provider === 'aks')
    const truth = clusters.map((one) => ({ one, drift: one.drift.filter(({ code }) => asked(code)) }))
    const [there, fine] = [truth.filter((one) => one.drift.length > 0), truth.filter((one) => one.drift.length === 0)]
    expect([there.length > 8, fine.length > 8]).toEqual([true, true])
    expect(
      driftAnswered(drift.nodes.map((node: Asked) => ({ ...node, code: node.class, ...placeOf(node, world) }))),
    ).toEqual(
      there
        .flatMap(({ one, drift: found }) =>
          found.map(({ code, about, field }) =>
            line(`${homeOf(one)}/${one.namespace}/${one.name}`, wordOf(code), about, field),
          ),
        )
        .toSorted(),
    )
    expect(drift.coverage).toEqual(wholeCoverage(fleet))
    for (const node of drift.nodes) {
      const one = clusters.find((each) => each.name === node.cluster.name && homeOf(each) === node.cluster.source.name)
      if (one === undefined) throw new Error(node.cluster.name)
      expect(commonOf(node.cluster)).toEqual(commonTruth(one))
      // Each side’s word is there, with who said it.
      const said = one.disagreements.find(({ field }) => field === node.field)
      if (said) expect([bare(node.desired), node.actual]).toEqual([said.declared, said.other])
      expect(node.desired).not.toBe(node.actual)
      const told = node.evidence.map(({ source }: Asked) => source)
      expect(told).toContain(homeOf(one))
      const azures = /^(powerState|tags\.|settings\.|nodePools\.|properties\.)/.test(node.field)
      expect(told.some((source: string) => source.startsWith('corp/'))).toBe(azures)
      expect([node.since, node.stale]).toEqual([now, false])
      expect(Date.parse(node.violatedSince)).toBeLessThanOrEqual(fleet.now.getTime())
      const excused = { policy: 'drift', rule: 'settingVsSpec', ignore: 'owners', reason: ignore.reason }
      expect([node.outcome === 'WAIVED', node.suppressedBy]).toEqual(
        node.field === 'tags.owner' ? [true, excused] : [false, null],
      )
    }
    const classes = new Set(drift.nodes.map((node: Asked) => node.class))
    for (const code of ['AKS_VS_SPEC', 'REPLICAS_DRIFT', 'SETTING_VS_SPEC', 'POOL_VS_SPEC', 'POWER_VS_SPEC'])
      expect([...classes]).toContain(code)
    expect(drift.nodes.filter(({ suppressedBy }: Asked) => suppressedBy !== null)).toHaveLength(1)
  })

  it('stays what differs in truth, however the fleet lives and whenever it is read', async () => {
    /** Clusters that went away between two looks: of these, nobody saw that they were meant to. */
    const unseen: { readonly at: Date; readonly source: string; readonly line: string }[] = []
    const byName = () => new Map(world.truth.map((one) => [`${one.source}/${one.namespace}/${one.name}`, one]))
    let last = byName()
    const look = async () => {
      await pollAll(fleet)
      const present = byName()
      for (const [key, { source, namespace, name, stage, armId }] of last) {
        const moved = armId !== null && [...present.values()].some((one) => one.armId === armId)
        if (present.has(key) || stage === 'Deleting' || moved) continue
        const gone = line(source, 'GONE_SINCE_LAST_POLL', { kind: 'Cluster', namespace, name })
        unseen.push({ at: fleet.now, source, line: gone })
      }
      last = present
      const vanished = unseen.filter(({ at }) => fleet.now.getTime() - at.getTime() < dayMs).map((one) => one.line)
      expect(driftAnswered(await allDrift(fleet))).toEqual([...new Set([...driftInTruth(world), ...vanished])].sort())
    }
    const lived = (round: string, steps: number) => {
      for (let step = 0; step < steps; step++) {
        world.advance(4 * minuteMs)
        world.live(`${round} ${step}`)
        world.liveInAzure(`${round} ${step}`)
      }
    }
    lived('first', 6)
    await look()
    // One is deleted before our eyes, one between two looks, one vanishes, and one left machines behind long ago.
    const [seen, missed, lost] = world.truth.filter(
      ({ source, stage, provider }) => source === 'neu-prod' && stage === 'Running' && provider === 'azure',
    )
    if (!seen || !missed || !lost) throw new Error('three clusters of machines are needed')
    world.deleteCluster(seen)
    world.leaveRemains('weu-prod')
    lived('second', 1)
    await look()
    const there = (place: { source: string; namespace: string; name: string }) =>
      byName().has(`${place.source}/${place.namespace}/${place.name}`)
    if (there(seen)) world.removeCluster(seen)
    world.deleteCluster(missed)
    world.removeCluster(missed)
    world.vanish(lost)
    for (const { name } of world.sites) world.push(name)
    lived('third', 5)
    await look()
    const gone = { code: { eq: 'GONE_SINCE_LAST_POLL' }, source: { eq: 'neu-prod' } }
    const names = (await allDrift(fleet, gone)).map(({ subject }) => subject.name)
    expect(names).toEqual(expect.arrayContaining([missed.name, lost.name]))
    expect(names).not.toContain(seen.name)
    world.advance(dayMs)
    await look()
    expect(await allDrift(fleet, gone)).toEqual([])
  })

  it('trap: a source that fell silent moves no difference, and marks those that rest on it', async () => {
    const silent = 'neu-prod'
    const before = await allDrift(fleet)
    world.advance(staleAfterMs)
    fleet.now = world.now
    for (const { name } of world.sites) if (name !== silent) await pollOnce(fleet.store.db, world, name, fleet.now)
    await pollAzure(fleet.store.db, world, fleet.now)
    await settleAll(fleet.store.db, fleet.now)
    const nodes = await allDrift(fleet)
    expect(driftAnswered(nodes)).toEqual(driftAnswered(before))
    for (const { source, cluster, subject, evidence, stale, code } of nodes) {
      // Azure's own objects are Azure's word; all others are those of the management cluster, whoever testifies against them.
      const whose = subject?.kind === 'managedClusters' ? null : (cluster?.source.name ?? source.name)
      const rests = whose === silent || evidence.some((one: Asked) => one.source === silent)
      expect([whose, code, stale]).toEqual([whose, code, rests])
    }
    const { drift } = await fleet.answer('drift')
    expect(drift.coverage).toMatchObject({ complete: false, staleSources: [{ name: silent, state: 'STALE' }] })
  })
})

/** What the question leaves out of its answer, and a line needs. */
function placeOf({ subject, cluster }: Asked, { fleet }: World) {
  const one = fleet.find((each) => each.name === cluster.name && homeOf(each) === cluster.source.name)
  const { namespace = '' } = one ?? {}
  return { cluster: { ...cluster, namespace }, subject: { ...subject, namespace } }
}
