import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { rowsOf } from '../../../../db/client.ts'
import { registerSources } from '../../../../db/source.ts'
import { defaultStaleAfterMs } from '../../../../fleet/source.ts'
import { forgetCredential } from '../../../../functions/sources/azure/credential.ts'
import { openBudget, pollLimits } from '../../../../functions/sources/budget.ts'
import type { Connections } from '../../../../functions/sources/connections.ts'
import { pollSource } from '../../../../functions/sources/poll-source.ts'
import { makeCertificates } from '../../../world/api/certificate.ts'
import { serveSites } from '../../../world/serve-sites.ts'
import { quietConnections } from '../fake-cluster.ts'
import { account, armId, azure, site, store, target, world } from './aks-world.ts'

let connections: Connections
let hours: number
const now = () => new Date(Date.now() + hours * 3_600_000)
beforeEach(async () => {
  hours = 0
  connections = quietConnections()
  const declaration = {
    type: 'managementCluster',
    parentId: null,
    polled: true,
    armId,
    region: null,
    labels: {},
  } as const
  const times = { everyMs: 60_000, staleAfterMs: defaultStaleAfterMs(60_000) }
  await registerSources(store.db, [{ id: 'mgmt', ...declaration, ...times }], now())
})
afterEach(() => connections.close())

/** Every poll is an hour later, so that no back-off keeps it away. */
async function poll() {
  hours++
  const log = { info: () => undefined, warn: () => undefined }
  const limits = { watchSeconds: 1, patienceMs: 0, requestMs: 3_000 }
  const deps = { db: store.db, targetOf: async () => target, connections, now, log, limits }
  const { observed } = await pollSource(deps, 'mgmt', new AbortController().signal)
  const [row] = await rowsOf<{ code: string | null; message: string | null }>(
    store.db,
    sql`select trouble_code as code, trouble_message as message from source where id = 'mgmt'`,
  )
  return { observed, code: row?.code, message: row?.message }
}
const asked = (operation: string) => azure.counts.get(operation) ?? 0
const moveTo = (url: string, ca: string) => world.azure.endpoints.set(armId, { url, ca })
const fine = { observed: expect.toSatisfy((count: number) => count > 0), code: null }

describe('a management cluster by its ARM id', () => {
  it('is read with Entra tokens; where it is, is asked once', async () => {
    expect(await poll()).toMatchObject(fine)
    expect(await poll()).toMatchObject({ code: null })
    // One token for Resource Manager, one for API servers.
    expect([asked('credential'), asked('token'), asked('get')]).toEqual([1, 2, 0])
  })

  it('that refuses the token is shown a fresh one, once', async () => {
    await poll()
    // `identify` asks twice.
    world.disturb(site.site.name, { fault: 'expired', times: 2 })
    expect(await poll()).toMatchObject({ code: null })
    expect([asked('credential'), asked('token')]).toEqual([1, 3])
    world.disturb(site.site.name, { fault: 'expired' })
    expect(await poll()).toMatchObject({
      code: 'Unauthorized',
      message: expect.stringMatching(/does not accept the Entra tokens of account corp, not even a fresh one.*tenant/),
    })
    expect(asked('token')).toBe(4)
  })

  it('keeps its connections when its token changes', async () => {
    const line = { account, source: 'mgmt', now, budget: openBudget(pollLimits, new AbortController().signal) }
    const first = await connections.connectAks(line, target.cluster)
    await forgetCredential(account)
    const second = await connections.connectAks(line, target.cluster)
    expect(second.value?.pool).toBe(first.value?.pool)
    expect(second.value?.credentials.headers).not.toEqual(first.value?.credentials.headers)
    expect(second.value?.credentials.tls).toMatchObject({ cert: undefined, key: undefined, rejectUnauthorized: true })
  })

  it('whose CA was exchanged is found again in the same poll', async () => {
    const { ca } = await makeCertificates('another')
    moveTo(site.url, ca)
    expect(await poll()).toMatchObject({ code: 'Unreachable', message: expect.stringContaining('TLS') })
    moveTo(site.url, site.ca)
    expect(await poll()).toMatchObject(fine)
    // Twice while it was wrong, once more when it was right; not again while all is well.
    await poll()
    expect(asked('credential')).toBe(3)
  })

  it('that was made anew elsewhere is found again in the same poll', async () => {
    await poll()
    const [elsewhere] = await serveSites([site.site], now, () => true)
    if (elsewhere === undefined) throw new Error('no server')
    onTestFinished(() => elsewhere.close())
    await site.refuse()
    moveTo(elsewhere.url, elsewhere.ca)
    expect(await poll()).toMatchObject({ code: null })
    expect(asked('credential')).toBe(2)
  })

  it('that is stopped says so, and is told from one that is merely away', async () => {
    await poll()
    await site.refuse()
    expect(await poll()).toMatchObject({ code: 'Unreachable', message: expect.stringContaining('ECONNREFUSED') })
    world.azure.change(armId, (resource) => {
      resource.power = 'Stopped'
    })
    expect(await poll()).toMatchObject({
      code: 'Unreachable',
      message: expect.stringMatching(
        /^source mgmt: AKS cluster \S+ of resource group \S+ in subscription \S+ is stopped/,
      ),
    })
    world.azure.delete(armId)
    expect(await poll()).toMatchObject({ code: 'Misconfigured', message: expect.stringMatching(/Azure has no AKS/) })
  })

  it('without Entra ID is refused, with what to do', async () => {
    world.azure.change(armId, (resource) => Object.assign(resource, { entra: false }))
    expect(await poll()).toMatchObject({
      code: 'Misconfigured',
      message: expect.stringMatching(/^source mgmt: .*neither local accounts nor Entra ID; enable Entra ID on it/),
    })
  })

  it('that Azure does not have is refused, with what to do', async () => {
    world.azure.delete(armId)
    expect(await poll()).toMatchObject({
      code: 'Misconfigured',
      message: expect.stringMatching(/^source mgmt: .*Azure has no such cluster; correct its id/),
    })
  })

  it.each([
    ['a secret that has expired', { fault: 'secretExpired' }, 'Unauthorized', /AADSTS7000222/],
    [
      'a role that is missing',
      { fault: 'forbidden', on: 'credential' },
      'Forbidden',
      /Kubernetes Service Cluster User/,
    ],
    [
      'an ARM that throttles',
      { fault: 'throttled', on: 'credential', retryAfterSeconds: 7 },
      'Throttled',
      /left alone/,
    ],
  ] as const)('whose way leads over %s has that trouble', async (_what, fault, code, message) => {
    world.azure.disturb(fault)
    expect(await poll()).toMatchObject({ observed: 0, code, message: expect.stringMatching(message) })
    world.azure.faults.clear()
    expect(await poll()).toMatchObject(fine)
  })
})
