import type { Reading, Rung } from '../health.ts'
import { deletingRungs, later } from '../ladder.ts'
import { messageOf } from '../message.ts'
import type { Facts } from '../observation.ts'
import { defined, definedOrNone, instant, int, isRecord, list, record, text, type Wire } from '../wire.ts'
import type { Kind, KubeObject } from './kind.ts'

/** A cluster operation that takes longer is stuck (azure.md 2.3, rule 6). */
const stuckOperationMs = 3 * 60 * 60_000

/** Words of a provisioningState that mean work (azure.md 2.2); the field is a free string. */
const gerunds: ReadonlySet<string> = new Set([
  'Creating',
  'Updating',
  'Upgrading',
  'Scaling',
  'Starting',
  'Stopping',
  'Canceling',
  'RotatingClusterCertificates',
  'ReconcilingClusterCertificates',
  'UpgradingNodeImageVersion',
  'Migrating',
])

/** An AKS cluster as Azure Resource Manager tells it; `spec` is the resource, `status` its properties. */
export const armManagedCluster: Kind = {
  group: 'Microsoft.ContainerService',
  kind: 'managedClusters',
  reach: { by: 'arm', type: 'Microsoft.ContainerService/managedClusters' },
  part: 'infrastructure',
  normalise: (object) => ({ reading: readingOf(object), conditions: [], facts: factsOf(object) }),
}

/** azure.md 2.3, rules 2 to 13; rule 1 is the judge's. */
function readingOf({ spec, status }: KubeObject): Reading {
  const state = typeof status.provisioningState === 'string' ? status.provisioningState : ''
  const failure = errorOf(status)
  const rungs = (rest: readonly Rung[]): Reading => ({ rungs: rest, flags: [], short: false })
  if (state === 'Deleting') return rungs(deletingRungs('Deleting', sinceOf(spec)))
  if (state === 'Starting' || state === 'Stopping') return rungs([{ state: 'Progressing', reason: state }])
  if (record(status.powerState).code !== 'Stopped') return rungs(verdictOf(spec, status, state, false))
  const message = state === 'Failed' ? `stopped; before that ${failure.code}: ${failure.message}` : ''
  return {
    ...rungs(verdictOf(spec, status, state, true)),
    suspended: { reason: 'Stopped', message, since: null },
  }
}

function errorOf(status: Wire): { code: string; message: string } {
  const error = record(record(status.status).provisioningError)
  return { code: text(error.code) ?? 'Failed', message: messageOf(error.message) ?? '' }
}

/** Rules 5 to 13. */
function verdictOf(spec: Wire, status: Wire, state: string, stopped: boolean): Rung[] {
  if (state === 'Failed') {
    const { code, message } = errorOf(status)
    return [{ state: 'Failed', reason: code, message }]
  }
  if (gerunds.has(state)) return atWork(spec, state)
  if (state === 'Canceled') return [{ state: 'Degraded', reason: 'OperationCanceled' }]
  if (state !== 'Succeeded') return [{ state: 'Unknown', reason: `UnrecognisedState:${state}` }]
  return [poolRung(poolsOf(status), stopped) ?? { state: 'Healthy', reason: state }]
}

/** Azure dates no operation; the resource's last change is the nearest it tells, where it tells it. */
function sinceOf(spec: Wire): string | null {
  return instant(record(spec.systemData).lastModifiedAt) ?? null
}

function atWork(spec: Wire, state: string): Rung[] {
  const since = sinceOf(spec)
  const working: Rung = { state: 'Progressing', reason: state, since }
  if (since === null) return [working]
  const stuck: Rung = {
    state: 'Degraded',
    reason: 'Stuck',
    message: `${state} since ${since}`,
    since,
    from: { at: later(since, stuckOperationMs) },
  }
  return [stuck, working]
}

interface Pool {
  readonly name: string
  readonly state: string
  readonly isSystem: boolean
  readonly isIdle: boolean
}

function poolsOf(status: Wire): readonly Pool[] {
  return list(status.agentPoolProfiles)
    .filter(isRecord)
    .map((pool) => ({
      name: text(pool.name) ?? '',
      state: text(pool.provisioningState) ?? '',
      isSystem: pool.mode === 'System',
      isIdle: record(pool.powerState).code === 'Stopped' || pool.count === 0,
    }))
}

/** Rules 9 to 12: what the pools add to a cluster that Succeeded. */
function poolRung(pools: readonly Pool[], stopped: boolean): Rung | undefined {
  const system = pools.filter((pool) => pool.isSystem)
  const failedSystem = system.find((pool) => pool.state === 'Failed')
  if (failedSystem) return { state: 'Failed', reason: 'SystemPoolFailed', message: `pool ${failedSystem.name} failed` }
  const failed = pools.find((pool) => pool.state === 'Failed' || pool.state === 'Canceled')
  if (failed)
    return { state: 'Degraded', reason: `PoolFailed:${failed.name}`, message: `pool ${failed.name} is ${failed.state}` }
  const busy = pools.find((pool) => gerunds.has(pool.state) || pool.state === 'Deleting')
  if (busy)
    return { state: 'Progressing', reason: `PoolUpdating:${busy.name}`, message: `pool ${busy.name} is ${busy.state}` }
  if (stopped || system.length === 0 || system.some((pool) => !pool.isIdle)) return undefined
  return { state: 'Degraded', reason: 'NoSystemCapacity', message: 'every System pool is stopped or empty' }
}

function factsOf({ spec, status }: KubeObject): Facts {
  const fqdn = text(status.fqdn) ?? text(status.privateFQDN)
  const upgrade = record(status.autoUpgradeProfile)
  return defined({
    provider: 'aks',
    versionDeclared: text(status.kubernetesVersion),
    versionObserved: text(status.currentKubernetesVersion),
    armId: text(spec.id),
    region: text(spec.location),
    endpoint: fqdn === undefined ? undefined : `${fqdn}:443`,
    more: definedOrNone({
      name: text(spec.name),
      provisioningState: text(status.provisioningState),
      powerState: text(record(status.powerState).code),
      resourceUid: text(status.resourceUID),
      nodeResourceGroup: text(status.nodeResourceGroup),
      supportPlan: text(status.supportPlan),
      tier: text(record(spec.sku).tier),
      upgradeChannel: text(upgrade.upgradeChannel),
      nodeOsUpgradeChannel: text(upgrade.nodeOSUpgradeChannel),
      pools: Array.isArray(status.agentPoolProfiles) ? list(status.agentPoolProfiles).length : undefined,
      nodes: nodesOf(status),
    }),
  })
}

function nodesOf(status: Wire): number | undefined {
  const counts = list(status.agentPoolProfiles).map((pool) => int(record(pool).count))
  const known = counts.filter((count) => count !== undefined)
  return known.length === 0 ? undefined : known.reduce((sum, count) => sum + count, 0)
}
