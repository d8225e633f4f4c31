import type { GitopsTool } from '../../fleet/gitops.ts'
import type { Condition, ConditionStatus } from '../../fleet/observation.ts'
import type { Freshness, HealthView } from './freshness.ts'
import type { Cluster, PauseView, Resource, Source } from './noun.ts'
import type { Drift } from './verdict-noun.ts'

/** An object that applies something from Git, as it is read. */
export interface GitOpsObject {
  readonly id: string
  readonly tool: GitopsTool
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly app: string
  readonly source: Source
  /** Null: it acts on the management cluster itself, or on nothing that is known. */
  readonly cluster: Cluster | null
  readonly resource: Resource
  readonly ready: ConditionStatus | null
  readonly reason: string | null
  readonly message: string | null
  readonly suspended: boolean
  readonly pause: PauseView | null
  readonly expectedRevision: string | null
  readonly expectedAt: string | null
  readonly attemptedRevision: string | null
  readonly appliedRevision: string | null
  readonly appliedAt: string | null
  readonly behind: boolean | null
  /** By the reader's clock: 0 of what is not behind; null when not known. */
  readonly lagSeconds: number | null
  /** Seconds. */
  readonly interval: number | null
  readonly repository: string | null
  readonly path: string | null
  readonly chart: string | null
  readonly version: string | null
  readonly appliesFrom: Resource | null
  readonly health: HealthView
  readonly freshness: Freshness
  readonly conditions: readonly Condition[]
  readonly drift: readonly Drift[]
}
