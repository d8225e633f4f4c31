import { sql } from 'drizzle-orm'
import type { Db } from '../client.ts'
import type { ChangeRow } from '../ingest/change.ts'
import { writeChanges } from '../ingest/write.ts'
import { columnsOf, excluded, names, type Row, recordset, values } from '../recordset.ts'
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

const assessmentColumns = columnsOf(assessment)
const findingColumns = columnsOf(finding)
const assessmentContent = assessmentColumns.filter(({ key }) => key !== 'clusterId' && key !== 'sourceId')
const findingContent = findingColumns.filter(({ key }) => key !== 'id' && key !== 'sourceId')
const assessmentKey = columnsOf(assessment, ['clusterId', 'sourceId'])
const findingKey = columnsOf(finding, ['id', 'sourceId'])

/** At most five statements, whatever their number of rows. Only who holds a cluster's assessment writes its findings. */
export async function writeJudged(tx: Db, { assessments, findings, changes, dropped }: Judged): Promise<void> {
  if (dropped.findings.length > 0)
    await tx.execute(sql`delete from finding f using ${recordset(findingKey, dropped.findings)}
      where f.id = r.id and f.source_id = r."sourceId"`)
  if (dropped.assessments.length > 0)
    await tx.execute(sql`delete from assessment a using ${recordset(assessmentKey, dropped.assessments)}
      where a.cluster_id = r."clusterId" and a.source_id = r."sourceId"`)
  if (findings.length > 0)
    await tx.execute(sql`insert into finding (${names(findingColumns)})
      select ${values(findingColumns)} from ${recordset(findingColumns, findings)}
      on conflict (id, source_id) do update set ${excluded(findingContent)}`)
  if (assessments.length > 0)
    await tx.execute(sql`insert into assessment (${names(assessmentColumns)})
      select ${values(assessmentColumns)} from ${recordset(assessmentColumns, assessments)}
      on conflict (cluster_id, source_id) do update set ${excluded(assessmentContent)}`)
  await writeChanges(tx, changes)
}
