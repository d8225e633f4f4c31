import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseFleet } from '../../../fleet/configuration.ts'
import { driftCodeNames } from '../../../fleet/drift/code.ts'
import { driftPolicy } from '../../../fleet/policy/drift-policy.ts'
import type { Rule } from '../../../fleet/policy/policy.ts'
import { ruleOf } from './drift-ask.ts'

const policyOf = (yaml: string, name = 'p') => parseFleet({ policies: [{ name, rules: parse(yaml) }] }).policies[0]
const idsOf = (rules: readonly Rule[] | undefined) => rules?.map(({ id }) => id)

describe('an entry over drift', () => {
  it('stands for a rule of every code', () => {
    const rules = policyOf('- drift: {}')?.rules
    expect(idsOf(rules)).toEqual(driftCodeNames)
    expect(rules).toEqual(driftPolicy.rules)
    expect(rules?.[0]).toEqual(ruleOf('behindSource'))
  })

  it('stands for those it names, and says more of them', () => {
    const policy = policyOf(`
- drift:
    codes: [suspended, behindSource]
    severity: high
    grace: 2h
    ignore:
      - { reason: a sandbox, namespaces: "sandbox-*" }
      - { id: night, reason: stopped at night, kinds: [ManagedCluster], names: ["dev-*"], fields: spec.*, labels: env=dev }`)
    const over = {
      severity: 'high',
      ownSeverity: false,
      graceMs: 7_200_000,
      ignore: [
        { id: 'ignore-1', reason: 'a sandbox', namespaces: ['sandbox-*'] },
        {
          id: 'night',
          reason: 'stopped at night',
          kinds: ['ManagedCluster'],
          names: ['dev-*'],
          fields: ['spec.*'],
          labels: 'env=dev',
        },
      ],
    } as const
    expect(policy?.rules).toEqual([ruleOf('behindSource', over), ruleOf('suspended', over)])
  })

  it('without codes takes what no other one names', () => {
    const policy = policyOf(
      '[{ drift: { severity: low } }, { owner: {} }, { drift: { id: flux, codes: [suspended] } }]',
    )
    const others = driftCodeNames.filter((code) => code !== 'suspended')
    expect(idsOf(policy?.rules)).toEqual([...others, 'owner', 'flux.suspended'])
  })

  it('gives the policy another version when it ignores something else', () => {
    const versionOf = (names: string) =>
      policyOf(`- drift: { ignore: [{ reason: a sandbox, names: ${names} }] }`)?.version
    expect(versionOf('demo')).toBe(versionOf('[demo]'))
    expect(versionOf('demo')).not.toBe(versionOf('test'))
  })

  const all = driftCodeNames.join(', ')
  it.each<[string, string, string]>([
    [
      'a misspelt code',
      '[{ drift: { codes: [behindSorce] } }]',
      'rules[0].drift.codes[0] is no code of drift ("behindSorce"); did you mean "behindSource"?',
    ],
    [
      'a code that is none',
      '[{ drift: { codes: [7] } }]',
      'rules[0].drift.codes[0] must be a code of drift, for example',
    ],
    ['no code', '[{ drift: { codes: [] } }]', 'rules[0].drift.codes must be a list that is not empty, for example'],
    [
      'a code twice',
      '[{ drift: { codes: [suspended] } }, { drift: { id: b, codes: [blocked, suspended] } }]',
      'rules[1].drift.codes has suspended, which rules[0] has already; name each code once.',
    ],
    [
      'a code twice in one',
      '[{ drift: { codes: [suspended, suspended] } }]',
      'rules[0].drift.codes has suspended, which rules[0] has already; name each code once.',
    ],
    [
      'two that take what is left',
      '[{ owner: {} }, { drift: {} }, { drift: { id: b } }]',
      'rules[2].drift.codes must be given, because rules[1] already takes every code that no other entry names.',
    ],
    [
      'one that nothing is left for',
      `[{ drift: { id: a, codes: [${all}] } }, { drift: {} }]`,
      'rules[1].drift is left no code, because others name them all; leave it out.',
    ],
    [
      'a code that is the id of another rule',
      '[{ owner: { id: suspended } }, { drift: {} }]',
      'rules[1].id repeats rules[0].id; give one of them another id.',
    ],
    ['a grace in words', '[{ drift: { grace: short } }]', 'rules[0].drift.grace must be a duration'],
    ['a severity that is none', '[{ drift: { severity: bad } }]', 'rules[0].drift.severity must be one of low, medium'],
    [
      'what is ignored without a reason',
      '[{ drift: { ignore: [{ names: demo }] } }]',
      'rules[0].drift.ignore[0].reason must be a text that is not empty',
    ],
    [
      'all of it ignored',
      '[{ drift: { ignore: [{ reason: noise }] } }]',
      'rules[0].drift.ignore[0] must have one of kinds, namespaces, names, fields, labels;',
    ],
    [
      'a misspelt setting',
      '[{ drift: { ignore: [{ reason: noise, kind: Cluster }] } }]',
      'rules[0].drift.ignore[0].kind is not a setting here; did you mean "kinds"?',
    ],
    [
      'labels that nobody can have',
      '[{ drift: { ignore: [{ reason: noise, labels: "a,!a" }] } }]',
      'rules[0].drift.ignore[0].labels can never hold',
    ],
    [
      'two ignored under one id',
      '[{ drift: { ignore: [{ id: a, reason: x, names: y }, { id: a, reason: x, names: z }] } }]',
      'rules[0].drift.ignore[1].id repeats ignore[0].id; give one of them another id.',
    ],
  ])('is refused with %s', (_name, yaml, message) => {
    expect(() => policyOf(yaml)).toThrow(`policies[0].${message}`)
  })
})

describe('the policy over drift', () => {
  const namesOf = (file: object) => parseFleet(file).policies.map(({ name, rules }) => [name, rules.length])
  const built = ['drift', driftCodeNames.length]

  it.each<[string, object, readonly unknown[]]>([
    ['is in force besides others', { policies: [{ name: 'p', rules: [{ owner: {} }] }] }, [['p', 1], built]],
    ['is in force besides none', { policies: [] }, [built]],
    [
      'gives way to one of its name',
      { policies: [{ name: 'drift', rules: [{ drift: { codes: ['suspended'] } }] }] },
      [['drift', 1]],
    ],
    ['is put out of force by one of no rules', { policies: [{ name: 'drift', rules: [] }] }, [['drift', 0]]],
  ])('%s', (_name, file, expected) => {
    expect(namesOf(file)).toEqual(expected)
  })

  const waiver = { id: 'w', selector: {}, owner: 'team-a', reason: 'x', expires: '2027-01-31' }
  it('can be waived, code by code', () => {
    const rule = { policy: 'drift', rule: 'suspended' }
    expect(parseFleet({ waivers: [{ ...waiver, ...rule }] }).waivers).toMatchObject([rule])
    expect(() => parseFleet({ waivers: [{ ...waiver, policy: 'drift', rule: 'suspendd' }] })).toThrow(
      'waivers[0].rule is no rule of policy "drift"; did you mean "suspended"?',
    )
  })
})
