import { sql } from 'drizzle-orm'
import { type Db, rowsOf } from '../../db/client.ts'
import { cluster, nodePool } from '../../db/cluster-tables.ts'
import { versionCells } from '../../db/ingest/row.ts'
import { markDue, markRegionDue } from '../../db/judge/due.ts'
import { columnsOf, names, recordset, uuids, values } from '../../db/recordset.ts'
import { regionVersions } from '../../db/verdict-tables.ts'
import { noDrift } from '../../fleet/drift/difference.ts'
import type { Policy, PolicySelector, Rule } from '../../fleet/policy/policy.ts'
import type { Subject } from '../../fleet/policy/subject.ts'
import { objectIdOf } from '../../fleet/reference.ts'
import type { RegionVersions } from '../../fleet/support/calendar.ts'
import { writeDrift } from './judged-drift.ts'
import { at } from './wire.ts'

/** Facts of a cluster that tests speak of; the rest is nothing in particular. */
export type Facts = Partial<Omit<Subject, 'clusterId' | 'name' | 'firstSeenAt'>>

/** The id of a cluster, whatever source holds it. */
export const idOf = (name: string): string =>
  objectIdOf('', { group: 'cluster.x-k8s.io', kind: 'Cluster', namespace: 'fleet', name })

/** What rules read of a cluster that was put into the store with these facts. */
export function subjectOf(name: string, facts: Facts = {}): Subject {
  return {
    scope: 'cluster',
    drift: noDrift,
    silent: [],
    clusterId: idOf(name),
    source: 'weu',
    namespace: 'fleet',
    name,
    labels: {},
    environment: null,
    ring: null,
    owner: null,
    contact: null,
    provider: null,
    flavour: null,
    region: null,
    country: null,
    geographies: [],
    createdAt: null,
    firstSeenAt: at(0).toISOString(),
    azure: null,
    versionDeclared: null,
    versionObserved: null,
    supportPlan: null,
    tier: null,
    upgradeChannel: null,
    nodeOsUpgradeChannel: null,
    pools: [],
    components: [],
    unreadPools: null,
    readComponents: [],
    ...facts,
  }
}

const healthy = { state: 'Healthy', reason: 'AtRest', message: '', composedAt: at(0), stateSince: at(0) } as const

/** Puts clusters into the store as `settle` would leave them, each whole, and marks them. Another source than before is a new home. */
export async function putClusters(db: Db, subjects: readonly Subject[], now: Date): Promise<void> {
  const ids = subjects.map(({ clusterId }) => clusterId)
  await db.transaction(async (tx) => {
    await writeClusters(tx, subjects)
    await writeDrift(tx, subjects)
    await markDue(tx, ids, now)
  })
}

async function writeClusters(tx: Db, subjects: readonly Subject[]): Promise<void> {
  const ids = uuids(subjects.map(({ clusterId }) => clusterId))
  await tx.execute(sql`delete from cluster where id = any(${ids})`)
  await tx.execute(sql`delete from node_pool where cluster_id = any(${ids})`)
  await insert(
    tx,
    cluster,
    subjects.map(
      ({
        clusterId,
        source,
        azure,
        pools: _,
        readComponents: _read,
        scope: _scope,
        drift: _drift,
        silent: _silent,
        ...facts
      }) => ({
        ...healthy,
        ...facts,
        ...versionCells(facts.versionDeclared, facts.versionObserved),
        id: clusterId,
        sourceId: source,
        armSourceId: azure,
        digest: clusterId,
      }),
    ),
  )
  const pools = subjects.flatMap(({ clusterId, source, pools }) =>
    pools.map((pool) => ({
      ...healthy,
      firstSeenAt: at(0),
      ...pool,
      id: objectIdOf(clusterId, { group: '', kind: 'Pool', namespace: '', name: pool.name }),
      sourceId: source,
      clusterId,
      kind: 'MachinePool',
      autoscaled: false,
    })),
  )
  if (pools.length > 0) await insert(tx, nodePool, pools)
}

/** Only the columns that are given: the others have their defaults. */
async function insert(tx: Db, table: typeof cluster | typeof nodePool, rows: readonly object[]): Promise<void> {
  const columns = columnsOf(table, Object.keys(rows[0] ?? {}))
  await tx.execute(
    sql`insert into ${table} (${names(columns)}) select ${values(columns)} from ${recordset(columns, rows)}`,
  )
}

/** As `settle` buries a cluster. */
export async function buryCluster(db: Db, name: string, now: Date): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`update cluster set gone_at = ${now.toISOString()} where id = ${idOf(name)}`)
    await markDue(tx, [idOf(name)], now)
  })
}

/** As a poll of Azure stores what a region offers. */
export async function putRegion(db: Db, { region, minors, readAt }: RegionVersions, now: Date): Promise<void> {
  const row = { sourceId: 'corp', region, minors, readAt, attemptAt: now }
  await db.transaction(async (tx) => {
    await tx
      .insert(regionVersions)
      .values(row)
      .onConflictDoUpdate({ target: [regionVersions.sourceId, regionVersions.region], set: row })
    await markRegionDue(tx, region, now)
  })
}

/** A policy with one rule or more. */
export function policyOf(
  name: string,
  rules: readonly Rule[],
  { version = '1', selector = {} }: { readonly version?: string; readonly selector?: PolicySelector } = {},
): Policy {
  return { name, description: '', version, selector, rules }
}

const base = { severity: 'medium', graceMs: 0 } as const
export const minimum = (version: string, more: Partial<Pick<Rule, 'id' | 'severity' | 'graceMs'>> = {}): Rule => ({
  ...base,
  id: 'minimum',
  type: 'minimumVersion',
  version,
  ...more,
})
export const owned = (more: Partial<Pick<Rule, 'id' | 'severity' | 'graceMs'>> = {}): Rule => ({
  ...base,
  id: 'owner',
  type: 'owner',
  contactRequired: false,
  ...more,
})

/** The findings of the store, one line each: cluster, rule, outcome, since (minute), cause, and the source that holds it. */
export async function findingLines(db: Db): Promise<string[]> {
  const rows = await rowsOf<{ line: string; since: string | Date }>(
    db,
    sql`select coalesce(c.name, f.cluster_id::text) || ' ' || policy || '/' || rule || ' ' || outcome || ' ' || cause || ' ' || f.source_id as line,
      f.since from finding f left join cluster c on c.id = f.cluster_id and c.source_id = f.source_id order by 1`,
  )
  return rows.map(({ line, since }) => `${line} ${minuteOf(since)}`)
}

/** The history of findings, one line each: what, policy and rule, outcome from and to, cause. */
export async function findingHistory(db: Db): Promise<string[]> {
  const rows = await rowsOf<{ line: string }>(
    db,
    sql`select what || ' ' || coalesce(facts #>> '{policy,1}', facts #>> '{policy,0}') || '/' || coalesce(facts #>> '{rule,1}', facts #>> '{rule,0}')
      || ' ' || coalesce(facts #>> '{outcome,0}', '-') || ' > ' || coalesce(facts #>> '{outcome,1}', '-')
      || ' ' || (facts #>> '{cause,1}') as line from change where subject = 'finding' order by cursor`,
  )
  return rows.map(({ line }) => line)
}

/** Minutes after `at(0)`. */
const minuteOf = (instant: string | Date): number => (new Date(instant).getTime() - at(0).getTime()) / 60_000
