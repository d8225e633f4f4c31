import { type SQL, sql } from 'drizzle-orm'
import { rowsOf, type Store } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { judge } from '../../db/judge.ts'
import { registerPolicies } from '../../db/policy.ts'
import { type Settled, settle } from '../../db/settle.ts'
import { registerSources } from '../../db/source.ts'
import { defaultPolicy } from '../../fleet/policy/default-policy.ts'
import { armClusterKind, clusterKind, type KindKey } from '../../fleet/reference.ts'
import { clear } from '../engine.ts'
import { deployment, deploymentKind, listed } from './wire.ts'
import {
  armClaimOf,
  armIdOf,
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

/** An AKS cluster that runs: its incarnation, and how Azure spells its id today. */
interface Running {
  readonly uid: string
  readonly spelling?: Spelling
}

/** The model: whoever speaks of one ARM id speaks of one cluster. */
interface Expected {
  readonly aks: string
  readonly declarations: readonly { readonly source: string; readonly declaration: Declaration }[]
  readonly running: Running | null
  /** Who counts as a witness: sources of the fleet file, unless none of them is left. */
  readonly heard: readonly string[]
}

interface ClusterRow {
  readonly id: string
  readonly source_id: string
  readonly name: string
  readonly arm_id: string | null
  readonly resource_uid: string | null
  readonly witnesses: readonly string[]
  readonly gone: boolean
}

interface ObjectRow {
  readonly source_id: string
  readonly kind: string
  readonly namespace: string | null
  readonly name: string
  readonly cluster_id: string | null
}

interface Stored {
  readonly clusters: readonly ClusterRow[]
  readonly living: readonly ClusterRow[]
  readonly objects: readonly ObjectRow[]
  readonly bindings: readonly { readonly claim: string; readonly cluster_id: string }[]
}

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

  /** The clusters that live. */
  async living(): Promise<ClusterRow[]> {
    const clusters = await this.clusters()
    return clusters.filter(({ gone }) => !gone)
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

  /** Verdicts are of living clusters, kept where their cluster is, and complete. */
  private async verdictDeviations(living: readonly ClusterRow[]): Promise<string[]> {
    const verdicts = await this.rows<{ what: string; cluster_id: string; source_id: string; current: boolean }>(
      sql`select 'assessment' as what, cluster_id, source_id,
          judged_at is not null and coalesce(due_at > ${this.now().toISOString()}, true) as current from assessment
        union all select distinct 'finding', cluster_id, source_id, true from finding`,
    )
    const own = ({ id, source_id }: ClusterRow, what: string) =>
      verdicts.filter((v) => v.what === what && v.cluster_id === id && v.source_id === source_id && v.current)
    return [
      ...living.filter((one) => own(one, 'assessment').length !== 1).map(({ name }) => `${name} is not assessed`),
      ...living.filter((one) => own(one, 'finding').length !== 1).map(({ name }) => `${name} has no findings`),
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

function clusterDeviations(expected: Expected, { clusters, objects, bindings }: Stored): string[] {
  const { aks, declarations, running, heard } = expected
  const ids = new Set(objects.filter((object) => speaksOf(object, expected)).map(({ cluster_id }) => cluster_id))
  const [row] = clusters.filter(({ id }) => ids.has(id))
  if (ids.size !== 1 || !row) return [`${aks}: its objects are of ${ids.size} clusters`]
  const witnesses = [
    ...(declarations.some(({ source }) => heard.includes(source)) ? ['capi'] : []),
    ...(heard.includes(azure) ? ['arm'] : []),
  ]
  const claims = [
    armClaimOf(aks),
    ...declarations.map(
      ({ source, declaration: { name, namespace = 'fleet' } }) => `capi:${source}/${namespace}/${name}`,
    ),
  ]
  const checks: readonly (readonly [boolean, string])[] = [
    [!row.gone, 'is gone'],
    [heard.includes(row.source_id), `is at ${row.source_id}, not at one of ${heard}`],
    [row.witnesses.join() === witnesses.join(), `has the witnesses ${row.witnesses}, not ${witnesses}`],
    [!heard.includes(azure) || row.resource_uid === running?.uid, `is ${row.resource_uid}, not ${running?.uid}`],
    [row.arm_id?.toLowerCase() === armIdOf(aks).toLowerCase(), `has the ARM id ${row.arm_id}`],
    ...bindings
      .filter(({ claim }) => claims.includes(claim))
      .map(({ claim, cluster_id }) => [cluster_id === row.id, `is not what ${claim} finds`] as const),
  ]
  return checks.filter(([holds]) => !holds).map(([, what]) => `${aks} ${what}`)
}

function speaksOf(object: ObjectRow, { aks, declarations, running }: Expected): boolean {
  if (object.kind === armClusterKind) return running !== null && object.name === armIdOf(aks).toLowerCase()
  return declarations.some(({ source, declaration: { name, namespace = 'fleet' } }) => {
    if (object.source_id !== source || object.namespace !== namespace) return false
    if (object.kind === clusterKind) return object.name === name
    if (object.kind === deploymentKind) return object.name === `${name}-md`
    return object.kind === controlPlaneKind && object.name.toLowerCase() === aks
  })
}
