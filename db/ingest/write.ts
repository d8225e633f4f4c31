import { setImmediate } from 'node:timers/promises'
import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../client.ts'
import { assignments, type Column, columnsOf, excluded, names, recordset, uuids, values } from '../recordset.ts'
import { change, condition, object } from '../tables.ts'
import { type ChangeRow, changeOf } from './change.ts'
import { judge } from './judge.ts'
import { type Mark, marked, marksOf, reliedOnAmong } from './mark.ts'
import type { Owned } from './owner.ts'
import type { Progress } from './progress.ts'
import type { Read } from './read.ts'
import { type ConditionRow, conditionRows, type ObjectRow, objectRow } from './row.ts'

const objectColumns = columnsOf(object)
const conditionColumns = columnsOf(condition)
const changeColumns = columnsOf(change)
const objectContent = objectColumns.filter(({ key }) => key !== 'id' && key !== 'sourceId')
const conditionKey = columnsOf(condition, ['sourceId', 'objectId', 'type', 'legacy'])
const conditionContent = conditionColumns.filter(({ key }) => !['sourceId', 'objectId', 'type', 'legacy'].includes(key))

/** Objects of one statement: its rows are worked out while the database is busy with those before. */
const objectsPerStatement = 250

/** Writes new, changed and returned objects with their conditions, history and marks. */
export async function writeChanged(tx: Db, read: Read, changed: readonly Owned[], known: Progress): Promise<void> {
  const { source } = read.delivery
  const marks: Mark[] = []
  const statements: (() => SQL | null)[] = []
  for (let from = 0; from < changed.length; from += objectsPerStatement) {
    const some = changed.slice(from, from + objectsPerStatement)
    marks.push(...some.flatMap((one) => marksOf(source, read.kind, one)))
    statements.push(...statementsFor(read, some))
  }
  const ids = changed.map(({ observation }) => observation.id)
  await inTurn(tx, [...statements, () => marked(source, marks, reliedOnAmong(ids, read, known))])
}

function statementsFor(read: Read, some: readonly Owned[]): (() => SQL | null)[] {
  const { source } = read.delivery
  let { rows, conditions, changes } = noRows
  return [
    () => {
      ;({ rows, conditions, changes } = rowsFor(read, some))
      return inserted(object, objectColumns, rows.new)
    },
    () => inserted(condition, conditionColumns, conditions.new),
    () => updatedObjects(rows.known),
    () => fewerConditions(source, rows.known, conditions.known),
    () => updatedConditions(conditions.known),
    () => insertedChanges(changes),
  ]
}

/** What is to be written of some objects: those that are new to the store apart from those it knows. */
interface Rows {
  readonly rows: { readonly new: ObjectRow[]; readonly known: ObjectRow[] }
  readonly conditions: { readonly new: ConditionRow[]; readonly known: ConditionRow[] }
  readonly changes: ChangeRow[]
}

const noRows: Rows = { rows: { new: [], known: [] }, conditions: { new: [], known: [] }, changes: [] }

function rowsFor(read: Read, some: readonly Owned[]): Rows {
  const made: Rows = { rows: { new: [], known: [] }, conditions: { new: [], known: [] }, changes: [] }
  for (const one of some) {
    const age = one.known ? 'known' : 'new'
    const row = objectRow(one, judge(one, read.kind, one.owner !== null, read.receivedAt), read)
    made.rows[age].push(row)
    made.conditions[age].push(...conditionRows(read.delivery.source, one.observation.id, one.observation.conditions))
    const news = changeOf(row, one.known)
    if (news) made.changes.push(news)
  }
  return made
}

/**
 * Runs statements in their order, without waiting for an answer in between (db/postgres-config.ts, `pipeline`): each is written out,
 * which is most of our own work, while the database is busy with those before.
 */
async function inTurn(tx: Db, statements: readonly (() => SQL | null)[]): Promise<void> {
  const running: Promise<unknown>[] = []
  for (const written of statements) {
    const statement = written()
    if (!statement) continue
    const run = tx.execute(statement).execute()
    // Heard below; until then a refusal must not count as unheard, which would end the process.
    run.catch(() => undefined)
    running.push(run)
    await setImmediate()
  }
  await Promise.all(running)
}

type Written = typeof object | typeof condition | typeof change

/** The lock on the kind (db/ingest/progress.ts) makes sure that new keys are new. */
function inserted(table: Written, columns: readonly Column[], rows: readonly object[]): SQL | null {
  if (rows.length === 0) return null
  return sql`insert into ${table} (${names(columns)}) select ${values(columns)} from ${recordset(columns, rows)}`
}

export const insertedChanges = (rows: readonly ChangeRow[]): SQL | null => inserted(change, changeColumns, rows)

function updatedObjects(rows: readonly ObjectRow[]): SQL | null {
  if (rows.length === 0) return null
  return sql`update object o set ${assignments(objectContent)}
    from ${recordset(objectColumns, rows)} where o.id = r.id and o.source_id = r."sourceId"`
}

const sameKey = sql`c.object_id = r."objectId" and c.type = r.type and c.legacy = r.legacy and c.source_id = r."sourceId"`

/** Deletes conditions that changed objects no longer have. */
function fewerConditions(source: string, objects: readonly ObjectRow[], rows: readonly ConditionRow[]): SQL | null {
  if (objects.length === 0) return null
  return sql`delete from condition c
    where c.object_id = any(${uuids(objects.map(({ id }) => id ?? ''))}) and c.source_id = ${source}
      and not exists (select from ${recordset(conditionKey, rows)} where ${sameKey})`
}

/** Writes conditions of changed objects that are new or differ; the others are not touched. */
function updatedConditions(rows: readonly ConditionRow[]): SQL | null {
  if (rows.length === 0) return null
  const stored = sql.raw(conditionContent.map(({ name }) => `c."${name}"`).join(', '))
  return sql`insert into condition (${names(conditionColumns)})
    select ${values(conditionColumns)} from ${recordset(conditionColumns, rows)}
    where not exists (select from condition c where ${sameKey} and (${stored}) is not distinct from (${values(conditionContent)}))
    on conflict (object_id, type, legacy, source_id) do update set ${excluded(conditionContent)}`
}

export async function writeChanges(tx: Db, rows: readonly ChangeRow[]): Promise<void> {
  await inTurn(tx, [() => insertedChanges(rows)])
}

/** Marks clusters, and those with objects that rely on what was `reliedOn`. */
export async function markUnsettled(
  tx: Db,
  source: string,
  marks: readonly Mark[],
  reliedOn: readonly string[] = [],
): Promise<void> {
  await inTurn(tx, [() => marked(source, marks, reliedOn)])
}
