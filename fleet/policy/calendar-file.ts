import * as z from 'zod'
import { exact, text } from '../configuration/shape.ts'
import { type CalendarEntry, calendars, supportPlans } from '../support/calendar.ts'
import { regionKey } from '../support/resolve.ts'
import { noTwo } from './unique.ts'

/** What an operator knows better. Null `asOf`: it is said now. */
export type CalendarOverride = Omit<CalendarEntry, 'asOf'> & { readonly asOf: string | null }

const day = (example: string) => z.iso.date({ error: `must be a day, for example ${example}` })
const minorProblem = 'must be a minor in quotes, for example "1.31"'

const overrideSchema = exact({
  calendar: z
    .enum(calendars, { error: `must be one of ${calendars.join(', ')}` })
    .meta({ description: 'Whose promises it corrects.' }),
  minor: z
    .string({ error: minorProblem })
    .regex(/^\d{1,5}\.\d{1,5}$/, { error: minorProblem })
    .meta({ description: 'The minor, for example "1.31".' }),
  plan: z
    .enum(supportPlans, { error: `must be one of ${supportPlans.join(', ')}` })
    .default('standard')
    .meta({ description: 'Support under which plan. Default: standard.' }),
  region: text('westeurope').transform(regionKey).optional().meta({ description: 'Default: everywhere.' }),
  availableAt: day('2025-03-01').optional().meta({ description: 'First day.' }),
  endsAt: day('2027-02-28').optional().meta({ description: 'Last supported day.' }),
  source: text('"contract 4711"').meta({ description: 'Who says so, for a person to check.' }),
  asOf: day('2026-08-05').optional().meta({ description: 'The day the source said so. Default: it says so now.' }),
})
  .superRefine((override, context) => {
    const problem = problemOf(override)
    if (problem) context.addIssue({ code: 'custom', ...problem })
  })
  .transform(
    ({ region, availableAt, endsAt, asOf, ...override }): CalendarOverride => ({
      ...override,
      region: region ?? null,
      availableAt: availableAt ?? null,
      endsAt: endsAt ?? null,
      asOf: asOf ?? null,
      origin: 'operator',
    }),
  )

interface Written {
  readonly calendar: string
  readonly plan: string
  readonly availableAt?: string | undefined
  readonly endsAt?: string | undefined
}

function problemOf({ calendar, plan, availableAt, endsAt }: Written): { message: string; path: string[] } | null {
  const planOf = calendar === 'aks' ? 'lts' : calendar === 'upstream' ? null : 'extended'
  if (plan !== 'standard' && plan !== planOf) {
    const plans = planOf ? `"standard" and "${planOf}"` : 'only "standard"'
    return { path: ['plan'], message: `is not a plan of ${calendar}, which has ${plans}` }
  }
  if (availableAt === undefined && endsAt === undefined) {
    return { path: [], message: 'says nothing; give "endsAt", for example endsAt: 2027-02-28' }
  }
  if (availableAt !== undefined && endsAt !== undefined && endsAt < availableAt) {
    return { path: ['endsAt'], message: `must not be before "availableAt" (${availableAt})` }
  }
  return null
}

/** `calendar` of the fleet file: an operator's word, before every other. */
export const calendarSchema = z
  .array(overrideSchema, {
    error: 'must be a list, for example [{ calendar: aks, minor: "1.31", endsAt: 2027-02-28 }]',
  })
  .superRefine(
    noTwo('calendar', 'minor', ({ calendar, minor, plan, region }) => `${calendar} ${minor} ${plan} ${region ?? ''}`),
  )
  .meta({ description: 'Dates of support that the operator knows better than our sources.' })
