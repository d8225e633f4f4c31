import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rowsOf, type Store } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { kindOf } from '../../fleet/kinds/registry.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { at, deployment, listed } from './wire.ts'

describe.each(engines)('what the store knows is not read again, on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(() => clear(store))
  afterAll(() => store.close())

  /** Ingests a complete LIST; gives the names of what was read, and the receipt. */
  const list = async (minute: number, objects: readonly object[]) => {
    const read: string[] = []
    const receipt = await ingest(store.db, listed(at(minute), objects), {
      receivedAt: at(minute),
      kinds: (key) => {
        const kind = kindOf(key)
        const normalise: typeof kind.normalise = (object) => {
          read.push(object.ref.name)
          return kind.normalise(object)
        }
        return { ...kind, normalise }
      },
    })
    return { read, receipt }
  }
  const living = async () =>
    (await rowsOf<{ name: string }>(store.db, sql`select name from object where gone_at is null order by name`)).map(
      ({ name }) => name,
    )
  const with_ = (object: ReturnType<typeof deployment>, metadata: object) => ({
    ...object,
    metadata: { ...object.metadata, ...metadata },
  })

  it('an unchanged LIST reads nothing, and proves presence all the same', async () => {
    expect((await list(0, [deployment('a'), deployment('b')])).read).toEqual(['a', 'b'])
    expect(await list(1, [deployment('a'), deployment('b')])).toEqual({
      read: [],
      receipt: { observed: 2, changed: 0, gone: 0, rejected: [] },
    })
    expect((await list(2, [deployment('a'), deployment('b', { replicas: 5 })])).read).toEqual(['b'])
    expect((await list(3, [deployment('a')])).receipt.gone).toBe(1)
    expect(await living()).toEqual(['a'])
  })

  it('what was gone is read when it returns', async () => {
    await list(0, [deployment('a')])
    await list(1, [])
    expect((await list(2, [deployment('a')])).read).toEqual(['a'])
    expect(await living()).toEqual(['a'])
  })

  it.each([
    ['another API version', { apiVersion: 'cluster.x-k8s.io/v1beta1' }],
    ['another object of that name', with_(deployment('a'), { uid: 'another' })],
    [
      'a resourceVersion given out again by a restored server',
      with_(deployment('a'), { managedFields: [{ time: '2026-02-01T00:00:00Z' }] }),
    ],
    ['no resourceVersion', with_(deployment('a'), { resourceVersion: undefined })],
  ])('%s is read', async (_, change) => {
    await list(0, [deployment('a')])
    expect((await list(1, [{ ...deployment('a'), ...change }])).read).toEqual(['a'])
  })

  it('a rejected part is told at every reading', async () => {
    const broken = with_(deployment('a'), { generation: 'soon' })
    for (const minute of [0, 1]) {
      const { receipt } = await list(minute, [broken])
      expect(receipt.rejected).toHaveLength(1)
    }
  })

  it('of two that claim one name the later counts, whichever the store knows', async () => {
    const [old, now] = [deployment('a', { replicas: 2 }), deployment('a', { replicas: 3 })]
    await list(0, [now])
    expect((await list(1, [old, now])).receipt.changed).toBe(0)
  })
})
