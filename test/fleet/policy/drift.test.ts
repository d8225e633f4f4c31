import { describe, expect, it } from 'vitest'
import type { Difference, Drift } from '../../../fleet/drift/difference.ts'
import { driftPolicy } from '../../../fleet/policy/drift-policy.ts'
import { evaluate } from '../../../fleet/policy/evaluate.ts'
import type { Ignore, PolicySelector, Rule } from '../../../fleet/policy/policy.ts'
import { compileRules } from '../../../fleet/policy/rules-in-force.ts'
import type { Subject } from '../../../fleet/policy/subject.ts'
import { keyOfVerdict } from '../../../fleet/policy/verdict-key.ts'
import { base, emptyCalendar, policyOf, subjectOf, waiverOf } from './ask.ts'
import { aboutOf, differenceOf, driftOf, now, ruleOf, verdicts } from './drift-ask.ts'

const hourMs = 3_600_000
const anHourAgo = '2026-07-01T11:00:00Z'

describe('a rule over drift', () => {
  it('says of every difference what exactly differs', () => {
    const second = differenceOf({ about: aboutOf('infra'), likely: true })
    const found = verdicts(driftOf([differenceOf(), second, differenceOf({ code: 'suspended' })]))
    expect(found).toHaveLength(2)
    expect(found[0]).toEqual({
      policy: 'baseline',
      policyVersion: '1',
      rule: 'behindSource',
      type: 'drift',
      severity: 'medium',
      outcome: 'Fail',
      message: 'its source offers main@sha1:2222222',
      evidence: differenceOf().evidence,
      violatedSince: '2026-07-01T12:00:00.000Z',
      graceUntil: null,
      waiverId: null,
      drift: {
        code: 'behindSource',
        about: aboutOf('apps'),
        field: 'status.lastAppliedRevision',
        expected: 'main@sha1:2222222',
        actual: 'main@sha1:1111111',
        likely: false,
        suppressedBy: null,
      },
      holdsUntil: null,
    })
    expect(found[1]?.drift).toMatchObject({ about: { ref: { name: 'infra' } }, likely: true })
  })

  const gap = { code: 'behindSource', message: 'nobody may read its source', evidence: [] } as const
  const clean = { looked: ['behindSource'] } as const
  it.each<[string, Drift, readonly (readonly [string, string | null])[]]>([
    ['nobody looked', driftOf([]), []],
    ['somebody looked for something else', driftOf([], { looked: ['suspended'] }), []],
    ['somebody looked, and all is well', driftOf([], clean), [['Pass', null]]],
    ['nobody can tell', driftOf([], { gaps: [gap] }), [['Unknown', null]]],
    ['nobody can tell of some, and the others are well', driftOf([], { ...clean, gaps: [gap] }), [['Unknown', null]]],
    ['something differs', driftOf([differenceOf()], clean), [['Fail', 'apps']]],
    [
      'something differs, and of others nobody can tell',
      driftOf([differenceOf()], { ...clean, gaps: [gap] }),
      [
        ['Fail', 'apps'],
        ['Unknown', null],
      ],
    ],
    ['the cluster as a whole differs', driftOf([differenceOf({ about: null })], clean), [['Fail', null]]],
  ])('where %s', (_name, drift, expected) => {
    const found = verdicts(drift)
    expect(found.map((verdict) => [verdict.outcome, verdict.drift?.about?.ref.name ?? null])).toEqual(expected)
    expect(new Set(found.map(keyOfVerdict)).size).toBe(found.length)
  })

  it('counts two differences of one field as one: the first', () => {
    const found = verdicts(driftOf([differenceOf({ actual: 'a' }), differenceOf({ actual: 'b' })]))
    expect(found.map(({ drift }) => drift?.actual)).toEqual(['a'])
    const fields = [differenceOf(), differenceOf({ field: 'spec.suspend' }), differenceOf({ about: null })]
    expect(verdicts(driftOf(fields))).toHaveLength(3)
  })

  it.each<[string, Partial<Difference>, Partial<ReturnType<typeof ruleOf>>, string]>([
    ['the code says', {}, {}, 'medium'],
    ['the difference says itself', { severity: 'critical' }, {}, 'critical'],
    ['the policy says', { severity: 'critical' }, { severity: 'low', ownSeverity: false }, 'low'],
  ])('is as bad as %s', (_name, over, rule, severity) => {
    const found = verdicts(driftOf([differenceOf(over)]), { rules: [ruleOf('behindSource', rule)] })
    expect(found).toMatchObject([{ severity }])
  })
})

describe('the grace of a difference', () => {
  it.each<[string, Partial<Difference>, number, object]>([
    ['none', { since: anHourAgo }, 0, { outcome: 'Fail', graceUntil: null }],
    [
      'its own',
      { since: anHourAgo, graceMs: 2 * hourMs },
      0,
      { outcome: 'Pass', graceUntil: '2026-07-01T13:00:00.000Z' },
    ],
    ['its own, used up', { since: anHourAgo, graceMs: hourMs }, 0, { outcome: 'Fail', graceUntil: null }],
    [
      "the rule's, if longer",
      { since: anHourAgo, graceMs: hourMs },
      3 * hourMs,
      { outcome: 'Pass', graceUntil: '2026-07-01T14:00:00.000Z' },
    ],
    [
      "its own, if longer than the rule's",
      { since: anHourAgo, graceMs: 3 * hourMs },
      hourMs,
      { graceUntil: '2026-07-01T14:00:00.000Z' },
    ],
    [
      'from its first sight on, where nothing dates it',
      {},
      hourMs,
      { outcome: 'Pass', graceUntil: '2026-07-01T13:00:00.000Z' },
    ],
    [
      'from now on, where its date is still to come',
      { since: '2026-07-02T00:00:00Z' },
      hourMs,
      { violatedSince: '2026-07-01T12:00:00.000Z' },
    ],
    [
      'from its first sight on, where its date is none',
      { since: 'yesterday' },
      hourMs,
      { violatedSince: '2026-07-01T12:00:00.000Z' },
    ],
    [
      "from its first sight on, where its date is Go's zero",
      { since: '0001-01-01T00:00:00Z' },
      hourMs,
      { violatedSince: '2026-07-01T12:00:00.000Z' },
    ],
  ])('%s', (_name, over, graceMs, expected) => {
    const rules = [ruleOf('behindSource', { graceMs })]
    expect(verdicts(driftOf([differenceOf(over)]), { rules })).toMatchObject([expected])
  })

  it('runs for each difference by itself', () => {
    const rules = [ruleOf('behindSource', { graceMs: hourMs })]
    const first = verdicts(driftOf([differenceOf()]), { rules })
    const both = driftOf([differenceOf(), differenceOf({ about: aboutOf('infra') })])
    const later = verdicts(both, { rules, at: '2026-07-01T13:00:00Z', last: first })
    expect(later.map(({ outcome, violatedSince }) => [outcome, violatedSince])).toEqual([
      ['Fail', '2026-07-01T12:00:00.000Z'],
      ['Pass', '2026-07-01T13:00:00.000Z'],
    ])
  })
})

describe('what is ignored', () => {
  const suppressedBy = (difference: Difference, ...ignore: readonly Omit<Ignore, 'id' | 'reason'>[]) => {
    const entries = ignore.map((each, at) => ({ ...each, id: `ignore-${at + 1}`, reason: 'a sandbox' }))
    const [verdict] = verdicts(driftOf([difference]), { rules: [ruleOf('behindSource', { ignore: entries })] })
    return verdict?.drift?.suppressedBy
  }
  const pool = aboutOf(
    '/subscriptions/1/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/shop',
    'managedClusters',
    '',
  )

  it('is waived, names what suppressed it, and needs neither waiver nor clock', () => {
    const ignore = [{ id: 'sandbox', reason: 'a sandbox', namespaces: ['flux-*'] }]
    const rules = [ruleOf('behindSource', { ignore, graceMs: hourMs })]
    const [first, ...none] = verdicts(driftOf([differenceOf()]), { rules, waivers: [waiverOf()] })
    expect(none).toEqual([])
    expect(first).toMatchObject({ outcome: 'Waived', waiverId: null, graceUntil: null, holdsUntil: null })
    expect(first?.drift?.suppressedBy).toBe('sandbox')
    // Once nobody ignores it, it has been there all the time.
    const last = first ? [first] : []
    const [after] = verdicts(driftOf([differenceOf()]), { at: '2026-07-03T00:00:00Z', last })
    expect(after).toMatchObject({ outcome: 'Fail', violatedSince: '2026-07-01T12:00:00.000Z' })
  })

  it.each<[string, Omit<Ignore, 'id' | 'reason'>, Difference, boolean]>([
    ['its kind', { kinds: ['HelmRelease', 'kustomization'] }, differenceOf(), true],
    ['another kind', { kinds: ['HelmRelease'] }, differenceOf(), false],
    ['a part of its kind', { kinds: ['Kustom'] }, differenceOf(), false],
    ['its name by a pattern', { names: ['a*s'] }, differenceOf(), true],
    ['a pattern that needs more letters', { names: ['ap*pps'] }, differenceOf(), false],
    ['any letters within', { fields: ['status.*Revision'] }, differenceOf(), true],
    ['several runs of any letters', { fields: ['*.last*rev*'] }, differenceOf(), true],
    ['runs in another order', { fields: ['*revision*last*'] }, differenceOf(), false],
    ['a dot is a dot', { fields: ['status?lastAppliedRevision'] }, differenceOf(), false],
    [
      'all that is given',
      { kinds: ['Kustomization'], namespaces: ['flux-system'], names: ['apps'] },
      differenceOf(),
      true,
    ],
    ['not all that is given', { kinds: ['Kustomization'], names: ['infra'] }, differenceOf(), false],
    ["the cluster's labels", { labels: 'tier=gold' }, differenceOf(), true],
    ['other labels', { labels: 'tier=silver' }, differenceOf(), false],
    ['an Azure resource by its own name', { names: ['shop'] }, differenceOf({ about: pool }), true],
    [
      'an Azure resource by its id',
      { names: ['/subscriptions/*/managedClusters/shop'] },
      differenceOf({ about: pool }),
      true,
    ],
    [
      'the cluster as a whole',
      { kinds: ['Cluster'], namespaces: ['fleet'], names: ['shop'] },
      differenceOf({ about: null }),
      true,
    ],
    ['another cluster as a whole', { names: ['apps'] }, differenceOf({ about: null }), false],
  ])('goes by %s', (_name, ignore, difference, ignored) => {
    expect(suppressedBy(difference, ignore)).toBe(ignored ? 'ignore-1' : null)
  })

  it('goes by the first entry that means it', () => {
    expect(suppressedBy(differenceOf(), { names: ['infra'] }, { kinds: ['*'] }, { names: ['apps'] })).toBe('ignore-2')
  })

  it('takes a long field in its stride', () => {
    const field = 'a'.repeat(100_000)
    expect(suppressedBy(differenceOf({ field }), { fields: [`${'*a'.repeat(50)}*b`] })).toBeNull()
  })
})

it('is excused by a waiver like every other rule, by its code', () => {
  const drift = driftOf([differenceOf(), differenceOf({ about: aboutOf('infra') })], { looked: ['behindSource'] })
  const waiver = waiverOf({ rule: 'behindSource' })
  expect(verdicts(drift, { waivers: [waiver] })).toMatchObject([
    { outcome: 'Waived', waiverId: waiver.id },
    { outcome: 'Waived', waiverId: waiver.id },
  ])
  expect(verdicts(drift, { waivers: [waiverOf({ rule: 'suspended' })] }).map(({ outcome }) => outcome)).toEqual([
    'Fail',
    'Fail',
  ])
})

describe('a management cluster itself', () => {
  const source = subjectOf({
    scope: 'source',
    name: 'mgmt-weu',
    namespace: '',
    provider: null,
    versionObserved: null,
    owner: 'platform',
    drift: driftOf([differenceOf({ code: 'orphanMachine', about: aboutOf('m-1', 'Machine') })]),
  })
  const judged = (subject: Subject, selector: PolicySelector = {}) => {
    const rules: readonly Rule[] = [
      { ...base, id: 'owner', type: 'owner', contactRequired: true },
      { ...base, id: 'minimum', type: 'minimumVersion', version: '1.34' },
      ruleOf('orphanMachine', { graceMs: 0 }),
    ]
    return evaluate(
      subject,
      compileRules([policyOf(rules, { selector })], [], emptyCalendar),
      new Date(now),
      () => null,
    )
  }

  it('is judged by rules over drift alone', () => {
    expect(judged(source).map(({ rule, outcome }) => [rule, outcome])).toEqual([['orphanMachine', 'Fail']])
    expect(judged({ ...source, scope: 'cluster' })).toHaveLength(3)
  })

  it.each<[string, PolicySelector, boolean]>([
    ['its name as a source', { source: ['mgmt-weu'] }, true],
    ['its labels', { labels: 'tier=gold' }, true],
    ['its environment, ring and owner', { environment: ['prod'], ring: ['1'], owner: ['platform'] }, true],
    ['where it is', { region: ['West Europe'], country: ['NL'], geography: ['EU'] }, true],
    ['a provider, which only clusters have', { provider: ['aks'] }, false],
  ])('is selected by %s', (_name, selector, selected) => {
    expect(judged(source, selector)).toHaveLength(selected ? 1 : 0)
  })
})

it('is judged by the built-in policy code by code', () => {
  expect(driftPolicy.rules).toContainEqual(ruleOf('workersBehindCP'))
  expect(new Set(driftPolicy.rules.map(({ id }) => id)).size).toBe(driftPolicy.rules.length)
})
