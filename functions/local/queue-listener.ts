import { setTimeout as sleep } from 'node:timers/promises'
import type { HostNumbers } from './host-json.ts'
import type { OpenQueue, Queue, QueueMessage } from './queue.ts'

/** Runs one message through a function. Rejects when the function failed. */
export type HandleMessage = (text: string, message: QueueMessage) => Promise<void>

export interface Listener {
  /** Looks again at once: a message was just sent by this process. */
  wake(): void
  /** Takes no new message; resolves when the running ones are done. */
  stop(): Promise<void>
}

type Trouble = (what: string, error: unknown) => void

/** How long a message is ours before it must be renewed; the Functions host's own number. */
const heldMs = 600_000
const pollingIntervalMsMin = 100

/** Storage holds text; Functions send it as base64 (`messageEncoding` in host.json). */
export const encode = (text: string): string => Buffer.from(text, 'utf8').toString('base64')

function decode(body: string): string | null {
  return /^[A-Za-z0-9+/]*={0,2}$/.test(body) && body.length % 4 === 0
    ? Buffer.from(body, 'base64').toString('utf8')
    : null
}

/**
 * Feeds a queue to a function with the semantics of the Functions host: batches, a retry after `visibilityTimeout`,
 * and after `maxDequeueCount` failures the queue `<name>-poison`.
 */
export async function listen(
  name: string,
  open: OpenQueue,
  numbers: HostNumbers['queues'],
  handle: HandleMessage,
  trouble: Trouble,
): Promise<Listener> {
  const [queue, poison] = await Promise.all([open(name), open(`${name}-poison`)])
  const running = new Set<Promise<void>>()
  const stopping = new AbortController()
  let awake = new AbortController()

  const take = async (): Promise<number> => {
    const messages = await queue.receive({ max: numbers.batchSize, hiddenMs: heldMs })
    for (const message of messages) {
      const run = attend(queue, poison, numbers, handle, trouble, message)
        .catch((error: unknown) => trouble(`queue "${name}"`, error))
        .finally(() => {
          running.delete(run)
          awake.abort()
        })
      running.add(run)
    }
    return messages.length
  }

  const loop = async () => {
    let pauseMs = pollingIntervalMsMin
    while (!stopping.signal.aborted) {
      awake = new AbortController()
      if (running.size <= numbers.newBatchThreshold) {
        const taken = await take().catch((error: unknown) => {
          trouble(`queue "${name}"`, error)
          return 0
        })
        pauseMs = taken > 0 ? pollingIntervalMsMin : Math.min(pauseMs * 2, numbers.maxPollingIntervalMs)
        if (taken > 0) continue
      }
      const signal = AbortSignal.any([awake.signal, stopping.signal])
      await sleep(pauseMs, undefined, { signal }).catch(() => {}) // Woken early: the reason to look again.
    }
  }
  const looping = loop()
  return {
    wake: () => awake.abort(),
    stop: async () => {
      stopping.abort()
      await looping
      await Promise.allSettled(running)
    },
  }
}

async function attend(
  queue: Queue,
  poison: Queue,
  numbers: HostNumbers['queues'],
  handle: HandleMessage,
  trouble: Trouble,
  received: QueueMessage,
): Promise<void> {
  const text = decode(received.body)
  let message: QueueMessage = received
  const renewal = setInterval(() => {
    queue.hide(message, heldMs).then(
      (renewed) => {
        message = renewed ?? message
      },
      (error: unknown) => trouble(`queue "${queue.name}"`, error),
    )
  }, heldMs / 2)
  try {
    if (text === null) throw new Error('the message is not base64')
    await handle(text, message)
    await queue.remove(message)
  } catch (error) {
    trouble(`queue "${queue.name}", message ${message.id}, try ${message.dequeueCount}`, error)
    // What can never be read is not tried again; the Functions host does the same.
    if (text !== null && message.dequeueCount < numbers.maxDequeueCount) {
      await queue.hide(message, numbers.visibilityTimeoutMs)
      return
    }
    await poison.send(message.body) // Sent before removed: a crash between the two leaves it twice, never nowhere.
    await queue.remove(message)
  } finally {
    clearInterval(renewal)
  }
}
