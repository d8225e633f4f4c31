import { sql } from 'drizzle-orm'
import { endedSupport, offersOf } from '../fleet/azure/kubernetes-versions.ts'
import { armClusterKind } from '../fleet/reference.ts'
import type { CalendarEntry, RegionMinor } from '../fleet/support/calendar.ts'
import { armClaim } from './claim.ts'
import { type Db, rowsOf } from './client.ts'
import { markRegionDue } from './judge/due.ts'
import { texts } from './recordset.ts'
import { markClusters } from './settle/mark.ts'
import { inTransaction } from './transaction.ts'
import { regionVersions, supportCalendar } from './verdict-tables.ts'

// What polls of Azure know and find out beside the clusters themselves, which come in through `ingest` like everything.

/** A managed cluster that a subscription's listing ought to name. */
export interface Expected {
  /** Its ARM id in lower case. */
  readonly key: string
  /** It was listed before; else somebody merely declares it. */
  readonly listed: boolean
  /** When Azure, asked for it by id, last said that there is none. */
  readonly absentAt: Date | null
}

/**
 * What is known of a subscription's clusters before it is listed: those that were, and those that a living cluster claims to be.
 * `subscription` in lower case.
 */
export async function expectedClusters(db: Db, source: string, subscription: string): Promise<Expected[]> {
  const rows = await rowsOf<{ key: string; listed: boolean; absentAt: string | null }>(
    db,
    sql`select e.key, bool_or(e.listed) as listed, max(a.last_confirmed_at) as "absentAt" from (
        select name as key, true as listed from object
          where source_id = ${source} and kind = ${armClusterKind} and gone_at is null
        union all select substr(b.claim, ${armClaim('').length + 1}), false from binding b
          join cluster c on c.id = b.cluster_id and c.gone_at is null
          where starts_with(b.claim, ${armClaim(`/subscriptions/${subscription}/`)})) e
      left join absence a on a.source_id = ${source} and a.arm_id = e.key
      group by e.key order by e.key`,
  )
  return rows.map(({ key, listed, absentAt }) => ({
    key,
    listed,
    absentAt: absentAt === null ? null : new Date(absentAt),
  }))
}

/**
 * Keeps what a complete listing found out about clusters that Azure does not have: `gone` were asked for by id just now; of the others
 * that were `expected`, those in `present` exist after all. What nobody expects any more is forgotten.
 */
export async function recordAbsences(
  db: Db,
  source: string,
  found: {
    readonly expected: readonly string[]
    readonly present: readonly string[]
    readonly gone: readonly string[]
  },
  now: Date,
): Promise<void> {
  const at = now.toISOString()
  await inTransaction(db, async (tx) => {
    const before = await rowsOf<{ key: string }>(tx, sql`select arm_id as key from absence where source_id = ${source}`)
    const known = before.map(({ key }) => key)
    const gone = new Set(found.gone)
    const ended = known.filter(
      (key) => !gone.has(key) && (found.present.includes(key) || !found.expected.includes(key)),
    )
    if (ended.length > 0)
      await tx.execute(sql`delete from absence where source_id = ${source} and arm_id = any(${texts(ended)})`)
    if (gone.size > 0)
      await tx.execute(sql`insert into absence (source_id, arm_id, first_confirmed_at, last_confirmed_at)
        select ${source}, id, ${at}, ${at} from unnest(${texts([...gone])}) id order by id
        on conflict (source_id, arm_id) do update set last_confirmed_at = excluded.last_confirmed_at`)
    await markDeclared(tx, [...ended, ...[...gone].filter((key) => !known.includes(key))])
  })
}

/** Has clusters composed again, by ARM id: Azure has them again, or no longer. */
async function markDeclared(tx: Db, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  const claims = texts(keys.map(armClaim))
  await markClusters(
    tx,
    sql`c.gone_at is null and c.id in (select cluster_id from binding where claim = any(${claims}))`,
  )
}

/** A subscription that an account's polls read. */
export interface KnownSubscription {
  /** Its id in lower case. */
  readonly subscription: string
  readonly holdsClusters: boolean
}

/** The subscriptions that an account's polls read, those longest unread first. */
export async function knownSubscriptions(db: Db, account: string): Promise<KnownSubscription[]> {
  return rowsOf<KnownSubscription>(
    db,
    sql`select split_part(s.arm_id, '/', 3) as subscription, exists (select from object o
          where o.source_id = s.id and o.kind = ${armClusterKind} and o.gone_at is null) as "holdsClusters"
      from source s where s.parent_id = ${account} and s.type = 'azure' and s.removed_at is null and s.arm_id is not null
      order by s.last_attempt_at nulls first, s.id`,
  )
}

/** When the versions of a region were last read for a subscription. */
export type RegionReading = Pick<
  typeof regionVersions.$inferSelect,
  'sourceId' | 'region' | 'attemptAt' | 'troubleMessage'
>

/** How far the versions of regions have been read by any of these sources. */
export function regionReadings(db: Db, sources: readonly string[]): Promise<RegionReading[]> {
  const { sourceId, region, attemptAt, troubleMessage } = regionVersions
  return db
    .select({ sourceId, region, attemptAt, troubleMessage })
    .from(regionVersions)
    .where(sql`source_id = any(${texts(sources)})`)
    .orderBy(region, sourceId)
}

/**
 * Keeps what a region offers now, and the days on which support ended since it was last read; its clusters are then judged again, also
 * when nothing changed, since an answer that was too old to judge by is young again.
 */
export async function recordRegion(
  db: Db,
  {
    source,
    region,
    minors,
  }: { readonly source: string; readonly region: string; readonly minors: readonly RegionMinor[] },
  now: Date,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    await markRegionDue(tx, region, now)
    const [before] = await tx.select().from(regionVersions).where(sql`source_id = ${source} and region = ${region}`)
    const row = { sourceId: source, region, minors, readAt: now, attemptAt: now, troubleMessage: null }
    await tx
      .insert(regionVersions)
      .values(row)
      .onConflictDoUpdate({ target: [regionVersions.sourceId, regionVersions.region], set: row })
    const ended = before === undefined ? [] : endedSupport(before, minors, now)
    // The first day on which anybody saw the end stands.
    if (ended.length > 0) await tx.insert(supportCalendar).values(ended.map(rowOf)).onConflictDoNothing()
    for (const { minor, plan } of offersOf(minors)) {
      await tx.execute(sql`delete from support_calendar where calendar = 'aks' and origin = 'observed'
        and region = ${region} and minor = ${minor} and plan = ${plan}`)
    }
  })
}

/**
 * Notes that the versions of a region could not be read; what was read before stays, with its age. Its clusters are judged again when
 * that is news: a region of which nothing was known is now one that could not be read.
 */
export async function recordRegionTrouble(
  db: Db,
  { source, region, message }: { readonly source: string; readonly region: string; readonly message: string },
  now: Date,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const [before] = await tx.select().from(regionVersions).where(sql`source_id = ${source} and region = ${region}`)
    if (before?.troubleMessage !== message) await markRegionDue(tx, region, now)
    await tx
      .insert(regionVersions)
      .values({ sourceId: source, region, attemptAt: now, troubleMessage: message })
      .onConflictDoUpdate({
        target: [regionVersions.sourceId, regionVersions.region],
        set: { attemptAt: now, troubleMessage: message },
      })
  })
}

/** Keeps support dates that Azure announced; clusters of a region whose dates changed are judged again. */
export async function recordNotifications(db: Db, entries: readonly CalendarEntry[], now: Date): Promise<void> {
  if (entries.length === 0) return
  await inTransaction(db, async (tx) => {
    const { calendar, minor, plan, origin, region } = supportCalendar
    const before = await tx.select().from(supportCalendar).where(sql`origin = 'notification'`)
    const known = new Map(before.map((row) => [keyOf(row), row.endsAt]))
    const changed = entries.map(rowOf).filter((row) => known.get(keyOf(row)) !== row.endsAt)
    for (const place of new Set(changed.map((row) => row.region))) await markRegionDue(tx, place, now)
    await tx
      .insert(supportCalendar)
      .values(entries.map(rowOf))
      .onConflictDoUpdate({
        target: [calendar, minor, plan, origin, region],
        set: { endsAt: sql`excluded.ends_at`, asOf: sql`excluded.as_of` },
        setWhere: sql`${supportCalendar.endsAt} is distinct from excluded.ends_at or ${supportCalendar.asOf} < excluded.as_of`,
      })
  })
}

type CalendarRow = typeof supportCalendar.$inferInsert

const rowOf = (entry: CalendarEntry) => ({ ...entry, region: entry.region ?? '' })
const keyOf = ({ minor, plan, region }: CalendarRow): string => `${minor} ${plan} ${region}`
