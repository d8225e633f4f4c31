import { sql } from 'drizzle-orm'
import { type Conventions, conventionsOf } from '../../fleet/convention.ts'
import { placeOf } from '../../fleet/geography/geography.ts'
import type { Subject } from '../../fleet/policy/subject.ts'
import { drift } from '../drift-tables.ts'
import { cellsOf, eachOf, type Query } from '../query.ts'
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

const driftCells = cellsOf({ differences: drift.differences, gaps: drift.gaps, looked: drift.looked })
const { id, labels, region, registeredAt } = source
const cells = cellsOf({ clusterId: drift.subjectId, source: id, labels, region, registeredAt })

/** What rules read of management clusters themselves, but for who is silent: of those of the fleet file that were looked at. */
export const sourceSubjectsOf = (
  subjectIds: readonly string[],
  conventions: Conventions,
): Query<readonly Omit<Subject, 'silent'>[]> =>
  eachOf(
    sql`select json_build_array(${cells.cells}, ${driftCells.cells}) from drift
      join source on source.id = drift.source_id and removed_at is null
      where subject_id = any(${uuids(subjectIds)}) and scope = 'source'`,
    ([own, drift]: [unknown[], unknown[]]) => {
      const { registeredAt, ...row } = cells.read(own)
      return {
        scope: 'source',
        ...row,
        drift: driftCells.read(drift),
        ...{ namespace: '', name: row.source },
        ...conventionsOf(row.labels, conventions),
        ...placeOf(null, row.region),
        ...notOfSources,
        firstSeenAt: registeredAt.toISOString(),
      }
    },
  )
