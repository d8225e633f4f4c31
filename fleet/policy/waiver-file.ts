import { hash } from 'node:crypto'
import * as z from 'zod'
import { exact, given, text } from '../configuration/shape.ts'
import { uuidOf } from '../reference.ts'
import { dayAfter } from '../support/day.ts'

import type { Waiver } from './policy.ts'
import { stableName } from './rule-file.ts'
import { oneOrMore, selectorShape } from './selector-file.ts'
import { noTwo } from './unique.ts'

/** A waiver as the fleet file declares it; the store knows when it first saw it, and when it was gone. */
export type DeclaredWaiver = Omit<Waiver, 'createdAt' | 'revokedAt'>

const idProblem = "must be a cluster's id, for example 0f8fad5b-d9cb-869f-8165-70867728950e"
const expiryProblem = 'must be a day or an instant, for example 2027-01-31 or 2027-01-31T12:00:00Z'

/** A day (the whole of it) or an instant, as the first instant at which the waiver no longer excuses. */
const expiry = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], { error: expiryProblem })
  .transform((written) => (written.includes('T') ? new Date(written) : dayAfter(written)))

const waiverSchema = exact({
  id: stableName().meta({ description: 'Unique and stable: the same id is the same waiver, whatever else changes.' }),
  policy: text('baseline').optional().meta({ description: 'The policy that it is about. Default: every policy.' }),
  rule: text('nodeImageAge').optional().meta({ description: 'The id of the rule. Default: every rule of the policy.' }),
  selector: exact({
    ...selectorShape,
    name: oneOrMore('weu-prod-1'),
    clusterId: z.guid({ error: idProblem }).toLowerCase().optional(),
  })
    .transform(given)
    .meta({ description: 'The clusters that it excuses: all that are given must hold; {} is every cluster.' }),
  owner: text('team-a').meta({ description: 'Who answers for it.' }),
  reason: text('"the vendor certifies 1.33 in March"').meta({ description: 'Why it is granted.' }),
  approvedBy: text('jane@example.com').optional().meta({ description: 'Who granted it.' }),
  expires: expiry.meta({
    description: 'The last day on which it excuses, or the instant from which it no longer does.',
  }),
}).transform(
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
