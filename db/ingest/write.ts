import { sql } from 'drizzle-orm'
import type { Db } from '../client.ts'
import { assignments, type Column, columnsOf, excluded, names, recordset, uuids, values } from '../recordset.ts'
import { change, condition, object, unsettled } from '../tables.ts'
import { type ChangeRow, changeOf } from './change.ts'
import { judge } from './judge.ts'
import type { Owned, Owner } from './owner.ts'
import type { Read } from './read.ts'
import { type ConditionRow, conditionRows, type ObjectRow, objectRow } from './row.ts'

const objectColumns = columnsOf(object)
const conditionColumns = columnsOf(condition)
const changeColumns = columnsOf(change)
const markColumns = columnsOf(unsettled)
const objectContent = objectColumns.filter(({ key }) => key !== 'id' && key !== 'sourceId')
const conditionKey = columnsOf(condition, ['sourceId', 'objectId', 'type', 'legacy'])
const conditionContent = conditionColumns.filter(({ key }) => !['sourceId', 'objectId', 'type', 'legacy'].includes(key))

/** A cluster to compose again. */
export type Mark = Pick<typeof unsettled.$inferInsert, 'clusterId' | 'ownerNamespace' | 'ownerName'>

/** Writes new, changed and returned objects with their conditions, history and marks. */
export async function writeChanged(tx: Db, read: Read, changed: readonly Owned[]): Promise<void> {
  if (changed.length === 0) return
  const rows = { new: [] as ObjectRow[], known: [] as ObjectRow[] }
  const conditions = { new: [] as ConditionRow[], known: [] as ConditionRow[] }
  const changes: ChangeRow[] = []
  const marks = new Map<string, Mark>()
  for (const one of changed) {
    const age = one.known ? 'known' : 'new'
    const judged = judge(one, read.kind, one.owner !== null, read.receivedAt)
    const row = objectRow(one, judged, read)
    rows[age].push(row)
    conditions[age].push(...conditionRows(read.delivery.source, one.observation.id, one.observation.conditions))
    const news = changeOf(row, one.known)
    if (news) changes.push(news)
    for (const mark of marksOf(one)) marks.set(mark.clusterId, mark)
  }
  await insert(tx, object, objectColumns, rows.new)
  await insert(tx, condition, conditionColumns, conditions.new)
  await updateObjects(tx, rows.known)
  await updateConditions(tx, read.delivery.source, rows.known, conditions.known)
  await writeChanges(tx, changes)
  await markUnsettled(tx, read.delivery.source, [...marks.values()])
}

/** Both the cluster an object belongs to and the one it left are composed again. */
function marksOf({ owner, known }: { readonly owner: Owner | null; readonly known: Owned['known'] }): Mark[] {
  const marks: Mark[] = []
  if (owner)
    marks.push({ clusterId: owner.clusterId, ownerNamespace: owner.name.namespace, ownerName: owner.name.name })
  if (known?.clusterId && known.clusterId !== owner?.clusterId) {
    marks.push({
      clusterId: known.clusterId,
      ownerNamespace: known.ownerNamespace ?? '',
      ownerName: known.ownerName ?? '',
    })
  }
  return marks
}

type Written = typeof object | typeof condition | typeof change | typeof unsettled

/** The lock on the kind (db/ingest/progress.ts) makes sure that new keys are new. */
async function insert(tx: Db, table: Written, columns: readonly Column[], rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return
  await tx.execute(
    sql`insert into ${table} (${names(columns)}) select ${values(columns)} from ${recordset(columns, rows)}`,
  )
}

async function updateObjects(tx: Db, rows: readonly ObjectRow[]): Promise<void> {
  if (rows.length === 0) return
  await tx.execute(sql`update object o set ${assignments(objectContent)}
    from ${recordset(objectColumns, rows)} where o.id = r.id and o.source_id = r."sourceId"`)
}

/** Conditions that went are deleted, those that are new or differ are written; the others are not touched. */
async function updateConditions(
  tx: Db,
  source: string,
  objects: readonly ObjectRow[],
  rows: readonly ConditionRow[],
): Promise<void> {
  if (objects.length === 0) return
  const ids = uuids(objects.map(({ id }) => id ?? ''))
  const given = recordset(conditionColumns, rows)
  const sameKey = sql`c.object_id = r."objectId" and c.type = r.type and c.legacy = r.legacy and c.source_id = r."sourceId"`
  await tx.execute(sql`delete from condition c where c.object_id = any(${ids}) and c.source_id = ${source}
    and not exists (select from ${recordset(conditionKey, rows)} where ${sameKey})`)
  if (rows.length === 0) return
  const stored = sql.raw(conditionContent.map(({ name }) => `c."${name}"`).join(', '))
  await tx.execute(sql`insert into condition (${names(conditionColumns)}) select ${values(conditionColumns)} from ${given}
    where not exists (select from condition c where ${sameKey}
      and (${stored}) is not distinct from (${values(conditionContent)}))
    on conflict (object_id, type, legacy, source_id) do update set ${excluded(conditionContent)}`)
}

export async function writeChanges(tx: Db, rows: readonly ChangeRow[]): Promise<void> {
  await insert(tx, change, changeColumns, rows)
}

export async function markUnsettled(tx: Db, source: string, marks: readonly Mark[]): Promise<void> {
  await insert(
    tx,
    unsettled,
    markColumns,
    marks.map((mark) => ({ sourceId: source, ...mark })),
  )
}
