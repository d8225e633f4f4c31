import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { capiClaim } from '../../db/claim.ts'
import type { Store } from '../../db/client.ts'
import { settle } from '../../db/settle.ts'
import { clusterKind, type KindKey } from '../../fleet/reference.ts'
import { engines, openEngine } from '../engine.ts'
import { driftsOf } from './drift-store.ts'
import {
  application,
  applications,
  chart,
  charts,
  commit,
  declared,
  helmRepositories,
  helmRepository,
  kustomization,
  kustomizations,
  machine,
  machines,
  release,
  releases,
  repositories,
  repository,
} from './drift-wire.ts'
import { dying, survives } from './dying.ts'
import { at } from './wire.ts'

const sources = ['neu', 'weu'] as const
// Few names, so that they meet.
const name = fc.constantFrom('a', 'b')
const endpoint = fc.constantFrom('10.0.0.1:6443', '10.0.0.2:6443', 'api.example.org:6443')
const secret = fc.constantFrom(undefined, 'a-kubeconfig', 'b-kubeconfig', 'prod')
const revision = fc.constantFrom(commit('a'), commit('b'))
const version = fc.constantFrom('1.0.0', '1.1.0')
const broken = fc.constantFrom(false, false, true)

interface Written {
  readonly kind: KindKey
  readonly name: string
  readonly object: unknown
}
const written = <T>(kind: KindKey, given: fc.Arbitrary<T>, make: (name: string, given: T) => unknown) =>
  fc.tuple(name, given).map(([called, how]): Written => ({ kind, name: called, object: make(called, how) }))

const clusters = written(
  clusterKind,
  fc.record({ endpoint: fc.option(endpoint, { nil: undefined }), by: fc.option(name, { nil: undefined }) }),
  declared,
)
const git = [
  written(repositories, fc.record({ revision, failing: broken, suspended: broken }), repository),
  written(kustomizations, fc.record({ from: name, revision, secret, suspended: broken }), kustomization),
]
const helm = [
  written(helmRepositories, fc.record({ failing: broken }), helmRepository),
  fc.tuple(name, name, version).map(([of, from, is]): Written => {
    const called = `fleet-${of}`
    return { kind: charts, name: called, object: chart(called, from, { revision: is }) }
  }),
  written(releases, fc.record({ from: name, revision: version, secret }), release),
]
const destination = fc.oneof(
  endpoint.map((one) => ({ server: `https://${one}` })),
  fc.constant({ name: 'prod' }),
)
const argo = [written(applications, destination, application)]
const parts = [written(machines, name, machine)]
/** What a history is about: the less it is, the more it meets. */
const themes = [git, helm, argo, [...argo, ...parts], [...git, ...helm, ...argo, ...parts]]
const kinds = [clusterKind, repositories, kustomizations, helmRepositories, charts, releases, applications, machines]

const source = fc.constantFrom(...sources)
const stepOf = (object: fc.Arbitrary<Written>) =>
  fc.oneof(
    { weight: 10, arbitrary: fc.record({ what: fc.constant('written'), source, object, heard: fc.boolean() }) },
    { weight: 4, arbitrary: fc.record({ what: fc.constant('deleted'), source, object, heard: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('read'), source, backwards: fc.boolean() }) },
    {
      weight: 3,
      arbitrary: fc.record({
        what: fc.constant('settled'),
        limit: fc.constantFrom(1, 1000),
        lives: fc.constantFrom(0, 1, 2, 99),
      }),
    },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('registered'), source, there: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('meant'), cluster: fc.option(name) }) },
  )
const history = fc
  .constantFrom(...themes)
  .chain((theme) => fc.array(stepOf(fc.oneof(clusters, ...theme)), { minLength: 2, maxLength: 25 }))
type Step = ReturnType<typeof stepOf> extends fc.Arbitrary<infer T> ? T : never

const stir = fc.record({
  writes: fc.array(fc.record({ source, object: fc.oneof(clusters, ...themes.flat()), there: fc.boolean() }), {
    maxLength: 12,
  }),
  cluster: fc.option(name),
})

/** A counterexample is told, made smaller or not, before the test's own time is over. */
const within = { interruptAfterTimeLimit: 200_000, markInterruptAsFailure: true }

describe.each(engines)('drift through any history on %s', { timeout: 240_000 }, (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  afterAll(() => store.close())
  const { begin, lists, pushes, settled, register, destinations, rows, versions } = driftsOf(() => store, {
    // A source that fell silent and came back would have all its clusters composed again, whatever was missed.
    staleAfterMs: 7 * 86_400_000,
  })

  /** What composing made, without when it did. */
  const made = async () => ({
    drift: await rows(sql`select subject_id, source_id, scope, differences, gaps, looked from drift order by 1, 2`),
    gitops: await rows(sql`select to_jsonb(g) - 'composed_at' - 'digest' as g from gitops g order by g.id`),
    stray: await rows(sql`select cluster_id, source_id from stray order by 1, 2`),
    clusters: await rows(sql`select id, source_id, endpoint, managed_by from cluster where gone_at is null order by 1`),
    objects: await rows(
      sql`select id, cluster_id, owner_namespace, owner_name from object where gone_at is null order by 1`,
    ),
    unsettled: await rows(sql`select from unsettled`),
  })
  const rests = async (minute: number) => {
    for (
      let calls = 0;
      (await settled(minute)).left > 0 || (await rows(sql`select from unsettled`)).length > 0;
      calls++
    )
      expect(calls).toBeLessThan(20)
  }
  const marksAll = () =>
    store.db.execute(sql`insert into unsettled (source_id, cluster_id, owner_namespace, owner_name)
      select source_id, id, namespace, name from cluster union select source_id, subject_id, '', '' from drift
      union select source_id, cluster_id, owner_namespace, owner_name from object where gone_at is null and cluster_id is not null`)

  /** A fleet as it is, and a store that has read all of it. */
  const newFleet = async () => {
    const objects = new Map<string, unknown>()
    const living = new Set<string>(sources)
    let meant: string | null = null
    let minute = 0
    const fleet = {
      minute: () => minute,
      passes: (minutes: number) => {
        minute += minutes
      },
      writes: (id: string, { kind, name: called, object }: Written, there: boolean) =>
        there ? objects.set(`${id} ${kind} ${called}`, object) : objects.delete(`${id} ${kind} ${called}`),
      reads: async (id: string, backwards = false) => {
        if (!living.has(id)) return
        for (const kind of backwards ? kinds.toReversed() : kinds) {
          const here = [...objects].flatMap(([key, one]) => (key.startsWith(`${id} ${kind} `) ? [one] : []))
          await lists(minute, kind, here, id)
        }
      },
      hears: async (id: string, { kind, object }: Written) => {
        if (living.has(id)) await pushes(minute, kind, [object], id)
      },
      registers: async (id: string, there: boolean) => {
        if (there) living.add(id)
        else living.delete(id)
        await register([...living], minute)
      },
      means: async (cluster: string | null) => {
        meant = cluster
        const claim = capiClaim('neu', { namespace: 'fleet', name: meant ?? '' })
        await destinations(meant === null ? [] : [{ actsAt: 'name:prod', source: null, claim }])
      },
      /** Whatever happened so far, the store has to know what it would know had it begun now. */
      isKnown: async () => {
        for (const id of sources) await fleet.registers(id, true)
        for (const id of sources) await fleet.reads(id)
        // Who vanished is forgotten after a day.
        minute += 25 * 60
        for (const id of sources) await fleet.reads(id)
        await rests(minute)
        const through = await made()
        const before = await versions()
        await marksAll()
        await rests(minute)
        expect(await versions()).toEqual(before)
        await begin(sources)
        await fleet.means(meant)
        for (const id of sources.toReversed()) await fleet.reads(id, true)
        await rests(minute)
        expect(through).toEqual(await made())
      },
    }
    await begin(sources)
    for (const id of sources) await fleet.reads(id)
    await rests(minute)
    return fleet
  }
  type Fleet = Awaited<ReturnType<typeof newFleet>>

  const happens = async (fleet: Fleet, one: Step) => {
    if ('object' in one) {
      fleet.writes(one.source, one.object, one.what === 'written')
      if (one.heard && one.what === 'written') await fleet.hears(one.source, one.object)
    } else if ('backwards' in one) await fleet.reads(one.source, one.backwards)
    else if ('lives' in one)
      await survives(settle(dying(store.db, one.lives), at(fleet.minute()), { limit: one.limit }))
    else if ('there' in one) await fleet.registers(one.source, one.there)
    else await fleet.means(one.cluster)
  }

  it('comes to what composing afresh makes, whatever was heard and settled in which order', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const fleet = await newFleet()
        for (const one of steps) {
          fleet.passes(1)
          await happens(fleet, one)
        }
        await fleet.isKnown()
      }),
      { numRuns: engine === 'pglite' ? 12 : 30, ...within },
    )
  })

  it.runIf(engine === 'postgres')('comes to the same when everybody acts at once, and nobody fails', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stir, { minLength: 1, maxLength: 5 }), async (stirs) => {
        const fleet = await newFleet()
        for (const { writes, cluster } of stirs) {
          for (const one of writes) fleet.writes(one.source, one.object, one.there)
          fleet.passes(1)
          const now = at(fleet.minute())
          await Promise.all([
            ...sources.map((id) => fleet.reads(id)),
            fleet.means(cluster),
            ...[settle(store.db, now), settle(store.db, now, { limit: 1 }), settle(store.db, now)],
          ])
        }
        await fleet.isKnown()
      }),
      { numRuns: 12, ...within },
    )
    await store.db.execute(sql`select pg_stat_force_next_flush()`)
    const deadlocks = sql`select deadlocks::int as n from pg_stat_database where datname = current_database()`
    expect(await rows(deadlocks)).toEqual([{ n: 0 }])
  })
})
