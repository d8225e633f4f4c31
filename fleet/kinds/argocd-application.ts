import { readConditions } from '../condition.ts'
import type { Reading, Rung } from '../health.ts'
import { type Row, readingOf, rungOf, type View, viewOf } from '../ladder.ts'
import { messageOf, placeOf } from '../message.ts'
import type { Facts } from '../observation.ts'
import { bool, defined, definedOrNone, instant, isRecord, list, record, text, type Wire } from '../wire.ts'
import type { Kind, KubeObject } from './kind.ts'

/** Its health is a field; a condition is there only while it is true, and then mostly bad news (domain.md 2.6). */
export const argocdApplication: Kind = {
  group: 'argoproj.io',
  kind: 'Application',
  reach: { by: 'kube', plural: 'applications', versions: ['v1alpha1'] },
  part: 'gitops',
  normalise: (object) => {
    const sets = readConditions(object, true)
    const view = viewOf(object, sets, [])
    const reading = readingOf(view, applicationRow(view))
    return { reading, conditions: sets.shown, facts: factsOf(object), rejected: sets.rejected }
  },
}

function applicationRow(view: View): Row {
  const { status } = view.object
  const health = record(status.health)
  const operation = record(status.operationState)
  const invalid = view.sets.judged.find((condition) => condition.type === 'InvalidSpecError')
  return {
    suspended: health.status === 'Suspended' ? suspensionOf(health) : undefined,
    terminal: invalid && rungOf('Failed', invalid),
    problems: [
      health.status === 'Degraded' || health.status === 'Missing' ? healthRung('Degraded', health) : undefined,
      failedSync(health, operation),
      ...view.sets.judged
        .filter(({ type }) => type.endsWith('Error'))
        .map((condition) => rungOf('Degraded', condition)),
    ],
    changes: [
      health.status === 'Progressing' ? healthRung('Progressing', health) : undefined,
      operation.phase === 'Running' || operation.phase === 'Terminating'
        ? syncRung('Progressing', operation)
        : undefined,
    ],
    rest: restOf(health),
    flags: record(status.sync).status === 'OutOfSync' ? ['outOfSync'] : [],
  }
}

function suspensionOf(health: Wire): Reading['suspended'] {
  return {
    reason: 'Suspended',
    message: messageOf(health.message) ?? '',
    since: instant(health.lastTransitionTime) ?? null,
  }
}

function healthRung(state: Rung['state'], health: Wire): Rung {
  const message = messageOf(health.message)
  const since = instant(health.lastTransitionTime) ?? null
  return {
    state,
    reason: text(health.status) ?? 'NotReported',
    since,
    ...(message === undefined ? undefined : { message }),
  }
}

function syncRung(state: Rung['state'], operation: Wire): Rung {
  const message = messageOf(operation.message)
  const since = instant(operation.finishedAt) ?? instant(operation.startedAt) ?? null
  return {
    state,
    reason: `Sync${text(operation.phase) ?? ''}`,
    since,
    ...(message === undefined ? undefined : { message }),
  }
}

/** A failed sync counts unless the application became Healthy after it. Without dates it counts: it is the last one tried. */
function failedSync(health: Wire, operation: Wire): Rung | undefined {
  if (operation.phase !== 'Failed' && operation.phase !== 'Error') return undefined
  const rung = syncRung('Degraded', operation)
  const healthySince = health.status === 'Healthy' ? instant(health.lastTransitionTime) : undefined
  const outdated =
    healthySince !== undefined && rung.since != null && Date.parse(rung.since) <= Date.parse(healthySince)
  return outdated ? undefined : rung
}

/** Rules 9 and 10, where `health.status` stands in for a primary condition. */
function restOf(health: Wire): Rung | undefined {
  const status = text(health.status)
  if (status === undefined) return undefined
  return healthRung(status === 'Healthy' || status === 'Suspended' ? 'Healthy' : 'Unknown', health)
}

/** Never Helm values or parameters of a source: people put secrets there. */
function factsOf({ spec, status }: KubeObject): Facts {
  const sync = record(status.sync)
  const operation = record(status.operationState)
  const automated = record(spec.syncPolicy).automated
  const destination = record(spec.destination)
  const source = record(spec.source)
  const synced = record(operation.syncResult)
  return defined({
    revision: definedOrNone({
      desired: text(source.targetRevision) ?? joined(list(spec.sources).map(targetOf)),
      attempted: text(synced.revision) ?? joined(synced.revisions),
      applied: text(sync.revision) ?? joined(sync.revisions),
    }),
    phase: text(operation.phase),
    more: definedOrNone({
      project: text(spec.project),
      repository: placeOf(source.repoURL),
      path: text(source.path),
      chart: text(source.chart),
      sync: text(sync.status),
      health: text(record(status.health).status),
      destination: text(destination.name) ?? placeOf(destination.server),
      destinationNamespace: text(destination.namespace),
      automated: isRecord(automated) ? bool(automated.enabled) !== false : undefined,
    }),
  })
}

/** One word for each of several sources, so that they stand beside `revisions` one by one. Argo CD takes HEAD where none is named. */
const targetOf = (source: unknown): string => text(record(source).targetRevision) ?? 'HEAD'

const joined = (revisions: unknown): string | undefined => {
  const texts = list(revisions).filter((revision) => typeof revision === 'string')
  return texts.length === 0 ? undefined : texts.join(' ')
}
