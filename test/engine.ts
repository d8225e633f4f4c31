import { sql } from 'drizzle-orm'
import { openStore, type Store } from '../db/client.ts'
import { postgresPrograms } from './postgres.ts'
import { needs } from './require.ts'

export type Engine = 'pglite' | 'postgres'

const postgresIsHere = needs(
  'postgres',
  (await postgresPrograms()) !== null,
  'npm ci installs it, unless optional packages are omitted',
)

/** What every store test runs on: `describe.each(engines)('ingest on %s', (engine) => …)`. */
export const engines: readonly Engine[] = postgresIsHere ? ['pglite', 'postgres'] : ['pglite']

/** A migrated, empty store, private to the caller. Close it when done; its database is then gone. About 50 ms on a server, 500 ms on PGlite. */
export async function openEngine(name: Engine): Promise<Store> {
  if (name === 'pglite') return openStore({ memory: true, snapshot: await (await ask('/snapshot')).blob() })
  const url = await (await ask('/')).text()
  const store = await openStore({ url })
  const close = async () => {
    await store.close()
    await ask(`/?drop=${new URL(url).pathname.slice(1)}`)
  }
  return { ...store, close }
}

/** A database of the server, without any table. */
export async function emptyDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const url = await (await ask('/?empty')).text()
  const drop = async () => {
    await ask(`/?drop=${new URL(url).pathname.slice(1)}`)
  }
  return { url, drop }
}

/** Empties a store between the tests of a file. */
export async function clear({ db }: Store): Promise<void> {
  await db.execute(sql`do $$ begin execute (
    select 'truncate ' || string_agg(quote_ident(tablename), ', ') || ' restart identity' from pg_tables where schemaname = 'public');
  end $$`)
}

async function ask(path: string): Promise<Response> {
  const base = process.env.ROLLCALL_TEST_DATABASES
  if (!base) throw new Error("vitest.config.ts must have globalSetup: 'test/databases.ts'")
  const response = await fetch(base + path)
  if (!response.ok) throw new Error(await response.text())
  return response
}
