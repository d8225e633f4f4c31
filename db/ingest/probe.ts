import { sql } from 'drizzle-orm'
import type { Observation } from '../../fleet/observation.ts'
import { type Db, rowsOf } from '../client.ts'
import { columnsOf, uuids } from '../recordset.ts'
import { object } from '../tables.ts'
import type { Progress } from './progress.ts'
import type { Read } from './read.ts'

/** What the store knew of an object before this delivery. Instants in RFC 3339, as PostgreSQL writes them in JSON. */
export type Known = {
  readonly [K in (typeof knownKeys)[number]]: (typeof object.$inferSelect)[K] extends Date | infer Rest
    ? Date extends (typeof object.$inferSelect)[K]
      ? Exclude<Rest, Date> | string
      : (typeof object.$inferSelect)[K]
    : never
}

const knownKeys = [
  'apiVersion',
  'uid',
  'generation',
  'ownerNamespace',
  'ownerName',
  'ownerNamed',
  'clusterId',
  'state',
  'reason',
  'message',
  'since',
  'underlying',
  'flags',
  'holdsUntil',
  'stateSince',
  'generationSeenAt',
  'shortSince',
  'versionDeclared',
  'versionObserved',
  'replicasDesired',
  'replicasCurrent',
  'replicasReady',
  'replicasAvailable',
  'replicasUpToDate',
  'revisionDesired',
  'revisionAttempted',
  'revisionApplied',
  'revisionSince',
  'pausedSince',
  'actsAt',
  'deletingSince',
  'observedAt',
  'goneAt',
] as const satisfies readonly (keyof typeof object.$inferSelect)[]

const nameOf = new Map(columnsOf(object).map(({ key, name }) => [key, name]))
const known = sql.raw(knownKeys.map((key) => `'${key}', o.${nameOf.get(key)}`).join(', '))

/** An observation worth writing: new (`known` null), changed, or returned from the gone. */
export interface Changed {
  readonly observation: Observation
  readonly known: Known | null
}

/** What of a delivery the store must write. */
export interface Probed {
  readonly changed: readonly Changed[]
  /** Ids of what says the same as before in a newer version (db/ingest/renew.ts). */
  readonly renewed: readonly string[]
}

/**
 * Keeps what differs from the store. Only (id, digest) is shipped, and an unchanged object gives no row back: that is what
 * makes reading an unchanged fleet cheap (stack.md 3.2). A row written by a newer observation is left alone.
 * The `limit 1` keeps the planner at one index look-up per object: without statistics, as after a first load, it would rather read
 * the whole source for each page.
 */
export async function probe(
  tx: Db,
  { delivery, observations, prints, at }: Read,
  { pushes }: Progress,
): Promise<Probed> {
  if (observations.length === 0) return { changed: [], renewed: [] }
  const ids = uuids(observations.map(({ id }) => id))
  const digests = uuids(observations.map(({ digest }) => digest))
  const differs = sql`(o.digest <> p.digest or o.gone_at is not null)`
  const [given, isNews] = pushes
    ? [
        sql`unnest(${ids}, ${digests}, ${uuids(observations.map(({ id }) => prints.get(id) ?? null))}) with ordinality as p(id, digest, print, n)`,
        sql`(${differs} or o.print is distinct from p.print)`,
      ]
    : [sql`unnest(${ids}, ${digests}) with ordinality as p(id, digest, n)`, differs]
  const rows = await rowsOf<{ n: string | number; renewed: boolean; known: Known | null }>(
    tx,
    sql`select p.n, o.id is not null and not ${differs} as renewed, case when o.id is not null and ${differs} then json_build_object(${known}) end as known
      from ${given}
      left join lateral (select * from object where id = p.id and source_id = ${delivery.source} limit 1) o on true
      where o.id is null or (o.observed_at <= ${at.toISOString()}::timestamptz and ${isNews})`,
  )
  const probed: { changed: Changed[]; renewed: string[] } = { changed: [], renewed: [] }
  for (const { n, renewed, known } of rows) {
    const observation = observations[Number(n) - 1]
    if (!observation) continue
    if (renewed) probed.renewed.push(observation.id)
    else probed.changed.push({ observation, known })
  }
  return probed
}
