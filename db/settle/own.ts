import { type SQL, sql } from 'drizzle-orm'
import { composeSource } from '../../fleet/compose-source.ts'
import type { Surroundings } from '../../fleet/composition/surroundings.ts'
import { defaultConventions } from '../../fleet/convention.ts'
import { vanishedMs } from '../../fleet/drift/source.ts'
import { clusterKind } from '../../fleet/reference.ts'
import { sourceSubjectId } from '../claim.ts'
import type { Db } from '../client.ts'
import { markDue } from '../judge/due.ts'
import { answer, type Query, queries } from '../query.ts'
import { together } from '../together.ts'
import { isPublic } from './destination.ts'
import { driftRow, gitopsRows } from './drift-rows.ts'
import { type Ground, groundOf } from './ground.ts'
import { aroundOf, memberOf, reliedOnBy } from './members.ts'
import { objectsOf, type StoredObject } from './objects.ts'
import type { Round } from './round.ts'
import { storedOfSource } from './stored.ts'
import { driftNews, gitopsNews } from './write-drift.ts'

/** Objects without a Cluster that are looked at, the first by kind and name; a management cluster that lost more has one cause for all. */
const orphansMax = 1000

/**
 * Composes what a management cluster holds beside its workload clusters: reconcilers that act on itself or on nothing we know, and
 * what Clusters left behind. A source that is none, or was taken out of the fleet file, has no drift; its reconcilers stay as they
 * were seen last.
 */
export async function composeOwn(tx: Db, round: Round): Promise<void> {
  const { source, now } = round
  const subjectId = sourceSubjectId(source)
  const told = await answer(
    tx,
    queries({
      ground: groundOf(round, sql`select ${source}`),
      stored: storedOfSource(source, subjectId),
      reconcilers: ordered(sql`id in (${unclaimed(source)})`),
      relied: reliedOnBy(sql`select relies_on from object where id in (${unclaimed(source)})`),
      parts: ordered(sql`id in (${parted(source)})`),
      clusters: ordered(vanished(source, now)),
    }),
  )
  const { ground, stored } = told
  const declared = ground.sourceOf(source)
  const isRead = declared?.type === 'managementCluster' && declared.removedAt === null
  if (isRead) {
    const { drift, reconcilers, members, holdsUntil } = ownOf(round, told)
    const subject = { subjectId, sourceId: source, scope: 'source', holdsUntil } as const
    const news = driftNews([driftRow(subject, drift, now)], stored)
    await together(tx, [
      ...news.statements,
      ...gitopsNews(gitopsRows(null, reconcilers, members, now), stored).statements,
    ])
    await markDue(tx, news.drifted, now)
    return
  }
  const news = driftNews([], stored)
  await together(tx, news.statements)
  await markDue(tx, news.drifted, now)
}

interface Told {
  readonly ground: Ground
  readonly reconcilers: readonly StoredObject[]
  readonly relied: readonly StoredObject[]
  readonly parts: readonly StoredObject[]
  readonly clusters: readonly StoredObject[]
}

function ownOf(round: Round, { ground, reconcilers, relied, parts, clusters }: Told) {
  const { source, kinds, conventions = defaultConventions, now } = round
  const around = aroundOf(relied, round, ground)
  const given = (rows: readonly StoredObject[]) => rows.map((row) => memberOf(row, round, ground))
  const members = given(reconcilers)
  const surroundings: Surroundings = {
    kinds,
    conventions,
    around,
    readingOf: ground.readingOf,
    declarersUnread: ground.declarersUnread,
    isPublic,
    missing: null,
    declaredUntil: null,
    managementCluster: source,
  }
  const gone = clusters.map((row) => ({ member: memberOf(row, round, ground), goneAt: row.goneAt ?? now }))
  const composed = composeSource(
    {
      source,
      unclaimed: members,
      orphans: given(parts.filter(({ kind }) => kinds(kind).part !== 'gitops')),
      vanished: gone.map(({ member, goneAt }) => ({ member, goneAt: goneAt.toISOString() })),
    },
    surroundings,
  )
  const ends = gone.map(({ goneAt }) => goneAt.getTime() + vanishedMs)
  return { ...composed, members, holdsUntil: ends.length === 0 ? null : new Date(Math.min(...ends)) }
}

const ordered = (which: SQL): Query<StoredObject[]> =>
  objectsOf(sql`where ${which} order by kind, namespace, name, source_id`)

/** What applies something; and what others apply from, where it says itself that something is wrong with it. */
const speaks = sql.raw(`(o.facts #>> '{gitops,role}' = 'reconciler'
  or o.facts ? 'gitops' and (o.facts ? 'drift' or o.facts #>> '{gitops,suspended}' = 'true'))`)

/** What acts on no living cluster: it names none, or one that is gone or was never there. */
const unclaimed = (source: string): SQL =>
  sql`select o.id from object o where o.source_id = ${source} and o.cluster_id is null and o.gone_at is null and ${speaks}
    union all select o.id from stray t join object o on o.cluster_id = t.cluster_id and o.source_id = t.source_id
    where t.source_id = ${source} and o.gone_at is null and ${speaks}
      and not exists (select from cluster k where k.id = t.cluster_id and k.gone_at is null)`

/** What belongs to a Cluster that is gone or was never there. */
const parted = (source: string): SQL =>
  sql`select o.id from stray t join object o on o.cluster_id = t.cluster_id and o.source_id = t.source_id
    where t.source_id = ${source} and o.gone_at is null and not o.facts ? 'gitops'
    order by o.kind, o.namespace, o.name limit ${orphansMax}`

/**
 * Cluster objects that vanished lately and were not seen going. One that stands for the same cluster elsewhere took its place; where
 * no id tells, a Cluster of its name that answers at its address did (a move keeps both).
 */
const vanished = (source: string, now: Date): SQL =>
  sql`source_id = ${source} and kind = ${clusterKind} and gone_at > ${new Date(now.getTime() - vanishedMs).toISOString()}
    and deleting_since is null and state <> 'Deleting'
    and not exists (select from object e where e.cluster_id = object.cluster_id and e.kind = ${clusterKind} and e.gone_at is null)
    and not exists (select from cluster was join cluster k on k.endpoint = was.endpoint and k.name = was.name and k.id <> was.id
      where was.id = object.cluster_id and k.gone_at is null)`
