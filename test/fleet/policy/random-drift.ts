import fc from 'fast-check'
import type { DriftCode } from '../../../fleet/drift/code.ts'
import type { Difference, Drift, Gap } from '../../../fleet/drift/difference.ts'
import type { Ignore, Rule } from '../../../fleet/policy/policy.ts'
import type { Silence } from '../../../fleet/policy/subject.ts'
import { aboutOf, differenceOf, ruleOf } from './drift-ask.ts'

// Random drift over few words, so that differences, gaps, rules and patterns meet.

const hourMs = 3_600_000
/** Of few codes. */
const code = fc.constantFrom<DriftCode>('behindSource', 'suspended', 'orphanMachine')
const since = fc
  .integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2027, 11, 31) })
  .map((ms) => new Date(ms).toISOString())
const about = fc.option(fc.constantFrom(aboutOf('apps'), aboutOf('infra'), aboutOf('m-1', 'Machine')), { nil: null })

const difference: fc.Arbitrary<Difference> = fc
  .record(
    {
      code,
      about,
      field: fc.constantFrom('spec.suspend', 'status.lastAppliedRevision'),
      actual: fc.constantFrom('a', 'b', null),
      until: since,
      since: fc.oneof({ weight: 6, arbitrary: since }, fc.constantFrom('yesterday', '0001-01-01T00:00:00Z')),
      graceMs: fc.integer({ min: 0, max: 2000 }).map((hours) => hours * hourMs),
      severity: fc.constantFrom('low', 'critical'),
    },
    { requiredKeys: ['code', 'about', 'field', 'actual'] },
  )
  .map(differenceOf)

const gap: fc.Arbitrary<Gap> = code.map((of) => ({ code: of, message: 'nobody may read it', evidence: [] }))

export const drift: fc.Arbitrary<Drift> = fc.record({
  differences: fc.array(difference, { maxLength: 5 }),
  gaps: fc.uniqueArray(gap, { selector: (each) => each.code, maxLength: 1 }),
  looked: fc.uniqueArray(code),
})

/** Of what the evidence names: the reconcilers, or the clusters. */
export const silent: fc.Arbitrary<readonly Silence[]> = fc.uniqueArray(
  fc.record({
    source: fc.constant('mgmt-weu'),
    kind: fc.constantFrom('kustomize.toolkit.fluxcd.io/Kustomization' as const, 'cluster.x-k8s.io/Cluster' as const),
    since,
  }),
  { selector: ({ kind }) => kind, maxLength: 2 },
)

const ignore = fc.constantFrom<readonly Ignore[]>(
  [],
  [],
  [{ id: 'ignore-1', reason: 'a sandbox', names: ['a*'] }],
  [
    { id: 'whole', reason: 'known', kinds: ['Cluster'] },
    { id: 'gold', reason: 'known', labels: 'tier=gold', fields: ['*.SUSPEND'] },
  ],
)

export const driftRule: fc.Arbitrary<Rule> = fc
  .record({
    code,
    ignore,
    severity: fc.constantFrom('low', 'high'),
    ownSeverity: fc.boolean(),
    graceMs: fc.constantFrom(0, hourMs, 60 * 24 * hourMs),
  })
  .map(({ code: of, ...over }) => ruleOf(of, over))
