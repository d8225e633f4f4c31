import { readConditions } from '../condition.ts'
import type { Rung } from '../health.ts'
import type { Kind, KindReading, KubeObject, Part } from '../kinds/kind.ts'
import { readingOf, viewOf } from '../ladder.ts'
import type { Facts } from '../observation.ts'
import { isRecord, list, record, text } from '../wire.ts'
import { pauseOf } from './capi.ts'
import { withOrigin } from './topology.ts'

/** A child in `status.resources` of a CAPZ object that drives Azure Service Operator. */
type Child = NonNullable<Facts['children']>[number]

function childrenOf({ status }: KubeObject): readonly Child[] | undefined {
  if (status.resources === undefined) return undefined
  const children: Child[] = []
  for (const item of list(status.resources)) {
    if (!isRecord(item)) continue
    const { group, kind, name } = record(item.resource)
    const child = {
      group: text(group) ?? '',
      kind: text(kind) ?? '',
      name: text(name) ?? '',
      ready: item.ready === true,
    }
    if (child.kind !== '' && child.name !== '') children.push(child)
  }
  return children
}

/**
 * Reads AzureASOManaged*: no conditions, only `status.ready` and the list of its children (domain.md 2.2). That a child is
 * Degraded or Failed, or that the Cluster is paused, only `composeCluster` can see; alone, "not ready" is a change.
 */
function readCapzAso(object: KubeObject, facts: Facts): KindReading {
  const sets = readConditions(object)
  const view = viewOf(object, sets, [])
  const children = childrenOf(object)
  const reading = readingOf(view, {
    suspended: pauseOf(view),
    problems: [],
    changes: [unready(object, children)],
    rest: object.status.ready === true ? { state: 'Healthy', reason: 'Ready' } : undefined,
  })
  return { reading, conditions: sets.shown, facts: children ? { ...facts, children } : facts, rejected: sets.rejected }
}

function unready({ status }: KubeObject, children: readonly Child[] | undefined): Rung | undefined {
  const waitsFor = children?.find((child) => !child.ready)
  if (waitsFor)
    return { state: 'Progressing', reason: 'NotReady', message: `${waitsFor.kind}/${waitsFor.name} is not ready` }
  return status.ready === false
    ? { state: 'Progressing', reason: 'NotReady', message: 'status.ready is false' }
    : undefined
}

/** AzureASOManaged* serve v1beta1 since they graduated, v1alpha1 before (domain.md 1). */
export function capzAsoKind(
  key: { readonly kind: string; readonly plural: string; readonly part: Part },
  facts: (object: KubeObject) => Facts,
): Kind {
  return {
    group: 'infrastructure.cluster.x-k8s.io',
    kind: key.kind,
    reach: { by: 'kube', plural: key.plural, versions: ['v1beta1', 'v1alpha1'] },
    part: key.part,
    normalise: (object) => readCapzAso(object, withOrigin(key.part, object, facts(object))),
    judgedWithRelatives: true,
  }
}
