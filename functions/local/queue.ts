import { randomUUID } from 'node:crypto'
import type { QueueServiceClient } from '@azure/storage-queue'
import { FleetError } from '../../fleet/error.ts'

/** A message as its queue holds it: `body` is still encoded. */
export interface QueueMessage {
  readonly id: string
  readonly body: string
  /** How often it was received, this time included. */
  readonly dequeueCount: number
  readonly insertedAt: Date
  /** Proves that the message is still ours: it changes whenever the message is received or hidden anew. */
  readonly receipt: string
}

/**
 * What a Storage queue promises: at least once, in no strict order. A received message is hidden, not gone; it comes
 * back when its time is over, unless it was removed.
 */
export interface Queue {
  readonly name: string
  send(body: string): Promise<void>
  receive(options: { readonly max: number; readonly hiddenMs: number }): Promise<readonly QueueMessage[]>
  /** False when the receipt is no longer good: somebody else has received the message since. */
  remove(message: QueueMessage): Promise<boolean>
  /** Hides a message for so long from now; 0 shows it at once. Null when the receipt is no longer good. */
  hide(message: QueueMessage, hiddenMs: number): Promise<QueueMessage | null>
}

export type OpenQueue = (name: string) => Promise<Queue>

/** Storage's own limit on a message, as encoded. */
export const messageBytesMax = 65_536

function refuseTooLong(name: string, body: string): void {
  const bytes = Buffer.byteLength(body)
  if (bytes > messageBytesMax)
    throw new Error(`A message of ${bytes} bytes does not fit queue "${name}" (${messageBytesMax} at most).`)
}

/** Queues in this process's memory, for `npm start` without a storage account. A restart loses them, and `tick` asks again. */
export function memoryQueues(now: () => number = Date.now): OpenQueue {
  const queues = new Map<string, Queue>()
  return async (name) => {
    const queue = queues.get(name) ?? memoryQueue(name, now)
    queues.set(name, queue)
    return queue
  }
}

function memoryQueue(name: string, now: () => number): Queue {
  const held = new Map<string, { message: QueueMessage; visibleAt: number }>()
  const stillOurs = ({ id, receipt }: QueueMessage) => held.get(id)?.message.receipt === receipt
  const hold = (message: QueueMessage, hiddenMs: number) => {
    held.set(message.id, { message, visibleAt: now() + hiddenMs })
    return message
  }
  return {
    name,
    send: async (body) => {
      refuseTooLong(name, body)
      hold({ id: randomUUID(), body, dequeueCount: 0, insertedAt: new Date(now()), receipt: randomUUID() }, 0)
    },
    receive: async ({ max, hiddenMs }) => {
      const visible = [...held.values()].filter(({ visibleAt }) => visibleAt <= now()).slice(0, max)
      return visible.map(({ message }) =>
        hold({ ...message, dequeueCount: message.dequeueCount + 1, receipt: randomUUID() }, hiddenMs),
      )
    },
    remove: async (message) => stillOurs(message) && held.delete(message.id),
    hide: async (message, hiddenMs) =>
      stillOurs(message) ? hold({ ...message, receipt: randomUUID() }, hiddenMs) : null,
  }
}

/** The queue service failed, which `storageQueues` has told already: once for each outage, not for each attempt. */
export class QueueAway extends FleetError {}

/**
 * Queues of a storage account (or Azurite). A missing queue is made, as the Functions host does, at any time: an emulator that keeps
 * its queues in memory comes back without them. `tell` gets one sentence when the service stops answering, and one when it is back.
 */
export function storageQueues(connection: string, tell: (sentence: string) => void): OpenQueue {
  let opened: Promise<{ client: QueueServiceClient; reach: Reach }> | null = null
  const queues = new Map<string, Promise<Queue>>()
  return (name) => {
    opened ??= connect(connection).then((client) => ({ client, reach: reaching(new URL(client.url).host, tell) }))
    const queue = queues.get(name) ?? opened.then(({ client, reach }) => storageQueue(client, name, reach))
    queues.set(name, queue)
    queue.catch(() => queues.delete(name)) // Asked again at the next use.
    return queue
  }
}

/** The SDK costs a quarter of a second to import: only where a storage account is configured. */
async function connect(connection: string): Promise<QueueServiceClient> {
  const { QueueServiceClient } = await import('@azure/storage-queue')
  try {
    return QueueServiceClient.fromConnectionString(connection, {
      retryOptions: { maxTries: 3, tryTimeoutInMs: 10_000 },
    })
  } catch (error) {
    // The SDK's own message may repeat the account key.
    throw new FleetError(
      'invalid',
      'AzureWebJobsStorage must be a storage connection string, for example UseDevelopmentStorage=true.',
      { cause: error },
    )
  }
}

/** Runs one request to the queue service. Throws QueueAway when it fails. */
type Reach = <T>(act: () => Promise<T>) => Promise<T>

function reaching(host: string, tell: (sentence: string) => void): Reach {
  let away = false
  return async (act) => {
    try {
      const result = await act()
      if (away) tell(`The queue service at ${host} answers again.`)
      away = false
      return result
    } catch (error) {
      const sentence = `The queue service at ${host} cannot be used (${codeOf(error)}); polls wait until it answers.`
      if (!away) tell(sentence)
      away = true
      throw new QueueAway('internal', sentence, { cause: error })
    }
  }
}

async function storageQueue(service: QueueServiceClient, name: string, reach: Reach): Promise<Queue> {
  const client = service.getQueueClient(name)
  await client.createIfNotExists().catch((error: unknown) => {
    const sentence = `AzureWebJobsStorage: the queue service at ${new URL(service.url).host} cannot be used (${codeOf(error)}). Start it, or unset the setting for a queue in this process.`
    throw new FleetError('invalid', sentence, { cause: error })
  })
  const inQueue = async <T>(act: () => Promise<T>): Promise<T> => {
    try {
      return await act()
    } catch (error) {
      if (codeOf(error) !== 'QueueNotFound') throw error
      await client.createIfNotExists()
      return act()
    }
  }
  const seconds = (ms: number) => Math.ceil(ms / 1000)
  return {
    name,
    send: async (body) => {
      refuseTooLong(name, body)
      await reach(() => inQueue(() => client.sendMessage(body)))
    },
    receive: async ({ max, hiddenMs }) => {
      const options = { numberOfMessages: max, visibilityTimeout: seconds(hiddenMs) }
      const { receivedMessageItems } = await reach(() => inQueue(() => client.receiveMessages(options)))
      return receivedMessageItems.map((item) => ({
        id: item.messageId,
        body: item.messageText,
        dequeueCount: item.dequeueCount,
        insertedAt: item.insertedOn,
        receipt: item.popReceipt,
      }))
    },
    remove: (message) =>
      reach(() => whileOurs(() => client.deleteMessage(message.id, message.receipt).then(() => true), false)),
    hide: (message, hiddenMs) => {
      const act = async () => {
        const { popReceipt } = await client.updateMessage(message.id, message.receipt, message.body, seconds(hiddenMs))
        return { ...message, receipt: popReceipt ?? message.receipt }
      }
      return reach(() => whileOurs(act, null))
    },
  }
}

/** Storage answers 404 or 400 PopReceiptMismatch when a message was received again, or removed by another, or lost with its queue. */
async function whileOurs<T, F>(act: () => Promise<T>, otherwise: F): Promise<T | F> {
  try {
    return await act()
  } catch (error) {
    if (['PopReceiptMismatch', 'MessageNotFound', 'QueueNotFound'].includes(codeOf(error))) return otherwise
    throw error
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && error.code ? String(error.code) : 'no answer'
