import { sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { sourceSubjectId } from '../../db/claim.ts'
import type { Db } from '../../db/client.ts'
import { gitops } from '../../db/drift-tables.ts'
import { columnsOf, names, recordset, values } from '../../db/recordset.ts'
import { object, reading, source } from '../../db/tables.ts'
import { finding } from '../../db/verdict-tables.ts'
import { type DriftCode, driftCodes } from '../../fleet/drift/code.ts'
import type { Policy } from '../../fleet/policy/policy.ts'
import { type KindKey, kindKeyOf, type ObjectRef, objectIdOf } from '../../fleet/reference.ts'
import { idOf } from '../db/judged-cluster.ts'
import { at } from '../db/wire.ts'
import { everyMs, staleAfterMs } from './fill.ts'

/** Rows as they stand, the columns that are not given by their defaults: what other parts of Rollcall would have left there. */
async function put<T extends PgTable>(db: Db, table: T, rows: readonly Partial<T['$inferInsert']>[]): Promise<void> {
  for (const row of rows) {
    const columns = columnsOf(table, Object.keys(row))
    await db.execute(
      sql`insert into ${table} (${names(columns)}) select ${values(columns)} from ${recordset(columns, [row])}`,
    )
  }
}

/** A management cluster that was read at `at(0)`. */
export const putSource = (db: Db, id: string, over: Partial<typeof source.$inferInsert> = {}) =>
  put(db, source, [
    {
      ...{ id, type: 'managementCluster', everyMs, staleAfterMs, registeredAt: at(0), dueAt: at(0) },
      ...{ lastAttemptAt: at(0), lastSuccessAt: at(0), ...over },
    },
  ])

/** A kind of a source, read and composed at an instant. */
export const putReading = (db: Db, sourceId: string, kind: KindKey, when = at(0)) =>
  put(db, reading, [{ sourceId, kind, lastAttemptAt: when, lastSuccessAt: when, verifiedAt: when, composedAt: when }])

export const refOf = (kind: KindKey, name: string, namespace = 'fleet'): ObjectRef => {
  const [group = '', word = ''] = kind.split('/')
  return { group, kind: word, namespace, name }
}

/** An object of a source, with what its kind would have read from it. */
export async function putObject(
  db: Db,
  sourceId: string,
  ref: ObjectRef,
  over: Partial<typeof object.$inferInsert> = {},
): Promise<string> {
  const id = objectIdOf(sourceId, ref)
  const { namespace, name } = ref
  await put(db, object, [
    {
      ...{ sourceId, id, kind: kindKeyOf(ref), namespace, name, apiVersion: 'v1', ownerNamed: true },
      ...{ state: 'Healthy', reason: 'AtRest', message: '', stateSince: at(0), generationSeenAt: at(0) },
      ...{ observedAt: at(0), receivedAt: at(0), digest: id, ...over },
    },
  ])
  return id
}

/** A policy with a rule over each of these codes, stored as it would be. */
export const driftPolicy = (
  name: string,
  codes: readonly DriftCode[],
  ignored: Readonly<Record<string, string>> = {},
): Policy => ({
  ...{ name, description: '', version: '1', selector: {} },
  rules: codes.map((code) => ({
    ...{ id: code, type: 'drift', code, severity: driftCodes[code].severity, graceMs: 0, ownSeverity: true },
    ignore: Object.entries(ignored).map(([id, reason]) => ({ id, reason })),
  })),
})

/** A difference of a cluster of `weu`, or of a management cluster itself, as `judge` would have stored it. */
export async function putDrift(
  db: Db,
  of: { readonly cluster: string; readonly source?: string } | { readonly source: string },
  code: DriftCode,
  over: Partial<typeof finding.$inferInsert> & { readonly ref?: ObjectRef } = {},
): Promise<string> {
  const { source: sourceId = 'weu' } = of
  const scope = 'cluster' in of ? 'cluster' : 'source'
  const clusterId = 'cluster' in of ? idOf(of.cluster) : sourceSubjectId(sourceId)
  const { ref, ...rest } = over
  const id = objectIdOf(`finding ${clusterId} ${code}`, ref ?? refOf('/', over.field ?? ''))
  const { dimension, severity } = driftCodes[code]
  await put(db, finding, [
    {
      ...{ id, sourceId, clusterId, scope, policy: 'drift', policyVersion: '1', rule: code, type: 'drift', code },
      ...{ dimension, severity, outcome: 'Fail', message: `${code} it is`, since: at(0), cause: 'cluster' },
      ...{ judgedAt: at(0), violatedSince: rest.outcome === 'Unknown' ? null : at(0) },
      ...(ref ? { about: ref, aboutId: objectIdOf(sourceId, ref), field: 'spec.x', expected: 'a', actual: 'b' } : {}),
      evidence: [{ field: 'spec.x', expected: 'a', actual: 'b', from: sourceId, asOf: null }],
      ...rest,
    },
  ])
  return id
}

/** Something that applies from Git, with its own object. */
export async function putGitops(
  db: Db,
  sourceId: string,
  ref: ObjectRef,
  over: Partial<typeof gitops.$inferInsert> = {},
  ofObject: Partial<typeof object.$inferInsert> = {},
): Promise<string> {
  const id = await putObject(db, sourceId, ref, ofObject)
  const { namespace, name } = ref
  await put(db, gitops, [
    {
      ...{ id, sourceId, kind: kindKeyOf(ref), namespace, name, tool: 'flux', app: name, suspended: false },
      ...{ composedAt: at(0), digest: id, behindSince: over.behind ? over.expectedAt : null, ...over },
    },
  ])
  return id
}
