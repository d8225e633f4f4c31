import type { ManagedBy } from '../gitops.ts'
import type { KubeObject } from '../kinds/kind.ts'
import type { ObjectRef } from '../reference.ts'
import { text } from '../wire.ts'

/** What Flux and its operator write on all that they apply: two labels of this prefix (FP `ssa/manager.go`, HC postrender; domain.md 2.5). */
const appliers = [
  { prefix: 'kustomize.toolkit.fluxcd.io', group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization' },
  { prefix: 'helm.toolkit.fluxcd.io', group: 'helm.toolkit.fluxcd.io', kind: 'HelmRelease' },
  { prefix: 'resourceset.fluxcd.controlplane.io', group: 'fluxcd.controlplane.io', kind: 'ResourceSet' },
] as const

const trackingAnnotation = 'argocd.argoproj.io/tracking-id'
const instanceLabel = 'app.kubernetes.io/instance'
const topologyOwned = 'topology.cluster.x-k8s.io/owned'

/**
 * What applied a Cluster object, by its labels, annotations and owners (domain.md 4.1, `unmanagedByGit`). Flux says so in full;
 * Argo CD names the Application, whose namespace is told only where it is not Argo CD's own. `app.kubernetes.io/instance` alone is a
 * hint, since Helm writes it too: it stands last, and counts only where there is an Application of that name.
 */
export function managedByOf(object: KubeObject): ManagedBy | undefined {
  return fluxOf(object) ?? argoOf(object) ?? topologyOf(object) ?? hintOf(object)
}

function fluxOf({ labels }: KubeObject): ManagedBy | undefined {
  for (const { prefix, group, kind } of appliers) {
    const name = text(labels[`${prefix}/name`])
    const namespace = text(labels[`${prefix}/namespace`])
    if (name === undefined || namespace === undefined) continue
    return { tool: 'flux', ref: { group, kind, namespace, name }, name }
  }
  return undefined
}

/** `app:group/kind:namespace/name`. Argo CD itself passes over one that speaks of another object, which was only copied. */
function argoOf({ ref, annotations }: KubeObject): ManagedBy | undefined {
  const tracked = text(annotations[trackingAnnotation])
  const colon = tracked?.indexOf(':') ?? -1
  if (tracked === undefined || colon <= 0) return undefined
  if (tracked.slice(colon + 1) !== `${ref.group}/${ref.kind}:${ref.namespace}/${ref.name}`) return undefined
  return applicationOf(tracked.slice(0, colon))
}

const applicationKind = { group: 'argoproj.io', kind: 'Application' } as const

/** `name`, or `namespace_name` where the Application is not in Argo CD's own namespace: no name holds an underscore. */
function applicationOf(instance: string): ManagedBy {
  const underscore = instance.indexOf('_')
  if (underscore <= 0 || underscore === instance.length - 1) return { tool: 'argocd', ref: null, name: instance }
  const name = instance.slice(underscore + 1)
  return { tool: 'argocd', ref: { ...applicationKind, namespace: instance.slice(0, underscore), name }, name }
}

/** A cluster that another cluster's topology made. */
function topologyOf({ ref, labels, owners }: KubeObject): ManagedBy | undefined {
  const owner = owners.find(({ ref: of }) => of.group === 'cluster.x-k8s.io' && of.kind === 'Cluster')?.ref
  if (owner !== undefined) return { tool: 'topology', ref: owner, name: owner.name }
  return topologyOwned in labels ? { tool: 'topology', ref: null, name: ref.name } : undefined
}

function hintOf({ labels }: KubeObject): ManagedBy | undefined {
  const instance = text(labels[instanceLabel])
  return instance === undefined
    ? undefined
    : { tool: 'argocd', ref: null, name: applicationOf(instance).name, hint: true }
}

/** Where Argo CD is installed by its own manifests. */
const argoNamespace = 'argocd'

/**
 * The objects by which to tell more of what applied a Cluster: it, and where Argo CD names an Application without its namespace, the
 * one that is in Argo CD's usual namespace.
 */
export function managersOf(managedBy: ManagedBy | undefined): readonly ObjectRef[] {
  if (managedBy === undefined) return []
  if (managedBy.ref !== null) return [managedBy.ref]
  if (managedBy.tool !== 'argocd') return []
  return [{ ...applicationKind, namespace: argoNamespace, name: managedBy.name }]
}
