import type { DriftCode } from '../../../fleet/drift/code.ts'
import { differencesOf, type Reconciler, type TrueDifference } from '../gitops/reconciler.ts'
import { isAks } from '../workload.ts'
import { infrastructureDrift } from './infrastructure.ts'
import { clusterRef, topologyDrift } from './topology.ts'
import { type Subject, versionDrift } from './version.ts'

/** How something differs from what was declared of it, and of which codes nobody can tell. */
export interface TrueDrift {
  /** In the order of code, object and field; empty where all is as it should be. */
  readonly drift: readonly TrueDifference[]
  /** Codes of which something is not looked at. */
  readonly gaps: readonly DriftCode[]
}

/** Everything that somebody should find who reads a declared cluster, and Azure where it has it. */
export function driftOf(
  subject: Subject,
  reconcilers: readonly Reconciler[],
  { asksAzure, claims }: { readonly asksAzure: boolean; readonly claims: number },
): TrueDrift {
  const { workload, resource } = subject
  const about = clusterRef(workload)
  const leaves = workload.stage === 'Deleting'
  const found: readonly TrueDifference[] = [
    ...reconcilers.flatMap(differencesOf),
    ...(workload.managedBy === null && workload.topologyClass === null
      ? [{ code: 'unmanagedByGit' as const, about }]
      : []),
    ...(claims > 1 ? [{ code: 'duplicateManaged' as const, about }] : []),
    // What a cluster on its way out was declared to be, it is not to be any more.
    ...(leaves
      ? workload.strays.map((name) => ({
          code: 'orphanMachine' as const,
          about: { kind: 'Machine', namespace: workload.namespace, name },
        }))
      : [
          ...(asksAzure && isAks(workload) && resource === null ? [{ code: 'aksMissing' as const, about }] : []),
          ...versionDrift(subject),
          ...topologyDrift(subject),
          ...infrastructureDrift(subject),
        ]),
  ]
  return { drift: inOrder(found), gaps: gapsOf(reconcilers) }
}

export const gapsOf = (reconcilers: readonly Reconciler[]): readonly DriftCode[] =>
  [...new Set(reconcilers.flatMap(({ gaps }) => gaps))].sort()

/** Each once: several objects may show the same. */
export function inOrder(found: readonly TrueDifference[]): readonly TrueDifference[] {
  const keyed = found.map(({ code, about, field = '' }) => {
    const { kind, namespace, name } = about ?? { kind: '', namespace: '', name: '' }
    const told = { code, about: about === null ? null : { kind, namespace, name }, ...(field === '' ? {} : { field }) }
    return [[code, kind, namespace, name, field].join('\0'), told] as const
  })
  return [...new Map(keyed)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, told]) => told)
}
