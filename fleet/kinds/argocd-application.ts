import { readConditions } from '../condition.ts'
import { applicationGitOps, automatedOf, targetRevisionOf } from '../families/argocd.ts'
import { readDestination } from '../families/destination.ts'
import type { Reading, Rung } from '../health.ts'
import { type Row, readingOf, rungOf, type View, viewOf } from '../ladder.ts'
import { messageOf, placeOf } from '../message.ts'
import type { Condition, Facts } from '../observation.ts'
import { defined, definedOrNone, instant, list, record, text, type Wire } from '../wire.ts'
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
    const { actsAt, why } = readDestination(object.spec.destination)
    return {
      reading,
      conditions: sets.shown,
      facts: { ...(actsAt ? { actsAt } : undefined), ...factsOf(object, sets.judged) },
      rejected: why === undefined ? sets.rejected : [...sets.rejected, why],
    }
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
function factsOf(object: KubeObject, conditions: readonly Condition[]): Facts {
  const { spec, status } = object
  const sync = record(status.sync)
  const operation = record(status.operationState)
  const destination = record(spec.destination)
  const source = record(spec.source)
  return defined({
    revision: definedOrNone({
      desired: targetRevisionOf(object),
      attempted: revisionsOf(record(operation.syncResult)),
      // What Argo CD compared with: it is also what runs where `sync` is Synced.
      applied: revisionsOf(sync),
    }),
    phase: text(operation.phase),
    ...applicationGitOps(object, conditions),
    more: definedOrNone({
      project: text(spec.project),
      repository: placeOf(source.repoURL),
      path: text(source.path),
      chart: text(source.chart),
      sync: text(sync.status),
      health: text(record(status.health).status),
      destination: text(destination.name) ?? placeOf(destination.server),
      destinationNamespace: text(destination.namespace),
      automated: automatedOf(object),
    }),
  })
}

/** One revision, or one for each of several sources. */
function revisionsOf({ revision, revisions }: Wire): string | undefined {
  const texts = list(revisions).filter((one) => typeof one === 'string')
  return text(revision) ?? (texts.length === 0 ? undefined : texts.join(' '))
}
