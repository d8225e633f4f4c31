import { listedPools, managedClusterFacts } from '../families/aks.ts'
import { isAtWork, stateOfOperation } from '../families/aks-operation.ts'
import { clusterNameOf, regionOf } from '../families/azure-id.ts'
import type { Reading, Rung, Until } from '../health.ts'
import { deletingRungs } from '../ladder.ts'
import { messageOf } from '../message.ts'
import type { Facts, ListedPool } from '../observation.ts'
import { defined, definedOrNone, instant, record, text, type Wire } from '../wire.ts'
import type { Kind, KindReading, KubeObject } from './kind.ts'

/** A cluster operation that takes longer is stuck (azure.md 2.3, rule 6). */
const stuckOperationMs = 3 * 60 * 60_000

/** An AKS cluster as Azure Resource Manager tells it; `spec` is the resource, `status` its properties. */
export const armManagedCluster: Kind = {
  group: 'Microsoft.ContainerService',
  kind: 'managedClusters',
  reach: { by: 'arm', type: 'Microsoft.ContainerService/managedClusters' },
  part: 'infrastructure',
  normalise: read,
}

function read(object: KubeObject): KindReading {
  const { pools, rejected } = listedPools(object.status.agentPoolProfiles)
  return {
    reading: readingOf(object, pools ?? []),
    conditions: [],
    facts: factsOf(object, pools),
    owner: clusterNameOf(text(object.spec.id) ?? '', text(object.spec.name)),
    rejected,
  }
}

/** azure.md 2.3, rules 2 to 13; rule 1 is the judge's. */
function readingOf({ spec, status }: KubeObject, pools: readonly ListedPool[]): Reading {
  const state = typeof status.provisioningState === 'string' ? status.provisioningState : ''
  const failure = errorOf(status)
  const busy = isAtWork(state)
  const rungs = (rest: readonly Rung[]): Reading => ({
    rungs: rest,
    flags: [],
    short: busy,
    ...(busy ? { shortSince: sinceOf(spec) } : {}),
  })
  if (state === 'Deleting') return rungs(deletingRungs('Deleting', sinceOf(spec)))
  if (state === 'Starting' || state === 'Stopping') return rungs([{ state: 'Progressing', reason: state }])
  if (record(status.powerState).code !== 'Stopped') return rungs(verdictOf({ status, state, pools }, false))
  const message = state === 'Failed' ? `stopped; before that ${failure.code}: ${failure.message}` : ''
  return {
    ...rungs(verdictOf({ status, state, pools }, true)),
    suspended: { reason: 'Stopped', message, since: null },
  }
}

function errorOf(status: Wire): { code: string; message: string } {
  const error = record(record(status.status).provisioningError)
  return { code: text(error.code) ?? 'Failed', message: messageOf(error.message) ?? '' }
}

interface Resource {
  readonly status: Wire
  readonly state: string
  readonly pools: readonly ListedPool[]
}

/** Rules 5 to 13. */
function verdictOf({ status, state, pools }: Resource, stopped: boolean): Rung[] {
  if (state === 'Failed') {
    const { code, message } = errorOf(status)
    return [{ state: 'Failed', reason: code, message }]
  }
  if (isAtWork(state)) return atWork(state)
  const ofPools = state === 'Succeeded' ? poolRung(pools, stopped) : undefined
  return [ofPools ?? stateOfOperation(state)]
}

/** Azure dates no operation; the resource's last change is the nearest it tells, where it tells it. */
function sinceOf(spec: Wire): string | null {
  return instant(record(spec.systemData).lastModifiedAt) ?? null
}

/** First a change, then stuck; both are dated by the turn between them, and one of the two always holds. */
function atWork(state: string): Rung[] {
  const turn: Until = { after: 'shortSince', ms: stuckOperationMs }
  const working: Rung = { state: 'Progressing', reason: state }
  const stuck: Rung = { state: 'Degraded', reason: 'Stuck', message: `${state} for more than 3 hours` }
  return [{ ...working, until: turn }, { ...stuck, from: turn }, working]
}

/** Rules 9 to 12: what the pools add to a cluster that Succeeded. */
function poolRung(pools: readonly ListedPool[], stopped: boolean): Rung | undefined {
  const system = pools.filter((pool) => pool.mode === 'System')
  const failedSystem = system.find((pool) => pool.state === 'Failed')
  if (failedSystem) return { state: 'Failed', reason: 'SystemPoolFailed', message: `pool ${failedSystem.name} failed` }
  const failed = pools.find((pool) => pool.state === 'Failed' || pool.state === 'Canceled')
  if (failed)
    return { state: 'Degraded', reason: `PoolFailed:${failed.name}`, message: `pool ${failed.name} is ${failed.state}` }
  const busy = pools.find(({ state = '' }) => isAtWork(state) || state === 'Deleting')
  if (busy)
    return { state: 'Progressing', reason: `PoolUpdating:${busy.name}`, message: `pool ${busy.name} is ${busy.state}` }
  if (stopped || system.length === 0 || system.some((pool) => !isIdle(pool))) return undefined
  return { state: 'Degraded', reason: 'NoSystemCapacity', message: 'every System pool is stopped or empty' }
}

const isIdle = (pool: ListedPool): boolean => pool.powerState === 'Stopped' || pool.count === 0

function factsOf({ spec, status, labels }: KubeObject, pools: readonly ListedPool[] | undefined): Facts {
  return {
    ...managedClusterFacts(status, record(spec.sku).tier),
    ...defined({
      versionDeclared: text(status.kubernetesVersion),
      armId: text(spec.id),
      region: regionOf(spec.location),
      createdBy: text(record(spec.systemData).createdBy) ?? makerOf(labels),
      pools,
      more: definedOrNone({ name: text(spec.name), provisioningState: text(status.provisioningState) }),
    }),
  }
}

const capzTag = 'sigs.k8s.io_cluster-api-provider-azure_cluster_'

/** Cluster API's Azure provider tags what it makes with the Cluster's name, of no known namespace: a hint, never a key (azure.md 3.2). */
function makerOf(tags: KubeObject['labels']): string | undefined {
  const tag = Object.keys(tags).find((key) => key.toLowerCase().startsWith(capzTag))
  return tag === undefined ? undefined : `cluster-api-provider-azure (${tag.slice(capzTag.length)})`
}
