import type { Profile } from './api/discovery.ts'
import type { Fault } from './api/fault.ts'
import { AzureWorld } from './azure/azure-world.ts'
import { liveInAzure } from './azure/life.ts'
import { managementArmId, setTheAzureScene } from './azure/scene.ts'
import { type Declared, type FleetCluster, fleetOf } from './azure/truth.ts'
import { draftsOf } from './cluster.ts'
import { clusterClassDrafts } from './cluster-class.ts'
import { makeWorkload, siteOptionsOf, twinOf } from './fleet.ts'
import { fluxDrafts } from './flux.ts'
import { finish, live } from './life.ts'
import { randomOf } from './random.ts'
import { setTheScene } from './scene.ts'
import { type ServedSite, serveSites } from './serve-sites.ts'
import { Site } from './site.ts'
import { type TrueCluster, truthOf } from './truth.ts'
import { expectedHealthOf, type Trouble, type Workload } from './workload.ts'

export interface WorldOptions {
  /** The same seed gives the same world: names, uids, resourceVersions, everything but certificates and ports. */
  readonly seed?: string | number
  readonly managementClusters?: number
  /** Workload clusters, over all management clusters. */
  readonly clusters?: number
  /** A fixed instant, moved by `advance`; or a clock to follow. */
  readonly now?: Date | (() => Date)
  /** How long after Cluster API asked Azure shows it; at once by default. */
  readonly azureLagMs?: number
  /** One kind of API server for all; by default old and new alternate with the Cluster API releases. */
  readonly profile?: Profile
}

/** Where a workload cluster is. */
export interface Place {
  readonly source: string
  readonly namespace: string
  readonly name: string
}

/** Any moment will do as long as it is always the same one. */
const defaultNow = new Date('2026-11-22T09:00:00Z')

/** A fake fleet. Nothing moves by itself: call `live`, or one of the acts. */
export class World {
  readonly sites: readonly Site[]
  readonly azure: AzureWorld
  /** How many workload clusters it was made with. */
  readonly size: number
  readonly #workloads = new Map<Site, Workload[]>()
  readonly #clock: (() => Date) | null
  readonly #seed: string
  #now: Date
  #made = 0
  /** Each is a push to the repository that Flux applies. */
  #commits = 0

  constructor(options: WorldOptions = {}) {
    const { seed = 1, managementClusters = 4, clusters = 80, now = defaultNow } = options
    this.#seed = String(seed)
    this.size = clusters
    this.#clock = typeof now === 'function' ? now : null
    this.#now = typeof now === 'function' ? now() : now
    this.sites = Array.from(
      { length: managementClusters },
      (_, i) => new Site(siteOptionsOf(i, this.#seed, options.profile), this.now),
    )
    this.azure = new AzureWorld({
      seed: this.#seed,
      environments: this.sites.map(({ labels }) => labels.environment ?? ''),
      clock: () => this.now,
      lagMs: options.azureLagMs ?? 0,
    })
    const made = Array.from({ length: clusters }, (_, i) => this.#make(i))
    const workloads = made.map(({ workload }) => workload)
    setTheScene(workloads, this.now)
    for (const { site, workload } of made) this.#settle(site, workload)
    this.#twin()
    setTheAzureScene(this.azure, workloads, this.sites)
    for (const site of this.sites) this.#writeShared(site)
  }

  get now(): Date {
    return this.#clock?.() ?? this.#now
  }

  /** Moves the clock of a world that was made with a fixed instant. */
  advance(ms: number): void {
    this.#now = new Date(this.#now.getTime() + ms)
  }

  /** Every workload cluster as its management cluster tells of it, by management cluster. */
  get truth(): readonly TrueCluster[] {
    return this.#declared().map(({ truth }) => truth)
  }

  /** Every cluster once, as Cluster API and Azure together tell of it: twins joined, with those that nobody declares. */
  get fleet(): readonly FleetCluster[] {
    const management = this.sites.map(({ name }) => [this.managementArmId(name).toLowerCase(), name] as const)
    return fleetOf(this.#declared(), this.azure.resources, new Map(management), this.now)
  }

  workloadsOf(site: Site): readonly Workload[] {
    return this.#workloads.get(site) ?? []
  }

  /** Of the AKS cluster that a management cluster is, or would be: not every one is. */
  managementArmId(site: string): string {
    return managementArmId(this.azure, this.site(site))
  }

  site(name: string): Site {
    const site = this.sites.find((one) => one.name === name)
    if (site === undefined)
      throw new Error(`no management cluster ${name}: ${this.sites.map((one) => one.name).join(', ')}`)
    return site
  }

  workload({ source, namespace, name }: Place): Workload {
    const workload = this.workloadsOf(this.site(source)).find((one) => one.namespace === namespace && one.name === name)
    if (workload === undefined) throw new Error(`no cluster ${namespace}/${name} on ${source}`)
    return workload
  }

  /** A new cluster begins; gives its place. */
  createCluster(source: string): Place {
    const site = this.site(source)
    const { workload } = this.#make(this.#made, site)
    Object.assign(workload, { stage: 'Creating', createdAt: this.now, since: this.now, controlPlaneCurrent: 1 })
    for (const pool of workload.pools) pool.current = 0
    this.#settle(site, workload)
    this.#writeShared(site)
    return { source, namespace: workload.namespace, name: workload.name }
  }

  /** The control plane is asked for another version, its pools follow when it is there: `live` or `heal` ends it. */
  upgrade(place: Place, version: string): void {
    this.change(place, (workload) => {
      workload.version = version
      workload.stage = 'Upgrading'
    })
  }

  /** The first pool is asked to have so many nodes. */
  scale(place: Place, replicas: number): void {
    this.change(place, (workload) => {
      const [pool] = workload.pools
      if (pool !== undefined) pool.replicas = replicas
      workload.stage = 'Scaling'
    })
  }

  fail(place: Place, trouble: Trouble): void {
    this.change(place, (workload) => {
      workload.trouble = trouble
    })
  }

  /** Whatever was under way is done, and nothing is broken. */
  heal(place: Place): void {
    this.change(place, finish)
  }

  pause(place: Place): void {
    this.change(place, (workload) => {
      workload.paused = true
    })
  }

  unpause(place: Place): void {
    this.change(place, (workload) => {
      workload.paused = false
    })
  }

  /** Deletion begins: objects carry a deletionTimestamp and wait for their finalizers. */
  deleteCluster(place: Place): void {
    this.change(place, (workload) => {
      workload.stage = 'Deleting'
      workload.deletedAt = this.now
    })
  }

  /** The objects are gone. */
  removeCluster(place: Place): void {
    const site = this.site(place.source)
    const workload = this.workload(place)
    this.#workloads.set(
      site,
      this.workloadsOf(site).filter((one) => one !== workload),
    )
    site.write(partOf(workload), [], this.now)
    this.azure.abandon(workload)
    this.#writeShared(site)
  }

  /** Somebody pushes: sources and what they feed move to a new revision. */
  push(source: string): void {
    this.#commits += 1
    this.#writeShared(this.site(source))
  }

  /** One step of a life of its own, the same for the same seed; says in words what happened. */
  live(stepSeed: string | number): readonly string[] {
    return live(this, randomOf(`${this.#seed}/step ${stepSeed}`))
  }

  /** One step of what happens in Azure without Cluster API; says in words what happened. */
  liveInAzure(stepSeed: string | number): string | null {
    return liveInAzure(this.azure, randomOf(`${this.#seed}/azure step ${stepSeed}`))
  }

  /** The management cluster takes requests and answers none. */
  silence(source: string): void {
    this.disturb(source, { fault: 'silent' })
  }

  unsilence(source: string): void {
    this.calm(source, 'silent')
  }

  /** 403 on one kind (`machines.cluster.x-k8s.io`). */
  forbid(source: string, resource: string): void {
    this.disturb(source, { fault: 'forbidden', on: resource })
  }

  throttle(source: string, retryAfterSeconds: number, times?: number): void {
    this.disturb(source, { fault: 'throttled', retryAfterSeconds, ...(times === undefined ? {} : { times }) })
  }

  disturb(source: string, fault: Fault): void {
    this.site(source).faults.add(fault)
  }

  /** Ends faults of one name, or all. */
  calm(source: string, name?: Fault['fault']): void {
    this.site(source).faults.clear((fault) => name === undefined || fault.fault === name)
  }

  /** Starts an HTTPS server for each management cluster. */
  async serve(): Promise<readonly ServedSite[]> {
    const armIdOf = (site: Site) => this.managementArmId(site.name)
    const takesEntra = (site: Site, token: string) => this.azure.takesToken(armIdOf(site), token)
    const served = await serveSites(this.sites, () => this.now, takesEntra)
    for (const { site, url, ca } of served) this.azure.endpoints.set(armIdOf(site).toLowerCase(), { url, ca })
    return served
  }

  #declared(): readonly Declared[] {
    return this.sites.flatMap((site) => {
      const workloads = this.workloadsOf(site)
      return workloads.map((workload) => ({ site, workload, truth: truthOf(site, workload, workloads) }))
    })
  }

  #make(index: number, at?: Site): { site: Site; workload: Workload } {
    this.#made = Math.max(this.#made, index + 1)
    const site = at ?? this.sites[index % this.sites.length]
    if (site === undefined) throw new Error('a world needs at least one management cluster')
    return { site, workload: makeWorkload(randomOf(`${this.#seed}/cluster ${index}`), site, index, this.now) }
  }

  /** One cluster known twice: moved to another management cluster, and left behind paused. */
  #twin(): void {
    const [first, second] = this.sites
    const managed = (one: Workload) => one.flavour !== 'AzureSelfManaged' && expectedHealthOf(one) === 'Healthy'
    const workload = first && this.workloadsOf(first).find(managed)
    if (second === undefined || workload === undefined) return
    this.#settle(second, twinOf(workload))
  }

  /** Any other act on one cluster. */
  change(place: Place, act: (workload: Workload) => void): void {
    const workload = this.workload(place)
    act(workload)
    workload.since = this.now
    this.#settle(this.site(place.source), workload)
  }

  #settle(site: Site, workload: Workload): void {
    const workloads = this.workloadsOf(site)
    if (!workloads.includes(workload)) this.#workloads.set(site, [...workloads, workload])
    site.write(partOf(workload), draftsOf(workload), this.now)
    this.azure.wish(workload)
  }

  #writeShared(site: Site): void {
    const workloads = this.workloadsOf(site)
    site.write('shared', [...fluxDrafts(site, workloads, this.#commits), ...clusterClassDrafts(workloads)], this.now)
  }
}

export const createWorld = (options: WorldOptions = {}): World => new World(options)

const partOf = (workload: Workload): string => `cluster ${workload.namespace}/${workload.name}`
