import { app, output } from '@azure/functions'

const polls = output.storageQueue({ queueName: 'poll', connection: 'AzureWebJobsStorage' })

/**
 * What AKS says of clusters, delivered by Event Grid: the Functions host has shaken hands and knows who sends. Unknown events end well,
 * because one that fails is sent again for a day; only our own faults throw.
 */
app.eventGrid('event-grid', {
  extraOutputs: [polls],
  handler: async (event, context) => {
    const [{ dependencies }, { takeEvents }, { hubEvents }] = await Promise.all([
      import('./wiring/dependencies.ts'),
      import('./push/events/take.ts'),
      import('./push/events/hub.ts'),
    ])
    await takeEvents(await dependencies(), hubEvents(event), (sources) =>
      context.extraOutputs.set(
        polls,
        sources.map((source) => ({ source })),
      ),
    )
  },
})
