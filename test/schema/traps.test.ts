import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { settle } from '../../db/settle.ts'
import { finishPoll, registerSources, takeLease } from '../../db/source.ts'
import { engines, openEngine } from '../engine.ts'
import { type Ask, asker } from './ask.ts'
import { everyMs, staleAfterMs } from './fill.ts'

const now = new Date('2026-11-22T09:00:00Z')
const condition = (type: string, status: string, more: object = {}) => ({
  type,
  status,
  reason: `${type}Reason`,
  message: '',
  lastTransitionTime: '2026-11-01T10:00:00Z',
  ...more,
})

const cluster = (name: string, version: string, status: object, labels: Record<string, string> = {}) => ({
  apiVersion: 'cluster.x-k8s.io/v1beta2',
  kind: 'Cluster',
  metadata: { name, namespace: 'fleet', uid: name, generation: 2, creationTimestamp: '2026-01-05T10:00:00Z', labels },
  spec: { topology: { classRef: { name: 'standard' }, version } },
  status: {
    observedGeneration: 2,
    phase: 'Provisioned',
    initialization: { controlPlaneInitialized: true, infrastructureProvisioned: true },
    ...status,
  },
})
const available = { conditions: [condition('Available', 'True', { observedGeneration: 2 })] }

const clusters = [
  cluster('nine', 'v1.9.11', available),
  cluster('ten', 'v1.10.0', available),
  cluster('ten-one', 'v1.10.1', available, { 'app.kubernetes.io/odd': 'a', quote: "o'k" }),
  cluster('newest', 'v1.33.4', available),
  // Negative polarity: False is good news here.
  cluster('calm', 'v1.33.4', {
    conditions: [
      ...available.conditions,
      condition('Paused', 'False'),
      condition('RollingOut', 'False'),
      condition('ScalingUp', 'False'),
    ],
  }),
  cluster('absent', 'v1.33.4', { conditions: [condition('Paused', 'False')] }),
  cluster('lagging', 'v1.33.4', {
    observedGeneration: 1,
    conditions: [condition('Available', 'True', { observedGeneration: 1 })],
  }),
]

describe.each(engines)('traps of questions.md on %s', (engine) => {
  let store: Store
  let ask: Ask

  beforeAll(async () => {
    store = await openEngine(engine)
    await registerSources(
      store.db,
      [
        {
          id: 'mc',
          type: 'managementCluster',
          parentId: null,
          polled: true,
          armId: null,
          region: null,
          labels: {},
          everyMs,
          staleAfterMs,
        },
      ],
      now,
    )
    const lease = await takeLease(store.db, 'mc', 'one', now, 1000)
    const proof = { as: 'end' as const, run: { id: 'run', startedAt: now }, page: 0, cursor: '1', consistent: true }
    await ingest(
      store.db,
      {
        source: 'mc',
        kind: 'cluster.x-k8s.io/Cluster',
        observedAt: now,
        objects: clusters,
        gone: [],
        rejected: [],
        proof,
      },
      { receivedAt: now },
    )
    if (lease) await finishPoll(store.db, lease, { trouble: null, unfinished: false }, now)
    await settle(store.db, now)
    ask = asker(store.db, () => now).ask
  })
  afterAll(() => store.close())

  const names = async (filter: object): Promise<string[]> => {
    const { data, errors } = await ask(
      'query ($filter: ClusterFilter) { clusters(first: 100, filter: $filter, orderBy: {field: VERSION}) { nodes { name } } }',
      { filter },
    )
    expect(errors).toBeUndefined()
    return data.clusters.nodes.map(({ name }: { name: string }) => name)
  }

  it('1.9 comes before 1.10, in filters, orders and groups', async () => {
    expect(await names({ version: { lt: '1.11' } })).toEqual(['nine', 'ten', 'ten-one'])
    expect(await names({ version: { eq: '1.10' } })).toEqual(['ten', 'ten-one'])
    expect(await names({ version: { eq: 'v1.10.1' } })).toEqual(['ten-one'])
    expect(await names({ version: { in: ['1.9', '1.10.0'] } })).toEqual(['nine', 'ten'])
    expect(await names({ version: { gte: '1.9', lt: '1.10' } })).toEqual(['nine'])
    expect(await names({ version: { eq: '1.1' } })).toEqual([])
    const { data } = await ask('{ clusterAggregate(groupBy: [MINOR]) { buckets { count keys { value } } } }')
    expect(data.clusterAggregate.buckets).toEqual([
      { count: 4, keys: [{ value: '1.33' }] },
      { count: 2, keys: [{ value: '1.10' }] },
      { count: 1, keys: [{ value: '1.9' }] },
    ])
  })

  it('an absent condition is Unknown, a negative one that is False is fine, an unseen generation is not settled', async () => {
    const { data } = await ask('{ clusters(first: 100) { nodes { name health { state } } } }')
    const states = Object.fromEntries(
      data.clusters.nodes.map((node: { name: string; health: { state: string } }) => [node.name, node.health.state]),
    )
    expect(states).toMatchObject({ newest: 'HEALTHY', calm: 'HEALTHY', absent: 'UNKNOWN', lagging: 'PROGRESSING' })
    expect(await names({ health: { eq: 'UNKNOWN' } })).toEqual(['absent'])
  })

  it('label keys and values are data, never SQL', async () => {
    expect(await names({ labels: 'app.kubernetes.io/odd=a' })).toEqual(['ten-one'])
    expect(await names({ name: { eq: "'; drop table cluster; --" } })).toEqual([])
    expect(await names({ name: { startsWith: 'ten%' } })).toEqual([])
    expect(await names({ name: { startsWith: 'ten' } })).toEqual(['ten', 'ten-one'])
  })
})
