import { type DriftCode, driftCodes } from '../../../fleet/drift/code.ts'
import type { About, Difference, Drift } from '../../../fleet/drift/difference.ts'
import { evaluate } from '../../../fleet/policy/evaluate.ts'
import type { Rule, Verdict, Waiver } from '../../../fleet/policy/policy.ts'
import { compileRules } from '../../../fleet/policy/rules-in-force.ts'
import type { RuleOf } from '../../../fleet/policy/ruling.ts'
import type { Silence } from '../../../fleet/policy/subject.ts'
import { objectIdOf } from '../../../fleet/reference.ts'
import { emptyCalendar, memoryOf, policyOf, subjectOf } from './ask.ts'

/** An object of Flux on `mgmt-weu`. */
export function aboutOf(name: string, kind = 'Kustomization', namespace = 'flux-system'): About {
  const ref = { group: 'kustomize.toolkit.fluxcd.io', kind, namespace, name }
  return { id: objectIdOf('mgmt-weu', ref), ref }
}

export const differenceOf = (over: Partial<Difference> = {}): Difference => ({
  code: 'behindSource',
  about: aboutOf('apps'),
  field: 'status.lastAppliedRevision',
  expected: 'main@sha1:2222222',
  actual: 'main@sha1:1111111',
  message: 'its source offers main@sha1:2222222',
  evidence: [
    {
      field: 'status.lastAppliedRevision',
      expected: 'main@sha1:2222222',
      actual: 'main@sha1:1111111',
      from: 'mgmt-weu',
      asOf: null,
    },
  ],
  ...over,
})

export const driftOf = (differences: readonly Difference[], over: Partial<Drift> = {}): Drift => ({
  differences,
  gaps: [],
  looked: [],
  ...over,
})

/** A rule over one code, as the fleet file's `- drift: {}` makes it. */
export const ruleOf = (code: DriftCode, over: Partial<RuleOf<'drift'>> = {}): RuleOf<'drift'> => ({
  id: code,
  type: 'drift',
  code,
  severity: driftCodes[code].severity,
  graceMs: driftCodes[code].graceMs,
  ownSeverity: true,
  ignore: [],
  ...over,
})

/** When nothing else is said. */
export const now = '2026-07-01T12:00:00Z'

interface Given {
  readonly rules?: readonly Rule[]
  readonly waivers?: readonly Waiver[]
  readonly at?: string
  readonly last?: readonly Verdict[]
  readonly silent?: readonly Silence[]
}

/** What rules say of a cluster with this drift. */
export function verdicts(
  drift: Drift,
  { rules = [ruleOf('behindSource')], waivers = [], at = now, last = [], silent = [] }: Given = {},
) {
  const compiled = compileRules([policyOf(rules)], waivers, emptyCalendar)
  return evaluate(subjectOf({ drift, silent }), compiled, new Date(at), memoryOf(last))
}
