import { sql } from 'drizzle-orm'
import type { Observation } from '../../fleet/observation.ts'
import { type Db, rowsOf } from '../client.ts'
import { columnsOf, uuids } from '../recordset.ts'
import { object } from '../tables.ts'

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

/**
 * Keeps what differs from the store. Only (id, digest) is shipped, and an unchanged object gives no row back: that is what
 * makes reading an unchanged fleet cheap (stack.md 3.2). A row written by a newer observation is left alone.
 * The `limit 1` keeps the planner at one index look-up per object: without statistics, as after a first load, it would rather read
 * the whole source for each page.
 */
export async function probe(
  tx: Db,
  source: string,
  observations: readonly Observation[],
  at: Date,
): Promise<Changed[]> {
  if (observations.length === 0) return []
  const rows = await rowsOf<{ n: string | number; known: Known | null }>(
    tx,
    sql`select p.n, case when o.id is not null then json_build_object(${known}) end as known
      from unnest(${uuids(observations.map(({ id }) => id))}, ${uuids(observations.map(({ digest }) => digest))})
        with ordinality as p(id, digest, n)
      left join lateral (select * from object where id = p.id and source_id = ${source} limit 1) o on true
      where o.id is null or (o.observed_at <= ${at.toISOString()}::timestamptz and (o.digest <> p.digest or o.gone_at is not null))`,
  )
  return rows.flatMap(({ n, known }) => {
    const observation = observations[Number(n) - 1]
    return observation ? [{ observation, known }] : []
  })
}
