import { join } from 'node:path'
import type { SQL } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import { FleetError } from '../fleet/error.ts'
import { lockFolder, makeFolder } from './folder-lock.ts'
import { postgresConfig, serverOf } from './postgres-config.ts'

/** Either engine, or a transaction on it. */
export type Db = PgDatabase<PgQueryResultHKT>

export interface Store {
  readonly db: Db
  readonly engine: 'pglite' | 'postgres'
  /** Where it is, for a sentence: "data folder /srv/rollcall". */
  readonly place: string
  /** Resolves when nothing is held any more: connections, the embedded database, its folder's lock. */
  close(): Promise<void>
}

export type StoreLocation =
  /** Embedded database in a folder; `snapshot` fills a new one. */
  | { readonly dataDir: string }
  | { readonly memory: true; readonly snapshot?: Blob }
  | { readonly url: string; readonly max?: number }

/** What to do about a data folder that is of no use. */
export const elsewhere = 'Move that folder away, or set ROLLCALL_DATA to another one.'

/** Pool size of one process: Functions scale by instances, and instances × max must stay below the server's limit (azure.md 9.1). */
const poolMax = 5

/**
 * Opens the store, without migrating it. The drivers are heavy and loaded only here, and only the one that is used.
 * @throws FleetError `conflict` when another process has the folder; `invalid` for a folder that cannot be used, a damaged store,
 * or a URL where no PostgreSQL lets us in.
 */
export async function openStore(location: StoreLocation): Promise<Store> {
  if ('url' in location) return openServer(location.url, location.max ?? poolMax)
  if ('memory' in location) return openEmbedded(undefined, () => undefined, location.snapshot)
  const { dataDir } = location
  makeFolder(dataDir)
  const unlock = lockFolder(dataDir)
  try {
    return await openEmbedded(dataDir, unlock)
  } catch (cause) {
    unlock()
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
    throw new FleetError(
      'invalid',
      `The embedded database in the data folder ${dataDir} cannot be opened (${why}). ${elsewhere}`,
      { cause },
    )
  }
}

async function openEmbedded(dataDir: string | undefined, unlock: () => void, snapshot?: Blob): Promise<Store> {
  const [{ PGlite }, { drizzle }] = await Promise.all([
    import('@electric-sql/pglite'),
    import('drizzle-orm/pglite/driver'),
  ])
  const client = await PGlite.create({
    ...(dataDir ? { dataDir: join(dataDir, 'store') } : {}),
    ...(snapshot ? { loadDataDir: snapshot } : {}),
  })
  const close = async () => {
    await client.close()
    unlock()
  }
  const place = dataDir ? `data folder ${dataDir}` : 'database in memory'
  return { db: drizzle(client), engine: 'pglite', place, close }
}

async function openServer(url: string, max: number): Promise<Store> {
  const config = postgresConfig(url, max)
  const [{ default: pg }, { drizzle }] = await Promise.all([import('pg'), import('drizzle-orm/node-postgres/driver')])
  const pool = new pg.Pool(config)
  // An idle connection that the server ends is replaced at the next use; unhandled, its error would end the process.
  pool.on('error', () => undefined)
  // One at work says it by its statement, and by this event, which nobody hears while it waits between two statements.
  pool.on('connect', (client) => client.on('error', () => undefined))
  try {
    await pool.query('select 1')
  } catch (error) {
    await pool.end()
    throw new FleetError('invalid', `DATABASE_URL: ${refusalOf(error, serverOf(config))}`, { cause: error })
  }
  return { db: drizzle(pool), engine: 'postgres', place: 'database of DATABASE_URL', close: () => pool.end() }
}

/** What a failed connection means. A server that answers has an SQLSTATE, or fails the driver's authentication (SASL). */
function refusalOf(error: unknown, server: string): string {
  const message = error instanceof Error ? error.message : String(error)
  if ((error instanceof Error && 'severity' in error) || message.startsWith('SASL'))
    return `PostgreSQL at ${server} refuses (${message}). Check user, password and database.`
  const why = error instanceof AggregateError ? error.errors.map(String).join(', ') : String(error)
  return `no PostgreSQL answers at ${server} (${why}). Check host and port, and that the server runs.`
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
