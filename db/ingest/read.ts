import { setImmediate } from 'node:timers/promises'
import type { Delivery } from '../../fleet/delivery.ts'
import type { Kind } from '../../fleet/kinds/kind.ts'
import { normalise } from '../../fleet/normalise.ts'
import type { Observation, Rejection } from '../../fleet/observation.ts'
import { printOf } from '../../fleet/push/print.ts'
import { objectIdOf } from '../../fleet/reference.ts'
import type { Db } from '../client.ts'
import { recognise } from './recognise.ts'

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
  /** Objects that the store knows as they are, and that were therefore not read. */
  readonly recognised: number
  /** Of what was read without a rejection: which wire object it was, by id. */
  readonly imprints: ReadonlyMap<string, string>
  /** Of all that was read: what a sender calls this version of it, by id. */
  readonly prints: ReadonlyMap<string, string | null>
  readonly rejected: readonly Rejection[]
  /** Ids of everything the delivery says exists: read or not. Unreadable is not absent. */
  readonly present: readonly string[]
  /** Of these, those that were read, now or at their last change; and those that could not be. */
  readonly readable: readonly string[]
  readonly unread: readonly string[]
  /** Ids seen deleted. */
  readonly gone: readonly string[]
  /** False when something did not even say who it is. */
  readonly identified: boolean
}

/** Objects read in one go, a fraction of a millisecond: other work of the process, and answers of the database, come in between. */
const objectsAtOnce = 25

/**
 * Reads the objects of a delivery, but for those the store recognises. An object that cannot be read becomes a rejection and harms
 * no neighbour.
 */
export async function readDelivery(db: Db, delivery: Delivery, kind: Kind, receivedAt: Date): Promise<Read> {
  const { source, proof } = delivery
  const { known, imprintOfNth } = await recognise(db, delivery, kind)
  const observations = new Map<string, Observation>()
  const imprints = new Map<string, string>()
  const prints = new Map<string, string | null>()
  const rejected: Rejection[] = [...delivery.rejected]
  let read = 0
  for (const [n, wire] of delivery.objects.entries()) {
    if (known.has(n)) continue
    if (++read % objectsAtOnce === 0) await setImmediate()
    const result = normalise(source, wire, kind)
    rejected.push(...result.rejected)
    if (!result.observation) continue
    const { id } = result.observation
    // Named twice in one delivery: the later one is newer.
    observations.set(id, result.observation)
    prints.set(id, printOf(wire))
    // What was rejected must be told at every reading, so it is never recognised.
    const imprint = result.rejected.length === 0 ? imprintOfNth[n] : null
    if (imprint) imprints.set(id, imprint)
    else imprints.delete(id)
  }
  const readable = [...new Set([...observations.keys(), ...known.values()])]
  const present = new Set(readable)
  for (const { ref } of rejected) if (ref) present.add(objectIdOf(source, ref))
  // What is named both here and as gone was made again after it was deleted.
  const gone = delivery.gone.map((ref) => objectIdOf(source, ref)).filter((id) => !present.has(id))
  return {
    delivery,
    kind,
    at: 'run' in proof ? proof.run.startedAt : delivery.observedAt,
    receivedAt,
    observations: [...observations.values()],
    recognised: known.size,
    imprints,
    prints,
    rejected,
    present: [...present],
    readable,
    unread: [...present].slice(readable.length),
    gone,
    identified: rejected.every(({ ref }) => ref !== undefined),
  }
}

/** What a delivery says is there, without what it says of it. */
export const withoutContent = (read: Read): Read => ({ ...read, observations: [], readable: [], unread: [], gone: [] })

/**
 * So that none of it is recognised later. Of a kind that is declared, a sender says what the declaration reads that it was told last;
 * after another was made, the same version of an object may have come without what is read now.
 */
export const withoutImprints = (read: Read): Read => ({ ...read, imprints: new Map() })
