import { hash } from 'node:crypto'
import * as z from 'zod'
import { exact, text } from '../configuration/shape.ts'
import type { Policy } from './policy.ts'
import { ruleSchema, stableName } from './rule-file.ts'
import { selectorSchema } from './selector-file.ts'
import { noTwo } from './unique.ts'

const rulesProblem = 'must be a list with at least one rule, for example [{ versionSkew: { max: 2 } }]'

const policySchema = exact({
  name: stableName().meta({ description: 'Unique and stable: findings and waivers name it.' }),
  description: z.string({ error: 'must be a text' }).default('').meta({ description: 'What it is for.' }),
  version: text('"7"')
    .optional()
    .meta({ description: "The operator's own word for this state of the policy. Default: a digest of its content." }),
  selector: selectorSchema
    .default({})
    .meta({ description: 'The clusters it is for: all that are given must hold. Default: every cluster.' }),
  rules: z
    .array(ruleSchema, { error: rulesProblem })
    .min(1, { error: rulesProblem })
    .superRefine(noTwo('rules', 'id', ({ id }) => id)),
}).transform(({ version, ...policy }): Policy => ({ ...policy, version: version ?? contentVersion(policy) }))

/** `policies` of the fleet file. Left out, the default policy applies; an empty list means none. */
export const policiesSchema = z
  .array(policySchema, { error: 'must be a list of policies, each with a name and rules' })
  .superRefine(noTwo('policies', 'name', ({ name }) => name))
  .meta({ description: 'What clusters are judged by. Left out: a sensible default; an empty list: by nothing.' })

/** The version of a policy that has none of its own: another one as soon as it selects or asks for something else. */
export function contentVersion({ selector, rules }: Pick<Policy, 'selector' | 'rules'>): string {
  return hash('sha256', JSON.stringify([selector, rules]), 'hex').slice(0, 8)
}
