import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { azureSorts } from './azure-cases.ts'
import { type Case, faultOf, type Sort } from './case.ts'
import { type Answer, send } from './client.ts'
import { cloudSorts } from './cloud-cases.ts'
import { fluxSorts } from './flux-cases.ts'
import { lineSorts } from './line-cases.ts'
import { mutationSorts } from './mutation-cases.ts'
import { packingSorts } from './packing-cases.ts'
import { Random } from './random.ts'
import { tokenSorts } from './token-cases.ts'
import type { Pusher, World } from './world.ts'

const sorts: readonly Sort[] = [
  ...tokenSorts,
  ...packingSorts,
  ...lineSorts,
  ...fluxSorts,
  ...cloudSorts,
  ...azureSorts,
  ...mutationSorts,
]
const weights = sorts.reduce((sum, { weight }) => sum + weight, 0)

/** What came of the cases of a sort. */
interface Row {
  cases: number
  taken: number
  /** By status; 0: hung up on. */
  readonly refused: Map<number, number>
}

export interface Ran {
  readonly rows: ReadonlyMap<string, Row>
  readonly faults: readonly string[]
  /** Of the app after each round, in bytes. */
  readonly heaps: readonly number[]
  readonly rssMax: number
}

/** Between two looks at the whole store. */
const roundCases = 1_000
const faultsMax = 10

/** Sends so many cases, and looks at the store, the log and the memory as it goes. The same seed makes the same cases, but for times and ids. */
export async function fuzz(world: World, count: number, seed: number): Promise<Ran> {
  const pool = new pg.Pool({ connectionString: world.databaseUrl, max: world.mine.length })
  try {
    return await fuzzed(world, pool, count, seed)
  } finally {
    await pool.end()
  }
}

async function fuzzed(world: World, pool: pg.Pool, count: number, seed: number): Promise<Ran> {
  const rows = new Map<string, Row>()
  const faults: string[] = []
  const heaps: number[] = []
  const others = await rowsOfOthers(pool)
  let rssMax = 0

  const attempt = async (me: Pusher, sort: Sort, n: number, wants: (one: Case) => boolean): Promise<boolean> => {
    const one = await sort.make({ world, me, random: new Random(seed * 1_000_003 + n) })
    if (!wants(one)) return false
    const before = one.must === 'be refused' ? '' : await rowsOfMine(pool, me)
    const answer = await answerTo(world, one).catch((cause: unknown) => {
      throw new Error(`#${n} ${sort.name} ended the app, or its patience: ${world.takeLog().slice(-3_000)}`, { cause })
    })
    const isTaken = answer.status >= 200 && answer.status < 300
    const fault = faultOf(one, answer)
    if (fault !== null)
      faults.push(
        `#${n} ${sort.name}: ${fault.slice(0, 600)} to ${one.call.method ?? 'POST'} ${one.call.path.slice(0, 100)}`,
      )
    if (!isTaken && before !== '' && before !== (await rowsOfMine(pool, me)))
      faults.push(`#${n} ${sort.name}: refused, and stored`)
    if (isTaken && one.call.path === '/deliveries/sessions') me.sender.opened(Number(JSON.parse(answer.text).epoch))
    count1(rows, sort.name, answer.status, isTaken)
    return true
  }

  for (let from = 0; from < count && faults.length < faultsMax; from += roundCases) {
    const round = Array.from({ length: Math.min(roundCases, count - from) }, (_, at) => from + at)
    const open: number[] = []
    // What was taken may have left the numbers of requests anywhere, and a number that was heard before is no more than that.
    for (const me of world.mine) await world.reopen(me)
    const { written } = await world.look()
    await each(world.mine, round, async (me, n) => {
      if (!(await attempt(me, sortOf(seed, n), n, ({ must }) => must === 'be refused'))) open.push(n)
    })
    const after = await world.look()
    if (after.written !== written) faults.push(`#${from}…: something was stored by requests that were refused`)
    for (const me of world.mine) await world.reopen(me)
    await each(world.mine, open, async (me, n) => void (await attempt(me, sortOf(seed, n), n, () => true)))
    const { heap, rssMax: most } = await world.look()
    heaps.push(heap)
    if ((from + roundCases) % 10_000 === 0)
      console.info(`fuzz: ${from + roundCases} of ${count}, ${faults.length} faults`)
    rssMax = most
    faults.push(...faultsOfLog(world.takeLog()))
    if ((await rowsOfOthers(pool)) !== others) faults.push(`#${from}…: rows of another source were written`)
  }
  if ((await pool.query(shownSecrets)).rowCount !== 0) faults.push('a secret is in the store')
  return { rows, faults, heaps, rssMax }
}

function sortOf(seed: number, n: number): Sort {
  let left = new Random(seed * 7_368_787 + n).next() * weights
  for (const sort of sorts) {
    left -= sort.weight
    if (left < 0) return sort
  }
  throw new Error('chance is never as much as all weights together')
}

/** Each of those who push does one thing at a time. */
async function each(
  pushers: readonly Pusher[],
  some: readonly number[],
  act: (me: Pusher, n: number) => Promise<void>,
): Promise<void> {
  const left = [...some]
  await Promise.all(
    pushers.map(async (me) => {
      for (let n = left.shift(); n !== undefined; n = left.shift()) await act(me, n)
    }),
  )
}

/** A request that was answered early may be at work for a moment longer: whoever is asked to come back does. */
async function answerTo(world: World, { call }: Case): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const answer = await send(world.url, call)
    const isBusy = answer.status === 429 || (answer.status === 503 && /at work already/.test(answer.text))
    if (!isBusy || tries === 100) return answer
    if (!(Number(answer.headers['retry-after']) > 0)) throw new Error(`${answer.status} does not say when to come back`)
    await sleep(20)
  }
}

function count1(rows: Map<string, Row>, name: string, status: number, isTaken: boolean): void {
  const row = rows.get(name) ?? { cases: 0, taken: 0, refused: new Map() }
  rows.set(name, row)
  row.cases++
  if (isTaken) row.taken++
  else row.refused.set(status, (row.refused.get(status) ?? 0) + 1)
}

/** None of it is a fault of ours, and nothing that is secret is in it. */
function faultsOfLog(log: string): string[] {
  const lines = log.split('\n').filter((line) => line !== '')
  const bad = lines.filter((line) => /geheim|eyJ/.test(line) || !/^\{"level":(30|40),/.test(line))
  return bad.slice(0, 3).map((line) => `the log says: ${line.slice(0, 800)}`)
}

// What a request may write, but for what follows from it, or from the clock, by itself.
const rowsWhere = (sources: string) => `
  select concat(id, observed_at, print, gone_at) as row from object where ${sources}
  union all select concat(source_id, kind, cursor, verified_at, caught_up_at, last_success_at, trouble_code, run_id, run_page)
    from reading where ${sources}
  union all select concat(source_id, epoch, ' ', seq, last_at) from push_session where ${sources}
  union all select concat(source_id, digest) from push_seen where ${sources}
  union all select concat(source_id, kind, name) from push_want where ${sources}`
const mineRows = rowsWhere('source_id = $1')
const otherRows = `${rowsWhere("source_id not like 'mine-%'")}
  union all select concat(id, server_uid, due_at, last_attempt_at, trouble_code) from source where id not like 'mine-%'`
const digestOf = (rows: string) =>
  `select md5(coalesce(string_agg(row, ' ' order by row), '')) as digest from (${rows}) rows`
const shownSecrets = `select 1 from object t where t::text like '%geheim%' union all select 1 from condition t where t::text like '%geheim%'
  union all select 1 from reading t where t::text like '%geheim%' union all select 1 from push_want t where t::text like '%geheim%'
  union all select 1 from change t where t::text like '%geheim%' union all select 1 from source t where t::text like '%geheim%'`

const rowsOfMine = async (pool: pg.Pool, { name }: Pusher): Promise<string> =>
  (await pool.query(digestOf(mineRows), [name])).rows[0].digest
const rowsOfOthers = async (pool: pg.Pool): Promise<string> => (await pool.query(digestOf(otherRows))).rows[0].digest

/** Cases by sort, and what came of them. */
export function tableOf({ rows }: Pick<Ran, 'rows'>): string {
  const lines = [...rows]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, { cases, taken, refused }]) => {
      const by = [...refused]
        .sort(([a], [b]) => a - b)
        .map(([status, times]) => `${status === 0 ? 'hung up' : status} × ${times}`)
      return `| ${name} | ${cases} | ${taken} | ${by.join(', ')} |`
    })
  return ['| sort | cases | taken | refused |', '| --- | --: | --: | --- |', ...lines].join('\n')
}
