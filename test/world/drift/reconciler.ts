import { expectedOf, isBehind, type Named, nameOf, type Reconciler } from '../gitops/reconciler.ts'

/** What a reader of the fleet should find out about one reconciler. */
export interface TrueReconciler extends Named {
  readonly tool: Reconciler['tool']
  readonly app: string
  readonly ready: Reconciler['ready']
  readonly suspended: boolean
  /** What its source offers, or what it is told to run, and since when; null: nobody tells. */
  readonly expected: string | null
  readonly expectedAt: Date | null
  readonly applied: string | null
  readonly appliedAt: Date | null
  /** Null: cannot be told. */
  readonly behind: boolean | null
  readonly chart: string | null
}

export const truthOfReconciler = (reconciler: Reconciler): TrueReconciler => {
  const { tool, app, ready, suspended, source, applied, appliedAt, chart } = reconciler
  return {
    ...nameOf(reconciler),
    ...{ tool, app, ready, suspended, applied, appliedAt, chart },
    expected: expectedOf(reconciler),
    expectedAt: source?.revisionAt ?? null,
    behind: isBehind(reconciler),
  }
}
