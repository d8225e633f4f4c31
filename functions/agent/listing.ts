import type { Delivery, ServedKind, Trouble } from '../../fleet/delivery.ts'
import type { Kind } from '../../fleet/kinds/kind.ts'
import type { KindKey } from '../../fleet/reference.ts'
import type { Kube } from '../sources/kube.ts'
import { listKind } from '../sources/list.ts'
import type { Outgoing } from './batch.ts'
import { type Entry, entryOf, entryOfRejection, goneLineOf } from './entry.ts'
import type { AgentLimits } from './limits.ts'
import type { Mirror } from './mirror.ts'

/** What a LIST is made for. */
export type Task =
  /** Everything is sent, with the proof that it is everything. */
  | { readonly as: 'reading' }
  /** Only what differs from what Rollcall was told. */
  | { readonly as: 'differences' }
  /** The same, and all that these buckets hold. */
  | { readonly as: 'repair'; readonly buckets: ReadonlySet<string> }

export type Listed =
  /** Rollcall was told of it; the kind can be watched from `cursor`, in the version it was read in. */
  | { readonly as: 'listed'; readonly cursor: string; readonly served: ServedKind }
  | { readonly as: 'trouble'; readonly trouble: Trouble }
  /** Only a full reading will do: a repair is too large, or Rollcall refused what it was told. */
  | { readonly as: 'unfit' }
  | { readonly as: 'ended' }

export interface ListingOptions {
  readonly kube: Kube
  readonly served: ServedKind
  /** What reads the objects. */
  readonly kind: Kind
  readonly mirror: Mirror
  readonly limits: Pick<AgentLimits, 'batchObjects' | 'batchBytes' | 'repairObjects'> & { readonly lineBytes: number }
  /** False: it was refused, or the session is over. */
  readonly send: (outgoing: Outgoing) => Promise<boolean>
}

/** Lists a kind and tells Rollcall. In another served version where its conversion webhook fails, as a poll does (domain.md 6). */
export async function listAndTell(options: ListingOptions, task: Task): Promise<Listed> {
  const { served } = options
  const versions = [served.version, ...served.otherVersions]
  for (const [tried, version] of versions.entries()) {
    const listed = await listVersion(options, { ...served, version }, task)
    if (listed !== 'conversion') return listed
    if (tried + 1 === versions.length) break
  }
  const message = `the conversion webhook for ${served.kind} failed in every version that is served`
  return { as: 'trouble', trouble: { code: 'ServerError', message } }
}

async function listVersion(options: ListingOptions, served: ServedKind, task: Task): Promise<Listed | 'conversion'> {
  const { kube, mirror } = options
  let run = newRun('')
  for await (const piece of listKind(kube, served, null)) {
    if (piece.as === 'left') return { as: 'ended' }
    if (piece.as === 'trouble') return piece.conversion ? 'conversion' : { as: 'trouble', trouble: piece.trouble }
    const { delivery } = piece
    const { proof } = delivery
    if (proof.as !== 'page' && proof.as !== 'end') continue // No LIST gives others.
    // One whose token expired began anew.
    if (proof.run.id !== run.id) run = newRun(proof.run.id)
    const entries = entriesOf(options, delivery)
    if (entries.length < delivery.objects.length + delivery.rejected.length) run.isWhole = false
    if (!remember(options, task, entries, run)) return { as: 'unfit' }
    const outgoing =
      task.as === 'reading' ? pageOf(delivery, proof, entries, run) : differingOf(options, delivery, entries)
    for (const { key, print } of entries) mirror.set(key, print)
    if (outgoing !== null && !(await options.send(outgoing))) return { as: 'unfit' }
    if (proof.as !== 'end') continue
    const toTell = proof.consistent && run.isWhole ? finish(options, task, delivery, run) : null
    if (toTell === null) return { as: 'trouble', trouble: partial(served) }
    for (const rest of toTell) if (!(await options.send(rest))) return { as: 'unfit' }
    return { as: 'listed', cursor: proof.cursor, served }
  }
  return { as: 'ended' }
}

/** One pass through a list. */
interface Run {
  readonly id: string
  readonly seen: Set<string>
  /** What the wanted buckets hold. */
  readonly repair: Entry[]
  repairChars: number
  /** False: something in it could not be named, and might be anything. */
  isWhole: boolean
}

const newRun = (id: string): Run => ({ id, seen: new Set(), repair: [], repairChars: 0, isWhole: true })

function entriesOf({ limits, kind }: ListingOptions, { objects, rejected }: Delivery): readonly Entry[] {
  const read = objects.flatMap((object) => entryOf(kind, object, limits.lineBytes) ?? [])
  return [...read, ...rejected.flatMap((rejection) => entryOfRejection(rejection) ?? [])]
}

/** Takes note of a page; false when a repair has become too large for one request. */
function remember({ mirror, limits }: ListingOptions, task: Task, entries: readonly Entry[], run: Run): boolean {
  for (const entry of entries) {
    run.seen.add(entry.key)
    if (task.as !== 'repair' || !task.buckets.has(mirror.bucketOf(entry.key))) continue
    run.repair.push(entry)
    run.repairChars += entry.line.length
  }
  return run.repair.length <= limits.repairObjects && run.repairChars <= limits.batchBytes
}

/** A page of a full reading. */
function pageOf(
  { kind, observedAt }: Delivery,
  proof: Delivery['proof'] & { readonly as: 'page' | 'end' },
  entries: readonly Entry[],
  { isWhole }: Run,
): Outgoing {
  const run = { id: proof.run.id, startedAt: proof.run.startedAt.toISOString() }
  const of = proof.as === 'end' ? { cursor: proof.cursor, consistent: proof.consistent && isWhole } : { cursor: '' }
  const head = { type: 'kind', kind, proof: proof.as, run, page: proof.page, ...of }
  return { at: observedAt, lines: [JSON.stringify(head), ...entries.map(({ line }) => line)] }
}

/** What of a page differs from what was told; null: nothing. */
function differingOf(
  { mirror }: ListingOptions,
  { kind, observedAt }: Delivery,
  entries: readonly Entry[],
): Outgoing | null {
  const differing = entries.filter(({ key, print }) => print === null || mirror.get(key) !== print)
  return differing.length === 0
    ? null
    : { at: observedAt, lines: [deltaOf(kind), ...differing.map(({ line }) => line)] }
}

/** Forgets what the list no longer has, and gives what is still to be told at its end. */
function finish({ mirror, limits }: ListingOptions, task: Task, delivery: Delivery, run: Run): readonly Outgoing[] {
  const { kind, observedAt: at } = delivery
  const gone = [...mirror.keys()].filter((key) => !run.seen.has(key))
  for (const key of gone) mirror.delete(key)
  if (task.as === 'reading') return []
  const outgoing: Outgoing[] = []
  for (let from = 0; from < gone.length; from += limits.batchObjects) {
    const lines = gone.slice(from, from + limits.batchObjects).map(goneLineOf)
    outgoing.push({ at, lines: [deltaOf(kind), ...lines] })
  }
  if (task.as === 'repair') {
    const head = { type: 'kind', kind, proof: 'buckets', buckets: [...task.buckets] }
    outgoing.push({ at, lines: [JSON.stringify(head), ...run.repair.map(({ line }) => line)] })
  }
  return outgoing
}

const deltaOf = (kind: KindKey): string => JSON.stringify({ type: 'kind', kind, proof: 'delta' })

const partial = ({ kind, plural }: ServedKind): Trouble => ({
  code: 'Partial',
  message: `the list of ${plural} (${kind}) was not consistent, or held something without a name: what is gone is not known`,
})
