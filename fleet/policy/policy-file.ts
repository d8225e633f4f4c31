import { hash } from 'node:crypto'
import * as z from 'zod'
import { exact, text } from '../configuration/shape.ts'
import { driftPolicyName } from './drift-file.ts'
import type { Policy } from './policy.ts'
import { ruleSchema } from './rule-file.ts'
import { rulesOf } from './rule-list.ts'
import { selectorSchema } from './selector-file.ts'
import { stableName } from './stable-name.ts'
import { noTwo } from './unique.ts'

const rulesProblem = 'must be a list with at least one rule, for example [{ versionSkew: { max: 2 } }]'

const policySchema = exact({
  name: stableName().meta({
    description:
      'Unique and stable: findings and waivers name it. "drift" is in force by itself; one of this name takes its place.',
  }),
  description: z.string({ error: 'must be a text' }).default('').meta({ description: 'What it is for.' }),
  version: text('"7"')
    .optional()
    .meta({ description: "The operator's own word for this state of the policy. Default: a digest of its content." }),
  selector: selectorSchema
    .default({})
    .meta({ description: 'The clusters it is for: all that are given must hold. Default: every cluster.' }),
  rules: z.array(ruleSchema, { error: rulesProblem }).transform(rulesOf),
})
  // Only the policy that is in force by itself has to be put out of force.
  .refine(({ name, rules }) => rules.length > 0 || name === driftPolicyName, { error: rulesProblem, path: ['rules'] })
  .transform(({ version, ...policy }): Policy => ({ ...policy, version: version ?? contentVersion(policy) }))

/** `policies` of the fleet file. Left out, the default policy applies; an empty list means none but the one over drift. */
export const policiesSchema = z
  .array(policySchema, { error: 'must be a list of policies, each with a name and rules' })
  .superRefine(noTwo('policies', 'name', ({ name }) => name))
  .meta({
    description:
      'What clusters are judged by. Left out: a sensible default; an empty list: by nothing. The policy "drift" is in force besides, unless one here has its name.',
  })

/** The version of a policy that has none of its own: another one as soon as it selects or asks for something else. */
export function contentVersion({ selector, rules }: Pick<Policy, 'selector' | 'rules'>): string {
  return hash('sha256', JSON.stringify([selector, rules]), 'hex').slice(0, 8)
}
