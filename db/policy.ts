import { sql } from 'drizzle-orm'
import type { CalendarOverride } from '../fleet/policy/calendar-file.ts'
import type { Policy } from '../fleet/policy/policy.ts'
import type { DeclaredWaiver } from '../fleet/policy/waiver-file.ts'
import type { CalendarEntry } from '../fleet/support/calendar.ts'
import { seedCalendar } from '../fleet/support/seed.ts'
import { keepOverrides, keepSeed } from './calendar.ts'
import { type Db, rowsOf } from './client.ts'
import { holdRules, markAllDue } from './judge/due.ts'
import { columnsOf, differs, excluded, names, recordset, values } from './recordset.ts'
import { inTransaction } from './transaction.ts'
import { policy, waiver } from './verdict-tables.ts'

/** What the fleet file says that clusters are judged by. */
export interface DeclaredRules {
  readonly policies: readonly Policy[]
  readonly waivers: readonly DeclaredWaiver[]
  readonly calendar: readonly CalendarOverride[]
}

/**
 * Makes the store know exactly these policies and declared waivers, and the calendar with its overrides; waivers granted in other ways
 * stay. All clusters are judged again if that changed anything. `seed`: the promises that Rollcall itself brings.
 */
export async function registerPolicies(
  db: Db,
  { policies, waivers, calendar }: DeclaredRules,
  now: Date,
  seed: readonly CalendarEntry[] = seedCalendar,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    await holdRules(tx)
    const changed = [
      await keepPolicies(tx, policies, now),
      await keepWaivers(tx, waivers, now),
      await keepOverrides(tx, calendar, now),
      await keepSeed(tx, seed, now),
    ]
    if (changed.some((rows) => rows > 0)) await markAllDue(tx, now)
  })
}

const policyColumns = columnsOf(policy, ['name', 'position', 'version', 'document', 'registeredAt'])
const policyContent = policyColumns.filter(({ key }) => ['position', 'version', 'document'].includes(key))

/** Returns how many rows changed. */
async function keepPolicies(tx: Db, policies: readonly Policy[], now: Date): Promise<number> {
  const given = recordset(
    policyColumns,
    policies.map((document, position) => {
      const { name, version } = document
      return { name, position, version, document, registeredAt: now }
    }),
  )
  const removed = await rowsOf(
    tx,
    sql`update policy set removed_at = ${now.toISOString()}
      where removed_at is null and name not in (select r.name from ${given}) returning 1`,
  )
  const written = await rowsOf(
    tx,
    sql`insert into policy as stored (${names(policyColumns)})
      select ${values(policyColumns)} from ${given} order by r.name
      on conflict (name) do update set ${excluded(policyContent)}, registered_at = excluded.registered_at, removed_at = null
        where ${differs(policyContent)} or stored.removed_at is not null
      returning 1`,
  )
  return removed.length + written.length
}

const waiverColumns = columnsOf(waiver).filter(({ key }) => key !== 'revokedAt' && key !== 'revokedBy')
const waiverContent = waiverColumns.filter(({ key }) => key !== 'id' && key !== 'createdAt')

/** A waiver that the fleet file no longer has is revoked, unless it has run out. Returns how many rows changed. */
async function keepWaivers(tx: Db, waivers: readonly DeclaredWaiver[], now: Date): Promise<number> {
  const at = now.toISOString()
  const given = recordset(
    waiverColumns,
    waivers.map((each) => ({ ...each, createdAt: now })),
  )
  const revoked = await rowsOf(
    tx,
    sql`update waiver set revoked_at = ${at}, revoked_by = 'fleet file'
      where origin = 'fleetFile' and revoked_at is null and expires_at > ${at} and id not in (select r.id from ${given})
      returning 1`,
  )
  const written = await rowsOf(
    tx,
    sql`insert into waiver as stored (${names(waiverColumns)})
      select ${values(waiverColumns)} from ${given} order by r.id
      on conflict (id) do update set ${excluded(waiverContent)}, revoked_at = null, revoked_by = null
        where ${differs(waiverContent)} or stored.revoked_at is not null
      returning 1`,
  )
  return revoked.length + written.length
}
