import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { KindProgress } from '../../../fleet/source.ts'
import type { PollLimits } from '../../../functions/sources/budget.ts'
import { type Collected, listKind } from '../../../functions/sources/list.ts'
import {
  all,
  clusters,
  type FakeCluster,
  quietConnections,
  reach,
  served,
  startDeafFront,
  startFakeCluster,
} from './fake-cluster.ts'

const connections = quietConnections()
let cluster: FakeCluster

beforeAll(() => undefined)
beforeEach(async () => {
  cluster = await startFakeCluster()
  for (let i = 0; i < 25; i++) cluster.put(clusters, `c${String(i).padStart(2, '0')}`)
})
afterEach(async () => {
  await cluster.server.close()
})
afterAll(() => connections.close())

async function read(
  limits: Partial<PollLimits> = {},
  open: KindProgress['open'] = null,
  between: (piece: Collected) => void = () => undefined,
  url = cluster.server.url,
) {
  const kube = await reach(connections, cluster.kubeconfig({ url }), {
    pageObjects: 10,
    patienceMs: 0,
    requestMs: 2_000,
    ...limits,
  })
  const pieces: Collected[] = []
  for await (const piece of listKind(kube, served(clusters), open)) {
    pieces.push(piece)
    between(piece)
  }
  return pieces
}

const proofs = (pieces: readonly Collected[]) =>
  pieces.map((piece) => (piece.as === 'delivery' ? piece.delivery.proof.as : piece.as))
const names = (pieces: readonly Collected[]) =>
  pieces
    .flatMap((piece) => (piece.as === 'delivery' ? piece.delivery.objects : []))
    .map((object) => (object as { metadata: { name: string } }).metadata.name)
const openAfter = (pieces: readonly Collected[]): KindProgress['open'] => {
  const last = pieces.findLast((piece) => piece.as === 'delivery')
  if (last?.as !== 'delivery' || last.delivery.proof.as !== 'page') return null
  const { run, page, next } = last.delivery.proof
  if (next === null) return null
  return { runId: run.id, startedAt: run.startedAt, token: next.token, limit: next.limit, page: page + 1 }
}

describe('a full LIST', () => {
  test('gives every object once, page by page, of one run and one snapshot', async () => {
    const pieces = await read({}, null, () => cluster.put(clusters, 'zz'))
    expect(proofs(pieces)).toEqual(['page', 'page', 'end'])
    expect(names(pieces)).toEqual(Array.from({ length: 25 }, (_, i) => `c${String(i).padStart(2, '0')}`))
    const runs = new Set(
      pieces.map((piece) =>
        piece.as === 'delivery' && 'run' in piece.delivery.proof ? piece.delivery.proof.run.id : '',
      ),
    )
    expect(runs.size).toBe(1)
    expect(pieces.at(-1)).toMatchObject({ delivery: { proof: { cursor: '1026', consistent: true, page: 2 } } })
  })

  test('a list of nothing ends', async () => {
    const kube = await reach(connections, cluster.kubeconfig())
    const pieces = await all(
      listKind(kube, { ...served(clusters), kind: 'cluster.x-k8s.io/Machine', plural: 'machines' }, null),
    )
    expect(proofs(pieces)).toEqual(['end'])
  })

  test.each([
    { fault: 'reset' },
    { fault: 'truncated' },
    { fault: 'error', code: 500 },
    { fault: 'forbidden' },
    { fault: 'throttled', retryAfterSeconds: 9 },
  ] as const)('a page that fails midway ($fault) ends in trouble, never in an end', async (fault) => {
    const pieces = await read({}, null, (piece) => {
      if (piece.as === 'delivery' && 'page' in piece.delivery.proof && piece.delivery.proof.page === 0)
        cluster.faults.add(fault)
    })
    expect(proofs(pieces).at(-1)).toBe('trouble')
    expect(proofs(pieces)).not.toContain('end')
  })
})

describe('a token that expired (410)', () => {
  test('begins anew, with a run of its own', async () => {
    cluster.faults.add({ fault: 'gone', as: 'http', times: 1 })
    const pieces = await read()
    expect(proofs(pieces)).toEqual(['page', 'page', 'page', 'end'])
    const runs = pieces.map((piece) =>
      piece.as === 'delivery' && 'run' in piece.delivery.proof ? piece.delivery.proof.run.id : '',
    )
    expect(new Set(runs).size).toBe(2)
    expect(pieces.at(-1)).toMatchObject({ delivery: { proof: { page: 2, consistent: true } } })
  })

  test('is accepted inconsistent at last, which is said', async () => {
    cluster.faults.add({ fault: 'gone', as: 'http', times: 3 })
    const pieces = await read()
    expect(proofs(pieces).at(-1)).toBe('end')
    expect(pieces.at(-1)).toMatchObject({ delivery: { proof: { consistent: false } } })
  })

  test('stays inconsistent in the next invocation', async () => {
    cluster.faults.add({ fault: 'gone', as: 'http', times: 3 })
    const first = await read({ requests: 7, pageObjects: 5 })
    expect(proofs(first).at(-1)).toBe('left')
    const rest = await read({ pageObjects: 5 }, openAfter(first))
    expect(rest.at(-1)).toMatchObject({ delivery: { proof: { as: 'end', consistent: false } } })
  })

  test('a server that knows no such token (another one) is listed anew', async () => {
    const open = { runId: 'old', startedAt: new Date(), token: 'nonsense', limit: 10, page: 3 }
    const pieces = await read({}, open)
    expect(names(pieces)).toHaveLength(25)
    expect(pieces[0]).toMatchObject({ delivery: { proof: { page: 0 } } })
  })
})

describe('limits', () => {
  test('what does not fit one invocation goes on in the next, at the next page', async () => {
    const first = await read({ requests: 2 })
    expect(proofs(first)).toEqual(['page', 'page', 'left'])
    const rest = await read({}, openAfter(first))
    expect(proofs(rest)).toEqual(['end'])
    expect([...names(first), ...names(rest)]).toHaveLength(25)
    expect(rest[0]).toMatchObject({ delivery: { proof: { page: 2, consistent: true, cursor: '1026' } } })
  })

  test('one object of 20 MB is named and rejected; its neighbours are read', async () => {
    cluster.put(clusters, 'c07', { spec: { filler: 'x'.repeat(20 * 1024 * 1024) } })
    const pieces = await read({ requestMs: 20_000 })
    expect(proofs(pieces).at(-1)).toBe('end')
    expect(names(pieces)).toHaveLength(24)
    const rejected = pieces.flatMap((piece) => (piece.as === 'delivery' ? piece.delivery.rejected : []))
    expect(rejected).toEqual([
      {
        ref: { group: 'cluster.x-k8s.io', kind: 'Cluster', namespace: 'default', name: 'c07' },
        why: 'Cluster default/c07 is larger than 8 MiB and was not read',
      },
    ])
  })

  describe('a server that does not give metadata alone', () => {
    const size = { pageBytes: 64 * 1024, objectBytes: 512 * 1024, requestMs: 20_000 }
    const filler = (bytes: number) => ({ spec: { filler: 'x'.repeat(bytes) } })
    let front: Awaited<ReturnType<typeof startDeafFront>>
    beforeEach(async () => {
      front = await startDeafFront(cluster)
    })
    afterEach(() => front.close())
    const rejected = (pieces: readonly Collected[]) =>
      pieces.flatMap((piece) => (piece.as === 'delivery' ? piece.delivery.rejected : []))

    test('large objects are read once for their names and rejected; the pages grow again behind them', async () => {
      for (let i = 25; i < 90; i++) cluster.put(clusters, `c${i}`)
      cluster.put(clusters, 'c07', filler(200 * 1024))
      cluster.put(clusters, 'c08', filler(300 * 1024))
      const asked = () => cluster.server.counts.get('clusters.cluster.x-k8s.io') ?? 0
      const pieces = await read(size, null, () => undefined, front.url)
      expect(proofs(pieces).at(-1)).toBe('end')
      expect(names(pieces)).toHaveLength(88)
      expect(rejected(pieces)).toEqual([
        {
          ref: { group: 'cluster.x-k8s.io', kind: 'Cluster', namespace: 'default', name: 'c07' },
          why: 'Cluster default/c07 is 0.2 MiB, more than the 0.1 MiB that are read of one object, and was not read',
        },
        expect.objectContaining({ ref: expect.objectContaining({ name: 'c08' }) }),
      ])
      expect(asked()).toBeLessThan(40)
    })

    test('one over the larger cap too is told by what lies before it', async () => {
      cluster.put(clusters, 'c07', filler(600 * 1024))
      const pieces = await read(size, null, () => undefined, front.url)
      expect(proofs(pieces)).not.toContain('end')
      expect(pieces.at(-1)).toMatchObject({
        as: 'trouble',
        trouble: {
          code: 'BadAnswer',
          message: expect.stringMatching(/^the object behind default\/c06 in the list of clusters .* than 0\.5 MiB/),
        },
      })
      cluster.put(clusters, 'c00', filler(600 * 1024))
      const [first] = await read(size, null, () => undefined, front.url)
      expect(first).toMatchObject({ trouble: { message: expect.stringMatching(/^the first object in the list/) } })
    })
  })

  test('a budget that ends while a page is made smaller is no fault of the kind', async () => {
    cluster.put(clusters, 'c02', { spec: { filler: 'x'.repeat(200 * 1024) } })
    expect(proofs(await read({ pageBytes: 64 * 1024, requests: 2 }))).toEqual(['left'])
  })

  test('a list that repeats its token has no end, and says so', async () => {
    cluster.faults.add({ fault: 'endless' })
    const pieces = await read()
    expect(pieces.at(-1)).toMatchObject({
      as: 'trouble',
      trouble: { code: 'BadAnswer', message: expect.stringContaining('has no end') },
    })
  })

  test('a list with more pages than a list can have is given up, and begins anew later', async () => {
    const pieces = await read({ pages: 3, pageObjects: 5 })
    expect(pieces.at(-1)).toMatchObject({ as: 'trouble', trouble: { code: 'BadAnswer' } })
    const again = await read({ pages: 3 }, openAfter(pieces))
    expect(again[0]).toMatchObject({ delivery: { proof: { page: 0 } } })
  })
})
