import { app } from '@azure/functions'
import { eventHub } from './wiring/event-hub.ts'
import { askPolls, pollQueue } from './wiring/poll-queue.ts'

const hub = eventHub()

/**
 * Events of Flux (`azureeventhub`) and of AKS that come through a hub, in batches. Registered only where a hub is configured: without one
 * the host would report a broken function. A message that is no event ends well, so that it does not hold up its partition.
 */
if (hub !== null) {
  app.eventHub('event-hub', {
    ...hub,
    cardinality: 'many',
    retry: {
      strategy: 'exponentialBackoff',
      maxRetryCount: 5,
      minimumInterval: { seconds: 2 },
      maximumInterval: { minutes: 1 },
    },
    extraOutputs: [pollQueue],
    handler: async (messages, context) => {
      const [{ dependencies }, { takeEvents }, { hubEvents }] = await Promise.all([
        import('./wiring/dependencies.ts'),
        import('./push/events/take.ts'),
        import('./push/events/hub.ts'),
      ])
      const events = (Array.isArray(messages) ? messages : [messages]).flatMap(hubEvents)
      await takeEvents(await dependencies(), events, (sources) => askPolls(context, sources))
    },
  })
}
