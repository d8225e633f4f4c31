import { sql } from 'drizzle-orm'
import type { Db } from '../client.ts'
import { judgeAt } from '../ingest/judge.ts'
import type { Mark } from '../ingest/mark.ts'
import { markUnsettled } from '../ingest/write.ts'
import { answer } from '../query.ts'
import { healthIn, type Rejudged, writeHealth } from './health.ts'
import { objectsOf } from './objects.ts'
import type { Round } from './round.ts'

/** Judges again what the clock may have changed, at most `max` objects. Returns how many it looked at. */
export async function age(tx: Db, { source, now, kinds }: Round, max: number): Promise<number> {
  const rows = await answer(
    tx,
    objectsOf(
      sql`where source_id = ${source} and holds_until <= ${now.toISOString()} and gone_at is null order by holds_until limit ${max}`,
    ),
  )
  const marks: Mark[] = []
  const judged: Rejudged[] = []
  for (const row of rows) {
    const { clusterId, ownerNamespace, ownerName } = row
    if (clusterId) marks.push({ clusterId, ownerNamespace: ownerNamespace ?? '', ownerName: ownerName ?? '' })
    // What only relatives can judge keeps its state until its cluster is composed, in this round or a later one.
    const byRelatives = clusterId !== null && kinds(row.kind).judgedWithRelatives === true
    const health = row.reading && !byRelatives ? judgeAt(row.reading, row, now) : { ...healthIn(row), holdsUntil: null }
    judged.push({ row, health })
  }
  await writeHealth(tx, judged, now)
  await markUnsettled(tx, source, marks)
  return rows.length
}
