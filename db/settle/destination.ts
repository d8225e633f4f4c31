import { BlockList, isIP } from 'node:net'
import { type SQL, sql } from 'drizzle-orm'
import { sourceSubjectId } from '../claim.ts'
import { type Db, rowsOf } from '../client.ts'
import { type Column, recordset } from '../recordset.ts'
import type { Round } from './round.ts'

// Which cluster a reconciler means by where it acts, where it names no cluster itself (domain.md 2.6): an API server's address, or a
// name that only the operator can explain.

/**
 * Held to the end of a transaction that tells or asks which cluster a destination is, so that neither misses the other. Nobody waits
 * for anything else that such a transaction may need: it is taken last.
 */
export async function holdDestinations(tx: Db): Promise<void> {
  await rowsOf(tx, sql`select pg_advisory_xact_lock(hashtext('rollcall destinations'))`)
}

const columns: readonly Column[] = [
  { key: 'actsAt', name: 'acts_at', type: 'text' },
  { key: 'endpoint', name: 'endpoint', type: 'text' },
  { key: 'isPublic', name: 'is_public', type: 'boolean' },
]

/**
 * Lets the source's objects follow their destinations, and marks what they leave and what they come to. The operator's word counts
 * first; then the address of a cluster of the same source; then of any, if no two can have it. What may mean several means none.
 */
export async function followDestinations(tx: Db, { source }: Round): Promise<void> {
  await holdDestinations(tx)
  const asked = await rowsOf<{ actsAt: string }>(
    tx,
    sql`select distinct acts_at as "actsAt" from object
      where source_id = ${source} and acts_at is not null and not owner_named and gone_at is null`,
  )
  if (asked.length === 0) return
  const given = asked.map(({ actsAt }) => {
    const endpoint = actsAt.startsWith('server:') ? actsAt.slice('server:'.length) : null
    return { actsAt, endpoint, isPublic: endpoint !== null && isPublic(endpoint) }
  })
  await tx.execute(sql`with meant as (${meantBy(source, given)}),
    moving as (
      select o.id, o.cluster_id as left_id, o.owner_namespace as left_namespace, o.owner_name as left_name, k.id as cluster_id,
        k.source_id as home, k.namespace, k.name
      from meant m join object o on o.source_id = ${source} and o.acts_at = m.acts_at and not o.owner_named and o.gone_at is null
      left join cluster k on k.id = m.cluster_id and k.gone_at is null
      where o.cluster_id is distinct from k.id),
    moved as (
      update object o set cluster_id = m.cluster_id, owner_namespace = m.namespace, owner_name = m.name
      from moving m where o.id = m.id and o.source_id = ${source} returning m.*)
    insert into unsettled (source_id, cluster_id, owner_namespace, owner_name)
    select home, cluster_id, namespace, name from moved where cluster_id is not null
    union select coalesce(k.source_id, ${source}), m.left_id, coalesce(m.left_namespace, ''), coalesce(m.left_name, '')
      from moved m left join cluster k on k.id = m.left_id where m.left_id is not null
    union select ${source}, ${sourceSubjectId(source)}::uuid, '', '' from moved where cluster_id is null or left_id is null`)
}

/** Destination → the cluster it means. */
const meantBy = (source: string, given: readonly object[]): SQL =>
  sql`select r."actsAt" as acts_at, case
      when d.acts_at is not null then d.cluster_id
      when cardinality(e.own) = 1 then e.own[1]
      when e.own is null and r."isPublic" and cardinality(e.everywhere) = 1 then e.everywhere[1] end as cluster_id
    from ${recordset(columns, given)}
    left join lateral (select d.acts_at, b.cluster_id from destination d left join binding b on b.claim = d.claim
      where d.acts_at = r."actsAt" and d.source_id in ('', ${source}) order by d.source_id desc limit 1) d on true
    left join lateral (select array_agg(k.id) filter (where k.source_id = ${source}) as own, array_agg(k.id) as everywhere
      from cluster k join source s on s.id = k.source_id and s.removed_at is null
      where k.endpoint = r.endpoint and k.gone_at is null) e on true`

/** Addresses that mean different machines in different places, or none (RFC 6890). */
const notGlobal = new BlockList()
for (const [net, bits] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
  ] as const),
  ...([
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
  ] as const),
  ...([
    ['203.0.113.0', 24],
    ['224.0.0.0', 3],
  ] as const),
])
  notGlobal.addSubnet(net, bits, 'ipv4')
for (const [net, bits] of [
  ['::', 96],
  ['64:ff9b:1::', 48],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  notGlobal.addSubnet(net, bits, 'ipv6')

/** Domains that every network may define for itself. */
const localDomain =
  /\.(?:local|localhost|localdomain|internal|intranet|private|corp|home|lan|svc|test|example|invalid|home\.arpa)$/

/** Whether `host:port` means the same server wherever it is asked for: a name under a public domain, or a public address. */
export function isPublic(endpoint: string): boolean {
  const host = endpoint
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase()
  const family = isIP(host)
  if (family !== 0) return !notGlobal.check(host, family === 4 ? 'ipv4' : 'ipv6')
  return /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)+$/.test(host) && !/\.\d+$/.test(host) && !localDomain.test(host)
}
