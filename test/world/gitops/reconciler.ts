import type { DriftCode } from '../../../fleet/drift/code.ts'
import type { Draft, Touch } from '../draft.ts'
import type { Workload } from '../workload.ts'

// What objects of GitOps tools are, besides what they say: their drafts and their truth come from the same few facts.

export interface Named {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** A difference that somebody should find. */
export interface TrueDifference {
  readonly code: DriftCode
  /** Null: the cluster as a whole. */
  readonly about: Named | null
  /** Only where it tells differences of one code and object apart. */
  readonly field?: string
}

/** Switched off, since when and by which field manager; null: nobody remembers. */
export interface Suspension {
  readonly since: Date
  readonly by: string | null
}

export const suspendedBy = (suspension: Suspension | null): { readonly touched?: readonly Touch[] } =>
  suspension === null ? {} : { touched: [{ path: ['spec', 'suspend'], manager: suspension.by, at: suspension.since }] }

/** What reconcilers apply from. */
export interface Source extends Named {
  /** What it offers; null: nothing. */
  readonly revision: string | null
  /** When it got that. */
  readonly revisionAt: Date
  /** What it is made from: of a chart, its repository. */
  readonly from: Source | null
  readonly suspension: Suspension | null
  /** It cannot be fetched any more: what it offers is out of date. */
  readonly failing: boolean
  readonly draft: Draft
}

export interface Reconciler extends Named {
  readonly tool: 'flux' | 'argocd' | 'tofu' | 'caaph'
  /** What it applies, called the same on every cluster. */
  readonly app: string
  /** The workload cluster that it acts on; null: the management cluster, or one that nobody knows. */
  readonly target: Workload | null
  /** It acts on a cluster that nobody knows. */
  readonly astray: boolean
  readonly source: Source | null
  /** What it is told to run, where it applies from no object. */
  readonly wanted?: string
  readonly applied: string | null
  /** When that was applied; null: the object does not date it. */
  readonly appliedAt: Date | null
  readonly ready: 'True' | 'False' | 'Unknown'
  /** Switched off; of Argo CD: nothing is synced by itself, and nobody is on record. */
  readonly suspended: boolean
  readonly suspension: Suspension | null
  /** What it adds to the state of GitOps on its cluster. */
  readonly state: 'Healthy' | 'Progressing' | 'Degraded'
  readonly chart: string | null
  /** Codes that it shows by itself, but for `suspended`. */
  readonly shows: readonly DriftCode[]
  /** Codes that it does not look at. */
  readonly gaps: readonly DriftCode[]
  readonly draft: Draft
}

export const nameOf = ({ kind, namespace, name }: Named): Named => ({ kind, namespace, name })

/** Whether its source offers another revision than it applied; null: cannot be told. */
export function isBehind(reconciler: Reconciler): boolean | null {
  const { tool, applied, shows, gaps } = reconciler
  if (tool === 'argocd') return gaps.includes('syncUnknown') ? null : shows.includes('outOfSync')
  const expected = expectedOf(reconciler)
  return expected === null || applied === null ? null : expected !== applied
}

/** What its source offers, else what it is told to run. */
export const expectedOf = ({ source, wanted }: Reconciler): string | null => source?.revision ?? wanted ?? null

/** Everything that is wrong with a reconciler and with what it applies from. */
export function differencesOf(reconciler: Reconciler): readonly TrueDifference[] {
  const about = nameOf(reconciler)
  const own = reconciler.shows.map((code) => ({ code, about }))
  return [
    ...own,
    ...(reconciler.suspended ? [{ code: 'suspended' as const, about }] : []),
    ...(reconciler.tool !== 'argocd' && isBehind(reconciler) ? [{ code: 'behindSource' as const, about }] : []),
    ...differencesOfSource(reconciler.source),
  ]
}

export function differencesOfSource(source: Source | null): readonly TrueDifference[] {
  if (source === null) return []
  const about = nameOf(source)
  return [
    ...(source.failing ? [{ code: 'sourceFailing' as const, about }] : []),
    ...(source.suspension === null ? [] : [{ code: 'suspended' as const, about }]),
    ...differencesOfSource(source.from),
  ]
}
