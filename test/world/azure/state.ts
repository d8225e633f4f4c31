import { Faults } from '../api/fault.ts'
import { subscriptionOf } from '../fleet.ts'
import { randomOf } from '../random.ts'
import { armIdOf, isAks, type Workload } from '../workload.ts'
import type { Act } from './act.ts'
import type { AzureFault } from './fault.ts'
import { type AksResource, follow, keyOf, resourceOf } from './resource.ts'
import { aksScope, audienceOf, Tokens } from './token.ts'

export interface Subscription {
  readonly id: string
  readonly name: string
}

/** Where the API server of an AKS cluster answers. */
export interface KubeEndpoint {
  readonly url: string
  /** PEM text. */
  readonly ca: string
}

export interface AzureOptions {
  readonly seed: string
  readonly environments: readonly string[]
  readonly clock: () => Date
  /** How long after Cluster API asked Azure shows it. */
  readonly lagMs: number
}

/** The environment of what belongs to none: management clusters, and what nobody declared. */
export const platform = 'platform'
/** Of a subscription that has no cluster. */
const unused = 'sandbox'
/** The management group above every subscription. */
export const managementGroup = 'fleet'

/**
 * Azure, as far as AKS clusters go: follows what Cluster API asks for, and can be changed without it. Reading it applies
 * what has come due meanwhile.
 */
export class AzureState {
  readonly subscriptions: readonly Subscription[]
  readonly faults = new Faults<AzureFault>()
  readonly tokens = new Tokens()
  /** Of management clusters that run on AKS, by ARM id in lower case; filled when they are served. */
  readonly endpoints = new Map<string, KubeEndpoint>()
  readonly #options: AzureOptions
  readonly #resources = new Map<string, AksResource>()
  /** What Cluster API asked for last, by ARM id in lower case; kept when somebody deletes the resource. */
  readonly #wishes = new Map<string, AksResource>()
  readonly #resourceGroups = new Set<string>()
  #due: { readonly atMs: number; readonly happen: () => void }[] = []
  #incarnations = 0

  constructor(options: AzureOptions) {
    this.#options = options
    this.subscriptions = [...new Set([...options.environments, platform, unused])].map((environment) => ({
      id: subscriptionOf(options.seed, environment),
      name: `sub-${environment}`,
    }))
  }

  get now(): Date {
    return this.#options.clock()
  }

  /** Every AKS cluster that exists now, in the order of their ids. */
  get resources(): readonly AksResource[] {
    this.#catchUp()
    return [...this.#resources].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, resource]) => resource)
  }

  subscription(name: string): Subscription {
    const found = this.subscriptions.find((one) => one.name === name || one.id === name)
    if (found === undefined)
      throw new Error(`no subscription ${name}: ${this.subscriptions.map((one) => one.name).join(', ')}`)
    return found
  }

  /** By ARM id in any case; null where Azure has none. */
  find(armId: string): AksResource | null {
    this.#catchUp()
    return this.#resources.get(armId.toLowerCase()) ?? null
  }

  resource(armId: string): AksResource {
    const found = this.find(armId)
    if (found === null) throw new Error(`Azure has no ${armId}`)
    return found
  }

  /** Whether the API server of a cluster takes a token as one that Entra ID gave for it. */
  takesToken(armId: string, token: string): boolean {
    return this.find(armId)?.entra === true && this.tokens.stateOf(token, audienceOf(aksScope)) === 'valid'
  }

  hasResourceGroup(subscription: string, name: string): boolean {
    this.#catchUp()
    return this.#resourceGroups.has(groupKeyOf(subscription, name))
  }

  /** Something happens to a cluster that Cluster API was not asked for. */
  change(armId: string, act: Act): void {
    const resource = this.resource(armId)
    act(resource, this.now)
    if (resource.systemData !== null) resource.systemData = { ...resource.systemData, lastModifiedAt: this.now }
  }

  add(resource: AksResource): void {
    this.#resources.set(keyOf(resource), resource)
    this.#resourceGroups.add(groupKeyOf(resource.subscription, resource.resourceGroup))
  }

  /** Deleted without Cluster API; its resource group stays. */
  delete(armId: string): void {
    this.resource(armId)
    this.#resources.delete(armId.toLowerCase())
  }

  /** Deleted and made again under the same id. */
  recreate(armId: string): void {
    this.#incarnations += 1
    const uid = this.uidOf(`${armId.toLowerCase()}/${this.#incarnations}`)
    this.change(armId, (resource) => Object.assign(resource, { uid, dns: `${resource.name}-${uid.slice(0, 8)}` }))
  }

  /** Cluster API asks Azure for what the workload says, unless it is paused. */
  wish(workload: Workload): void {
    if (!isAks(workload)) return
    const key = armIdOf(workload).toLowerCase()
    const before = this.#wishes.get(key)
    if (before === undefined) {
      this.add(resourceOf(workload, this.uidOf(key)))
      this.#wishes.set(key, resourceOf(workload, ''))
      return
    }
    if (workload.paused) return
    const after = resourceOf(workload, '')
    this.#wishes.set(key, after)
    this.#later(() => {
      const resource = this.#resources.get(key)
      if (resource !== undefined) follow(resource, before, after)
    })
  }

  /** Its objects are gone from their management cluster: so is the resource, unless nobody cared for it any more. */
  abandon(workload: Workload): void {
    if (!isAks(workload) || workload.paused) return
    this.#later(() => {
      this.#resources.delete(armIdOf(workload).toLowerCase())
      this.#resourceGroups.delete(groupKeyOf(workload.subscription, resourceOf(workload, '').resourceGroup))
    })
  }

  disturb(fault: AzureFault): void {
    this.faults.add(fault)
  }

  /** Ends faults of one name, or all. */
  calm(name?: AzureFault['fault']): void {
    this.faults.clear((fault) => name === undefined || fault.fault === name)
  }

  /** The name of an incarnation: the same for the same seed. */
  uidOf(name: string): string {
    return randomOf(`${this.#options.seed}/uid ${name}`).hex(24)
  }

  #later(happen: () => void): void {
    this.#due.push({ atMs: this.now.getTime() + this.#options.lagMs, happen })
    this.#catchUp()
  }

  #catchUp(): void {
    const nowMs = this.now.getTime()
    const due = this.#due.filter(({ atMs }) => atMs <= nowMs)
    this.#due = this.#due.filter(({ atMs }) => atMs > nowMs)
    for (const { happen } of due) happen()
  }
}

const groupKeyOf = (subscription: string, name: string): string => `${subscription}/${name}`.toLowerCase()
