import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { rowsOf } from '../../../db/client.ts'
import { parseFleet } from '../../../fleet/configuration.ts'
import { kindsOf } from '../../../fleet/kinds/declared.ts'
import { asker } from '../../schema/ask.ts'
import type { Resource } from '../../world/api/object.ts'
import { clusters, type FakeCluster, machines, namespaces, startFakeCluster } from './fake-cluster.ts'
import { now, poll, present, store, targets, understanding } from './polled-cluster.ts'

const widgets: Resource = {
  group: 'example.com',
  kind: 'Widget',
  plural: 'widgets',
  namespaced: true,
  versions: [{ name: 'v2', storage: true }, { name: 'v1' }],
}
const gadgets: Resource = { ...widgets, kind: 'Gadget', plural: 'gadgets' }
const dockers: Resource = {
  ...widgets,
  group: 'infrastructure.cluster.x-k8s.io',
  kind: 'DockerPool',
  plural: 'dockerpools',
}

const widget = {
  group: 'example.com',
  kind: 'Widget',
  part: 'workers',
  owner: { path: '.spec.cluster' },
  health: {
    ladder: [
      { condition: 'Working', is: 'False', means: 'Degraded' },
      { condition: 'Working', is: 'True', means: 'Healthy' },
    ],
  },
  versionObserved: '.status.version',
  replicas: { desired: '.spec.size', ready: '.status.ready' },
}
const gadget = { group: 'example.com', kind: 'Gadget' }
/** A process that starts with this fleet file. */
const start = (...kinds: object[]) => {
  understanding.kinds = kindsOf(parseFleet({ kinds }).kinds)
}

let served: FakeCluster
const put = (name: string, working: string, resource = widgets) =>
  served.put(resource, name, {
    spec: { cluster: 'prod', size: 3 },
    status: { version: 'v1.33.4', stage: 'late', ready: 2, conditions: [{ type: 'Working', status: working }] },
  })
const asked = () => served.server.counts.get('widgets.example.com') ?? 0
const rows = (kind: string) =>
  rowsOf<{ name: string; phase: string | null; imprint: string; version: string; written: string; gone: boolean }>(
    store.db,
    sql`select name, facts ->> 'phase' as phase, imprint, api_version as version, xmin::text as written, gone_at is not null as gone
      from object where kind = ${kind} order by name`,
  )
const troubleOf = async (kind: string) => {
  const [reading] = await rowsOf<{ code: string | null }>(
    store.db,
    sql`select trouble_code as code from reading where kind = ${kind}`,
  )
  return reading?.code
}
const ask = async (query: string) => {
  const { data, errors } = await asker(store.db, now).ask(query)
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}

beforeEach(async () => {
  served = await startFakeCluster({
    clock: now,
    resources: [namespaces, clusters, machines, widgets, gadgets, dockers],
  })
  served.put(clusters, 'prod', {
    status: { conditions: [{ type: 'Available', status: 'True', reason: 'Available', observedGeneration: 1 }] },
  })
  put('well', 'True')
  put('ill', 'False')
  put('g', 'True', gadgets)
  put('d', 'True', dockers)
  targets.set('weu', { data: served.kubeconfig() })
})
afterEach(() => served.server.close())

describe('a kind that the fleet file declares', () => {
  test('goes from the poll to GraphQL like any other, as a part of its cluster', async () => {
    start(widget)
    await poll()
    const { resources, clusters: found } = await ask(`{
      resources(filter: { kind: { eq: "example.com/Widget" } }) {
        nodes { name apiVersion kubernetes { observed } replicas { desired ready } health { state reason } freshness { state } cluster { name } }
        coverage { complete }
      }
      clusters { nodes { name health { state } nodePools { name health { state } } } }
    }`)
    expect(resources.coverage).toEqual({ complete: true })
    expect(resources.nodes).toEqual([
      {
        name: 'ill',
        apiVersion: 'example.com/v2',
        kubernetes: { observed: 'v1.33.4' },
        replicas: { desired: 3, ready: 2 },
        health: { state: 'DEGRADED', reason: 'Working' },
        freshness: { state: 'FRESH' },
        cluster: { name: 'prod' },
      },
      expect.objectContaining({ name: 'well', health: { state: 'HEALTHY', reason: 'Working' } }),
    ])
    expect(found.nodes).toMatchObject([
      { name: 'prod', health: { state: 'DEGRADED' }, nodePools: [{ name: 'ill' }, { name: 'well' }] },
    ])
  })

  test('is read by its change alone, as long as its declaration stays', async () => {
    start(widget)
    await poll()
    const before = asked()
    start(widget)
    put('ill', 'True')
    expect(await poll()).toMatchObject({ observed: 1, changed: 1 })
    expect(asked() - before).toBe(1)
  })

  test('is read in the version that the file prefers', async () => {
    start({ ...widget, versions: ['v1'] })
    await poll()
    expect((await rows('example.com/Widget')).map(({ version }) => version)).toEqual([
      'example.com/v1',
      'example.com/v1',
    ])
  })

  test('another declaration reads its objects anew, and only its own', async () => {
    start(widget, gadget)
    await poll()
    const [widgetsBefore, gadgetsBefore] = [await rows('example.com/Widget'), await rows('example.com/Gadget')]
    expect(widgetsBefore.map(({ phase }) => phase)).toEqual([null, null])
    start({ ...widget, phase: '.status.stage' }, gadget)
    // Nothing changed on the server.
    expect(await poll('weu', {}, 1)).toMatchObject({ changed: 2, gone: 0 })
    expect((await rows('example.com/Widget')).map(({ phase }) => phase)).toEqual(['late', 'late'])
    expect(await rows('example.com/Gadget')).toEqual(gadgetsBefore)
    expect(await poll('weu', {}, 1)).toMatchObject({ changed: 0 })
  })

  test('one that left the file leaves the inventory, and comes back with it', async () => {
    start(widget, gadget)
    await poll()
    start(gadget)
    expect(await poll()).toMatchObject({ gone: 2 })
    expect(await present('Widget')).toEqual([])
    expect(await present('Gadget')).toEqual(['g'])
    const { resources, clusters: found } = await ask(`{
      resources(filter: { kind: { eq: "Widget" } }) { totalCount coverage { complete } }
      clusters { nodes { name health { state } nodePools { name } } }
    }`)
    expect(resources).toEqual({ totalCount: 0, coverage: { complete: true } })
    expect(found.nodes).toEqual([{ name: 'prod', health: { state: 'HEALTHY' }, nodePools: [] }])
    expect(await rowsOf(store.db, sql`select 1 from reading where kind = 'example.com/Widget'`)).toEqual([])
    start(widget, gadget)
    await poll()
    expect(await present('Widget')).toEqual(['ill', 'well'])
  })

  test('one that replaced the generic reading of its group gives it back', async () => {
    start({ group: dockers.group, kind: dockers.kind, phase: '.status.stage' })
    await poll()
    expect(await rows('infrastructure.cluster.x-k8s.io/DockerPool')).toMatchObject([{ phase: 'late' }])
    start()
    await poll('weu', { relistMs: 1 })
    expect(await rows('infrastructure.cluster.x-k8s.io/DockerPool')).toMatchObject([{ phase: null, gone: false }])
  })

  test('says of itself that it is not installed, or forbidden', async () => {
    served.faults.add({ fault: 'forbidden', on: 'widgets.example.com' })
    start(widget, { group: 'example.org', kind: 'Thing' })
    await poll()
    expect([await troubleOf('example.com/Widget'), await troubleOf('example.org/Thing')]).toEqual([
      'Forbidden',
      'NotInstalled',
    ])
    served.faults.clear()
    await poll()
    expect(await troubleOf('example.com/Widget')).toBeNull()
  })

  test('names what of an object it could not read, and keeps the rest', async () => {
    start({ ...widget, phase: '.status.conditions' })
    await poll()
    const [reading] = await rowsOf<{ rejected: unknown }>(
      store.db,
      sql`select rejected from reading where kind = 'example.com/Widget'`,
    )
    expect(reading?.rejected).toMatchObject([
      { ref: { name: 'ill' }, why: 'phase: .status.conditions is a list, not a text' },
      { ref: { name: 'well' } },
    ])
    expect(await present('Widget')).toEqual(['ill', 'well'])
  })

  test('that only names a cluster does not make one', async () => {
    start({ ...widget, part: 'none' })
    served.put(widgets, 'lost', { spec: { cluster: 'nowhere' } })
    await poll()
    expect(await present('Widget')).toContain('lost')
    expect((await ask('{ clusters { nodes { name } } }')).clusters.nodes).toEqual([{ name: 'prod' }])
  })
})
