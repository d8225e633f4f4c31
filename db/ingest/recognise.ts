import { sql } from 'drizzle-orm'
import type { Delivery } from '../../fleet/delivery.ts'
import { imprintsBy } from '../../fleet/imprint.ts'
import type { Kind } from '../../fleet/kinds/kind.ts'
import { objectIdOf } from '../../fleet/reference.ts'
import { record, text } from '../../fleet/wire.ts'
import { type Db, rowsOf } from '../client.ts'
import { uuids } from '../recordset.ts'

/** Which objects of a delivery the store knows as they are. */
export interface Recognised {
  /** Their ids, by their place in the delivery. */
  readonly known: ReadonlyMap<number, string>
  /** The imprint of every object of the delivery; null for those that have none. */
  readonly imprintOfNth: readonly (string | null)[]
}

/**
 * Asks for the imprints of a delivery before anything is read: of an unchanged fleet nothing is. It needs no lock: what is recognised
 * is left alone, and whoever writes it meanwhile knows something newer.
 */
export async function recognise(db: Db, { source, objects }: Delivery, kind: Kind): Promise<Recognised> {
  const imprintOfNth = objects.map(imprintsBy(kind))
  const candidates = new Map<string, number>()
  const twice = new Set<string>()
  for (const [n, wire] of objects.entries()) {
    if (!imprintOfNth[n]) continue
    const { name, namespace } = record(record(wire).metadata)
    const id = objectIdOf(source, {
      group: kind.group,
      kind: kind.kind,
      namespace: text(namespace) ?? '',
      name: text(name) ?? '',
    })
    if (candidates.has(id)) twice.add(id)
    candidates.set(id, n)
  }
  // Of two that claim one name the later is newer, whichever of them the store knows: both are read.
  for (const id of twice) candidates.delete(id)
  if (candidates.size === 0) return { known: new Map(), imprintOfNth }
  const ids = [...candidates.keys()]
  const imprints = [...candidates.values()].map((n) => imprintOfNth[n] ?? '')
  const rows = await rowsOf<{ id: string }>(
    db,
    sql`select p.id from unnest(${uuids(ids)}, ${uuids(imprints)}) as p(id, imprint)
      join lateral (select imprint from object where id = p.id and source_id = ${source} and gone_at is null limit 1) o
        on o.imprint = p.imprint`,
  )
  return { known: new Map(rows.map(({ id }) => [candidates.get(id) ?? -1, id])), imprintOfNth }
}
