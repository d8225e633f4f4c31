import { getTableColumns, sql } from 'drizzle-orm'
import { type Conventions, defaultConventions } from '../fleet/convention.ts'
import { compileRules } from '../fleet/policy/rules-in-force.ts'
import { type Db, rowsOf } from './client.ts'
import { judgeCluster, type StoredAssessment } from './judge/cluster.ts'
import { digestsBy } from './judge/digest.ts'
import { shareRules } from './judge/due.ts'
import { rulesAt } from './judge/rules.ts'
import { subjectsOf } from './judge/subject.ts'
import type { FindingRow } from './judge/transition.ts'
import { type Judged, writeJudged } from './judge/write.ts'
import { answer, cellsOf, eachOf, type Query, queries } from './query.ts'
import { uuids } from './recordset.ts'
import { inTransaction } from './transaction.ts'
import { assessment, finding } from './verdict-tables.ts'

export interface JudgeOptions {
  /** Clusters judged by one call, about; default 10 000. */
  readonly limit?: number
  /** What the labels of management clusters say: theirs are read by the judge, for nobody composes them. */
  readonly conventions?: Conventions
}

const limitDefault = 10_000
/** Of one transaction, which keeps whoever changes policies, waivers or these clusters waiting meanwhile. */
const clustersPerRound = 500

/**
 * Judges the clusters, and the management clusters themselves, that are due: whose facts changed, whose rules changed, or whose answers the clock changes by `now`. Support and
 * findings are stored where they differ, with their history; a cluster that is gone loses them, and one that moved to another source
 * takes them along. Safe to repeat, to run twice at once and to be killed: each round is one transaction.
 * `left`: clusters that are still due; call again.
 */
export async function judge(
  db: Db,
  now: Date,
  { limit = limitDefault, conventions = defaultConventions }: JudgeOptions = {},
): Promise<{ judged: number; left: number }> {
  let judged = 0
  while (judged < limit) {
    const most = Math.min(clustersPerRound, limit - judged)
    const done = await inTransaction(db, (tx) => oneRound(tx, now, most, conventions))
    judged += done
    if (done < most) return { judged, left: 0 }
  }
  const [due] = await rowsOf<{ left: number }>(
    db,
    sql`select count(*)::int as left from assessment where due_at <= ${now.toISOString()}`,
  )
  return { judged, left: due?.left ?? 0 }
}

/** The rules are read in every round: nobody can have changed them since it holds them. */
async function oneRound(tx: Db, now: Date, most: number, conventions: Conventions): Promise<number> {
  // One after the other in one connection, so that what is due is looked up once the rules are held.
  const [, taken] = await Promise.all([shareRules(tx), answer(tx, dueAt(now, most))])
  if (taken.length === 0) return 0
  const ids = taken.map(({ clusterId }) => clusterId)
  const told = await answer(
    tx,
    queries({ rules: rulesAt(now), subjects: subjectsOf(ids, conventions), findings: findingsOf(ids) }),
  )
  const { policies, waivers, calendar } = told.rules
  const findings = Map.groupBy(told.findings, ({ clusterId }) => clusterId)
  const rules = compileRules(policies, waivers, calendar)
  const round = { rules, digestsOf: digestsBy(rules), now }
  const judged: Judged = { assessments: [], findings: [], changes: [], dropped: { assessments: [], findings: [] } }
  for (const before of taken) {
    const { clusterId } = before
    const due = { before, subject: told.subjects.get(clusterId) ?? null, findings: findings.get(clusterId) ?? [] }
    judgeCluster(due, round, judged)
  }
  await writeJudged(tx, judged)
  return taken.length
}

const assessmentCells = cellsOf(getTableColumns(assessment))

/** Who marks one of them meanwhile waits for this round, and is not overwritten; what another round works on is left to it. */
const dueAt = (now: Date, most: number): Query<StoredAssessment[]> =>
  eachOf(
    sql`select ${assessmentCells.cells} from assessment where due_at <= ${now.toISOString()}
      order by due_at, cluster_id limit ${most} for update skip locked`,
    assessmentCells.read,
  )

const findingCells = cellsOf(getTableColumns(finding))

const findingsOf = (clusterIds: readonly string[]): Query<FindingRow[]> =>
  eachOf(sql`select ${findingCells.cells} from finding where cluster_id = any(${uuids(clusterIds)})`, findingCells.read)
