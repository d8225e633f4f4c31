import { timeOf } from '../api/write.ts'
import { type Modern, modern } from '../draft.ts'
import type { Workload } from '../workload.ts'
import { base, type FluxSite, hoursBefore } from './flux-site.ts'
import { type Reconciler, type Source, type Suspension, suspendedBy } from './reconciler.ts'
import { helmChart } from './source.ts'

export interface ReleaseModel {
  readonly target: Workload
  /** What the release's name ends in. */
  readonly suffix: string
  readonly chart: string
  readonly from: Source
  /** Which versions of the chart are wanted: `4.x`. */
  readonly wanted: string
  /** The newest of those. */
  readonly offered: string
  /** When the repository got it. */
  readonly offeredAt: Date
  /** What runs; by default, what is offered. */
  readonly runs?: string
  readonly deployedAt: Date
  /** The upgrade to what is offered failed, and was undone. */
  readonly rolledBack?: boolean
  readonly driftDetection?: 'enabled' | 'warn' | 'disabled'
  /** Somebody changed what it installed. */
  readonly drifted?: boolean
  readonly suspension?: Suspension
}

/** A chart's release on a workload cluster, and how it stands to its chart. */
export function helmRelease(flux: FluxSite, model: ReleaseModel): Reconciler {
  const { target, chart, from, wanted, offered, offeredAt, deployedAt, driftDetection, suspension = null } = model
  const name = `${target.name}-${model.suffix}`
  const back = model.rolledBack === true
  const runs = model.runs ?? offered
  const made = { name: `${target.namespace}-${name}`, revision: offered, revisionAt: offeredAt, chart }
  const source = helmChart(flux, { ...made, version: wanted, from })
  // Without a word of it, nobody has looked.
  const looks = flux.tellsDrift && (driftDetection === 'enabled' || driftDetection === 'warn')
  return {
    ...{ tool: 'flux', kind: 'HelmRelease', namespace: target.namespace, name, app: chart, target, source, chart },
    ...{ applied: runs, appliedAt: deployedAt, suspension, suspended: suspension !== null, astray: false },
    ready: back ? 'False' : 'True',
    state: back ? 'Degraded' : 'Healthy',
    shows: [...(back ? ['helmRolledBack' as const] : []), ...(looks && model.drifted ? ['helmDrift' as const] : [])],
    gaps: looks ? [] : ['helmDrift'],
    draft: {
      ...base(flux, 'helm.toolkit.fluxcd.io', 'HelmRelease', name, target.namespace),
      since: deployedAt,
      ...suspendedBy(suspension),
      spec: {
        chart: {
          spec: { chart, sourceRef: { kind: from.kind, name: from.name, namespace: from.namespace }, version: wanted },
        },
        ...(driftDetection === undefined ? {} : { driftDetection: { mode: driftDetection } }),
        interval: '30m0s',
        kubeConfig: { secretRef: { name: `${target.name}-kubeconfig` } },
        ...(suspension === null ? {} : { suspend: true }),
        targetNamespace: namespaceOf(chart),
      },
      status: {
        conditions: [
          ...(back ? rolledBackConditions(chart) : releasedConditions(chart, runs)),
          ...(looks ? [driftedCondition(chart, model.drifted === true)] : []),
        ],
        helmChart: `${source.namespace}/${source.name}`,
        history: [historyOf(flux, chart, runs, deployedAt)],
        lastAttemptedGeneration: 1,
        lastAttemptedReleaseAction: 'upgrade',
        lastAttemptedRevision: back ? offered : runs,
        observedGeneration: 0,
        storageNamespace: namespaceOf(chart),
        ...(back ? { failures: 1, upgradeFailures: 1 } : {}),
      },
    },
  }
}

const namespaceOf = (chart: string): string => (chart === 'ingress-nginx' ? 'ingress' : chart)

function rolledBackConditions(chart: string): readonly Modern[] {
  const failure = `Helm rollback to previous release ${namespaceOf(chart)}/${chart}.v6 succeeded`
  return [
    modern('Ready', false, 'RollbackSucceeded', failure),
    modern('Released', false, 'UpgradeFailed', 'Helm upgrade failed: timed out waiting for the condition'),
    modern('Remediated', true, 'RollbackSucceeded', failure),
  ]
}

function releasedConditions(chart: string, version: string): readonly Modern[] {
  const done = `Helm upgrade succeeded for release ${namespaceOf(chart)}/${chart}.v7`
  return [
    modern('Ready', true, 'UpgradeSucceeded', `${done} with chart ${chart}@${version}`),
    modern('Released', true, 'UpgradeSucceeded', done),
  ]
}

const driftedCondition = (chart: string, drifted: boolean): Modern =>
  drifted
    ? modern(
        'Drifted',
        true,
        'DriftDetected',
        `Deployment/${namespaceOf(chart)}/${chart} changed (0 additions, 1 change)`,
      )
    : modern('Drifted', false, 'NoDriftDetected', 'No drift detected')

const historyOf = (flux: FluxSite, chart: string, version: string, deployedAt: Date) => ({
  chartName: chart,
  chartVersion: version,
  configDigest: flux.digest,
  digest: flux.digest,
  firstDeployed: timeOf(hoursBefore(deployedAt, 24 * 60)),
  lastDeployed: timeOf(deployedAt),
  name: chart,
  namespace: namespaceOf(chart),
  status: 'deployed',
  version: 7,
})
