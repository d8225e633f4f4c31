// A fake Azure for each test of the file that imports this, a store for all of them, and their polls.
import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { rowsOf, type Store } from '../../../../db/client.ts'
import { settle } from '../../../../db/settle.ts'
import { finishPoll, registerSources, takeLease } from '../../../../db/source.ts'
import type { AzureAccount } from '../../../../fleet/azure-account.ts'
import { accountSources, isOneSubscription } from '../../../../fleet/azure-source.ts'
import type { Trouble } from '../../../../fleet/delivery.ts'
import { readAzure } from '../../../../functions/sources/azure/poll-azure.ts'
import { openBudget, type PollLimits, pollLimits } from '../../../../functions/sources/budget.ts'
import { openTally, type Tally } from '../../../../functions/sources/poll.ts'
import { clear, openEngine } from '../../../engine.ts'
import { quietConnections } from '../fake-cluster.ts'
import { type FakeArm, knownCredential, managedCluster, startFakeArm, subscription } from './fake-arm.ts'

export let arm: FakeArm
export let store: Store
/** What was logged: fields and message. */
export let logged: { level: string; message: string; [field: string]: unknown }[]
let minutes: number

beforeAll(async () => {
  Object.assign(process.env, knownCredential)
  store = await openEngine('pglite')
})
beforeEach(async () => {
  arm = await startFakeArm()
  minutes = 0
  logged = []
})
afterEach(async () => {
  await arm.close()
  await clear(store)
})
afterAll(() => store.close())

const began = Date.UTC(2026, 10, 22, 12)
export const now = () => new Date(began + minutes * 60_000)
/** Lets time pass without a poll. */
export const pass = (more: number) => {
  minutes += more
}

export interface Polled {
  readonly trouble: Trouble | null
  readonly tally: Tally
  readonly requests: number
  /** What was asked of Azure, tokens aside. */
  readonly asked: readonly string[]
}

/** Polls the account's own source, some minutes after the last poll. */
export async function poll(
  account: AzureAccount = arm.account(),
  { limits = {}, later = 15 }: { limits?: Partial<PollLimits>; later?: number } = {},
): Promise<Polled> {
  minutes += later
  arm.asked.length = 0
  await registerSources(store.db, accountSources(account), now())
  const one = isOneSubscription(account) ? (account.subscriptions[0] ?? '') : null
  const source = one === null ? account.name : `${account.name}/${one}`
  await store.db.execute(sql`update source set not_before = null`)
  const lease = await takeLease(store.db, source, randomUUID(), now(), 150_000)
  if (lease === null) throw new Error('no lease')
  const tally = openTally()
  const budget = openBudget({ ...pollLimits, patienceMs: 0, requestMs: 1_500, ...limits }, new AbortController().signal)
  const say = (level: string) => (fields: object, message: string) => void logged.push({ ...fields, level, message })
  const deps = {
    db: store.db,
    targetOf: async () => null,
    connections: quietConnections(),
    now,
    log: { info: say('info'), warn: say('warn') },
  }
  const trouble = await readAzure(deps, lease, { by: 'azure', account, subscription: one }, budget, tally)
  await settle(store.db, now())
  await finishPoll(store.db, lease, { trouble, unfinished: false }, now())
  return { trouble, tally, requests: budget.requests, asked: [...arm.asked] }
}

export function put(name: string, more: Readonly<Record<string, unknown>> = {}, of = subscription): string {
  const cluster = managedCluster(name, more, of)
  arm.clusters.set(cluster.id, cluster)
  return cluster.id
}

export const isList = (path: string): boolean => /\/managedClusters$/.test(path)

/** Names of the clusters that the store holds as living, of a source or all. */
export async function present(source = '%'): Promise<string[]> {
  const rows = await rowsOf<{ name: string }>(
    store.db,
    sql`select name from object where gone_at is null and kind = 'Microsoft.ContainerService/managedClusters'
      and source_id like ${source} order by name`,
  )
  return rows.map(({ name }) => name.slice(name.lastIndexOf('/') + 1))
}

export interface SourceRow {
  readonly id: string
  readonly code: string | null
  readonly message: string | null
  readonly succeeded: boolean
}

export const sources = () =>
  rowsOf<SourceRow>(
    store.db,
    sql`select id, trouble_code as code, trouble_message as message, last_success_at is not null as succeeded
      from source where removed_at is null order by id`,
  )

/** What the reading of managed clusters ended with. */
export async function reading(source = `corp/${subscription}`) {
  const [row] = await rowsOf<{
    code: string | null
    message: string | null
    rejected: readonly { why: string }[]
    verified: boolean
  }>(
    store.db,
    sql`select trouble_code as code, trouble_message as message, rejected, verified_at = ${now().toISOString()} as verified
      from reading where source_id = ${source}`,
  )
  return row ?? null
}

export const absences = () =>
  rowsOf<{ id: string; first: number; last: number }>(
    store.db,
    sql`select split_part(arm_id, '/', 9) as id, extract(epoch from first_confirmed_at - ${new Date(began).toISOString()}) / 60 as first,
      extract(epoch from last_confirmed_at - ${new Date(began).toISOString()}) / 60 as last from absence order by 1`,
  ).then((rows) => rows.map(({ id, first, last }) => ({ id, first: Number(first), last: Number(last) })))
