import { driftPolicyName, rulesOfDrift } from './drift-file.ts'
import type { Policy } from './policy.ts'
import { contentVersion } from './policy-file.ts'

const content: Omit<Policy, 'version'> = {
  name: driftPolicyName,
  description:
    'Every difference between what was declared, what was applied and what runs, as bad and as long tolerated as its code says. ' +
    'In force besides all other policies, unless the fleet file has a policy of this name.',
  selector: {},
  rules: rulesOfDrift({ type: 'drift', ignore: [] }),
}

/** What differences are judged by where nobody says otherwise. */
export const driftPolicy: Policy = { ...content, version: contentVersion(content) }

/** Policies with the one over drift, unless they have one of its name, which may be of no rules. */
export const withDriftPolicy = (policies: readonly Policy[]): readonly Policy[] =>
  policies.some(({ name }) => name === driftPolicyName) ? policies : [...policies, driftPolicy]
