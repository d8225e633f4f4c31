import { timeOf } from '../api/write.ts'
import type { Modern } from '../draft.ts'
import { modern } from '../draft.ts'
import type { Workload } from '../workload.ts'
import { base, earlier, type FluxSite } from './flux-site.ts'
import { type Reconciler, type Source, type Suspension, suspendedBy } from './reconciler.ts'

/** What became of the last attempt. */
type Outcome =
  /** What is applied was applied at that time; by default, what the source offers, when it came. */
  | { readonly is: 'applied'; readonly revision?: string; readonly at?: Date }
  | { readonly is: 'failing' }
  /** A new revision is being applied, and its health checks take their time. */
  | { readonly is: 'atWork' }
  /** It waits for another Kustomization of its namespace. */
  | { readonly is: 'blocked'; readonly by: string; readonly since: Date }

export interface KustomizationModel {
  readonly name: string
  readonly path: string
  readonly source: Source
  /** The workload cluster it acts on, by the kubeconfig Secret that Cluster API writes. */
  readonly target?: Workload
  /** A kubeconfig Secret of some other cluster. */
  readonly kubeconfig?: string
  readonly namespace?: string
  readonly app?: string
  readonly outcome?: Outcome
  readonly dependsOn?: readonly string[]
  readonly suspension?: Suspension
}

const failure = 'Deployment/ingress/controller dry-run failed: admission webhook "policy.example" denied the request'

/** What a Kustomization applies, and how far it got. */
export function kustomization(flux: FluxSite, model: KustomizationModel): Reconciler {
  const { name, path, source, target, suspension = null, dependsOn = [] } = model
  const outcome = model.outcome ?? { is: 'applied' }
  const namespace = model.namespace ?? target?.namespace ?? 'flux-system'
  const app = model.app ?? (target ? name.replace(`${target.name}-`, '') : name)
  const done = doneBy(source, outcome)
  const kubeconfig = target ? `${target.name}-kubeconfig` : model.kubeconfig
  const start = base(flux, 'kustomize.toolkit.fluxcd.io', 'Kustomization', name, namespace)
  return {
    ...{ tool: 'flux', kind: 'Kustomization', namespace, name, app, source, suspension, chart: null, gaps: [] },
    target: target ?? null,
    astray: target === undefined && model.kubeconfig !== undefined,
    suspended: suspension !== null,
    ...done.told,
    draft: {
      ...start,
      ...(model.app === undefined ? {} : { labels: { ...start.labels, 'app.kubernetes.io/name': app } }),
      since: done.since,
      ...suspendedBy(suspension),
      spec: {
        ...(dependsOn.length === 0 ? {} : { dependsOn: dependsOn.map((one) => ({ name: one })) }),
        force: false,
        interval: '10m0s',
        path,
        prune: true,
        sourceRef: {
          kind: source.kind,
          name: source.name,
          ...(namespace === source.namespace ? {} : { namespace: source.namespace }),
        },
        ...(suspension === null ? {} : { suspend: true }),
        ...(kubeconfig === undefined ? {} : { kubeConfig: { secretRef: { name: kubeconfig } } }),
      },
      status: {
        conditions: done.conditions,
        ...(flux.tellsDrift && done.told.appliedAt ? { history: historyOf(flux, done) } : {}),
        inventory: { entries: inventory },
        lastAppliedRevision: done.told.applied,
        lastAttemptedRevision: done.attempted,
        observedGeneration: 0,
      },
    },
  }
}

interface Done {
  readonly told: Pick<Reconciler, 'applied' | 'appliedAt' | 'ready' | 'state' | 'shows'> & { readonly applied: string }
  readonly attempted: string
  readonly conditions: readonly Modern[]
  readonly since: Date
}

function doneBy(source: Source, outcome: Outcome): Done {
  const wanted = source.revision ?? earlier
  const undated = { applied: earlier, appliedAt: null, attempted: wanted }
  switch (outcome.is) {
    case 'applied': {
      const [applied, at] = [outcome.revision ?? wanted, outcome.at ?? source.revisionAt]
      const told = { applied, appliedAt: at, ready: 'True', state: 'Healthy', shows: [] } as const
      const ready = modern('Ready', true, 'ReconciliationSucceeded', `Applied revision: ${applied}`)
      return { told, attempted: applied, conditions: [ready], since: at }
    }
    case 'failing': {
      const told = { ...undated, ready: 'False', state: 'Degraded', shows: ['applyFailed'] } as const
      const ready = modern('Ready', false, 'ReconciliationFailed', failure)
      return { told, attempted: wanted, conditions: [ready], since: source.revisionAt }
    }
    case 'atWork': {
      const told = { ...undated, ready: 'Unknown', state: 'Progressing', shows: [] } as const
      const message = `Running health checks for revision ${wanted} with a timeout of 4m30s`
      const conditions = [
        modern('Ready', null, 'Progressing', message),
        modern('Reconciling', true, 'Progressing', message),
      ]
      return { told, attempted: wanted, conditions, since: source.revisionAt }
    }
    case 'blocked': {
      const told = { ...undated, ready: 'False', state: 'Progressing', shows: ['blocked'] } as const
      const ready = modern('Ready', false, 'DependencyNotReady', `dependency '${outcome.by}' is not ready`)
      return { told, attempted: earlier, conditions: [ready], since: outcome.since }
    }
  }
}

/** The newest of what kustomize-controller keeps of its past. */
function historyOf(flux: FluxSite, { told }: Done): readonly object[] {
  const at = timeOf(told.appliedAt ?? flux.createdAt)
  return [
    {
      digest: flux.digest,
      firstReconciled: at,
      lastReconciled: at,
      lastReconciledDuration: '2.1s',
      lastReconciledStatus: 'ReconciliationSucceeded',
      metadata: { revision: told.applied },
      totalReconciliations: 1,
    },
  ]
}

const inventory = ['ingress_controller_apps_Deployment', 'ingress_controller__Service', '_ingress__Namespace'].map(
  (id) => ({ id, v: 'v1' }),
)
