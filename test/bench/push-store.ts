import type { Client } from 'pg'

/** Of what was read and derived, nothing stays; who is registered, and their sessions, do. */
export async function empty(client: Client): Promise<void> {
  const kept = ['migration', 'source', 'push_session', 'policy', 'waiver', 'support_calendar']
  const { rows } = await client.query(
    `select string_agg(format('%I', tablename), ', ') as tables from pg_tables where schemaname = 'public' and tablename <> all($1)`,
    [kept],
  )
  await client.query(`truncate ${rows[0].tables}`)
  await client.query('checkpoint')
}

/** Throws unless so many sources have the same. */
export async function sameEverywhere(client: Client, sources: number): Promise<void> {
  const { rows } = await client.query(
    `select source_id, count(*)::int as n, sum(hashtextextended(concat(name, uid, labels, facts, state), 0))::text as sum from object group by 1`,
  )
  const sums = new Set(rows.map(({ n, sum }) => `${n} ${sum}`))
  if (rows.length !== sources || sums.size !== 1) throw new Error(`the ways differ: ${JSON.stringify(rows)}`)
}

/** Changes with every version of a row that content costs. */
export async function fingerprint(client: Client): Promise<string> {
  const versions = ['object', 'condition', 'change'].map(
    (table) => `select hashtextextended(tableoid || ' ' || ctid || ' ' || xmin, 0) as h from ${table}`,
  )
  const { rows } = await client.query(`select count(*), sum(h) as sum from (${versions.join(' union all ')}) t`)
  return JSON.stringify(rows)
}
