import { type SQL, sql } from 'drizzle-orm'
import { sourceSubjectId } from '../../db/claim.ts'
import { rowsOf, type Store } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { judge } from '../../db/judge.ts'
import { registerPolicies } from '../../db/policy.ts'
import { type Settled, settle } from '../../db/settle.ts'
import { registerSources } from '../../db/source.ts'
import { defaultPolicy } from '../../fleet/policy/default-policy.ts'
import { armClusterKind, clusterKind, type KindKey } from '../../fleet/reference.ts'
import { clear } from '../engine.ts'
import { type ClusterRow, clusterDeviations, type Expected, type Running, type Stored } from './identity-deviation.ts'
import { deployment, deploymentKind, listed } from './wire.ts'
import {
  azure,
  controlPlane,
  controlPlaneKind,
  type Declaration,
  declared,
  inAzure,
  type Spelling,
  sourceOf,
} from './witnesses.ts'

export const managementClusters = ['neu', 'weu', 'eus'] as const
const allSources = [...managementClusters, azure]
/** More calls than any history of these tests needs; who needs them all goes in circles. */
const callsMax = 60

/**
 * A fleet as it is, beside a store that hears of it piece by piece. Once every source has spoken and the store is at rest,
 * `deviations` compares the two: the order of the telling, and what was settled in between, must not show.
 */
export class World {
  readonly store: Store
  readonly declarations = new Map<string, readonly Declaration[]>()
  readonly running = new Map<string, Running>()
  /** The sources of the fleet file. */
  readonly registered = new Set<string>(allSources)
  /** Ids somebody may have kept; they must go on finding a cluster. */
  private readonly known = new Set<string>()
  private seconds = 0

  private constructor(store: Store) {
    this.store = store
  }

  /** In an emptied store. */
  static async in(store: Store): Promise<World> {
    const world = new World(store)
    await clear(store)
    await world.register()
    await registerPolicies(store.db, { policies: [defaultPolicy], waivers: [], calendar: [] }, world.now(), [])
    return world
  }

  now(): Date {
    return new Date(Date.UTC(2026, 0, 1, 12, 0, this.seconds))
  }

  pass(seconds = 1): Date {
    this.seconds += seconds
    return this.now()
  }

  rows<Row = Record<string, unknown>>(statement: SQL): Promise<Row[]> {
    return rowsOf<Row>(this.store.db, statement)
  }

  declares(source: string, ...declarations: readonly Declaration[]): void {
    this.declarations.set(source, declarations)
  }

  runs(aks: string, uid = 'uid-1', spelling: Spelling = 'documented'): void {
    this.running.set(aks, { uid, spelling })
  }

  /** Tells the store which sources the fleet file has now. */
  register() {
    return registerSources(this.store.db, [...this.registered].toSorted().map(sourceOf), this.now())
  }

  /** The source is read to its end, kind by kind, in this order or the other. */
  async read(source: string, { backwards = false } = {}): Promise<void> {
    if (!this.registered.has(source)) return
    const when = this.pass()
    const listings = source === azure ? this.listingsOfAzure() : this.listingsOf(source)
    for (const [kind, objects] of backwards ? listings.toReversed() : listings)
      await ingest(this.store.db, listed(when, objects, { kind, source }), { receivedAt: when })
  }

  /** These sources are read, and all that follows from it is settled and judged. */
  async hears(...sources: readonly string[]): Promise<void> {
    for (const source of sources) await this.read(source)
    await this.rests()
  }

  private listingsOfAzure(): [KindKey, readonly unknown[]][] {
    return [[armClusterKind, [...this.running].map(([aks, given]) => inAzure(aks, { ...given, pools: ['system'] }))]]
  }

  private listingsOf(source: string): [KindKey, readonly unknown[]][] {
    const declarations = this.declarations.get(source) ?? []
    const deployments = declarations.map(({ name, namespace = 'fleet' }) => {
      const made = deployment(`${name}-md`, { cluster: name })
      return { ...made, metadata: { ...made.metadata, namespace } }
    })
    return [
      [clusterKind, declarations.map(declared)],
      [controlPlaneKind, declarations.map(controlPlane)],
      [deploymentKind, deployments],
    ]
  }

  settle(limit?: number): Promise<Settled> {
    return settle(this.store.db, this.now(), limit === undefined ? {} : { limit })
  }

  judge() {
    return judge(this.store.db, this.now())
  }

  async rests(): Promise<void> {
    const unsettled = async () => (await this.settle()).left + (await this.rows(sql`select from unsettled`)).length
    await untilNothingIsLeft('settle', unsettled)
    await untilNothingIsLeft('judge', async () => (await this.judge()).left)
    for (const { id } of await this.rows<{ id: string }>(sql`select id from cluster`)) this.known.add(id)
  }

  async living(): Promise<ClusterRow[]> {
    return (await this.clusters()).filter(({ gone }) => !gone)
  }

  private clusters(): Promise<ClusterRow[]> {
    return this.rows(sql`select id, source_id, name, arm_id, resource_uid, witnesses, gone_at is not null as gone
      from cluster order by name, source_id`)
  }

  private expected(): Expected[] {
    const all = [...this.declarations].flatMap(([source, declarations]) =>
      declarations.map((declaration) => ({ source, declaration })),
    )
    const aksOf = ({ name, aks = name }: Declaration) => aks
    return [...new Set([...all.map(({ declaration }) => aksOf(declaration)), ...this.running.keys()])].map((aks) => {
      const declarations = all.filter(({ declaration }) => aksOf(declaration) === aks)
      const running = this.running.get(aks) ?? null
      const speaking = [...declarations.map(({ source }) => source), ...(running ? [azure] : [])]
      const registered = speaking.filter((source) => this.registered.has(source))
      return { aks, declarations, running, heard: registered.length > 0 ? registered : speaking }
    })
  }

  /** Where a store at rest differs from the model, a sentence each. */
  async deviations(): Promise<string[]> {
    const clusters = await this.clusters()
    const stored: Stored = {
      clusters,
      living: clusters.filter(({ gone }) => !gone),
      objects: await this.rows(sql`select source_id, kind, namespace, name, cluster_id from object
        where gone_at is null`),
      bindings: await this.rows(sql`select claim, cluster_id from binding`),
    }
    const expected = this.expected()
    const { living, bindings } = stored
    const found = [
      ...expected.flatMap((one) => clusterDeviations(one, stored)),
      ...(living.length === expected.length ? [] : [`${living.length} clusters live, not ${expected.length}`]),
      ...bindings.filter((b) => clusters.every(({ id }) => id !== b.cluster_id)).map((b) => `${b.claim} finds nothing`),
      ...[...this.known]
        .filter((id) => clusters.every((one) => one.id !== id) && bindings.every(({ claim }) => claim !== `id:${id}`))
        .map((id) => `the id ${id} is lost`),
      ...stored.objects
        .filter((one) => one.cluster_id !== null && living.every(({ id }) => id !== one.cluster_id))
        .map((one) => `${one.kind} ${one.name} is of no living cluster`),
      ...(await this.poolDeviations(living)),
      ...(await this.verdictDeviations(living)),
    ]
    const { judged, composed } = await this.settle()
    return judged + composed === 0 ? found : [...found, 'was not at rest']
  }

  private async poolDeviations(living: readonly ClusterRow[]): Promise<string[]> {
    const pools = await this.rows<{ source_id: string; cluster_id: string; name: string }>(
      sql`select source_id, cluster_id, name from node_pool where gone_at is null`,
    )
    const key = (pool: { cluster_id: string; name: string }) => `${pool.cluster_id}/${pool.name}`
    return [
      ...pools
        .filter((pool) => !living.some((one) => one.id === pool.cluster_id && one.source_id === pool.source_id))
        .map((pool) => `the pool ${pool.name} of ${pool.source_id} is not where its cluster is`),
      ...pools
        .filter((pool, n) => pools.findIndex((other) => key(other) === key(pool)) < n)
        .map((pool) => `the pool ${pool.name} is there twice`),
    ]
  }

  /** Verdicts are of living clusters or of management clusters themselves, kept where those are, and complete. Drift is, too. */
  private async verdictDeviations(living: readonly ClusterRow[]): Promise<string[]> {
    const all = await this.rows<{ what: string; cluster_id: string; source_id: string; current: boolean }>(
      sql`select 'assessment' as what, cluster_id, source_id,
          judged_at is not null and coalesce(due_at > ${this.now().toISOString()}, true) as current from assessment
        union all select distinct 'finding', cluster_id, source_id, true from finding
        union all select 'drift', subject_id, source_id, true from drift
        union all select 'stray', cluster_id, source_id, true from stray
          where not exists (select from object o where o.cluster_id = stray.cluster_id and o.gone_at is null)`,
    )
    const subjects = new Set(managementClusters.filter((id) => this.registered.has(id)).map(sourceSubjectId))
    const verdicts = all.filter(({ cluster_id }) => !subjects.has(cluster_id))
    const own = ({ id, source_id }: ClusterRow, what: string) =>
      verdicts.filter((v) => v.what === what && v.cluster_id === id && v.source_id === source_id && v.current)
    return [
      ...['assessment', 'drift', 'finding'].flatMap((what) =>
        living.filter((one) => own(one, what).length !== 1).map(({ name }) => `${name} lacks its ${what}`),
      ),
      ...verdicts
        .filter((v) => !living.some((one) => one.id === v.cluster_id && one.source_id === v.source_id))
        .map(({ what, source_id }) => `the ${what} of ${source_id} is not where its cluster is`),
    ]
  }
}

async function untilNothingIsLeft(what: string, left: () => Promise<number>): Promise<void> {
  for (let calls = 0; (await left()) > 0; calls++)
    if (calls === callsMax) throw new Error(`${what} does not come to rest`)
}
