import { hash } from 'node:crypto'
import type { ServedKind, Trouble } from '../../fleet/delivery.ts'
import type { KindProgress } from '../../fleet/source.ts'
import { revision } from '../../fleet/wire.ts'
import type { Kube } from './kube.ts'
import { type Collected, listKind } from './list.ts'
import { kindPath } from './page.ts'
import { isSilence, recordOf } from './trouble.ts'
import { catchUp } from './watch.ts'

/** One kind to read, and how far it was read before. */
interface Task {
  readonly served: ServedKind
  readonly progress: KindProgress | null
}

/**
 * Reads one source within the budget of `kube`: what is new since the last poll by watches, the rest by full LISTs.
 * One bad kind never stops the others; a server that is away is not asked again for every kind.
 */
export async function* collect(
  kube: Kube,
  served: readonly ServedKind[],
  progress: readonly KindProgress[],
): AsyncGenerator<Collected> {
  const before = new Map(progress.map((one) => [one.kind, one]))
  const tasks = served.map((one): Task => ({ served: one, progress: usable(before.get(one.kind), one) }))
  if (await wentBack(kube, tasks)) {
    yield* listAll(
      kube,
      tasks.map((task) => ({ ...task, progress: null })),
    )
    return
  }
  const [toList, toWatch] = [tasks.filter((task) => listDue(kube, task)), tasks.filter((task) => !listDue(kube, task))]
  const held = { bytes: 0 }
  const watches = toWatch.map(async (task) => ({
    task,
    caught: await catchUp(kube, task.served, task.progress?.cursor ?? '', held),
  }))
  for (const { task, caught } of await Promise.all(watches)) {
    if (caught.as === 'relist') toList.push(task)
    else yield caught
  }
  yield* listAll(
    kube,
    toList.toSorted((a, b) => urgency(a) - urgency(b)),
  )
}

/** Progress made in another version says nothing of this one's objects: they must all be read again. */
function usable(progress: KindProgress | undefined, served: ServedKind): KindProgress | null {
  return progress === undefined || (progress.version !== null && progress.version !== served.version) ? null : progress
}

/** First what an earlier invocation began, then what was never read, then the oldest; what failed last comes last. */
function urgency({ progress }: Task): number {
  if (progress === null) return 1
  if (progress.trouble !== null) return Number.MAX_SAFE_INTEGER
  return progress.open === null ? (progress.verifiedAt?.getTime() ?? 1) : 0
}

/**
 * True when only a full LIST will do: no cursor, a LIST that was begun, or a last one older than the relist interval,
 * which is jittered by a quarter so that kinds take turns.
 */
function listDue(kube: Kube, { served, progress }: Task): boolean {
  if (progress?.cursor == null || progress.verifiedAt === null || progress.open !== null) return true
  const share = Number.parseInt(hash('sha256', `${kube.source}\0${served.kind}`, 'hex').slice(0, 8), 16) / 2 ** 32
  const dueMs = kube.budget.limits.relistMs * (0.75 + share / 2)
  return kube.now().getTime() - progress.verifiedAt.getTime() >= dueMs
}

/**
 * True when the server's newest resourceVersion lies before one we hold: its store was restored from a backup, or is
 * another one. A watch from such a cursor would be silent until the numbers meet again. One small request per poll.
 */
async function wentBack(kube: Kube, tasks: readonly Task[]): Promise<boolean> {
  const numbered = tasks.flatMap((task) => {
    const cursor = revision(task.progress?.cursor)
    return cursor === undefined ? [] : [{ task, cursor }]
  })
  const [first] = numbered.toSorted((a, b) => (a.cursor < b.cursor ? 1 : -1))
  if (first === undefined) return false
  const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'
  const reply = await kube.get(`${kindPath(first.task.served)}?limit=1`, { accept })
  if (reply.as !== 'body') return reply.as === 'failure' && reply.said?.fromTheFuture === true
  const newest = revision(recordOf(reply.body.metadata).resourceVersion)
  return newest !== undefined && newest < first.cursor
}

async function* listAll(kube: Kube, tasks: readonly Task[]): AsyncGenerator<Collected> {
  const silences: Trouble[] = []
  for (const { served, progress } of tasks) {
    const { kind } = served
    const [away] = silences
    if (away !== undefined && silences.length >= kube.budget.limits.silences) {
      yield { as: 'trouble', kind, trouble: away, conversion: false }
      continue
    }
    if (kube.budget.spent()) {
      yield { as: 'left', kind }
      continue
    }
    let silent = false
    for await (const piece of listAnyVersion(kube, served, progress?.open ?? null)) {
      silent = piece.as === 'trouble' && isSilence(piece.trouble)
      if (piece.as === 'trouble' && silent) silences.push(piece.trouble)
      yield piece
    }
    if (!silent) silences.length = 0
  }
}

/** A failing conversion webhook leaves objects readable in the version they are stored in: each served one is tried. */
async function* listAnyVersion(kube: Kube, served: ServedKind, open: KindProgress['open']): AsyncGenerator<Collected> {
  const versions = [served.version, ...served.otherVersions]
  for (const [tried, version] of versions.entries()) {
    let failed = false
    for await (const piece of listKind(kube, { ...served, version }, tried === 0 ? open : null)) {
      failed = piece.as === 'trouble' && piece.conversion
      if (failed && tried + 1 < versions.length) break
      yield piece
    }
    if (!failed) return
  }
}
