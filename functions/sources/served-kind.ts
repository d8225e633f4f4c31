import type { Db } from '../../db/client.ts'
import { recordServed, recordTrouble } from '../../db/reading.ts'
import type { ServedKind, Trouble } from '../../fleet/delivery.ts'
import type { Kinds } from '../../fleet/kinds/declared.ts'
import { type KindKey, kindKeyOf } from '../../fleet/reference.ts'
import type { KindProgress } from '../../fleet/source.ts'

/** What a server says it serves, where it is news. */
export interface News {
  readonly served: readonly ServedKind[]
  /** Kinds of groups that discovery could not read: neither served nor "not installed". */
  readonly troubled: readonly { readonly kind: KindKey; readonly trouble: Trouble }[]
}

/** Records it: a kind of ours that is not there is `NotInstalled`, one that discovery failed on is not. */
export async function recordNews(
  db: Db,
  source: string,
  { served, troubled }: News,
  progress: readonly KindProgress[],
  kinds: Kinds,
  at: Date,
): Promise<void> {
  const unread = new Set(troubled.map(({ kind }) => kind))
  const kept = progress.flatMap((one) => (one.served !== null && unread.has(one.kind) ? [one.served] : []))
  await recordServed(db, source, [...served, ...kept], at)
  for (const { kind, trouble } of troubled) await recordTrouble(db, { source, kind, at, trouble })
  const seen = new Set([...progress, ...served, ...troubled].map(({ kind }) => kind))
  for (const kind of kinds.list.filter(({ reach }) => reach.by === 'kube').map(kindKeyOf)) {
    if (seen.has(kind)) continue
    const trouble = { code: 'NotInstalled', message: `${source} does not serve ${kind}` } as const
    await recordTrouble(db, { source, kind, at, trouble })
  }
}
