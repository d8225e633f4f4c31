import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sql } from 'drizzle-orm'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { FleetError } from '../fleet/error.ts'
import { type Db, elsewhere, rowsOf, type Store } from './client.ts'
import { codeOf } from './transaction.ts'

/**
 * Brings the store's tables up to this code. Two processes may do so at once: the lock belongs to the transaction, so that
 * it also holds behind a pooler, and all steps are committed together or not at all.
 * @throws FleetError `conflict` when the store is newer than this code, or refuses a step: tables that are not ours, a missing right.
 */
export async function migrateStore(store: Store): Promise<void> {
  try {
    await applySteps(store.db)
  } catch (error) {
    if (!/^[0-9A-Z]{5}$/.test(codeOf(error))) throw error
    const cause = error instanceof DrizzleQueryError ? error.cause : error
    const why = cause instanceof Error ? cause.message : String(cause)
    const remedy = store.engine === 'pglite' ? elsewhere : 'Use an empty database, or one that this user may change.'
    throw new FleetError('conflict', `The ${store.place} cannot be migrated (${why}). ${remedy}`, { cause: error })
  }
}

async function applySteps(db: Db): Promise<void> {
  const steps = readMigrationFiles({ migrationsFolder: migrationsFolder() })
  await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('rollcall migration'))`)
    await tx.execute(
      sql`create table if not exists migration (step bigint primary key, hash text not null, applied_at timestamptz not null default now())`,
    )
    const applied = await appliedSteps(tx)
    const newest = steps.at(-1)?.folderMillis ?? 0
    if (Math.max(0, ...applied) > newest) {
      throw new FleetError(
        'conflict',
        'The database was migrated by a newer Rollcall than this one. Start that version, or restore a backup made before.',
      )
    }
    for (const step of steps.filter(({ folderMillis }) => !applied.has(folderMillis))) {
      for (const statement of step.sql) await tx.execute(sql.raw(statement))
      await tx.execute(sql`insert into migration (step, hash) values (${step.folderMillis}, ${step.hash})`)
    }
  })
}

/** True when every migration of this code has been applied: what `/readyz` asks. */
export async function isMigrated(db: Db): Promise<boolean> {
  const [table] = await rowsOf<{ there: boolean }>(db, sql`select to_regclass('migration') is not null as there`)
  if (!table?.there) return false
  const applied = await appliedSteps(db)
  return readMigrationFiles({ migrationsFolder: migrationsFolder() }).every(({ folderMillis }) =>
    applied.has(folderMillis),
  )
}

async function appliedSteps(db: Db): Promise<ReadonlySet<number>> {
  const rows = await rowsOf<{ step: string | number }>(db, sql`select step from migration`)
  return new Set(rows.map(({ step }) => Number(step)))
}

/** Beside this file in the checkout; in a bundle, beside it or in a folder above. */
function migrationsFolder(): string {
  for (let dir = import.meta.dirname; ; dir = dirname(dir)) {
    for (const folder of [join(dir, 'migrations'), join(dir, 'db', 'migrations')]) {
      if (existsSync(join(folder, 'meta', '_journal.json'))) return folder
    }
    if (dir === dirname(dir)) {
      throw new FleetError(
        'internal',
        `No migrations beside ${import.meta.dirname}: the folder db/migrations belongs to the bundle.`,
      )
    }
  }
}
