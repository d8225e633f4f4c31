import { actsOnOf, kubeConfigOf, readFlux, sourceOf } from '../families/flux.ts'
import type { Rung } from '../health.ts'
import { has, hasFresh, rungOf, type View } from '../ladder.ts'
import type { Facts } from '../observation.ts'
import { defined, definedOrNone, list, record, text } from '../wire.ts'
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

/** Never `spec.values`: people put secrets there. */
function factsOf(object: KubeObject): Facts {
  const { spec, status } = object
  const chart = record(record(spec.chart).spec)
  const latest = record(list(status.history)[0])
  return defined({
    actsOn: actsOnOf(object),
    appliesFrom: sourceOf(object, spec.chartRef ?? chart.sourceRef),
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
