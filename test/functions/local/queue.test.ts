import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { HostNumbers } from '../../../functions/local/host-json.ts'
import {
  memoryQueues,
  messageBytesMax,
  type OpenQueue,
  QueueAway,
  storageQueues,
} from '../../../functions/local/queue.ts'
import { encode, listen } from '../../../functions/local/queue-listener.ts'
import { hasAzurite, startAzurite } from './azurite.ts'

const numbers: HostNumbers['queues'] = {
  batchSize: 4,
  newBatchThreshold: 2,
  maxDequeueCount: 5,
  visibilityTimeoutMs: 0,
  maxPollingIntervalMs: 200,
}
let made = 0
/** Each test has a queue of its own; one Azurite serves them all. */
const freshName = () => `q${++made}`

function contract(name: string, openLazily: () => OpenQueue) {
  describe(`${name} queue`, () => {
    const open = () => openLazily()(freshName())

    it('hands a message out once while it is hidden, and again when its time is over', async () => {
      const queue = await open()
      await queue.send('a')
      const [first] = await queue.receive({ max: 32, hiddenMs: 1000 })
      expect(first).toMatchObject({ body: 'a', dequeueCount: 1 })
      expect(await queue.receive({ max: 32, hiddenMs: 1000 })).toEqual([])
      await sleep(1300)
      const [again] = await queue.receive({ max: 32, hiddenMs: 1000 })
      expect(again).toMatchObject({ id: first?.id, dequeueCount: 2 })
    })

    it('removes only for whoever holds the message', async () => {
      const queue = await open()
      await queue.send('a')
      const [slow] = await queue.receive({ max: 1, hiddenMs: 1000 })
      await sleep(1300)
      const [quick] = await queue.receive({ max: 1, hiddenMs: 30_000 })
      if (!slow || !quick) throw new Error('a message was expected')
      expect(await queue.remove(slow)).toBe(false)
      expect(await queue.hide(slow, 0)).toBeNull()
      expect(await queue.remove(quick)).toBe(true)
      expect(await queue.remove(quick)).toBe(false)
    })

    it('shows a message at once when it is no longer to be hidden', async () => {
      const queue = await open()
      await queue.send('a')
      const [held] = await queue.receive({ max: 1, hiddenMs: 30_000 })
      if (!held) throw new Error('a message was expected')
      expect(await queue.hide(held, 0)).not.toBeNull()
      expect(await queue.receive({ max: 1, hiddenMs: 1000 })).toMatchObject([{ id: held.id, dequeueCount: 2 }])
    })

    it('takes 64 KiB and refuses more with a sentence', async () => {
      const queue = await open()
      await queue.send('x'.repeat(messageBytesMax))
      await expect(queue.send('x'.repeat(messageBytesMax + 1))).rejects.toThrow(
        /65537 bytes does not fit queue "q\d+" \(65536 at most\)/,
      )
    })

    it('gives no more than asked for', async () => {
      const queue = await open()
      for (const body of ['a', 'b', 'c']) await queue.send(body)
      expect(await queue.receive({ max: 2, hiddenMs: 1000 })).toHaveLength(2)
      expect(await queue.receive({ max: 2, hiddenMs: 1000 })).toHaveLength(1)
    })
  })

  describe(`${name} listener`, () => {
    const start = async (
      handle: (text: string, tries: number) => Promise<void>,
      over: Partial<typeof numbers> = {},
    ) => {
      const name = freshName()
      const troubles: string[] = []
      const listener = await listen(
        name,
        openLazily(),
        { ...numbers, ...over },
        (text, { dequeueCount }) => handle(text, dequeueCount),
        (what, error) => {
          troubles.push(`${what}: ${String(error)}`)
        },
      )
      onTestFinished(() => listener.stop())
      const [queue, poison] = await Promise.all([openLazily()(name), openLazily()(`${name}-poison`)])
      return { queue, poison, listener, troubles }
    }
    const received = async (queue: Awaited<ReturnType<OpenQueue>>) => {
      for (let tries = 0; tries < 100; tries++) {
        const [message] = await queue.receive({ max: 1, hiddenMs: 30_000 })
        if (message) return message
        await sleep(50)
      }
      throw new Error('nothing came')
    }

    it('runs each message and removes it', async () => {
      const seen: string[] = []
      const { queue, listener } = await start(async (text) => void seen.push(text))
      for (const text of ['one', '{"two":2}', 'ü']) await queue.send(encode(text))
      await expect.poll(() => [...seen].sort(), { timeout: 5000 }).toEqual(['one', '{"two":2}', 'ü'].sort())
      await listener.stop()
      expect(await queue.receive({ max: 32, hiddenMs: 1000 })).toEqual([])
    })

    it('tries a failing message five times, then moves it to the poison queue as it was', async () => {
      const tries: number[] = []
      const { poison, queue, troubles } = await start(async (_text, count) => {
        tries.push(count)
        throw new Error('no')
      })
      await queue.send(encode('bad'))
      expect(Buffer.from((await received(poison)).body, 'base64').toString()).toBe('bad')
      expect(tries).toEqual([1, 2, 3, 4, 5])
      expect(troubles).toHaveLength(5)
      expect(await queue.receive({ max: 1, hiddenMs: 1000 })).toEqual([])
    })

    it('does not try again what is no base64', async () => {
      const { poison, queue } = await start(async () => {
        throw new Error('must not run')
      })
      await queue.send('not base64!')
      expect((await received(poison)).body).toBe('not base64!')
    })

    it('waits visibilityTimeout before the next try', async () => {
      const at: number[] = []
      const { queue } = await start(
        async (_text, count) => {
          at.push(Date.now())
          if (count === 1) throw new Error('once')
        },
        { visibilityTimeoutMs: 2000 },
      )
      await queue.send(encode('x'))
      await expect.poll(() => at.length, { timeout: 8000 }).toBe(2)
      expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(1000)
    })

    it('runs at most batchSize + newBatchThreshold at once, and all of them in the end', async () => {
      let running = 0
      let most = 0
      let done = 0
      const { queue } = await start(async () => {
        most = Math.max(most, ++running)
        await sleep(150)
        running--
        done++
      })
      for (let i = 0; i < 20; i++) await queue.send(encode(String(i)))
      await expect.poll(() => done, { timeout: 10_000 }).toBe(20)
      expect(most).toBeLessThanOrEqual(numbers.batchSize + numbers.newBatchThreshold)
      expect(most).toBeGreaterThan(1)
    })

    it('waits for running messages when it stops, and takes no more', async () => {
      let done = 0
      const { queue, listener } = await start(
        async () => {
          await sleep(300)
          done++
        },
        { batchSize: 1, newBatchThreshold: 0 },
      )
      await queue.send(encode('a'))
      await queue.send(encode('b'))
      await sleep(250)
      await listener.stop()
      expect(done).toBe(1)
      expect(await queue.receive({ max: 32, hiddenMs: 1000 })).toHaveLength(1)
    })
  })
}

const inProcess = memoryQueues()
contract('in-process', () => inProcess)

describe.runIf(hasAzurite())('Azurite', () => {
  let azurite: Awaited<ReturnType<typeof startAzurite>>
  let open: OpenQueue
  beforeAll(async () => {
    azurite = await startAzurite()
    open = storageQueues(azurite.connection, () => {})
  })
  afterAll(() => azurite?.stop())
  contract('Storage', () => open)

  it('goes on when the service comes back without its queues, and says so once', { timeout: 90_000 }, async () => {
    const first = await startAzurite()
    const told: string[] = []
    const troubles: unknown[] = []
    const seen: string[] = []
    const reopen = storageQueues(first.connection, (sentence) => told.push(sentence))
    const queue = await reopen('kept')
    const listener = await listen(
      'kept',
      reopen,
      numbers,
      async (text) => void seen.push(text),
      (_what, error) => troubles.push(error),
    )
    onTestFinished(() => listener.stop())
    await queue.send(encode('before'))
    await expect.poll(() => seen, { timeout: 5000 }).toEqual(['before'])
    await first.stop()
    await expect(queue.send(encode('lost'))).rejects.toThrow(QueueAway)
    await expect(queue.send(encode('lost'))).rejects.toThrow(/cannot be used \(ECONNREFUSED\)/)
    const second = await startAzurite(first.port)
    onTestFinished(second.stop)
    await queue.send(encode('after'))
    await expect.poll(() => seen, { timeout: 30_000 }).toEqual(['before', 'after'])
    expect(told).toEqual([
      expect.stringMatching(
        /^The queue service at 127\.0\.0\.1:\d+ cannot be used \(\w+\); polls wait until it answers\.$/,
      ),
      expect.stringMatching(/^The queue service at 127\.0\.0\.1:\d+ answers again\.$/),
    ])
    expect(troubles.every((trouble) => trouble instanceof QueueAway)).toBe(true)
  })
})
