import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../client.ts'
import type { ChangeRow } from '../ingest/change.ts'
import { insertedChanges } from '../ingest/write.ts'
import { columnsOf, type Row, recordset, writerOf } from '../recordset.ts'
import { together } from '../together.ts'
import { assessment, finding } from '../verdict-tables.ts'
import type { FindingRow } from './transition.ts'

export type AssessmentRow = Row<typeof assessment> & { readonly clusterId: string; readonly sourceId: string }

/** What a round found to write. */
export interface Judged {
  readonly assessments: AssessmentRow[]
  /** New or different. */
  readonly findings: FindingRow[]
  readonly changes: ChangeRow[]
  /** Rows that are of no source, of no cluster or of no rule any more, by their keys. */
  readonly dropped: {
    readonly assessments: { readonly clusterId: string; readonly sourceId: string }[]
    readonly findings: { readonly id: string; readonly sourceId: string }[]
  }
}

const assessmentKey = columnsOf(assessment, ['clusterId', 'sourceId'])
const findingKey = columnsOf(finding, ['id', 'sourceId'])
const writtenAssessments = writerOf(assessment, ['clusterId', 'sourceId'])
const writtenFindings = writerOf(finding, ['id', 'sourceId'])

/**
 * One statement, whatever the number of rows: no row is both dropped and written, for what moves to another home or turns out to be about
 * something else is a row of another key. Only who holds a cluster's assessment writes its findings.
 */
export async function writeJudged(tx: Db, { assessments, findings, changes, dropped }: Judged): Promise<void> {
  const statements: SQL[] = []
  if (dropped.findings.length > 0)
    statements.push(sql`delete from finding f using ${recordset(findingKey, dropped.findings)}
      where f.id = r.id and f.source_id = r."sourceId"`)
  if (dropped.assessments.length > 0)
    statements.push(sql`delete from assessment a using ${recordset(assessmentKey, dropped.assessments)}
      where a.cluster_id = r."clusterId" and a.source_id = r."sourceId"`)
  if (findings.length > 0) statements.push(writtenFindings(findings))
  if (assessments.length > 0) statements.push(writtenAssessments(assessments))
  await together(tx, [...statements, insertedChanges(changes)])
}
