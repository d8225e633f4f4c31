import type { Conventions } from '../../fleet/convention.ts'
import type { Kind } from '../../fleet/kinds/kind.ts'
import type { ClusterName } from '../../fleet/observation.ts'
import type { KindKey } from '../../fleet/reference.ts'

export type { Conventions }

/** What one transaction of `settle` works on. */
export interface Round {
  readonly source: string
  readonly now: Date
  readonly kinds: (key: KindKey) => Kind
  readonly conventions?: Conventions
}

/** A cluster to compose again. */
export interface Taken {
  readonly id: string
  readonly name: ClusterName
}
