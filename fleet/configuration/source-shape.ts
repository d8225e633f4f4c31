import * as z from 'zod'
import { duration, text } from './shape.ts'

// What every source of the fleet file has: a name, labels, and how often it is read.

/** The scheduler's own beat (functions/tick.ts): nothing is polled more often. */
const everyMsMin = 60_000

const nameProblem = 'must be 1 to 63 letters, digits, dots, dashes or underscores, for example weu-prod'

export const sourceName = () =>
  z
    .string({ error: nameProblem })
    .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, { error: nameProblem })
    .meta({
      description: 'Unique and stable: the identity of the source everywhere. Renaming it makes it another source.',
    })

export const sourceLabels = () =>
  z
    .record(z.string(), z.string({ error: 'must be a text; quote numbers, for example "2"' }), {
      error: 'must be a mapping of label names to texts, for example { environment: prod }',
    })
    .optional()
    .meta({ description: 'Labels of the source itself.' })

export const region = () => text('westeurope').optional().meta({ description: 'Where the management cluster runs.' })

/** `every` and `staleAfter`; `every` in words where it is left out. */
export const polling = (everyDefault: string) => ({
  every: duration(everyDefault, 24)
    .refine((ms) => ms >= everyMsMin, { error: 'must be at least 60s, because the scheduler ticks once a minute' })
    .optional()
    .meta({ description: `How often the source is polled, at least 60s. Default ${everyDefault}.` }),
  staleAfter: duration('5m', 72).optional().meta({
    description: 'How long a last success is trusted, at least twice "every". Default: three times "every".',
  }),
})

/** What is wrong with a `staleAfter` beside its `every`, both in ms; null when nothing is. */
export function staleAfterProblem(everyMs: number, staleAfterMs: number | undefined): string | null {
  const leastMs = 2 * everyMs
  if (staleAfterMs === undefined || staleAfterMs >= leastMs) return null
  const least = leastMs % 60_000 === 0 ? `${leastMs / 60_000}m` : `${leastMs / 1_000}s`
  return `must be at least ${least} (twice "every"), because the scheduler ticks once a minute and a living source would be stale between two polls`
}
