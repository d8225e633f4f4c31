import type { OwnDifference } from '../drift/difference.ts'
import type { GitOps } from '../gitops.ts'
import type { Kind, KindReading, KubeObject } from '../kinds/kind.ts'
import { placeOf } from '../message.ts'
import type { ClusterName, Facts } from '../observation.ts'
import { defined, text } from '../wire.ts'
import { type CapiKind, readCapi } from './capi.ts'
import { suspendedDrift } from './flux-gitops.ts'
import { ownPauseOf } from './pause.ts'
import { repositoryOf } from './repository.ts'

/** A kind of the Helm add-on provider: it follows Cluster API's contract, with metav1 conditions at v1alpha1 (domain.md 2.6). */
export function helmProxyKind(
  key: { readonly kind: string; readonly plural: string; readonly role: GitOps['role'] },
  kind: Omit<CapiKind, 'primary'>,
): Kind {
  const reader: CapiKind = { primary: 'Ready', ...kind }
  return {
    group: 'addons.cluster.x-k8s.io',
    kind: key.kind,
    reach: { by: 'kube', plural: key.plural, versions: ['v1alpha1'] },
    part: 'gitops',
    normalise: (object) => withGitOps(object, key.role, readCapi(object, reader)),
  }
}

function withGitOps(object: KubeObject, role: GitOps['role'], read: KindReading): KindReading {
  const { spec } = object
  const pause = ownPauseOf(object)
  const ready = read.conditions.find(({ type, legacy }) => type === 'Ready' && !legacy)
  const isSeen = ready !== undefined && (ready.observedGeneration ?? object.generation) === object.generation
  const drift = [pause && suspendedDrift(pause), role === 'reconciler' ? failedOf(read) : undefined].filter(
    (difference) => difference !== undefined,
  )
  const gitops: GitOps = {
    tool: 'caaph',
    role,
    suspended: pause !== undefined,
    ...defined({
      ready: isSeen ? ready.status : undefined,
      reason: isSeen ? (ready.reason ?? undefined) : undefined,
      chart: text(spec.chartName),
      repository: repositoryOf(spec.repoURL),
    }),
  }
  return { ...read, facts: { ...read.facts, gitops, ...(drift.length === 0 ? {} : { drift }) } }
}

/** The release failed, by the same test that makes the object unwell: waiting for its cluster and installing are no failures. */
function failedOf({ reading }: KindReading): OwnDifference | undefined {
  const [rung] = reading.rungs
  if (rung?.state !== 'Degraded' && rung?.state !== 'Failed') return undefined
  const { reason, message, since } = rung
  return {
    code: 'applyFailed',
    field: 'status.conditions[Ready]',
    expected: 'True',
    actual: 'False',
    ...(since == null ? {} : { since }),
    message: message === undefined || message === '' ? reason : `${reason}: ${message}`,
  }
}

/** The chart both kinds name, and where it goes. Never `values` or `valuesTemplate`: people put secrets there. */
export function chartFacts({ spec }: KubeObject): NonNullable<Facts['more']> {
  return defined({
    chart: text(spec.chartName),
    repository: placeOf(spec.repoURL),
    releaseName: text(spec.releaseName),
    releaseNamespace: text(spec.namespace),
    reconcileStrategy: text(spec.reconcileStrategy),
  })
}

/** A reference to a Cluster, in the referrer's namespace unless it says otherwise. */
export function clusterOf(namespace: string, ref: Readonly<Record<string, unknown>>): ClusterName | undefined {
  const name = text(ref.name)
  return name === undefined ? undefined : { namespace: text(ref.namespace) ?? namespace, name }
}
