import { readFile } from 'node:fs/promises'
import * as z from 'zod'

/** The numbers of `host.json` that the local host obeys, so that it behaves here as it will in Azure. */
export interface HostNumbers {
  readonly routePrefix: string
  readonly queues: {
    /** Messages asked for at once. */
    readonly batchSize: number
    /** The next batch is asked for when no more than so many are running. */
    readonly newBatchThreshold: number
    readonly maxDequeueCount: number
    /** Until a failed message is tried again. */
    readonly visibilityTimeoutMs: number
    readonly maxPollingIntervalMs: number
  }
  readonly functionTimeoutMs: number
}

const span = z
  .string()
  .regex(/^\d{2}:\d{2}:\d{2}(\.\d{1,3})?$/, { error: 'must be hh:mm:ss' })
  .transform((text) => {
    const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number)
    return (hours * 3600 + minutes * 60 + seconds) * 1000
  })

const hostJson = z.object({
  functionTimeout: span,
  extensions: z.object({
    http: z.object({ routePrefix: z.string() }),
    queues: z.object({
      batchSize: z.int().min(1).max(32),
      newBatchThreshold: z.int().min(0),
      maxDequeueCount: z.int().min(1),
      visibilityTimeout: span,
      maxPollingInterval: span,
      messageEncoding: z.literal('base64', { error: 'the local host speaks base64 only' }),
    }),
  }),
})

/** Reads `host.json`. Throws when it is not complete: the Functions host's own defaults are not what Rollcall runs on. */
export async function readHostJson(path: string): Promise<HostNumbers> {
  const { functionTimeout, extensions } = hostJson.parse(JSON.parse(await readFile(path, 'utf8')))
  const { batchSize, newBatchThreshold, maxDequeueCount, visibilityTimeout, maxPollingInterval } = extensions.queues
  return {
    routePrefix: extensions.http.routePrefix,
    queues: {
      batchSize,
      newBatchThreshold,
      maxDequeueCount,
      visibilityTimeoutMs: visibilityTimeout,
      maxPollingIntervalMs: maxPollingInterval,
    },
    functionTimeoutMs: functionTimeout,
  }
}
