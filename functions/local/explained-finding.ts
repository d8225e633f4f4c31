import { type Dimension, type DriftCode, driftCodes } from '../../fleet/drift/code.ts'
import type { Difference, Drift, OwnDifference } from '../../fleet/drift/difference.ts'
import type { Observation } from '../../fleet/observation.ts'
import type { Severity } from '../../fleet/policy/policy.ts'
import { type ObjectRef, shortNameOf } from '../../fleet/reference.ts'

/** A difference as `explain` prints it: what a rule of type `drift` would find with its defaults, grace apart. */
interface ExplainedFinding {
  readonly code: DriftCode
  readonly dimension: Dimension
  readonly severity: Severity
  /** UNKNOWN: nobody looks, so that there is neither a field nor a value. */
  readonly outcome: 'FAIL' | 'UNKNOWN'
  /** Of a cluster's finding: the object it is about; null: the cluster as a whole. */
  readonly about?: Pick<ObjectRef, 'kind' | 'namespace' | 'name'> | null
  readonly field: string | null
  readonly expected: string | null
  readonly actual: string | null
  /** RFC 3339; null where nothing dates it. */
  readonly since: string | null
  readonly message: string
}

/** All that is composed together in which an object has a part. */
type Together =
  /** Findings of the whole cluster stand at the object. */
  | { readonly of: 'cluster'; readonly drift: Drift }
  /** Those of the management cluster stand each at the object that they are about. */
  | { readonly of: 'source'; readonly drift: Drift }

/** What is found in one object: by itself, and together with the others that it is explained with. */
export function findingsOf({ id, facts }: Observation, together: Together | null): readonly ExplainedFinding[] {
  const { drift = [], unlooked = [] } = facts
  const about = together?.drift.differences.filter((difference) => difference.about?.id === id) ?? []
  const told = (own: OwnDifference) => about.some(({ code, field }) => code === own.code && field === own.field)
  // What objects of GitOps tools show by themselves is composed whole.
  const alone = together?.of === 'source' ? [] : drift.filter((own) => !told(own))
  return [
    ...alone.map((own) => violated(own, own.message ?? driftCodes[own.code].meaning)),
    ...(together?.of === 'source' ? about.map(({ message, ...difference }) => violated(difference, message)) : []),
    ...unlooked.map(({ code, why }) => unknown(code, why)),
    ...(together?.of === 'cluster' ? clusterFindings(together.drift) : []),
  ]
}

/** How a cluster differs from what was declared of it, by all that is explained together. */
function clusterFindings({ differences, gaps }: Drift): readonly ExplainedFinding[] {
  return [
    ...differences.map(({ about, message, ...difference }) => ({
      ...violated(difference, message),
      about: about && { kind: about.ref.kind, namespace: about.ref.namespace, name: shortNameOf(about.ref) },
    })),
    ...gaps.map(({ code, message }) => ({ ...unknown(code, message), about: null })),
  ]
}

function violated(
  difference: Omit<OwnDifference, 'message'> & Pick<Difference, 'severity'>,
  message: string,
): ExplainedFinding {
  const { code, field, expected, actual, since } = difference
  const { dimension, severity } = driftCodes[code]
  return {
    ...{ code, dimension, severity: difference.severity ?? severity, outcome: 'FAIL' },
    ...{ field, expected, actual, since: since ?? null, message },
  }
}

function unknown(code: DriftCode, message: string): ExplainedFinding {
  const { dimension, severity } = driftCodes[code]
  const nothing = { field: null, expected: null, actual: null, since: null }
  return { code, dimension, severity, outcome: 'UNKNOWN', ...nothing, message }
}
