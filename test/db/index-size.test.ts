import { randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { rowsOf, type Store } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { registerSources } from '../../db/source.ts'
import { engines, openEngine } from '../engine.ts'
import { declarationOf } from '../push/receiver.ts'
import { application, applications } from './drift-wire.ts'
import { at, cluster, deployment, deploymentKind, listed } from './wire.ts'

// An index entry holds some 2 700 bytes. Texts that repeat themselves are packed, so these do not.
const long = randomBytes(3_000).toString('hex')
const clusterKind = 'cluster.x-k8s.io/Cluster' as const

const stores = new Map<string, Store>()
beforeAll(async () => {
  for (const engine of engines) stores.set(engine, await openEngine(engine))
})
afterAll(() => Promise.all([...stores.values()].map((store) => store.close())))

it.each(engines)('no text of an object is too long for the index it is found by, on %s', async (engine) => {
  const { db } = stores.get(engine) ?? expect.fail()
  await registerSources(db, [declarationOf('weu')], at(0))
  const { metadata, ...rest } = cluster('c')
  const endpoint = { host: `h${long}`, port: 6443 }
  const tracked = { annotations: { 'argocd.argoproj.io/tracking-id': `${long}:cluster.x-k8s.io/Cluster:fleet/c` } }
  const given = [
    [applications, application('app', { name: long })],
    [applications, application('app', { server: `https://${long}.example` })],
    [clusterKind, { ...rest, metadata: { ...metadata, ...tracked }, spec: { controlPlaneEndpoint: endpoint } }],
  ] as const
  for (const [minute, [kind, object]] of given.entries())
    await ingest(db, listed(at(minute + 1), [object], { source: 'weu', kind }), { receivedAt: at(minute + 1) })
  // No name is so long: that one alone is refused, and does no harm to the next.
  const named = listed(at(5), [deployment(long), deployment('b')], { source: 'weu', kind: deploymentKind })
  expect((await ingest(db, named, { receivedAt: at(5) })).rejected).toEqual([
    { why: expect.stringContaining('more than 253 characters') },
  ])
  const kept = await rowsOf(db, sql`select name from object where gone_at is null order by name`)
  expect(kept).toEqual([{ name: 'app' }, { name: 'b' }, { name: 'c' }])
})
