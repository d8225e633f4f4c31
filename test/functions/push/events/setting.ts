import { createHmac } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Logger } from 'pino'
import { rowsOf, type Store } from '../../../../db/client.ts'
import { ingest } from '../../../../db/ingest.ts'
import { dueSources, finishPoll, registerSources, takeLease } from '../../../../db/source.ts'
import { type Fleet, parseFleet } from '../../../../fleet/configuration.ts'
import { createApp } from '../../../../functions/http/app.ts'
import type { Dependencies } from '../../../../functions/wiring/dependencies.ts'
import { openIntake } from '../../../../functions/wiring/intake.ts'
import { openLog } from '../../../../functions/wiring/log.ts'
import { readSettings } from '../../../../functions/wiring/settings.ts'
import { at, deployment, deploymentKind, listed } from '../../../db/wire.ts'
import { makePair, type Pair, sign } from '../caller/issuer-server.ts'

// Three management clusters and a subscription, and what senders of events would do.

export const subscription = '11111111-2222-3333-4444-555555555555'
export const keys = {
  weu: 'the key of weu, new',
  old: 'the key of weu, old',
  neu: 'the-key-of-neu-only',
  grid: 'the key of event grid',
}
const issuer = 'https://oidc.example/weu/'

const fleetOf = ({ publicJwk }: Pair): Fleet => {
  const env = (name: string) => ({ env: `ROLLCALL_KEY_${name}` })
  const account = (name: string) => ({
    ...{ issuer, audience: 'rollcall', subject: `system:serviceaccount:${name}:sender` },
    jwks: { keys: [publicJwk] },
  })
  return parseFleet({
    managementClusters: [
      {
        name: 'weu',
        inCluster: true,
        every: '30m',
        push: { ...account('weu'), flux: { hmacKey: [env('WEU'), env('OLD')] } },
      },
      { name: 'neu', inCluster: true, every: '30m', push: { flux: { bearerToken: env('NEU') } } },
      { name: 'edge', push: account('edge') },
    ],
    azure: [{ name: 'corp', subscriptions: [subscription, subscription.replace(/^1/, '2')] }],
  })
}

/** The app with these sources, each of which was read once at 12:00, and now and then things to look at. */
export async function openSetting(store: Store) {
  const pair = await makePair('events')
  const fleet = fleetOf(pair)
  const settings = readSettings({
    ...{
      ROLLCALL_KEY_WEU: keys.weu,
      ROLLCALL_KEY_OLD: keys.old,
      ROLLCALL_KEY_NEU: keys.neu,
      ROLLCALL_KEY_EVENT_GRID: keys.grid,
    },
  })
  let now = at(0)
  const log: Logger = openLog({ logLevel: 'error' })
  const deps: Dependencies = {
    ...{ settings, store, fleet, viewer: { name: 'local', scope: 'everything' }, log, now: () => now },
    intake: openIntake({ store, fleet, now: () => now, log }),
    ...{ poll: async () => ({ unfinished: false }), close: async () => {} },
  }
  const app = createApp(async () => deps)
  const polled: string[] = []
  const faults: unknown[] = []

  /** Every source was polled, or heard of, at this minute; the next regular poll is half an hour later. */
  async function settleDown(minute: number): Promise<void> {
    now = at(minute)
    for (const { id } of await rowsOf<{ id: string }>(store.db, sql`select id from source where polled`)) {
      const lease = await takeLease(store.db, id, `holder-${id}-${minute}`, now, 60_000)
      if (lease) await finishPoll(store.db, lease, { trouble: null, unfinished: false }, now)
    }
    await store.db.execute(sql`update source set due_at = ${at(minute + 30).toISOString()}`)
    polled.length = 0
  }

  return {
    deps,
    polled,
    faults,
    settleDown,
    goTo: (minute: number, second = 0) => {
      now = at(minute, second)
    },
    /** Sources and what they hold, as after a first poll. */
    begin: async () => {
      now = at(0)
      await registerSources(
        store.db,
        fleet.sources.map(({ declaration }) => declaration),
        now,
      )
      for (const source of ['weu', 'neu', 'edge'])
        await ingest(store.db, listed(now, [deployment('a')], { source }), { receivedAt: now })
      const arm = { source: `corp/${subscription}`, kind: 'Microsoft.ContainerService/managedClusters' as const }
      await ingest(store.db, listed(now, [], arm), { receivedAt: now })
      await settleDown(1)
    },
    due: () => dueSources(store.db, now),
    token: (name: string, over: object = {}) =>
      sign(
        {
          ...{ iss: issuer, sub: `system:serviceaccount:${name}:sender`, aud: 'rollcall' },
          ...{ iat: now.getTime() / 1000 - 60, exp: now.getTime() / 1000 + 3000, ...over },
        },
        pair,
      ),
    /** Sends a request as it would come over HTTP. */
    send: async (path: string, body: string | Uint8Array | null, headers: Record<string, string>, method = 'POST') => {
      const request = { method, headers, ...(body === null ? {} : { body: new Uint8Array(Buffer.from(body)) }) }
      const report = (error: unknown) => faults.push(error)
      const answer = await app.request(path, request, { report, poll: (ids: readonly string[]) => polled.push(...ids) })
      await (await deps.intake.load()).derivation.idle()
      const text = await answer.text()
      return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) }
    },
    /** Every row version that an event could touch: equal means that nothing was written. */
    written: () =>
      rowsOf(
        store.db,
        sql`select 'o' as t, id::text || xmin::text as row from object union all select 'c', object_id::text || type || xmin::text from condition
          union all select 'h', cursor::text from change union all select 'r', source_id || kind || xmin::text from reading order by 1, 2`,
      ),
    wants: () =>
      rowsOf(
        store.db,
        sql`select source_id as source, kind, namespace, name from push_want order by source_id, kind, name`,
      ),
    one: async (name: string, source = 'weu') =>
      (
        await rowsOf<Record<string, unknown>>(
          store.db,
          sql`select replicas_desired as replicas, gone_at is not null as gone, observed_at as "observedAt", state from object
            where name = ${name} and source_id = ${source}`,
        )
      )[0],
  }
}

export type Setting = Awaited<ReturnType<typeof openSetting>>

/** What Flux says of a MachineDeployment-like object, as bytes. */
export const fluxEvent = (minute: number, over: object = {}): string =>
  JSON.stringify({
    involvedObject: {
      apiVersion: 'cluster.x-k8s.io/v1beta2',
      kind: 'MachineDeployment',
      namespace: 'fleet',
      name: 'a',
    },
    ...{
      severity: 'error',
      timestamp: at(minute).toISOString(),
      message: 'geheim',
      reason: 'HealthCheckFailed',
      metadata: {},
    },
    ...over,
  })

export const signed = (body: string, key = keys.weu) => ({
  'content-type': 'application/json',
  'gotk-component': 'kustomize-controller',
  'x-signature': `sha256=${createHmac('sha256', key).update(body).digest('hex')}`,
})

/** What Knative's ApiServerSource says of a MachineDeployment. */
export const knativeEvent = (mode: string, minute: number, data: object, over: object = {}): object => ({
  ...{
    specversion: '1.0',
    id: `${mode}-${minute}`,
    source: 'https://10.96.0.1:443',
    type: `dev.knative.apiserver.${mode}`,
  },
  ...{ time: at(minute).toISOString(), apiversion: 'cluster.x-k8s.io/v1beta2', kind: 'MachineDeployment' },
  ...{ namespace: 'fleet', name: 'a', datacontenttype: 'application/json', data, ...over },
})

export { at, deployment, deploymentKind }
