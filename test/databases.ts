import { once } from 'node:events'
import { createServer } from 'node:http'
import pg from 'pg'
import { openStore } from '../db/client.ts'
import { migrateStore } from '../db/migrate.ts'
import { type Postgres, startPostgres } from './postgres.ts'

/**
 * Vitest's global set-up: one PostgreSQL server and one migrated PGlite snapshot for the whole run, each made when the first
 * test file asks (`test/engine.ts`), and both gone at the end of the run.
 */
export async function setup(): Promise<() => Promise<void>> {
  const databases = makeDatabases()
  const server = createServer((request, response) => {
    databases.answer(new URL(request.url ?? '', 'http://local')).then(
      (body) => response.end(body),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A test file may be quiet for longer than a server's usual patience, and then ask on the same connection.
  server.keepAliveTimeout = 0
  const address = server.address()
  if (address !== null && typeof address !== 'string') {
    process.env.ROLLCALL_TEST_DATABASES = `http://127.0.0.1:${address.port}`
  }
  return async () => {
    server.closeAllConnections()
    server.close()
    await databases.end()
  }
}

function makeDatabases() {
  let postgres: Promise<Postgres> | null = null
  let snapshot: Promise<Buffer> | null = null
  let made = 0
  let queue: Promise<unknown> = Promise.resolve()

  /** PostgreSQL copies a template only while nobody else does. */
  function oneByOne<T>(act: () => Promise<T>): Promise<T> {
    const result = queue.then(act)
    queue = result.catch(() => undefined)
    return result
  }

  async function answer(url: URL): Promise<string | Buffer> {
    if (url.pathname === '/snapshot') {
      snapshot ??= makeSnapshot()
      return await snapshot
    }
    postgres ??= startMigrated()
    const server = await postgres
    const name = url.searchParams.get('drop') ?? `test_${++made}`
    const dropping = url.searchParams.has('drop')
    await oneByOne(() =>
      asAdmin(
        server,
        dropping
          ? `drop database if exists ${name} with (force)`
          : `create database ${name} template ${url.searchParams.has('empty') ? 'template0' : 'migrated'}`,
      ),
    )
    return server.url(name)
  }

  return { answer, end: async () => await (await postgres)?.stop() }
}

async function startMigrated(): Promise<Postgres> {
  const server = await startPostgres({ durable: false })
  await asAdmin(server, 'create database migrated')
  const store = await openStore({ url: server.url('migrated') })
  await migrateStore(store)
  await store.close()
  return server
}

async function asAdmin(server: Postgres, statement: string): Promise<void> {
  const client = new pg.Client(server.url('postgres'))
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** A data folder with the tables, as an uncompressed archive. */
async function makeSnapshot(): Promise<Buffer> {
  const { PGlite } = await import('@electric-sql/pglite')
  const { drizzle } = await import('drizzle-orm/pglite/driver')
  const client = await PGlite.create()
  await migrateStore({
    db: drizzle(client),
    engine: 'pglite',
    place: 'database in memory',
    close: async () => undefined,
  })
  const archive = await client.dumpDataDir('none')
  await client.close()
  return Buffer.from(await archive.arrayBuffer())
}
