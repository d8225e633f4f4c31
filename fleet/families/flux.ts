import { readConditions } from '../condition.ts'
import type { Flag, Reading, Rung } from '../health.ts'
import type { KindReading, KubeObject } from '../kinds/kind.ts'
import { has, hasFresh, isFresh, type Row, readingOf, rungOf, type View, viewOf } from '../ladder.ts'
import type { ClusterName, Facts } from '../observation.ts'
import type { ObjectRef } from '../reference.ts'
import { list, record, text } from '../wire.ts'
import { isClusterKubeconfig, kubeconfigSuffix } from './destination.ts'
import { type FluxGitOps, gitopsFacts } from './flux-gitops.ts'
import { operatorAnnotation } from './pause.ts'
import { isWaitReason } from './reason.ts'

/** How one kind of the Flux family differs from the others. */
export interface FluxKind {
  readonly facts: (object: KubeObject) => Facts
  readonly problems?: (view: View) => readonly (Rung | undefined)[]
  readonly changes?: (view: View) => readonly (Rung | undefined)[]
  readonly flags?: (view: View) => readonly Flag[]
  /** The answer where no Ready is reported. */
  readonly rest?: (view: View) => Rung | undefined
  /** What it is to GitOps; absent: nothing. */
  readonly gitops?: FluxGitOps
  /** One sentence on what of its spec cannot be read. */
  readonly trouble?: (object: KubeObject) => string | undefined
}

/** Reads an object of Flux, flux-operator or tofu-controller (domain.md 3.4, row "Flux"). */
export function readFlux(object: KubeObject, kind: FluxKind): KindReading {
  const sets = readConditions(object)
  const view = viewOf(object, sets, 'Ready')
  const facts = kind.facts(object)
  const trouble = kind.trouble?.(object)
  return {
    reading: readingOf(view, fluxRow(view, kind)),
    conditions: sets.shown,
    facts: kind.gitops ? { ...facts, ...gitopsFacts(view, facts, kind.gitops) } : facts,
    observedGeneration: view.observed,
    rejected: trouble === undefined ? sets.rejected : [...sets.rejected, trouble],
    ...(facts.actsOn ? { owner: facts.actsOn } : undefined),
  }
}

function fluxRow(view: View, kind: FluxKind): Row {
  const { primary } = view
  const stalled = hasFresh(view, 'Stalled', 'True')
  const unmet = primary?.status === 'False' && isFresh(view, primary) ? primary : undefined
  const waits = unmet !== undefined && isWaitReason(unmet.reason)
  const unhealthy = primary?.status === 'Unknown' ? undefined : hasFresh(view, 'Healthy', 'False')
  return {
    suspended: suspensionOf(view.object),
    terminal: stalled && rungOf('Failed', stalled),
    problems: [
      ...(kind.problems?.(view) ?? []),
      unmet && !waits ? rungOf('Degraded', unmet) : undefined,
      unhealthy && rungOf('Degraded', unhealthy),
    ],
    changes: [...(kind.changes?.(view) ?? []), atWork(view), unmet && waits ? rungOf('Progressing', unmet) : undefined],
    rest: primary ? undefined : kind.rest?.(view),
    flags: kind.flags?.(view) ?? [],
  }
}

/**
 * Ready=Unknown is work only when something says so; older releases and tofu set the reason but no Reconciling. Reconciling
 * alone, before the first Ready, says so too.
 */
function atWork(view: View): Rung | undefined {
  const { primary } = view
  const reconciling = has(view, 'Reconciling', 'True')
  if (!primary) return reconciling && rungOf('Progressing', reconciling)
  if (primary.status !== 'Unknown') return undefined
  return reconciling || primary.reason === 'Progressing' ? rungOf('Progressing', primary) : undefined
}

function suspensionOf({ ref, spec, annotations }: KubeObject): Reading['suspended'] {
  if (spec.suspend === true) return { reason: 'Suspended', message: 'spec.suspend is true', since: null }
  if (ref.group !== 'fluxcd.controlplane.io' || annotations[operatorAnnotation] !== 'disabled') return undefined
  return { reason: 'Suspended', message: `annotation ${operatorAnnotation} is disabled`, since: null }
}

/**
 * The workload cluster a reconciler acts on: Cluster API names a cluster's kubeconfig Secret after it, and Flux wants the
 * Secret in its own namespace (domain.md 2.5). Nothing when it acts on the management cluster, or names the cluster otherwise.
 */
export function actsOnOf({ ref, spec }: KubeObject): ClusterName | undefined {
  const secret = text(record(record(spec.kubeConfig).secretRef).name)
  if (secret === undefined || !isClusterKubeconfig(secret)) return undefined
  return { namespace: ref.namespace, name: secret.slice(0, -kubeconfigSuffix.length) }
}

/**
 * What a reconciler reaches another cluster by, as `Secret/prod-kubeconfig` or `ConfigMap/prod`: where `actsOnOf` knows no cluster by
 * it, the operator may. A ConfigMap stands for a kubeconfig without secrets (domain.md 2.5). Absent: it acts where it runs.
 */
export function kubeConfigOf({ spec }: KubeObject): string | undefined {
  const { secretRef, configMapRef } = record(spec.kubeConfig)
  const secret = text(record(secretRef).name)
  const configMap = text(record(configMapRef).name)
  if (secret !== undefined) return `Secret/${secret}`
  return configMap === undefined ? undefined : `ConfigMap/${configMap}`
}

/** The object a `sourceRef` names: in its own namespace by default, and of Flux's source group unless it says otherwise. */
export function sourceOf(object: KubeObject, value: unknown): ObjectRef | undefined {
  const { kind, name, namespace, apiVersion } = record(value)
  const named = text(name)
  const of = text(kind)
  if (named === undefined || of === undefined) return undefined
  const version = text(apiVersion)
  const slash = version?.lastIndexOf('/') ?? -1
  return {
    group: version !== undefined && slash > 0 ? version.slice(0, slash) : 'source.toolkit.fluxcd.io',
    kind: of,
    namespace: text(namespace) ?? object.ref.namespace,
    name: named,
  }
}

/** What `dependsOn` names: of the object's own kind and namespace unless it says otherwise. Absent: it waits for nothing. */
export function dependsOnOf({ ref, spec }: KubeObject): readonly ObjectRef[] | undefined {
  const found = list(spec.dependsOn).flatMap((item): readonly ObjectRef[] => {
    const { apiVersion, kind, name, namespace } = record(item)
    const named = text(name)
    if (named === undefined) return []
    const version = text(apiVersion)
    return [
      {
        group: version === undefined ? ref.group : version.slice(0, Math.max(0, version.lastIndexOf('/'))),
        kind: text(kind) ?? ref.kind,
        namespace: text(namespace) ?? ref.namespace,
        name: named,
      },
    ]
  })
  return found.length === 0 ? undefined : found
}
