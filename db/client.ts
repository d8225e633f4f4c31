import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { SQL } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import { FleetError } from '../fleet/error.ts'
import { lockFolder } from './folder-lock.ts'
import { postgresConfig, serverOf } from './postgres-config.ts'

/** Either engine, or a transaction on it. */
export type Db = PgDatabase<PgQueryResultHKT>

export interface Store {
  readonly db: Db
  readonly engine: 'pglite' | 'postgres'
  /** Resolves when nothing is held any more: connections, the embedded database, its folder's lock. */
  close(): Promise<void>
}

export type StoreLocation =
  /** Embedded database in a folder; `snapshot` fills a new one. */
  | { readonly dataDir: string }
  | { readonly memory: true; readonly snapshot?: Blob }
  | { readonly url: string; readonly max?: number }

/** Pool size of one process: Functions scale by instances, and instances × max must stay below the server's limit (azure.md 9.1). */
const poolMax = 5

/**
 * Opens the store, without migrating it. The drivers are heavy and loaded only here, and only the one that is used.
 * @throws FleetError `conflict` when another process has the folder; `invalid` for a URL nobody answers.
 */
export async function openStore(location: StoreLocation): Promise<Store> {
  if ('url' in location) return openServer(location.url, location.max ?? poolMax)
  if ('memory' in location) return openEmbedded(undefined, () => undefined, location.snapshot)
  mkdirSync(location.dataDir, { recursive: true })
  const unlock = lockFolder(location.dataDir)
  try {
    return await openEmbedded(join(location.dataDir, 'store'), unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

async function openEmbedded(path: string | undefined, unlock: () => void, snapshot?: Blob): Promise<Store> {
  const [{ PGlite }, { drizzle }] = await Promise.all([
    import('@electric-sql/pglite'),
    import('drizzle-orm/pglite/driver'),
  ])
  const client = await PGlite.create({
    ...(path ? { dataDir: path } : {}),
    ...(snapshot ? { loadDataDir: snapshot } : {}),
  })
  const close = async () => {
    await client.close()
    unlock()
  }
  return { db: drizzle(client), engine: 'pglite', close }
}

async function openServer(url: string, max: number): Promise<Store> {
  const config = postgresConfig(url, max)
  const [{ default: pg }, { drizzle }] = await Promise.all([import('pg'), import('drizzle-orm/node-postgres/driver')])
  const pool = new pg.Pool(config)
  // An idle connection that the server ends is replaced at the next use; unhandled, its error would end the process.
  pool.on('error', () => undefined)
  try {
    await pool.query('select 1')
  } catch (error) {
    await pool.end()
    const why = error instanceof AggregateError ? error.errors.map(String).join(', ') : String(error)
    throw new FleetError(
      'invalid',
      `DATABASE_URL: no PostgreSQL answers at ${serverOf(config)} (${why}). Check host, port, database and credentials.`,
      { cause: error },
    )
  }
  return { db: drizzle(pool), engine: 'postgres', close: () => pool.end() }
}

/**
 * Rows of a hand-written statement, as the drivers give them: timestamps and, on a server, bigints are text.
 * The row type is the caller's word for what the statement selects.
 */
export async function rowsOf<Row>(db: Db, statement: SQL): Promise<Row[]> {
  // Both drivers answer with `rows`; drizzle's common type does not say so.
  const { rows } = (await db.execute(statement)) as unknown as { rows: Row[] }
  return rows
}
