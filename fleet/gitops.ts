import type { ConditionStatus } from './observation.ts'
import type { ObjectRef } from './reference.ts'

// What objects of GitOps tools say, and how reconciling is switched off.

/** `declared`: a kind that the fleet file declares to be of a GitOps tool. */
export const gitopsTools = ['flux', 'argocd', 'tofu', 'caaph', 'declared'] as const
export type GitopsTool = (typeof gitopsTools)[number]

/** An object of a GitOps tool, in neutral words. */
export interface GitOps {
  readonly tool: GitopsTool
  /** Whether it applies something to a cluster, or only offers what others apply. */
  readonly role: 'reconciler' | 'source'
  /** Whether its last reconcile did what it should; absent: not reported. */
  readonly ready?: ConditionStatus
  readonly reason?: string
  readonly suspended: boolean
  /** How often it looks, in ms. */
  readonly intervalMs?: number
  /** RFC 3339; when what is applied was applied, where the object dates it; of a source, when its revision was first fetched. */
  readonly revisionAt?: string
  /** The chart's name, where it installs one. */
  readonly chart?: string
  /** Host and path of the repository, without credentials. */
  readonly repository?: string
  readonly path?: string
  /** What it waits for. */
  readonly dependsOn?: readonly ObjectRef[]
}

/**
 * A cluster as a GitOps tool calls it: the API server's `host:port`, Argo CD's name for it, or the Secret or ConfigMap
 * (`namespace/name`) with its address.
 */
export interface Destination {
  readonly by: 'server' | 'name' | 'secret' | 'configMap'
  readonly value: string
}

/** What applied an object: a Kustomization, HelmRelease or ResourceSet of Flux, an Argo CD Application by name, or its ClusterClass's topology. */
export interface ManagedBy {
  readonly tool: GitopsTool | 'topology'
  /** Null where only a name is told. */
  readonly ref: ObjectRef | null
  readonly name: string
  /** True: only a name that others write too says so, and it counts where an Application of that name is there. */
  readonly hint?: true
}

/** Reconciling switched off: Flux, Cluster API, Azure Service Operator, Argo CD. */
export interface Pause {
  /** Where it is written: `spec.suspend`, `spec.paused`, `metadata.annotations[cluster.x-k8s.io/paused]`. */
  readonly field: string
  /** RFC 3339; when that field was last written, by the object's managers. */
  readonly since?: string
  /** The field manager that wrote it (`kubectl`, `kustomize-controller`, `flux`). */
  readonly actor?: string
  /** What the object says of why. */
  readonly reason?: string
}
