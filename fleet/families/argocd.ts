import type { OwnDifference, OwnGap } from '../drift/difference.ts'
import type { GitOps } from '../gitops.ts'
import type { KubeObject } from '../kinds/kind.ts'
import { messageOf } from '../message.ts'
import type { Condition, Facts } from '../observation.ts'
import { bool, defined, definedOrNone, instant, isRecord, list, record, text, type Wire } from '../wire.ts'
import { conditionDrift } from './condition-drift.ts'
import { suspendedDrift } from './flux-gitops.ts'
import { repositoryOf } from './repository.ts'

/** So many of the resources that are out of sync are named; all are counted. */
const namedMax = 5

/** Whether Argo CD applies by itself what Git says; absent: never asked to. */
export function automatedOf({ spec }: KubeObject): boolean | undefined {
  const { automated } = record(spec.syncPolicy)
  return isRecord(automated) ? bool(automated.enabled) !== false : undefined
}

/** What an Application says of GitOps, and how it differs from Git by its own word (domain.md 2.6, 4.1). */
export function applicationGitOps(
  object: KubeObject,
  conditions: readonly Condition[],
): Pick<Facts, 'gitops' | 'drift' | 'unlooked'> {
  const { status } = object
  const sync = text(record(status.sync).status)
  const isAutomated = automatedOf(object) === true
  const failed = failedOf(status, sync, conditions)
  const drift = [isAutomated ? undefined : switchedOff(object), failed, outOfSyncOf(status, sync)].filter(
    (difference) => difference !== undefined,
  )
  const unlooked = unlookedOf(sync)
  return {
    gitops: {
      tool: 'argocd',
      role: 'reconciler',
      suspended: !isAutomated,
      ...defined({ ...readyOf(sync, failed !== undefined), revisionAt: syncedAtOf(status), ...sourceOf(object) }),
    },
    ...definedOrNone({ drift: drift.length === 0 ? undefined : drift, unlooked }),
  }
}

function readyOf(sync: string | undefined, failed: boolean): Pick<GitOps, 'ready' | 'reason'> {
  if (failed) return { ready: 'False', reason: 'SyncFailed' }
  if (sync === undefined) return {}
  return { ready: sync === 'Synced' ? 'True' : sync === 'OutOfSync' ? 'False' : 'Unknown', reason: sync }
}

/** Nobody but a person brings Git's next revision in. */
function switchedOff(object: KubeObject): OwnDifference {
  const isOff = automatedOf(object) === false
  const actual = isOff ? 'disabled' : null
  const field = isOff ? 'spec.syncPolicy.automated.enabled' : 'spec.syncPolicy.automated'
  return { ...suspendedDrift({ field, expected: 'enabled', actual }), message: 'automatic sync is off' }
}

const failures: ReadonlySet<string> = new Set(['SyncError', 'InvalidSpecError'])

/** The last sync failed, unless all came to be as Git says and well after it. */
function failedOf(status: Wire, sync: string | undefined, conditions: readonly Condition[]): OwnDifference | undefined {
  const operation = record(status.operationState)
  const phase = text(operation.phase)
  const since = instant(operation.finishedAt) ?? instant(operation.startedAt)
  if ((phase === 'Failed' || phase === 'Error') && !(sync === 'Synced' && isWellSince(status, since))) {
    const difference = { code: 'applyFailed', field: 'status.operationState.phase', expected: 'Succeeded' } as const
    return { ...difference, actual: phase, ...defined({ since, message: messageOf(operation.message) }) }
  }
  const error = conditions.find(({ type }) => failures.has(type))
  return error && conditionDrift('applyFailed', error)
}

function isWellSince(status: Wire, failedAt: string | undefined): boolean {
  const health = record(status.health)
  const healthyAt = health.status === 'Healthy' ? instant(health.lastTransitionTime) : undefined
  return healthyAt !== undefined && failedAt !== undefined && Date.parse(healthyAt) >= Date.parse(failedAt)
}

function outOfSyncOf(status: Wire, sync: string | undefined): OwnDifference | undefined {
  if (sync !== 'OutOfSync') return undefined
  const outside = list(status.resources)
    .map(record)
    .filter((resource) => resource.status === 'OutOfSync')
  const named = outside.slice(0, namedMax).map(calledOf)
  const more = outside.length > named.length ? `, and ${outside.length - named.length} more` : ''
  const message =
    outside.length === 0
      ? 'what runs differs from Git'
      : `${outside.length} ${outside.length === 1 ? 'resource differs' : 'resources differ'} from Git: ${named.join(', ')}${more}`
  return { code: 'outOfSync', field: 'status.sync.status', expected: 'Synced', actual: sync, message }
}

/** `Deployment web/api`; never what a resource holds. */
function calledOf({ kind, namespace, name }: Wire): string {
  const where = text(namespace)
  return `${text(kind) ?? 'resource'} ${where === undefined ? '' : `${where}/`}${text(name) ?? '(no name)'}`
}

function unlookedOf(sync: string | undefined): readonly OwnGap[] | undefined {
  if (sync === 'Synced' || sync === 'OutOfSync') return undefined
  const why = sync === undefined ? 'Argo CD has not compared it with Git yet' : 'Argo CD cannot compare it with Git'
  return [{ code: 'syncUnknown', why }]
}

/** Of the deployments that Argo CD keeps the last is what runs. */
function syncedAtOf({ history, operationState }: Wire): string | undefined {
  const last = instant(record(list(history).at(-1)).deployedAt)
  const operation = record(operationState)
  return last ?? (operation.phase === 'Succeeded' ? instant(operation.finishedAt) : undefined)
}

/**
 * The repository, path and chart it applies. Of several sources the first that has something to apply: one with a `ref` only lends
 * values to the others. Hydrated manifests come from the dry source's repository, and are applied from the branch they are written to.
 */
function sourceOf({ spec }: KubeObject) {
  const hydrator = record(spec.sourceHydrator)
  const dry = record(hydrator.drySource)
  if (text(dry.repoURL) !== undefined)
    return { repository: repositoryOf(dry.repoURL), path: text(record(hydrator.syncSource).path) ?? text(dry.path) }
  const sources = list(spec.sources).map(record)
  const source = isRecord(spec.source)
    ? spec.source
    : (sources.find(({ path, chart }) => text(path) !== undefined || text(chart) !== undefined) ?? sources[0])
  return { repository: repositoryOf(source?.repoURL), path: text(source?.path), chart: text(source?.chart) }
}

/** The revision it is to apply, one word for each of several sources; absent without a source. */
export function targetRevisionOf({ spec }: KubeObject): string | undefined {
  const branch = text(record(record(spec.sourceHydrator).syncSource).targetBranch)
  const several = list(spec.sources).map(targetOf)
  return text(record(spec.source).targetRevision) ?? branch ?? (several.length === 0 ? undefined : several.join(' '))
}

/** So that they stand beside `revisions` one by one. Argo CD takes HEAD where none is named. */
const targetOf = (source: unknown): string => text(record(source).targetRevision) ?? 'HEAD'
