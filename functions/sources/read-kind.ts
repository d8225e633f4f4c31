import type { Kinds } from '../../fleet/kinds/declared.ts'
import { type KindKey, kindKeyOf } from '../../fleet/reference.ts'

/** Provider groups: kinds there that nobody wrote a file for are still part of clusters, and go through the generic family. */
export const genericGroups = ['infrastructure.cluster.x-k8s.io', 'controlplane.cluster.x-k8s.io']
/** Moulds for objects, not objects of a cluster. */
const mould = /(Template|Identity|Config)$/

/** Whether a kind that nobody wrote a file for is read all the same. */
export const isGeneric = ({ group, kind }: { readonly group: string; readonly kind: string }): boolean =>
  genericGroups.includes(group) && !mould.test(kind)

/** Whether a kind is one that is read from API servers. No other enters the store, whoever sends it. */
export function isRead({ list }: Kinds, key: KindKey): boolean {
  const known = list.find((kind) => kindKeyOf(kind) === key)
  if (known !== undefined) return known.reach.by === 'kube'
  const slash = key.indexOf('/')
  return isGeneric({ group: key.slice(0, slash), kind: key.slice(slash + 1) })
}
