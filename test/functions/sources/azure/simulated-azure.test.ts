import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rowsOf, type Store } from '../../../../db/client.ts'
import { registerSources } from '../../../../db/source.ts'
import type { AzureAccount } from '../../../../fleet/azure-account.ts'
import { accountSources, isOneSubscription } from '../../../../fleet/azure-source.ts'
import { armClusterKind } from '../../../../fleet/reference.ts'
import { pollSource } from '../../../../functions/sources/poll-source.ts'
import { clear, openEngine } from '../../../engine.ts'
import type { AzureFault } from '../../../world/azure/fault.ts'
import { keyOf } from '../../../world/azure/resource.ts'
import type { ServedAzure } from '../../../world/azure/server.ts'
import { createWorld, type World } from '../../../world/world.ts'
import { quietConnections } from '../fake-cluster.ts'

let world: World
let azure: ServedAzure
let store: Store
let folder: string
let now = new Date('2026-11-22T09:00:00Z')

beforeAll(async () => {
  world = createWorld({ clusters: 14, now: () => now })
  azure = await world.azure.serveAzure({ pageSize: 4 })
  store = await openEngine('pglite')
  folder = mkdtempSync(join(tmpdir(), 'rollcall-azure-'))
  writeFileSync(join(folder, 'ca.pem'), azure.ca)
  const { tenantId, clientId, clientSecret } = azure
  Object.assign(process.env, {
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: clientId,
    AZURE_CLIENT_SECRET: clientSecret,
  })
})
afterAll(async () => {
  await store.close()
  await azure.close()
  rmSync(folder, { recursive: true })
})

const accountOf = (more: Partial<AzureAccount>): AzureAccount => ({
  name: 'corp',
  subscriptions: [],
  managementGroups: [],
  cloud: {
    ...{ name: 'custom', endpoint: azure.url, scope: azure.scope, authority: azure.authority },
    ...{ ca: join(folder, 'ca.pem'), aksScope: azure.aksScope },
  },
  credential: { by: 'environment' },
  labels: {},
  everyMs: 300_000,
  staleAfterMs: 900_000,
  discover: null,
  ...more,
})

const busiest = () => {
  const count = ({ id }: { id: string }) => world.azure.resources.filter((one) => one.subscription === id).length
  return world.azure.subscriptions.toSorted((a, b) => count(b) - count(a))[0]?.id ?? ''
}

const ways = {
  'one subscription, by list': () => accountOf({ subscriptions: [busiest()] }),
  'subscriptions, by Resource Graph': () => accountOf({ subscriptions: world.azure.subscriptions.map(({ id }) => id) }),
  'a management group': () => accountOf({ managementGroups: ['fleet'] }),
}

/** A poll, an hour after the last, so that no back-off keeps it away. */
async function poll(account: AzureAccount): Promise<void> {
  now = new Date(now.getTime() + 3_600_000)
  await registerSources(store.db, accountSources(account), now)
  const deps = {
    db: store.db,
    targetOf: async () => ({
      by: 'azure' as const,
      account,
      subscription: isOneSubscription(account) ? (account.subscriptions[0] ?? null) : null,
    }),
    connections: quietConnections(),
    now: () => now,
    log: { info: () => undefined, warn: () => undefined },
    limits: { requestMs: 500, patienceMs: 0 },
  }
  const source = isOneSubscription(account) ? `corp/${account.subscriptions[0]}` : 'corp'
  await pollSource(deps, source, new AbortController().signal)
}

const present = async () => {
  const rows = await rowsOf<{ name: string }>(
    store.db,
    sql`select name from object where kind = ${armClusterKind} and gone_at is null order by name`,
  )
  return rows.map(({ name }) => name)
}

const trueOf = (account: AzureAccount): string[] =>
  world.azure.resources
    .filter(({ subscription }) => account.subscriptions.length === 0 || account.subscriptions.includes(subscription))
    .map(keyOf)
    .sort()

const inTrouble = async () =>
  (
    await rowsOf<{ message: string }>(
      store.db,
      sql`select trouble_message as message from source where removed_at is null and trouble_message is not null
        union all select trouble_message from reading where trouble_message is not null
        union all select rejected -> 0 ->> 'why' from reading where rejected_count > 0`,
    )
  ).map(({ message }) => message)

const faults: AzureFault[] = [
  { fault: 'silent' },
  { fault: 'throttled', retryAfterSeconds: null },
  { fault: 'throttled', retryAfterSeconds: 100_000 },
  { fault: 'error', code: 500 },
  { fault: 'forbidden' },
  { fault: 'revoked' },
  { fault: 'shrunken', keep: 1 },
  { fault: 'shrunken', keep: 0 },
  { fault: 'valueless' },
  { fault: 'foreignNextLink' },
  { fault: 'endless' },
  { fault: 'badItem' },
  { fault: 'wrong' },
  { fault: 'expired' },
  { fault: 'cut' },
]

describe.each(Object.entries(ways))('%s', (way, account) => {
  beforeAll(async () => {
    await clear(store)
    world.azure.faults.clear()
    await poll(account())
  })

  test('is held as Azure has it', async () => {
    expect(await present()).toEqual(trueOf(account()))
    expect((await present()).length).toBeGreaterThan(4)
    expect(await inTrouble()).toEqual([])
  })

  // Both read a query's answer alike.
  if (way === 'a management group') return
  test.each(faults.map((fault) => [JSON.stringify(fault), fault] as const))(
    '%s: never a wrong "gone", a sentence while it lasts, and whole again afterwards',
    async (_name, fault) => {
      world.azure.faults.add(fault)
      await poll(account())
      const said = await inTrouble()
      expect(await present()).toEqual(trueOf(account()))
      world.azure.faults.clear()
      await poll(account())
      expect([await present(), await inTrouble()]).toEqual([trueOf(account()), []])
      expect(said.join('\n')).not.toContain(azure.clientSecret)
      // Cut answers are Resource Graph's.
      if (fault.fault !== 'cut' || way !== 'one subscription, by list') expect(said.length).toBeGreaterThan(0)
    },
  )
})
