import * as z from 'zod'
import { exact, given, nearest, text } from '../configuration/shape.ts'
import { FleetError } from '../error.ts'
import { countries, geographies } from '../geography/geography.ts'
import { parseLabelSelector, type Requirement } from '../label-selector.ts'
import type { Waiver } from './policy.ts'
import { requirementHolds } from './selector.ts'

/** One text or a list of them. */
export const oneOrMore = (example: string) => {
  const error = `must be a text or a list of texts, for example ${example} or [${example}]`
  return z
    .union([z.string().min(1, { error }), z.array(z.string().min(1, { error })).min(1, { error })], { error })
    .transform((written): readonly string[] => (typeof written === 'string' ? [written] : written))
    .optional()
}

/** The same of a closed set: a word that no cluster can have would select nothing, and nobody would know. */
const placed = (what: string, example: string, known: readonly string[], hint: (word: string) => string) => {
  const isKnown = (word: string) => known.some((each) => each.toLowerCase() === word.toLowerCase())
  return oneOrMore(example).superRefine((words, context) => {
    const unknown = words?.find((word) => !isKnown(word))
    if (unknown === undefined) return
    const message = `names no ${what} that Rollcall knows ("${unknown}"); ${hint(unknown)}`
    context.addIssue({ code: 'custom', message })
  })
}

/** A Kubernetes label selector that can be read, and that some set of labels can satisfy. */
export const labelSelector = text('"tier=gold"').superRefine((selector, context) => {
  const problem = problemOf(selector)
  if (problem) context.addIssue({ code: 'custom', message: problem })
})

/** The keys of a selector (fleet/policy/policy.ts, `PolicySelector`), as the fleet file writes them. */
const selectorShape = {
  labels: labelSelector.optional().meta({ description: 'A Kubernetes label selector, for example "tier=gold".' }),
  environment: oneOrMore('prod'),
  ring: oneOrMore('"1"'),
  owner: oneOrMore('team-a'),
  provider: oneOrMore('aks'),
  region: oneOrMore('westeurope'),
  country: placed('country', 'NL', countries, () => `there are ${countries.join(', ')}`),
  geography: placed('geography', 'EU', geographies, (word) => nearest(word, geographies)),
  source: oneOrMore('mgmt-weu'),
}

// An absent key selects everything, and equal selectors must have equal digests.
export const selectorSchema = exact(selectorShape).transform(given)

const idProblem = "must be a cluster's id, for example 0f8fad5b-d9cb-869f-8165-70867728950e"

/** The same with single clusters, which only waivers name. */
export const waiverSelectorSchema = exact({
  ...selectorShape,
  name: oneOrMore('weu-prod-1'),
  clusterId: z.guid({ error: idProblem }).toLowerCase().optional(),
}).transform(given)

/** What the fleet file would refuse in a waiver's selector that comes by another way: the first problem, and whose it is. */
export function selectorProblem(
  selector: Waiver['selector'],
): { readonly key: string; readonly problem: string } | null {
  const issue = waiverSelectorSchema.safeParse(selector).error?.issues[0]
  return issue === undefined ? null : { key: String(issue.path[0] ?? ''), problem: issue.message }
}

function problemOf(selector: string): string | null {
  let requirements: readonly Requirement[]
  try {
    requirements = parseLabelSelector(selector)
  } catch (error) {
    if (error instanceof FleetError) return `cannot be read: ${error.message}`
    throw error
  }
  if (requirements.length === 0) return 'says nothing, and so selects every cluster; leave it out'
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
