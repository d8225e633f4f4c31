import { sql } from 'drizzle-orm'
import { composeCluster } from '../../fleet/compose-cluster.ts'
import { conventionsOf, defaultConventions } from '../../fleet/convention.ts'
import type { Db } from '../client.ts'
import { cluster } from '../cluster-tables.ts'
import { type ChangeRow, difference } from '../ingest/change.ts'
import { writeChanges } from '../ingest/write.ts'
import { uuids } from '../recordset.ts'
import { source as sourceTable } from '../tables.ts'
import { type ClusterRow, clusterRow } from './cluster-row.ts'
import { type Rejudged, writeHealth } from './health.ts'
import { membersOf } from './members.ts'
import { type PoolRow, poolRows } from './pool-row.ts'
import type { Round, Taken } from './round.ts'
import { buryClusters, writeBindings, writeClusters, writePools } from './write.ts'

type Stored = typeof cluster.$inferSelect

/** Facts of a cluster whose change is history. */
const reported = [
  'state',
  'reason',
  'gitopsState',
  'versionDeclared',
  'versionObserved',
  'phase',
  'region',
  'armId',
  'environment',
  'owner',
  'ring',
  'contact',
  'topologyClass',
  'flavour',
  'provider',
] as const satisfies readonly (keyof Stored & keyof ClusterRow)[]

/** Composes clusters from their members and writes those whose facts changed. A constant number of statements, whatever their number. */
export async function compose(tx: Db, round: Round, taken: readonly Taken[]): Promise<void> {
  if (taken.length === 0) return
  const { source, now } = round
  const members = await membersOf(tx, round, taken)
  const stored = await storedClusters(tx, source, taken)
  const setting = await settingOf(tx, round)

  const clusters: ClusterRow[] = []
  const pools: PoolRow[] = []
  const changes: ChangeRow[] = []
  const buried: Stored[] = []
  const judged: Rejudged[] = []
  for (const { id, name } of taken) {
    const own = members.get(id) ?? []
    const before = stored.get(id) ?? null
    const facts = composeCluster(
      name,
      own.map(({ member }) => member),
    )
    for (const { row } of own) {
      const health = facts.judgements.get(row.id)
      if (health) judged.push({ row, health })
    }
    // Gone with its Cluster object, though parts may linger; a cluster known by its parts alone is gone with the last of them.
    if (own.length === 0 || (before?.objectId && !facts.objectId)) {
      if (before && before.goneAt === null) buried.push(before)
      continue
    }
    const row = clusterRow({ id, source, facts, before, now, ...setting })
    if (before && before.goneAt === null && before.digest === row.digest) continue
    clusters.push(row)
    pools.push(...poolRows(row, facts.pools, now))
    changes.push(...changeOf(row, before, now))
  }
  await writeClusters(tx, clusters)
  await writeBindings(tx, clusters, now)
  await writePools(tx, source, clusters, pools, now)
  await buryClusters(tx, source, buried, now)
  await writeChanges(tx, changes)
  await writeHealth(tx, judged, now)
}

async function storedClusters(tx: Db, source: string, taken: readonly Taken[]): Promise<ReadonlyMap<string, Stored>> {
  const rows = await tx
    .select()
    .from(cluster)
    .where(sql`id = any(${uuids(taken.map(({ id }) => id))}) and source_id = ${source}`)
  return new Map(rows.map((row) => [row.id, row]))
}

/** What the source says of all its clusters: a cluster's own labels and region win. */
async function settingOf(tx: Db, { source, conventions = defaultConventions }: Round) {
  const [row] = await tx.select().from(sourceTable).where(sql`id = ${source}`)
  return {
    sourceRegion: row?.region ?? null,
    told: (labels: Readonly<Record<string, string>>) => conventionsOf({ ...row?.labels, ...labels }, conventions),
  }
}

function changeOf(row: ClusterRow, before: Stored | null, now: Date): ChangeRow[] {
  const living = before && before.goneAt === null ? before : null
  const facts = difference(living, row, reported)
  if (living && Object.keys(facts).length === 0) return []
  return [
    {
      sourceId: row.sourceId,
      subject: 'cluster',
      subjectId: row.id,
      clusterId: row.id,
      what: living ? 'changed' : before ? 'returned' : 'appeared',
      facts,
      observedAt: now,
      receivedAt: now,
    },
  ]
}
