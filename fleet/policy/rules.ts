import { overPools } from './over-pools.ts'
import type { Rule, RuleType } from './policy.ts'
import { autoUpgrade } from './rules/auto-upgrade.ts'
import { componentVersion } from './rules/component-version.ts'
import { drift } from './rules/drift.ts'
import { labels } from './rules/labels.ts'
import { minimumVersion } from './rules/minimum-version.ts'
import { nodeImageAge } from './rules/node-image-age.ts'
import { owner } from './rules/owner.ts'
import { patchAge } from './rules/patch-age.ts'
import { supportWindow } from './rules/support-window.ts'
import { versionSkew } from './rules/version-skew.ts'
import type { Judge, RuleOf, Rulings } from './ruling.ts'

const judges: { readonly [Type in Exclude<RuleType, 'drift'>]: (rule: RuleOf<Type>) => Judge } = {
  supportWindow: (rule) => overPools(supportWindow(rule)),
  minimumVersion,
  versionSkew: (rule) => overPools(versionSkew(rule)),
  patchAge,
  nodeImageAge: (rule) => overPools(nodeImageAge(rule)),
  autoUpgrade,
  componentVersion,
  owner,
  labels,
}

/** Makes a rule ready to be asked: ranges, versions and patterns in it are read once. */
export function rulingsOf(rule: Rule): Rulings {
  if (rule.type === 'drift') return drift(rule)
  // The table pairs each type with the function for it, which TypeScript cannot follow through an index.
  const judge = (judges[rule.type] as (rule: Rule) => Judge)(rule)
  return (subject, context) => [judge(subject, context)]
}
