import { sql } from 'drizzle-orm'
import { type Conventions, conventionsOf } from '../../fleet/convention.ts'
import { placeOf } from '../../fleet/geography/geography.ts'
import type { Subject } from '../../fleet/policy/subject.ts'
import type { Db } from '../client.ts'
import { drift } from '../drift-tables.ts'
import { uuids } from '../recordset.ts'
import { source } from '../tables.ts'

/** What only a workload cluster has: rules over these do not judge a management cluster. */
const notOfSources = {
  provider: null,
  flavour: null,
  azure: null,
  createdAt: null,
  versionDeclared: null,
  versionObserved: null,
  supportPlan: null,
  tier: null,
  upgradeChannel: null,
  nodeOsUpgradeChannel: null,
  pools: [],
  unreadPools: null,
  components: [],
  readComponents: [],
} as const

/** What rules read of management clusters themselves, but for who is silent: of those of the fleet file that were looked at. */
export async function readSourceSubjects(
  db: Db,
  subjectIds: readonly string[],
  conventions: Conventions,
): Promise<readonly Omit<Subject, 'silent'>[]> {
  const rows = await db
    .select({
      clusterId: drift.subjectId,
      source: source.id,
      labels: source.labels,
      region: source.region,
      registeredAt: source.registeredAt,
      drift: { differences: drift.differences, gaps: drift.gaps, looked: drift.looked },
    })
    .from(drift)
    .innerJoin(source, sql`${source.id} = ${drift.sourceId} and removed_at is null`)
    .where(sql`subject_id = any(${uuids(subjectIds)}) and scope = 'source'`)
  return rows.map(({ registeredAt, ...row }) => ({
    scope: 'source',
    ...row,
    ...{ namespace: '', name: row.source },
    ...conventionsOf(row.labels, conventions),
    ...placeOf(null, row.region),
    ...notOfSources,
    firstSeenAt: registeredAt.toISOString(),
  }))
}
