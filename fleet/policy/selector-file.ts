import * as z from 'zod'
import { exact, given, text } from '../configuration/shape.ts'
import { FleetError } from '../error.ts'
import { parseLabelSelector, type Requirement } from '../label-selector.ts'
import { requirementHolds } from './selector.ts'

/** One text or a list of them. */
export const oneOrMore = (example: string) => {
  const error = `must be a text or a list of texts, for example ${example} or [${example}]`
  return z
    .union([z.string().min(1, { error }), z.array(z.string().min(1, { error })).min(1, { error })], { error })
    .transform((written): readonly string[] => (typeof written === 'string' ? [written] : written))
    .optional()
}

/** A Kubernetes label selector that can be read, and that some set of labels can satisfy. */
const labelSelector = text('"tier=gold"').superRefine((selector, context) => {
  const problem = problemOf(selector)
  if (problem) context.addIssue({ code: 'custom', message: problem })
})

/** The keys of a selector (fleet/policy/policy.ts, `PolicySelector`), as the fleet file writes them. */
export const selectorShape = {
  labels: labelSelector.optional().meta({ description: 'A Kubernetes label selector, for example "tier=gold".' }),
  environment: oneOrMore('prod'),
  ring: oneOrMore('"1"'),
  owner: oneOrMore('team-a'),
  provider: oneOrMore('aks'),
  region: oneOrMore('westeurope'),
  country: oneOrMore('NL'),
  geography: oneOrMore('EU'),
  source: oneOrMore('mgmt-weu'),
}

// An absent key selects everything, and equal selectors must have equal digests.
export const selectorSchema = exact(selectorShape).transform(given)

function problemOf(selector: string): string | null {
  let requirements: readonly Requirement[]
  try {
    requirements = parseLabelSelector(selector)
  } catch (error) {
    if (error instanceof FleetError) return `cannot be read: ${error.message}`
    throw error
  }
  const key = requirements.map((requirement) => requirement.key).find((each) => !isPossible(requirements, each))
  return key === undefined ? null : `can never hold, because it contradicts itself about the label "${key}"`
}

/** Whether some value of the label, or its absence, satisfies every requirement about it. */
function isPossible(requirements: readonly Requirement[], key: string): boolean {
  const about = requirements.filter((requirement) => requirement.key === key)
  const holds = (value: string | null): boolean => about.every((requirement) => requirementHolds(requirement, value))
  const named = about.flatMap((requirement) => ('values' in requirement ? requirement.values : []))
  // A value that nobody names stands for all the others.
  return [null, ...named, `${named.join('')}x`].some(holds)
}
