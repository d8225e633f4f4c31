import {
  differencesOf,
  differencesOfSource,
  type Named,
  nameOf,
  type Reconciler,
  type Suspension,
  type TrueDifference,
} from '../gitops/reconciler.ts'
import type { GitOpsScene } from '../gitops/scene.ts'
import { providersOf, type TrueProvider } from '../provider.ts'
import type { Site } from '../site.ts'
import { type TrueReconciler, truthOfReconciler } from './reconciler.ts'
import { gapsOf, inOrder, type TrueDrift } from './truth.ts'

/** What a reader of the fleet should find out about one management cluster. */
export interface TrueManagement extends TrueDrift {
  readonly source: string
  /** What acts on it, or on a cluster that nobody knows. */
  readonly reconcilers: readonly TrueReconciler[]
  readonly providers: readonly TrueProvider[]
  /** Reconcilers and sources that are switched off, wherever they act. */
  readonly suspended: readonly TruePause[]
}

/** An object that somebody switched off. */
export interface TruePause extends Named {
  readonly field: string
  readonly since: Date
  /** The field manager that did it; null: nobody remembers. */
  readonly actor: string | null
}

/** Objects of Clusters that are gone without them. */
export interface Remains {
  readonly machines: readonly Named[]
  readonly infrastructure: readonly Named[]
}

export function managementTruthOf(
  site: Site,
  { reconcilers, sources }: GitOpsScene,
  remains: Remains,
  vanished: readonly Named[],
): TrueManagement {
  const own = reconcilers.filter(({ target }) => target === null)
  const found: readonly TrueDifference[] = [
    ...own.flatMap((one) => [...differencesOf(one), ...strangerOf(one)]),
    // Sources of the management cluster that fail or are switched off concern it, whoever applies from them.
    ...sources.flatMap(differencesOfSource),
    ...remains.machines.map((about) => ({ code: 'orphanMachine' as const, about })),
    ...remains.infrastructure.map((about) => ({ code: 'orphanInfra' as const, about })),
    ...vanished.map((about) => ({ code: 'goneSinceLastPoll' as const, about })),
  ]
  const switchedOff = [...reconcilers, ...sources].flatMap((one) =>
    one.suspension === null ? [] : [pauseOf(one, one.suspension)],
  )
  return {
    source: site.name,
    drift: inOrder(found),
    gaps: gapsOf(own),
    reconcilers: own.map(truthOfReconciler),
    providers: providersOf(site),
    suspended: switchedOff,
  }
}

const pauseOf = (of: Named, { since, by }: Suspension): TruePause => ({
  ...nameOf(of),
  ...{ field: 'spec.suspend', since, actor: by },
})

/** It acts on a cluster that nobody knows. */
function strangerOf(reconciler: Reconciler): readonly TrueDifference[] {
  if (!reconciler.astray) return []
  const code = reconciler.tool === 'argocd' ? ('argoClusterUnmatched' as const) : ('externalReconciler' as const)
  return [{ code, about: nameOf(reconciler) }]
}
