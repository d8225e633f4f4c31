import { hash } from 'node:crypto'
import * as z from 'zod'
import { exact, text } from '../configuration/shape.ts'
import { uuidOf } from '../reference.ts'
import { dayAfter } from '../support/day.ts'

import type { Waiver } from './policy.ts'
import { waiverSelectorSchema } from './selector-file.ts'
import { stableName } from './stable-name.ts'
import { noTwo } from './unique.ts'

/** A waiver as the fleet file declares it; the store knows when it first saw it, and when it was gone. */
export type DeclaredWaiver = Omit<Waiver, 'createdAt' | 'revokedAt'>

const expiryProblem = 'must be a day or an instant, for example 2027-01-31 or 2027-01-31T12:00:00Z'

/** A day (the whole of it) or an instant, as the first instant at which the waiver no longer excuses. */
const expiry = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], { error: expiryProblem })
  .transform((written) => (written.includes('T') ? new Date(written) : dayAfter(written)))

export const everythingProblem =
  'must name clusters where neither policy nor rule is given: nobody can be excused from everything'

/** Whether a waiver would excuse everybody from everything: no waiver, but the end of all policies. */
export function excusesEverything({ policy, rule, selector }: Asked): boolean {
  const isEmpty = Object.values(selector).every((choice) => choice === undefined)
  return isEmpty && (policy ?? null) === null && (rule ?? null) === null
}

interface Asked {
  readonly policy?: string | null | undefined
  readonly rule?: string | null | undefined
  readonly selector: object
}

const waiverSchema = exact({
  id: stableName().meta({ description: 'Unique and stable: the same id is the same waiver, whatever else changes.' }),
  policy: text('baseline').optional().meta({ description: 'The policy that it is about. Default: every policy.' }),
  rule: text('nodeImageAge').optional().meta({ description: 'The id of the rule. Default: every rule of the policy.' }),
  selector: waiverSelectorSchema.meta({
    description:
      'The clusters that it excuses: all that are given must hold; {} is every cluster, for which a policy or a rule must be named.',
  }),
  owner: text('team-a').meta({ description: 'Who answers for it.' }),
  reason: text('"the vendor certifies 1.33 in March"').meta({ description: 'Why it is granted.' }),
  approvedBy: text('jane@example.com').optional().meta({ description: 'Who granted it.' }),
  expires: expiry.meta({
    description: 'The last day on which it excuses, or the instant from which it no longer does.',
  }),
})
  .superRefine((written, context) => {
    if (excusesEverything(written)) {
      context.addIssue({ code: 'custom', message: everythingProblem, path: ['selector'] })
    }
  })
  .transform(
    ({ id, policy, rule, approvedBy, expires, ...waiver }): DeclaredWaiver => ({
      ...waiver,
      id: uuidOf(hash('sha256', `waiver\0${id}`, 'hex')),
      policy: policy ?? null,
      rule: rule ?? null,
      approvedBy: approvedBy ?? null,
      expiresAt: expires,
      origin: 'fleetFile',
    }),
  )

/** `waivers` of the fleet file. One that has expired may stay: it excuses nothing, and says that it once did. */
export const waiversSchema = z
  .array(waiverSchema, { error: 'must be a list of waivers, each with an id, selector, owner, reason and expires' })
  .superRefine(noTwo('waivers', 'id', ({ id }) => id))
  .meta({ description: 'Who is excused from what, until when.' })
