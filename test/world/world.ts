import { Acts } from './acts.ts'
import { AzureWorld } from './azure/azure-world.ts'
import { liveInAzure } from './azure/life.ts'
import { managementArmId, setTheAzureScene } from './azure/scene.ts'
import { type Declared, type FleetCluster, fleetOf } from './azure/truth.ts'
import { draftsOf } from './cluster.ts'
import { clusterClassDrafts } from './cluster-class.ts'
import type { Draft } from './draft.ts'
import { managementTruthOf, type TrueManagement } from './drift/management.ts'
import { outliersOf, promotionOf, type TrueOutliers, type TrueStage } from './drift/outlier.ts'
import { clusterRef } from './drift/topology.ts'
import { makeWorkload, twinOf } from './fleet.ts'
import { cloudPlaceOf, makeCloudWorkload } from './fleet-cloud.ts'
import { argoNameOf } from './gitops/application.ts'
import { hoursBefore, type Pushes } from './gitops/flux-site.ts'
import type { Named } from './gitops/reconciler.ts'
import { type GitOpsScene, gitopsOf } from './gitops/scene.ts'
import { live } from './life.ts'
import { providerDrafts } from './provider.ts'
import { randomOf } from './random.ts'
import { remainsOf, trueRemainsOf } from './remains.ts'
import { setTheScene } from './scene.ts'
import { type ServedSite, serveSites } from './serve-sites.ts'
import type { Site } from './site.ts'
import { type TrueCluster, truthOf } from './truth.ts'
import { expectedHealthOf, isSelfManaged, type Workload } from './workload.ts'
import { type Place, planOf, type WorldOptions } from './world-options.ts'

export type { Place, WorldOptions } from './world-options.ts'

/** For so long, a Cluster that vanished is spoken of. */
const vanishedMs = 24 * 3_600_000

/** A fake fleet. Nothing moves by itself: call `live`, or one of the acts. */
export class World extends Acts {
  readonly sites: readonly Site[]
  readonly azure: AzureWorld
  /** How many workload clusters in Azure it was made with. */
  readonly size: number
  readonly #workloads = new Map<Site, Workload[]>()
  readonly #clock: (() => Date) | null
  readonly #seed: string
  #now: Date
  #made = 0
  /** What happened before the world began is told from here. */
  readonly #begun: Date
  readonly #explains: boolean
  readonly #pushes = new Map<Site, Pushes>()
  readonly #remains = new Map<Site, readonly Draft[]>()
  readonly #vanished: { readonly site: Site; readonly at: Date; readonly about: Named }[] = []

  constructor(options: WorldOptions = {}) {
    super()
    const { seed, clusters, cloudClusters, clock, now, azureLagMs, explains, sites } = planOf(options)
    this.#seed = seed
    this.size = clusters
    this.#clock = clock
    this.#now = now
    this.#begun = now
    this.#explains = explains
    this.sites = sites
    this.azure = new AzureWorld({
      seed: this.#seed,
      environments: this.sites.map(({ labels }) => labels.environment ?? ''),
      clock: () => this.now,
      lagMs: azureLagMs,
    })
    const inAzure = Array.from({ length: clusters }, (_, i) => this.#make(i))
    const made = [...inAzure, ...Array.from({ length: cloudClusters }, (_, i) => this.#makeCloud(i)).flat()]
    const workloads = made.map(({ workload }) => workload)
    setTheScene(workloads, this.now)
    for (const { site, workload } of made) this.#settle(site, workload)
    this.#twin()
    setTheAzureScene(
      this.azure,
      inAzure.map(({ workload }) => workload),
      this.sites,
    )
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

  /** Every management cluster: what acts on it, and how it differs from what was declared of it. */
  get management(): readonly TrueManagement[] {
    const lately = (at: Date) => this.now.getTime() - at.getTime() < vanishedMs
    return this.sites.map((site) => {
      const remains = trueRemainsOf(this.#remains.get(site) ?? [])
      const vanished = this.#vanished.filter((one) => one.site === site && lately(one.at)).map(({ about }) => about)
      return managementTruthOf(site, this.gitopsOf(site), remains, vanished)
    })
  }

  /** What clusters of a ring or environment have in common, and who deviates. */
  outliers(by: 'ring' | 'environment'): readonly TrueOutliers[] {
    return outliersOf(this.fleet, by)
  }

  /** How far an app has come through its environments. */
  promotion(app: string, stages: readonly string[]): readonly TrueStage[] {
    return promotionOf(this.fleet, app, stages, this.now)
  }

  /** What Argo CD calls clusters by names that only an operator can explain, as the fleet file's `destinations` want it. */
  get destinations(): readonly { readonly name: string; readonly source: string; readonly cluster: Place }[] {
    return this.sites.flatMap((site) => {
      const applications = this.gitopsOf(site).drafts.filter(({ kind }) => kind === 'Application')
      const named = new Set(applications.map(({ spec }) => Object(spec.destination).name))
      return this.workloadsOf(site).flatMap((workload) => {
        const name = argoNameOf(workload)
        const cluster = { source: site.name, namespace: workload.namespace, name: workload.name }
        return named.has(name) ? [{ name, source: site.name, cluster }] : []
      })
    })
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

  /** Its objects are gone without having been deleted: somebody restored an old backup. Azure keeps what it has. */
  vanish(place: Place): void {
    const site = this.site(place.source)
    const workload = this.workload(place)
    this.#workloads.set(
      site,
      this.workloadsOf(site).filter((one) => one !== workload),
    )
    site.write(partOf(workload), [], this.now)
    this.#vanished.push({ site, at: this.now, about: clusterRef(workload) })
    this.#writeShared(site)
  }

  /** Machines and infrastructure of a Cluster that went away long ago. */
  leaveRemains(source: string): void {
    const site = this.site(source)
    const drafts = remainsOf(site, this.#begun)
    this.#remains.set(site, drafts)
    site.write('remains', drafts, this.now)
  }

  /** Somebody pushes: sources and what they feed move to a new revision. */
  push(source: string): void {
    const site = this.site(source)
    this.#pushes.set(site, { count: this.#pushesOf(site).count + 1, at: this.now })
    this.#writeShared(site)
  }

  /** One step of a life of its own, the same for the same seed; says in words what happened. */
  live(stepSeed: string | number): readonly string[] {
    return live(this, randomOf(`${this.#seed}/step ${stepSeed}`))
  }

  /** One step of what happens in Azure without Cluster API; says in words what happened. */
  liveInAzure(stepSeed: string | number): string | null {
    return liveInAzure(this.azure, randomOf(`${this.#seed}/azure step ${stepSeed}`))
  }

  /** Starts an HTTPS server for each management cluster. */
  async serve(): Promise<readonly ServedSite[]> {
    const armIdOf = (site: Site) => this.managementArmId(site.name)
    const takesEntra = (site: Site, token: string) => this.azure.takesToken(armIdOf(site), token)
    const served = await serveSites(this.sites, () => this.now, takesEntra)
    for (const { site, url, ca } of served) this.azure.endpoints.set(armIdOf(site).toLowerCase(), { url, ca })
    return served
  }

  /** GitOps of one management cluster, as it is now. */
  gitopsOf(site: Site): GitOpsScene {
    const told = { begun: this.#begun, pushes: this.#pushesOf(site), explains: this.#explains }
    return gitopsOf(site, this.workloadsOf(site), told)
  }

  #pushesOf(site: Site): Pushes {
    return this.#pushes.get(site) ?? { count: 0, at: hoursBefore(this.#begun, 47) }
  }

  #declared(): readonly Declared[] {
    return this.sites.flatMap((site) => {
      const { reconcilers } = this.gitopsOf(site)
      return this.workloadsOf(site).map((workload) => ({
        ...{ site, workload },
        truth: truthOf(site, workload, reconcilers),
        reconcilers: reconcilers.filter(({ target }) => target === workload),
      }))
    })
  }

  #makeCloud(index: number): readonly { site: Site; workload: Workload }[] {
    const place = cloudPlaceOf(index, this.sites)
    if (place === null) return []
    const workload = makeCloudWorkload(randomOf(`${this.#seed}/cloud cluster ${index}`), place, index, this.now)
    return [{ site: place.site, workload }]
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
    const managed = (one: Workload) => !isSelfManaged(one) && expectedHealthOf(one) === 'Healthy'
    const workload = first && this.workloadsOf(first).find(managed)
    if (second === undefined || workload === undefined) return
    this.#settle(second, twinOf(workload, this.now))
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
    const drafts = [...this.gitopsOf(site).drafts, ...clusterClassDrafts(workloads), ...providerDrafts(site)]
    site.write('shared', drafts, this.now)
  }
}

export const createWorld = (options: WorldOptions = {}): World => new World(options)

const partOf = (workload: Workload): string => `cluster ${workload.namespace}/${workload.name}`
