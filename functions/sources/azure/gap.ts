import type { Expected } from '../../../db/azure.ts'
import { keyOfId } from '../../../fleet/azure/cluster-id.ts'
import type { Trouble } from '../../../fleet/delivery.ts'
import type { Rejection } from '../../../fleet/observation.ts'
import type { ObjectRef } from '../../../fleet/reference.ts'
import type { Confirmed } from './confirm.ts'

/** A managed cluster as deliveries name it, by its id in lower case. */
export const refOf = (key: string): ObjectRef => ({
  group: 'Microsoft.ContainerService',
  kind: 'managedClusters',
  namespace: '',
  name: key,
})

/** A listing that came to its end, and what it lacks. */
interface Ended {
  readonly source: string
  readonly subscription: string
  /** With those that were found by id. */
  readonly listed: number
  readonly missing: readonly Expected[]
  readonly confirmed: Confirmed
}

/**
 * What a listing's end proves, once its gaps were asked for. A cluster that was there before and is neither listed nor surely gone stays:
 * as one that cannot be read. Where nothing at all is left, it is our right to read that is gone: then the end proves nothing.
 */
export function outcomeOf({ source, subscription, listed, missing, confirmed }: Ended): {
  readonly proves: boolean
  readonly rejected: readonly Rejection[]
  /** What the list proves is not all there is: trouble of the kind, but not of what was read. */
  readonly partial: Trouble | null
  /** Of the source as a whole: it asks to be left alone, or nothing at all could be read. */
  readonly trouble: Trouble | null
} {
  const { gone, unreadable } = confirmed
  const settled = new Set([...gone, ...confirmed.present.map(({ id }) => keyOfId(String(id)))])
  const known = missing.filter((one) => one.listed)
  const open = known.filter(({ key }) => !settled.has(key)).map(({ key }) => key)
  // What is merely declared may be where we may not look: worth a word, but no fault of the list.
  const unsure = missing.filter(({ key, listed }) => !listed && unreadable.has(key)).map(({ key }) => key)
  const rejected = [
    ...open.map((key) => rejectionOf(key, 'no longer listed', unreadable.get(key))),
    ...unsure.map((key) => rejectionOf(key, 'declared and not listed', unreadable.get(key))),
  ]
  const throttled = [...unreadable.values()].find(({ code }) => code === 'Throttled') ?? null
  const lacks = known.length - known.filter(({ key }) => gone.includes(key)).length
  if (lacks === 0) return { proves: true, rejected, partial: null, trouble: throttled }
  const reason = throttled ?? open.flatMap((key) => unreadable.get(key) ?? [])[0]
  const rest =
    reason?.message.replace(`source ${source}: `, '') ??
    (open.length > 0
      ? 'they stay until each was asked for by its id'
      : 'they were read by their ids; grant the identity Reader on the whole subscription')
  const list = `source ${source}: the list of subscription ${subscription} is ${listed === 0 ? 'empty' : 'not whole'}`
  const message = `${list}: ${lacks} known clusters are missing from it; ${rest}`
  if (listed > 0) return { proves: true, rejected, partial: { code: 'Partial', message }, trouble: throttled }
  return { proves: false, rejected, partial: null, trouble: { ...(reason ?? { code: 'BadAnswer' }), message } }
}

const rejectionOf = (key: string, how: string, why: Trouble | undefined): Rejection => ({
  ref: refOf(key),
  why: `${key} is ${how}; ${why?.message ?? 'it is still to be asked for by its id'}`,
})
