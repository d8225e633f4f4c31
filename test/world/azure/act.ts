import { imageOf } from './node-image.ts'
import { minorOf } from './offer.ts'
import type { AksResource } from './resource.ts'

/** A change that Azure sees and Cluster API was not asked for. */
export type Act = (resource: AksResource, now: Date) => void

/** The whole cluster, at once: what a finished upgrade leaves. */
export const upgradedTo =
  (version: string): Act =>
  (resource) => {
    Object.assign(resource, { version, running: version, provisioningState: 'Succeeded' })
    for (const pool of resource.pools) Object.assign(pool, { version, running: version })
  }

/** Under way: asked for, not there yet. */
export const upgradingTo =
  (version: string): Act =>
  (resource) => {
    Object.assign(resource, { version, provisioningState: 'Upgrading' })
  }

/** Asked for by its minor alone. */
export const askedByMinor: Act = (resource) => {
  resource.version = minorOf(resource.version)
}

/** A pool has so many nodes, more or fewer than declared. */
export const scaled =
  (pool: string, count: number): Act =>
  (resource) => {
    Object.assign(poolOf(resource, pool), { count })
  }

export const reimaged =
  (ageDays: number): Act =>
  ({ pools }, now) => {
    for (const pool of pools) pool.image = imageOf(pool.os, now, ageDays)
  }

/** Null removes a tag. */
export const retagged =
  (tags: Readonly<Record<string, string | null>>): Act =>
  (resource) => {
    for (const [key, value] of Object.entries(tags))
      if (value === null) delete resource.tags[key]
      else resource.tags[key] = value
  }

/** A pool alone was taken to another version. */
export const poolAt =
  (pool: string, version: string): Act =>
  (resource) => {
    Object.assign(poolOf(resource, pool), { version, running: version })
  }

/** A setting that Cluster API asked for, by its path in ARM, is another now. */
export const set =
  (path: keyof AksResource['settings'], value: string): Act =>
  (resource) => {
    resource.settings = { ...resource.settings, [path]: value }
  }

export const stopped: Act = (resource) => {
  Object.assign(resource, { power: 'Stopped', provisioningState: 'Succeeded' })
}

export const started: Act = (resource) => {
  Object.assign(resource, { power: 'Running', provisioningState: 'Succeeded' })
}

export const failed =
  (code: string, message: string): Act =>
  (resource) => {
    Object.assign(resource, { provisioningState: 'Failed', error: { code, message } })
  }

export const canceled: Act = (resource) => {
  resource.provisioningState = 'Canceled'
}

/** Any other word. */
export const inState =
  (state: string): Act =>
  (resource) => {
    resource.provisioningState = state
  }

export const poolFailed =
  (pool: string): Act =>
  (resource) => {
    poolOf(resource, pool).provisioningState = 'Failed'
  }

/** Long-term support, bought with the tier that it needs. */
export const longTermSupport: Act = (resource) => {
  Object.assign(resource, { supportPlan: 'AKSLongTermSupport', tier: 'Premium' })
}

/** Whatever was under way is done, and nothing is broken. */
export const recovered: Act = (resource) => {
  Object.assign(resource, { provisioningState: 'Succeeded', error: null, power: 'Running' })
  if (resource.version !== minorOf(resource.version)) resource.running = resource.version
  for (const pool of resource.pools) pool.provisioningState = 'Succeeded'
}

function poolOf(resource: AksResource, name: string) {
  const pool = resource.pools.find((one) => one.name === name)
  if (pool === undefined)
    throw new Error(`no pool ${name} in ${resource.name}: ${resource.pools.map((one) => one.name).join(', ')}`)
  return pool
}
