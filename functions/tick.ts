import { app } from '@azure/functions'
import { askPolls, pollQueue } from './wiring/poll-queue.ts'

/** One run settles and judges at most so long: what is left waits for the next minute. */
const derivingMs = 40_000
/** The fleet this process registered last: registering is idempotent, and needless while the fleet stays. */
let registered: unknown = null

/** Every minute: makes one `poll` message per source that is due, and lets health and verdicts age. A lost or doubled run does no harm. */
app.timer('tick', {
  schedule: '0 * * * * *',
  extraOutputs: [pollQueue],
  handler: async (_timer, context) => {
    // Imported here: every worker loads this file at its start, and most of them never run it.
    const [{ dependencies }, { dueSources }, { register }, { settle }, { judge }, { kindsOf }] = await Promise.all([
      import('./wiring/dependencies.ts'),
      import('../db/source.ts'),
      import('./wiring/register.ts'),
      import('../db/settle.ts'),
      import('../db/judge.ts'),
      import('../fleet/kinds/declared.ts'),
    ])
    const { store, fleet, now } = await dependencies()
    if (registered !== fleet) {
      await register(store.db, fleet, now())
      registered = fleet
    }
    const { conventions } = fleet
    const kinds = kindsOf(fleet.kinds).of
    const end = performance.now() + derivingMs
    while ((await settle(store.db, now(), { conventions, kinds })).left > 0 && performance.now() < end);
    while ((await judge(store.db, now(), { conventions })).left > 0 && performance.now() < end);
    // Asked for last: what is handed out must be sent, and only the end of a run sends it.
    const due = await dueSources(store.db, now())
    askPolls(context, due)
    context.info(`${due.length} sources are due`)
  },
})
