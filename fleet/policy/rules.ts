import { overPools } from './over-pools.ts'
import type { Rule, RuleType } from './policy.ts'
import { autoUpgrade } from './rules/auto-upgrade.ts'
import { componentVersion } from './rules/component-version.ts'
import { labels } from './rules/labels.ts'
import { minimumVersion } from './rules/minimum-version.ts'
import { nodeImageAge } from './rules/node-image-age.ts'
import { owner } from './rules/owner.ts'
import { patchAge } from './rules/patch-age.ts'
import { supportWindow } from './rules/support-window.ts'
import { versionSkew } from './rules/version-skew.ts'
import { type Judge, lasting, type RuleOf } from './ruling.ts'

const judges: { readonly [Type in RuleType]: (rule: RuleOf<Type>) => Judge } = {
  supportWindow: (rule) => overPools(supportWindow(rule)),
  minimumVersion,
  versionSkew: (rule) => overPools(versionSkew(rule)),
  patchAge,
  nodeImageAge: (rule) => overPools(nodeImageAge(rule)),
  autoUpgrade,
  componentVersion,
  owner,
  labels,
  drift: () => () => lasting('notApplicable', ''),
}

/** Makes a rule ready to be asked: ranges and versions in it are read once. */
export function judgeOf(rule: Rule): Judge {
  // The table pairs each type with the function for it, which TypeScript cannot follow through an index.
  return (judges[rule.type] as (rule: Rule) => Judge)(rule)
}
