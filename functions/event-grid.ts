import { app } from '@azure/functions'
import { askPolls, pollQueue } from './wiring/poll-queue.ts'

/**
 * What AKS says of clusters, delivered by Event Grid: the Functions host has shaken hands and knows who sends. Unknown events end well,
 * because one that fails is sent again for a day; only our own faults throw.
 */
app.eventGrid('event-grid', {
  extraOutputs: [pollQueue],
  handler: async (event, context) => {
    const [{ dependencies }, { takeEvents }, { hubEvents }] = await Promise.all([
      import('./wiring/dependencies.ts'),
      import('./push/events/take.ts'),
      import('./push/events/hub.ts'),
    ])
    await takeEvents(await dependencies(), hubEvents(event), (sources) => askPolls(context, sources))
  },
})
