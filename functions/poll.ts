import { app } from '@azure/functions'
import { askPolls, pollQueue } from './wiring/poll-queue.ts'

/**
 * Reads one source. A second message for a source whose lease is held finds nothing to do; trouble of the source is recorded
 * on it and ends well; only our own faults throw, are tried again and end in the poison queue.
 */
app.storageQueue('poll', {
  queueName: 'poll',
  connection: 'AzureWebJobsStorage',
  extraOutputs: [pollQueue],
  handler: async (message, context) => {
    const source = sourceOf(message)
    const { dependencies } = await import('./wiring/dependencies.ts')
    const { poll } = await dependencies()
    const { unfinished } = await poll(source)
    if (unfinished) askPolls(context, [source])
  },
})

function sourceOf(message: unknown): string {
  if (message && typeof message === 'object' && 'source' in message && typeof message.source === 'string')
    return message.source
  throw new Error('A message of the queue "poll" must look like { "source": "weu-prod" }.')
}
