import { app, output } from '@azure/functions'
import { z } from 'zod'
import { dependencies } from './wiring/dependencies.ts'

const polls = output.storageQueue({ queueName: 'poll', connection: 'AzureWebJobsStorage' })
const pollMessage = z.object({ source: z.string().min(1) })

/**
 * Reads one source. A second message for a source whose lease is held finds nothing to do; trouble of the source is recorded
 * on it and ends well; only our own faults throw, are tried again and end in the poison queue.
 */
app.storageQueue('poll', {
  queueName: 'poll',
  connection: 'AzureWebJobsStorage',
  extraOutputs: [polls],
  handler: async (message, context) => {
    const { source } = pollMessage.parse(message)
    const { poll } = await dependencies()
    const { unfinished } = await poll(source, context.invocationId)
    if (unfinished) context.extraOutputs.set(polls, { source })
  },
})
