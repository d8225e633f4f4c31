import type { ClusterFacts } from '../../fleet/cluster.ts'
import type { Identity } from './round.ts'
import type { StoredCluster } from './stored.ts'

/** Only Azure's own word makes another incarnation: what an operator repeats of it may be old, and silence says nothing. */
export function incarnationOf(
  before: StoredCluster | null,
  { armId, resourceUid, witnesses }: ClusterFacts,
): string | null {
  if (witnesses.includes('arm') && resourceUid !== null) return resourceUid
  const isSame = armId !== null && before?.armId?.toLowerCase() === armId.toLowerCase()
  return (isSame ? before?.resourceUid : null) ?? resourceUid
}

/** A cluster that Azure made anew under the same id is another one (azure.md 3.3). */
export function renewalOf(before: StoredCluster | null, { armId, resourceUid }: ClusterFacts): Identity | null {
  if (before === null || before.resourceUid === null || resourceUid === null || armId === null) return null
  return before.resourceUid === resourceUid ? null : { as: 'renewed', id: before.id, armId, resourceUid }
}
