import { setImmediate } from 'node:timers/promises'
import type { Delivery } from '../../fleet/delivery.ts'
import type { Kind } from '../../fleet/kinds/kind.ts'
import { normalise } from '../../fleet/normalise.ts'
import type { Observation, Rejection } from '../../fleet/observation.ts'
import { objectIdOf } from '../../fleet/reference.ts'

/** A delivery after reading: what the transaction works with. */
export interface Read {
  readonly delivery: Delivery
  readonly kind: Kind
  /**
   * The instant the delivery speaks of. All pages of a LIST show one snapshot, that of its start (domain.md 6), so a page
   * must not win over a change that was pushed while later pages were fetched.
   */
  readonly at: Date
  readonly receivedAt: Date
  readonly observations: readonly Observation[]
  readonly rejected: readonly Rejection[]
  /** Ids of everything the delivery says exists: read or not. Unreadable is not absent. */
  readonly present: readonly string[]
  /** Ids seen deleted. */
  readonly gone: readonly string[]
  /** False when something did not even say who it is. */
  readonly identified: boolean
}

/** Objects read in one go, about a millisecond: other work of the process, and answers of the database, come in between. */
const objectsAtOnce = 125

/** Reads every object of a delivery. An object that cannot be read becomes a rejection and harms no neighbour. */
export async function readDelivery(delivery: Delivery, kind: Kind, receivedAt: Date): Promise<Read> {
  const { source, proof } = delivery
  const observations = new Map<string, Observation>()
  const rejected: Rejection[] = [...delivery.rejected]
  for (const [n, wire] of delivery.objects.entries()) {
    if (n > 0 && n % objectsAtOnce === 0) await setImmediate()
    const result = normalise(source, wire, kind)
    rejected.push(...result.rejected)
    // Named twice in one delivery: the later one is newer.
    if (result.observation) observations.set(result.observation.id, result.observation)
  }
  const present = new Set(observations.keys())
  for (const { ref } of rejected) if (ref) present.add(objectIdOf(source, ref))
  // What is named both here and as gone was made again after it was deleted.
  const gone = delivery.gone.map((ref) => objectIdOf(source, ref)).filter((id) => !present.has(id))
  return {
    delivery,
    kind,
    at: 'run' in proof ? proof.run.startedAt : delivery.observedAt,
    receivedAt,
    observations: [...observations.values()],
    rejected,
    present: [...present],
    gone,
    identified: rejected.every(({ ref }) => ref !== undefined),
  }
}
