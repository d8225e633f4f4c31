import { type InvocationContext, output } from '@azure/functions'

/** Where polls are asked for: a function that names it among its outputs may. */
export const pollQueue = output.storageQueue({ queueName: 'poll', connection: 'AzureWebJobsStorage' })

/** Asks for a poll of each source; sent when the invocation ends well. */
export function askPolls({ extraOutputs }: InvocationContext, sources: readonly string[]): void {
  extraOutputs.set(
    pollQueue,
    sources.map((source) => ({ source })),
  )
}
