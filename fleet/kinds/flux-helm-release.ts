import type { OwnDifference, OwnGap } from '../drift/difference.ts'
import { compareRevisions } from '../drift/revision.ts'
import { conditionDrift } from '../families/condition-drift.ts'
import { kubeConfigDestination, kubeConfigTrouble } from '../families/destination.ts'
import { durationMs } from '../families/duration.ts'
import { actsOnOf, dependsOnOf, kubeConfigOf, readFlux, sourceOf } from '../families/flux.ts'
import type { FluxGitOps } from '../families/flux-gitops.ts'
import type { Rung } from '../health.ts'
import { has, hasFresh, rungOf, type View } from '../ladder.ts'
import type { Facts } from '../observation.ts'
import type { ObjectRef } from '../reference.ts'
import { defined, definedOrNone, instant, list, record, text, type Wire } from '../wire.ts'
import type { Kind, KubeObject } from './kind.ts'

export const fluxHelmRelease: Kind = {
  group: 'helm.toolkit.fluxcd.io',
  kind: 'HelmRelease',
  reach: { by: 'kube', plural: 'helmreleases', versions: ['v2', 'v2beta2', 'v2beta1'] },
  part: 'gitops',
  normalise: (object) =>
    readFlux(object, {
      facts: factsOf,
      problems: problemsOf,
      flags: (view) => (has(view, 'Drifted', 'True') ? ['helmDrift'] : []),
      gitops,
      trouble: kubeConfigTrouble,
    }),
}

function problemsOf(view: View): (Rung | undefined)[] {
  const remediated = hasFresh(view, 'Remediated', 'True')
  const tests = view.primary?.status === 'False' ? hasFresh(view, 'TestSuccess', 'False') : undefined
  return [
    // Its own reason may say RollbackSucceeded: the rollback did, the release did not.
    remediated && rungOf('Degraded', remediated, { reason: 'RolledBack' }),
    tests && rungOf('Degraded', tests),
  ]
}

const latestOf = (status: Wire): Wire => record(list(status.history)[0])

const gitops: FluxGitOps = {
  tool: 'flux',
  role: 'reconciler',
  more: (object) => ({
    intervalMs: durationMs(object.spec.interval),
    revisionAt: instant(latestOf(object.status).lastDeployed),
    chart: text(latestOf(object.status).chartName) ?? text(record(record(object.spec.chart).spec).chart),
    dependsOn: dependsOnOf(object),
  }),
  drift: (view, facts) => [driftedOf(view), rolledBackOf(view, facts)],
  unlooked: gapsOf,
  // A release that was rolled back failed before; that Ready is False then says nothing else.
  tells: (view) => view.primary?.status !== 'False' || has(view, 'Remediated', 'True') !== undefined,
}

function driftedOf(view: View): OwnDifference | undefined {
  const drifted = has(view, 'Drifted', 'True')
  return drifted && conditionDrift('helmDrift', drifted)
}

/** Remediated says it; so does, once nothing is under way, a release of another version than was tried (domain.md 4.1). */
function rolledBackOf(view: View, { revision }: Facts): OwnDifference | undefined {
  const { attempted, applied } = revision ?? {}
  const versions = { expected: attempted ?? null, actual: applied ?? null }
  const remediated = has(view, 'Remediated', 'True')
  if (remediated) return conditionDrift('helmRolledBack', remediated, versions)
  const isDone = view.primary?.status === 'True' && !has(view, 'Reconciling', 'True')
  if (!isDone || compareRevisions(attempted, applied) !== 'different') return undefined
  return { code: 'helmRolledBack', field: 'status.history[0].chartVersion', ...versions }
}

/** Releases before helm-controller 1.6 tell of drift by events only, and none looks for it unless asked to (domain.md 4.1). */
function gapsOf(view: View): readonly OwnGap[] {
  if (view.sets.judged.some(({ type }) => type === 'Drifted')) return []
  const mode = text(record(view.object.spec.driftDetection).mode)
  const why =
    mode === undefined || mode === 'disabled'
      ? 'spec.driftDetection is off'
      : 'drift detection is on, and nothing is reported of what it found'
  return [{ code: 'helmDrift', why }]
}

/** Never `spec.values`: people put secrets there. */
function factsOf(object: KubeObject): Facts {
  const { spec, status } = object
  const chart = record(record(spec.chart).spec)
  const latest = latestOf(status)
  return defined({
    actsOn: actsOnOf(object),
    actsAt: kubeConfigDestination(object),
    appliesFrom: chartOf(object, chart),
    revision: definedOrNone({
      desired: text(chart.version),
      attempted: text(status.lastAttemptedRevision),
      applied: text(latest.chartVersion) ?? text(status.lastAppliedRevision),
    }),
    more: definedOrNone({
      chart: text(latest.chartName) ?? text(chart.chart),
      appVersion: text(latest.appVersion),
      releaseStatus: text(latest.status),
      driftDetection: text(record(spec.driftDetection).mode),
      kubeConfig: kubeConfigOf(object),
    }),
  })
}

/**
 * What it installs: the object that `chartRef` names, else the HelmChart that helm-controller makes of its template, in the namespace
 * of the chart's source: as the status says, or as it will be called (HC `api/v2`, `GetHelmChartName`).
 */
function chartOf(object: KubeObject, chart: Wire): ObjectRef | undefined {
  const { ref, spec, status } = object
  const named = sourceOf(object, spec.chartRef)
  if (named) return named
  const helmChart = { group: 'source.toolkit.fluxcd.io', kind: 'HelmChart' }
  const [namespace, name, ...rest] = text(status.helmChart)?.split('/') ?? []
  if (namespace && name && rest.length === 0) return { ...helmChart, namespace, name }
  const source = sourceOf(object, chart.sourceRef)
  return source && { ...helmChart, namespace: source.namespace, name: `${ref.namespace}-${ref.name}` }
}
