import { versionAfter } from './fleet.ts'
import { cloudVersionAfter } from './fleet-cloud.ts'
import type { Random } from './random.ts'
import { expectedHealthOf, isInAzure, type Trouble, troubles, type Workload } from './workload.ts'
import type { Place, World } from './world.ts'

/** What is under way moves on this often. */
const progressChance = 0.4
/** More than this share of a fleet is not allowed to be in trouble or paused at once. */
const troubledShare = 0.3

/** One step of the fleet's life: what is under way goes on, and something new begins. */
export function live(world: World, random: Random): readonly string[] {
  const happened: string[] = []
  for (const place of placesOf(world)) {
    const workload = world.workload(place)
    const busy = workload.stage !== 'Running' || workload.lagging || workload.held !== null
    if (!busy || workload.paused || workload.trouble !== null || !random.chance(progressChance)) continue
    if (workload.stage === 'Deleting') world.removeCluster(place)
    else world.change(place, advance)
    happened.push(`${place.source}/${place.name}: ${workload.stage}`)
  }
  const began = begin(world, random)
  return [...happened, ...(began === null ? [] : [began]), ...liveElsewhere(world, random.fork('elsewhere'))]
}

/** Clusters in Azure; what happens to the others has numbers of its own, so that these are the same with them and without. */
const placesOf = (world: World, isOne: (workload: Workload) => boolean = isInAzure): readonly Place[] =>
  world.sites.flatMap((site) =>
    world
      .workloadsOf(site)
      .filter(isOne)
      .map(({ namespace, name }) => ({ source: site.name, namespace, name })),
  )

/** EKS and GKE clusters finish what they began, and now and then one is upgraded or grows. */
function liveElsewhere(world: World, random: Random): readonly string[] {
  const happened: string[] = []
  const places = placesOf(world, (workload) => !isInAzure(workload))
  for (const place of places) {
    const { stage } = world.workload(place)
    if (stage === 'Running' || !random.chance(progressChance)) continue
    world.change(place, advance)
    happened.push(`${place.source}/${place.name}: ${stage}`)
  }
  const well = places.filter((place) => expectedHealthOf(world.workload(place)) === 'Healthy')
  if (well.length === 0 || !random.chance(0.1)) return happened
  const place = random.pick(well)
  const workload = world.workload(place)
  const newer = cloudVersionAfter(workload)
  // What is on a release channel is upgraded by nobody else.
  if (newer !== workload.version && workload.releaseChannel === null) world.upgrade(place, newer)
  else world.scale(place, random.between(2, 6))
  return [...happened, `${place.source}/${place.name}: ${world.workload(place).stage}`]
}

/** One node more, one pool further: the control plane first, then its pools. */
function advance(workload: Workload): void {
  const { pools } = workload
  if (workload.held !== null) {
    Object.assign(workload, { version: workload.held, held: null, stage: 'Upgrading' })
    return
  }
  if (workload.stage === 'Upgrading') {
    workload.running = workload.version
    const done = pools.find((pool) => pool.version !== pool.running)
    if (done !== undefined) done.running = done.version
    const next = pools.find((pool) => pool.version !== workload.version)
    if (next !== undefined) next.version = workload.version
  } else if (workload.controlPlaneCurrent < workload.controlPlaneReplicas) workload.controlPlaneCurrent += 1
  else {
    const pool = pools.find((one) => one.current !== one.replicas)
    if (pool !== undefined) pool.current += pool.current < pool.replicas ? 1 : -1
  }
  if (settled(workload)) finish(workload)
}

const settled = (workload: Workload): boolean =>
  (workload.running === workload.version || workload.stage !== 'Upgrading') &&
  workload.controlPlaneCurrent === workload.controlPlaneReplicas &&
  workload.pools.every((pool) => pool.current === pool.replicas && pool.version === pool.running)

/** Whatever was under way is done, and nothing is broken. */
export function finish(workload: Workload): void {
  if (workload.stage === 'Upgrading') for (const pool of workload.pools) pool.version = workload.version
  // Elsewhere the provider may have gone ahead of what was asked for.
  const upgraded = workload.stage === 'Upgrading'
  workload.version = workload.held ?? workload.version
  Object.assign(workload, { stage: 'Running', held: null, remediatedAt: [] })
  workload.trouble = null
  workload.lagging = false
  if (upgraded || isInAzure(workload)) workload.running = workload.version
  workload.controlPlaneCurrent = workload.controlPlaneReplicas
  for (const pool of workload.pools) Object.assign(pool, { running: pool.version, current: pool.replicas })
}

/** Something new happens to one cluster that is at rest, or one in trouble recovers. */
function begin(world: World, random: Random): string | null {
  const places = placesOf(world)
  const inState = (...states: readonly string[]) =>
    places.filter((place) => states.includes(expectedHealthOf(world.workload(place))))
  const ill = inState('Degraded', 'Failed', 'Unknown', 'Suspended')
  const well = inState('Healthy')
  const dice = random.next()
  if (dice < 0.14 || ill.length > places.length * troubledShare) {
    if (ill.length === 0) return null
    return recover(world, random.pick(ill))
  }
  if (dice < 0.2) {
    // A fleet that grew by a tenth grows no further.
    if (places.length > world.size * 1.1) return null
    const place = world.createCluster(random.pick(world.sites).name)
    return `${place.source}/${place.name}: is being created`
  }
  if (dice < 0.3) {
    const { name } = random.pick(world.sites)
    world.push(name)
    return `${name}: a push to the repository`
  }
  if (well.length === 0) return null
  return change(world, random, random.pick(well), (dice - 0.3) / 0.7)
}

function recover(world: World, place: Place): string {
  const workload = world.workload(place)
  if (workload.paused) world.unpause(place)
  else world.heal(place)
  return `${place.source}/${place.name}: recovers`
}

function change(world: World, random: Random, place: Place, dice: number): string {
  const workload = world.workload(place)
  const newer = versionAfter(workload.version)
  const told = (what: string) => `${place.source}/${place.name}: ${what}`
  if (dice < 0.3 && newer !== workload.version) {
    world.upgrade(place, newer)
    return told(`upgrades to ${newer}`)
  }
  if (dice < 0.58) {
    const replicas = Math.max(1, (workload.pools[0]?.replicas ?? 1) + random.pick([-1, 1, 2]))
    world.scale(place, replicas)
    return told(`scales to ${replicas}`)
  }
  if (dice < 0.84) {
    const trouble = random.pick(troublesOf(workload))
    world.fail(place, trouble)
    return told(`fails: ${trouble}`)
  }
  if (dice < 0.94) {
    world.pause(place)
    return told('is paused')
  }
  world.deleteCluster(place)
  return told('is being deleted')
}

/** Those that can befall it: some need a topology, some a second pool. */
function troublesOf(workload: Workload): readonly Trouble[] {
  const names = Object.entries(troubles).filter(([name, { flavours }]) => {
    const needsPool = name === 'QuotaExceeded' || name === 'ReferenceNotFound'
    if (needsPool && workload.pools.length < 2) return false
    if (name === 'TopologyFailed' && workload.topologyClass === null) return false
    // That is for what happens in Azure to say.
    if (name === 'GoneInAzure') return false
    const suited: readonly string[] = flavours
    return suited.includes(workload.flavour)
  })
  // The keys of `troubles` are what the type Trouble is made of.
  return names.map(([name]) => name as Trouble)
}
