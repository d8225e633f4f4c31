// A fake cluster, a store of its own and their polls, for each test of the file that imports this.
import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeEach } from 'vitest'
import { rowsOf, type Store } from '../../../db/client.ts'
import { registerSources } from '../../../db/source.ts'
import type { Kinds } from '../../../fleet/kinds/declared.ts'
import { defaultStaleAfterMs } from '../../../fleet/source.ts'
import type { KubeTarget } from '../../../fleet/target.ts'
import type { PollLimits } from '../../../functions/sources/budget.ts'
import { pollSource } from '../../../functions/sources/poll-source.ts'
import { openEngine } from '../../engine.ts'
import { clusters, type FakeCluster, machines, quietConnections, startFakeCluster } from './fake-cluster.ts'

const connections = quietConnections()
export let cluster: FakeCluster
export let store: Store
export let targets: Map<string, KubeTarget>
let minutes: number
/** What polls understand, where a test says so. */
export const understanding: { kinds?: Kinds } = {}
export const logged: unknown[] = []
export const warned: unknown[] = []

beforeEach(async () => {
  cluster = await startFakeCluster({ clock: now })
  for (let i = 0; i < 12; i++) cluster.put(clusters, `c${String(i).padStart(2, '0')}`)
  for (let i = 0; i < 3; i++) cluster.put(machines, `m${i}`)
  store = await openEngine('pglite')
  targets = new Map([['weu', { data: cluster.kubeconfig() }]])
  minutes = 0
  delete understanding.kinds
  await declare('weu')
})
afterEach(async () => {
  await store.close()
  await cluster.server.close()
})
afterAll(() => connections.close())

/** Every poll is an hour later than the last, so that no back-off keeps it away; a LIST is due only when a test says so. */
export const now = () => new Date(Date.now() + minutes * 60_000)

export async function declare(...ids: string[]) {
  const declaration = {
    type: 'managementCluster',
    parentId: null,
    polled: true,
    armId: null,
    region: null,
    labels: {},
    everyMs: 60_000,
    staleAfterMs: defaultStaleAfterMs(60_000),
  } as const
  await registerSources(
    store.db,
    ids.map((id) => ({ id, ...declaration })),
    now(),
  )
}

export async function poll(
  source = 'weu',
  limits: Partial<PollLimits> = {},
  later = 60,
  signal = new AbortController().signal,
  through = connections,
) {
  minutes += later
  return pollSource(
    {
      db: store.db,
      targetOf: async (id) => {
        const kube = targets.get(id)
        return kube === undefined ? null : { by: 'kube', kube }
      },
      ...understanding,
      connections: through,
      now,
      log: {
        info: (fields, message) => logged.push({ ...fields, message }),
        warn: (fields, message) => warned.push({ ...fields, message }),
      },
      limits: { watchSeconds: 1, patienceMs: 0, requestMs: 1_500, relistMs: 24 * 3_600_000, ...limits },
    },
    source,
    signal,
  )
}

export const present = async (kind = 'Cluster') =>
  (
    await rowsOf<{ name: string }>(
      store.db,
      sql`select name from object where kind like ${`%/${kind}`} and gone_at is null order by name`,
    )
  ).map(({ name }) => name)
export const sourceTrouble = async (id = 'weu') =>
  (
    await rowsOf<{ code: string | null; message: string | null }>(
      store.db,
      sql`select trouble_code as code, trouble_message as message from source where id = ${id}`,
    )
  )[0]
export const sourceSuccess = async () =>
  (await rowsOf<{ at: unknown }>(store.db, sql`select last_success_at as at from source`))[0]?.at
export const kindTrouble = async (kind = 'Cluster') =>
  (
    await rowsOf<{ code: string | null }>(
      store.db,
      sql`select trouble_code as code from reading where kind = ${`cluster.x-k8s.io/${kind}`}`,
    )
  )[0]?.code
export const cursors = () =>
  rowsOf<{ kind: string; cursor: string | null }>(
    store.db,
    sql`select kind, cursor from reading where cursor is not null order by kind`,
  )
