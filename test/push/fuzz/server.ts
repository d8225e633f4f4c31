// The real app behind the local host, in a process of its own, so that its memory, its log and its store can be looked at from outside.
import { once } from 'node:events'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { rowsOf } from '../../../db/client.ts'
import { registerSources } from '../../../db/source.ts'
import { parseFleet } from '../../../fleet/configuration.ts'
import { installCore } from '../../../functions/local/core.ts'
import { startHost } from '../../../functions/local/host.ts'
import { memoryQueues } from '../../../functions/local/queue.ts'
import { open, provide } from '../../../functions/wiring/dependencies.ts'
import { readSettings } from '../../../functions/wiring/settings.ts'

/** What the process is given to begin with. */
export interface Given {
  readonly fleet: unknown
  readonly environment: Readonly<Record<string, string>>
}

/** What it tells of itself: bytes, but for `written`. */
export interface Looked {
  /** A digest of the versions of all rows that a request could write; equal: nothing was written. */
  readonly written: string
  /** After a collection. */
  readonly heap: number
  readonly rss: number
  /** Since the process began. */
  readonly rssMax: number
}

const [given] = (await once(process, 'message')) as [Given]
installCore() // Before the first use of @azure/functions, which asks for it once.
const fleet = parseFleet(given.fleet)
const deps = await open(readSettings(given.environment), fleet)
const declarations = fleet.sources.map(({ declaration }) => declaration)
await registerSources(deps.store.db, declarations, deps.now())
provide(async () => deps)
const host = await startHost({
  entries: ['deliveries.ts', 'events.ts'].map((name) => join(import.meta.dirname, '../../../functions', name)),
  numbers: {
    routePrefix: '',
    queues: {
      batchSize: 1,
      newBatchThreshold: 1,
      maxDequeueCount: 1,
      visibilityTimeoutMs: 0,
      maxPollingIntervalMs: 200,
    },
    functionTimeoutMs: 120_000,
  },
  ...{ host: '127.0.0.1', port: 0, openQueue: memoryQueues() },
  // The library's own faults; what the app reports of itself comes this way too.
  log: (level, fn, message) => {
    if (level !== 'trace' && level !== 'debug' && level !== 'information') console.error(`FAULT ${fn}: ${message}`)
  },
  trouble: (what, error) => console.error(`FAULT ${what}:`, error),
})

// Of sessions and sources what counts: a turn that was given back has rewritten a row, and so has the trouble of a foreign server.
const rows = sql`select 'push_session' as t, source_id || epoch::text || ':' || seq::text as row from push_session
  union all select 'source', id || coalesce(server_uid, '') || due_at::text from source
  ${sql.join(
    ['reading', 'object', 'condition', 'change', 'sighting', 'push_seen', 'push_want'].map(
      (name) => sql`union all select ${name}, ctid::text || xmin::text from ${sql.identifier(name)}`,
    ),
    sql` `,
  )}`

async function look(): Promise<Looked> {
  await (await deps.intake.load()).derivation.idle()
  const [row] = await rowsOf<{ written: string }>(
    deps.store.db,
    sql`select md5(string_agg(t || row, ' ' order by t, row)) as written from (${rows}) rows`,
  )
  globalThis.gc?.()
  const { heapUsed: heap, rss } = process.memoryUsage()
  return { written: row?.written ?? '', heap, rss, rssMax: process.resourceUsage().maxRSS * 1024 }
}

process.on('message', async () => process.send?.(await look()))
process.on('disconnect', async () => {
  await host.stop()
  await deps.close()
  process.exit(0)
})
process.send?.(host.url)
