import { discoveryOf, progressOf, recordAsked, recordDiscovery, recordTrouble } from '../../db/reading.ts'
import type { Lease } from '../../db/source.ts'
import type { Trouble } from '../../fleet/delivery.ts'
import { declarationOf } from '../../fleet/kinds/declared.ts'
import { clusterKind, kindKeyOf } from '../../fleet/reference.ts'
import type { KindProgress } from '../../fleet/source.ts'
import type { KubeTarget } from '../../fleet/target.ts'
import { type Budget, pollLimits } from './budget.ts'
import { collect } from './collect.ts'
import type { Connection } from './connections.ts'
import { askedFor, type Discovered, discover } from './discovery.ts'
import { identify } from './identity.ts'
import { type Kube, openKube } from './kube.ts'
import type { Collected } from './list.ts'
import { deliver, derive, holdLease, kindsFor, type PollDeps, type Tally } from './poll.ts'
import { recordNews } from './served-kind.ts'
import { isSilence, type Result } from './trouble.ts'

/** Reads everything of a management cluster that the budget allows; gives the trouble that concerns it as a whole. */
export async function readKube(
  deps: PollDeps,
  lease: Lease,
  target: KubeTarget,
  budget: Budget,
  tally: Tally,
): Promise<Trouble | null> {
  const connection = await deps.connections.connect(lease.source, target)
  if (connection.trouble !== undefined) return connection.trouble
  const kube = await openIdentified(deps, lease.source, connection.value, budget)
  if (kube.trouble === undefined) return readServer(deps, lease, kube.value, tally)
  tally.silent = isSilence(kube.trouble)
  return kube.trouble
}

/** The API server behind a connection, once it proved to be the one that the source has always been. */
export async function openIdentified(
  { db, now }: PollDeps,
  source: string,
  connection: Connection,
  budget: Budget,
): Promise<Result<Kube>> {
  const kube = openKube(source, connection, budget, now)
  const foreign = await identify(db, kube)
  return foreign === null ? { value: kube } : { trouble: foreign }
}

/** Reads all kinds that an API server serves and that we understand. */
export async function readServer(deps: PollDeps, lease: Lease, kube: Kube, tally: Tally): Promise<Trouble | null> {
  const { list } = kindsFor(deps)
  const declared = list.filter((kind) => declarationOf(kind) !== null).map(kindKeyOf)
  await recordAsked(deps.db, lease.source, askedFor(list), declared)
  const progress = await progressOf(deps.db, lease.source)
  const discovered = await discoverServed(deps, kube, progress, tally)
  if (discovered.trouble !== undefined) return discovered.trouble
  const holding = holdLease(deps, lease)
  const composing = composeEarly(deps, progress)
  for await (const piece of collect(kube, discovered.value.served, progress)) {
    if (!(await holding())) {
      tally.lost = true
      return null
    }
    await take(deps, kube, piece, tally)
    await composing(piece)
  }
  return null
}

/** Lets a long first poll show clusters as soon as they are known, once; others have shown them before. */
function composeEarly(deps: PollDeps, progress: readonly KindProgress[]): (piece: Collected) => Promise<void> {
  const known = progress.some(({ kind, verifiedAt }) => kind === clusterKind && verifiedAt !== null)
  let readAt: number | null = null
  let done = known
  return async (piece) => {
    if (done) return
    const { limits: { composeAfterMs = pollLimits.composeAfterMs } = {} } = deps
    if (piece.as === 'delivery' && piece.delivery.kind === clusterKind && piece.delivery.proof.as === 'end')
      readAt = performance.now()
    if (readAt === null || performance.now() - readAt < composeAfterMs) return
    done = true
    await derive(deps)
  }
}

/** What is served, asked anew when the last answer is old: a kind of ours that is not there is `NotInstalled`, one that discovery failed on is not. */
async function discoverServed(
  deps: PollDeps,
  kube: Kube,
  progress: readonly KindProgress[],
  tally: Tally,
): Promise<Result<Discovered>> {
  const { db, now } = deps
  const kinds = kindsFor(deps)
  const { source } = kube
  const before = await discoveryOf(db, source)
  const known = before && { discovery: before, served: progress.flatMap(({ served }) => served ?? []) }
  const discovered = await discover(kube, kinds.list, known, now())
  if (discovered.trouble !== undefined) return discovered
  const { served, discovery } = discovered.value
  // Given back as it was, it holds nothing new.
  if (served !== known?.served) tally.gone += await recordNews({ db, now, kinds }, source, discovered.value, progress)
  if (discovery !== before) await recordDiscovery(db, source, discovery)
  return discovered
}

/** Stores one piece of a reading. */
async function take(deps: PollDeps, kube: Kube, piece: Collected, tally: Tally): Promise<void> {
  if (piece.as === 'left') {
    tally.unfinished = true
    return
  }
  if (piece.as === 'trouble') {
    const { db, now } = deps
    const { kind, trouble } = piece
    tally.trouble ??= trouble
    // What discovery said, a moment ago or minutes, is out of date.
    if (trouble.code === 'NotInstalled' || piece.conversion) await recordDiscovery(db, kube.source, null)
    tally.silent ||= isSilence(trouble)
    await recordTrouble(db, { source: kube.source, kind, at: now(), trouble })
    return
  }
  await deliver(deps, piece.delivery, tally)
}
