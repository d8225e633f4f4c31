import { app, output } from '@azure/functions'
import { dueSources, registerSources } from '../db/source.ts'
import { dependencies } from './wiring/dependencies.ts'

const polls = output.storageQueue({ queueName: 'poll', connection: 'AzureWebJobsStorage' })
/** The fleet this process registered last: registering is idempotent, and needless while the fleet stays. */
let registered: unknown = null

/** Every minute: makes one `poll` message per source that is due, and lets health age. A lost or doubled run does no harm. */
app.timer('tick', {
  schedule: '0 * * * * *',
  extraOutputs: [polls],
  handler: async (_timer, context) => {
    const { store, fleet, now, settle } = await dependencies()
    if (registered !== fleet) {
      await registerSources(store.db, fleet.sources.map(({ declaration }) => declaration), now())
      registered = fleet
    }
    const due = await dueSources(store.db, now())
    context.extraOutputs.set(polls, due.map((source) => ({ source })))
    context.info(`${due.length} sources are due`)
    await settle()
  },
})
