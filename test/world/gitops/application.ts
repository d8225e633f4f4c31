import { hash } from 'node:crypto'
import { timeOf } from '../api/write.ts'
import { addressOf } from '../capi-cluster.ts'
import type { Draft } from '../draft.ts'
import type { Workload } from '../workload.ts'
import { daysBefore, type FluxSite, hoursBefore } from './flux-site.ts'
import type { Reconciler } from './reconciler.ts'

const group = 'argoproj.io'

/** Where an Application acts, and how it says so. */
type Destination =
  | { readonly workload: Workload; readonly by: 'server' | 'name'; readonly known: boolean }
  | { readonly by: 'home' }
  /** A cluster that nobody knows. */
  | { readonly by: 'elsewhere'; readonly server: string }

export interface ApplicationModel {
  readonly name: string
  readonly app: string
  readonly destination: Destination
  readonly is?: 'synced' | 'outOfSync' | 'unknown' | 'degraded'
  /** False: somebody has to sync it. */
  readonly automated?: boolean
  /** A chart and the values for it, from two repositories. */
  readonly severalSources?: boolean
}

/** An Argo CD Application, as its controller leaves it. */
export function application(flux: FluxSite, model: ApplicationModel): Reconciler {
  const { name, app, destination, is = 'synced', automated = true, severalSources = false } = model
  const revision = hash('sha1', `${flux.name} ${app}`, 'hex')
  const revisions = severalSources ? ['2.11.0', revision] : [revision]
  const chart = severalSources ? app : null
  const syncedAt = daysBefore(flux.begun, 4)
  return {
    ...{ tool: 'argocd', kind: 'Application', namespace: 'argocd', name, app, chart, source: null, suspension: null },
    target: 'workload' in destination && destination.known ? destination.workload : null,
    astray: 'workload' in destination ? !destination.known : destination.by === 'elsewhere',
    applied: revisions.join(' '),
    appliedAt: syncedAt,
    ready: is === 'outOfSync' ? 'False' : is === 'unknown' ? 'Unknown' : 'True',
    suspended: !automated,
    state: is === 'unknown' || is === 'degraded' ? 'Degraded' : 'Healthy',
    shows: is === 'outOfSync' ? ['outOfSync'] : [],
    gaps: is === 'unknown' ? ['syncUnknown'] : [],
    draft: {
      group,
      kind: 'Application',
      namespace: 'argocd',
      name,
      labels: { 'app.kubernetes.io/name': app },
      finalizers: ['resources-finalizer.argocd.argoproj.io'],
      createdAt: flux.createdAt,
      since: syncedAt,
      spec: {
        project: 'default',
        destination: destinationOf(destination, app),
        ...sourcesOf(app, severalSources),
        syncPolicy: {
          ...(automated ? { automated: { prune: true, selfHeal: is !== 'outOfSync' } } : {}),
          syncOptions: ['CreateNamespace=true'],
        },
      },
      status: statusOf(flux, { is, app, revisions, syncedAt }),
    },
  }
}

function destinationOf(destination: Destination, namespace: string): object {
  switch (destination.by) {
    case 'home':
      return { server: 'https://kubernetes.default.svc', namespace }
    case 'elsewhere':
      return { server: destination.server, namespace }
    case 'name':
      return { name: argoNameOf(destination.workload), namespace }
    case 'server':
      return { server: `https://${addressOf(destination.workload)}`, namespace }
  }
}

/** What Argo CD calls a cluster that it was told of by hand. */
export const argoNameOf = ({ name }: Workload): string => `capi-${name}`

const sourcesOf = (app: string, several: boolean): object =>
  several
    ? {
        sources: [
          { repoURL: 'https://charts.example/stable', chart: app, targetRevision: '2.11.0' },
          { repoURL: 'https://git.example/platform/values.git', ref: 'values', targetRevision: 'main' },
        ],
      }
    : { source: { repoURL: 'https://git.example/platform/apps.git', path: app, targetRevision: 'main' } }

interface Compared {
  readonly is: NonNullable<ApplicationModel['is']>
  readonly app: string
  readonly revisions: readonly string[]
  readonly syncedAt: Date
}

function statusOf(flux: FluxSite, { is, app, revisions, syncedAt }: Compared): Readonly<Record<string, unknown>> {
  const one = revisions.length === 1 ? { revision: revisions[0] } : { revisions }
  const at = timeOf(syncedAt)
  const resource = (kind: string, of: string, outside: boolean) => ({
    ...(of === '' ? {} : { group: of }),
    version: 'v1',
    kind,
    namespace: app,
    name: app,
    status: outside ? 'OutOfSync' : 'Synced',
    health: { status: 'Healthy' },
  })
  return {
    ...(is === 'unknown'
      ? {
          conditions: [
            {
              type: 'ComparisonError',
              message: 'failed to load target state: failed to generate manifest: repository not accessible',
              lastTransitionTime: timeOf(hoursBefore(flux.begun, 6)),
            },
          ],
        }
      : {}),
    controllerNamespace: 'argocd',
    health: {
      status: is === 'degraded' ? 'Degraded' : 'Healthy',
      lastTransitionTime: timeOf(is === 'degraded' ? hoursBefore(flux.begun, 2) : syncedAt),
    },
    history: [
      {
        id: 1,
        deployStartedAt: at,
        deployedAt: at,
        ...one,
        source: { repoURL: 'https://git.example/platform/apps.git' },
      },
    ],
    operationState: {
      operation: { sync: one },
      phase: 'Succeeded',
      message: 'successfully synced (all tasks run)',
      startedAt: at,
      finishedAt: at,
      // Of several sources the one revision is empty.
      syncResult: { revision: '', ...one, source: { repoURL: 'https://git.example/platform/apps.git' } },
    },
    reconciledAt: timeOf(hoursBefore(flux.begun, 1)),
    resources: [resource('Deployment', 'apps', is === 'outOfSync'), resource('Service', '', false)],
    sync: { status: is === 'outOfSync' ? 'OutOfSync' : is === 'unknown' ? 'Unknown' : 'Synced', ...one },
  }
}

/** What makes one Application of each cluster. */
export function applicationSet(flux: FluxSite, name: string): Draft {
  const condition = (type: string, status: 'True' | 'False', reason: string) => ({
    type,
    status,
    reason,
    message: 'Successfully generated parameters for all Applications',
    lastTransitionTime: timeOf(flux.createdAt),
  })
  return {
    group,
    kind: 'ApplicationSet',
    namespace: 'argocd',
    name,
    createdAt: flux.createdAt,
    since: flux.createdAt,
    spec: {
      generators: [{ clusters: {} }],
      template: {
        metadata: { name: `{{name}}-${name}` },
        spec: {
          project: 'default',
          destination: { server: '{{server}}', namespace: name },
          source: { repoURL: 'https://git.example/platform/apps.git', path: name, targetRevision: 'main' },
        },
      },
    },
    status: {
      conditions: [
        condition('ErrorOccurred', 'False', 'ApplicationSetUpToDate'),
        condition('ParametersGenerated', 'True', 'ParametersGenerated'),
        condition('ResourcesUpToDate', 'True', 'ApplicationSetUpToDate'),
      ],
    },
  }
}
