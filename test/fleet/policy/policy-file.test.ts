import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseFleet } from '../../../fleet/configuration.ts'
import { defaultPolicy } from '../../../fleet/policy/default-policy.ts'
import { driftPolicy } from '../../../fleet/policy/drift-policy.ts'

const dayMs = 86_400_000
const rulesOf = (yaml: string) => parseFleet({ policies: [{ name: 'p', rules: parse(yaml) }] }).policies[0]?.rules
const sentence = (value: unknown) => () => parseFleet(value)

describe('policies of the fleet file', () => {
  it('are the defaults where there are none; of an empty list, only the one over drift', () => {
    expect(parseFleet({}).policies).toEqual([defaultPolicy, driftPolicy])
    expect(parseFleet({ policies: [] }).policies).toEqual([driftPolicy])
  })

  it('are read as a person writes them', () => {
    const [policy] = parseFleet(
      parse(`
policies:
  - name: baseline
    description: What production needs.
    version: "7"
    selector: { environment: [prod, staging], geography: EU, labels: "tier=gold" }
    rules:
      - owner: { contact: true }
`),
    ).policies
    expect(policy).toEqual({
      name: 'baseline',
      description: 'What production needs.',
      version: '7',
      selector: { labels: 'tier=gold', environment: ['prod', 'staging'], geography: ['EU'] },
      rules: [{ id: 'owner', type: 'owner', severity: 'low', graceMs: 0, contactRequired: true }],
    })
  })

  it.each<[string, object]>([
    [
      'supportWindow: { severity: critical, grace: 1w, lead: 30d, allowPlatformSupport: true, allowExtended: false }',
      {
        severity: 'critical',
        graceMs: 7 * dayMs,
        leadMs: 30 * dayMs,
        allowPlatformSupport: true,
        allowExtended: false,
      },
    ],
    ['supportWindow: {}', { leadMs: 0, allowPlatformSupport: false, allowExtended: true, severity: 'high' }],
    ['minimumVersion: { version: "1.32", grace: 12h }', { version: '1.32', graceMs: dayMs / 2, severity: 'medium' }],
    ['versionSkew: { max: 2 }', { max: 2 }],
    ['versionSkew: {}', { max: 3 }],
    ['patchAge: { maxBehind: 0 }', { maxBehind: 0 }],
    ['nodeImageAge: { linux: 45d }', { linuxMs: 45 * dayMs, windowsMs: 60 * dayMs }],
    ['autoUpgrade: { channels: [Patch] }', { channels: ['patch'], nodeOsChannels: [] }],
    ['autoUpgrade: { nodeOsChannels: [securitypatch] }', { channels: [], nodeOsChannels: ['SecurityPatch'] }],
    [
      'componentVersion: { id: certs, chart: cert-manager, range: ">=1.14 <2" }',
      { id: 'certs', component: 'chart', name: 'cert-manager', range: '>=1.14 <2', required: false },
    ],
    [
      'componentVersion: { provider: infrastructure-azure, range: ^1.20.0, required: true }',
      { component: 'provider', name: 'infrastructure-azure', range: '^1.20.0', required: true },
    ],
    ['labels: { required: [cost-center] }', { required: ['cost-center'], severity: 'low' }],
  ])('%s', (yaml, expected) => {
    const [rule] = rulesOf(`- ${yaml}`) ?? []
    const type = yaml.slice(0, yaml.indexOf(':'))
    expect(rule).toEqual(expect.objectContaining({ id: type, type, graceMs: 0, ...expected }))
  })

  it('have a version by their content, whatever the order of the settings', () => {
    const versionOf = (policy: object) => parseFleet({ policies: [policy] }).policies[0]?.version
    const skew = { versionSkew: { max: 2, severity: 'low' } }
    const version = versionOf({ name: 'p', rules: [skew], selector: { ring: '1', environment: 'prod' } })
    expect(version).toMatch(/^[0-9a-f]{8}$/)
    expect(versionOf({ selector: { environment: ['prod'], ring: ['1'] }, rules: [skew], name: 'p' })).toBe(version)
    expect(versionOf({ name: 'p', rules: [{ versionSkew: { severity: 'low', max: 2 } }] })).not.toBe(version)
    expect(versionOf({ name: 'p', rules: [{ versionSkew: { max: 3 } }], selector: {} })).not.toBe(version)
  })

  it.each<[string, string, string]>([
    [
      'no rule',
      '{}',
      'policies[0].rules[0] must be exactly one of supportWindow, minimumVersion, versionSkew, patchAge, nodeImageAge, autoUpgrade, componentVersion, owner, labels, drift, for example { versionSkew: { max: 2 } }.',
    ],
    ['two rules in one', '{ owner: {}, versionSkew: {} }', 'policies[0].rules[0] must be exactly one of'],
    [
      'a misspelt rule',
      '{ versionSkw: { max: 2 } }',
      'policies[0].rules[0].versionSkw is not a setting here; did you mean "versionSkew"?',
    ],
    [
      'a misspelt parameter',
      '{ versionSkew: { maks: 2 } }',
      'policies[0].rules[0].versionSkew.maks is not a setting here; did you mean "max"?',
    ],
    [
      'a negative skew',
      '{ versionSkew: { max: -1 } }',
      'policies[0].rules[0].versionSkew.max must be a whole number from 0 to 3',
    ],
    ['more skew than Kubernetes allows', '{ versionSkew: { max: 4 } }', 'must be a whole number from 0 to 3'],
    ['half a minor', '{ versionSkew: { max: 1.5 } }', 'must be a whole number from 0 to 3'],
    [
      'a negative lead',
      '{ supportWindow: { lead: -30d } }',
      'policies[0].rules[0].supportWindow.lead must be a duration in minutes, hours, days or weeks, for example 30d',
    ],
    ['a lead in months', '{ supportWindow: { lead: 2mo } }', 'must be a duration in minutes, hours, days or weeks'],
    [
      'a grace without a unit',
      '{ owner: { grace: 0 } }',
      'policies[0].rules[0].owner.grace must be a duration in minutes, hours, days or weeks, for example 7d; 0d is none.',
    ],
    [
      'an endless grace',
      '{ owner: { grace: 4000d } }',
      'policies[0].rules[0].owner.grace must not be longer than 3660d (ten years)',
    ],
    [
      'an unknown severity',
      '{ owner: { severity: urgent } }',
      'policies[0].rules[0].owner.severity must be one of low, medium, high, critical',
    ],
    [
      'images of no age',
      '{ nodeImageAge: { linux: 0d } }',
      'policies[0].rules[0].nodeImageAge.linux must be longer than none, for example 30d',
    ],
    [
      'a number for a version',
      '{ minimumVersion: { version: 1.30 } }',
      'policies[0].rules[0].minimumVersion.version must be a version in quotes, for example "1.32" or "1.32.4"',
    ],
    ['no version', '{ minimumVersion: { version: latest } }', 'must be a version in quotes'],
    [
      'a version left out',
      '{ minimumVersion: {} }',
      'policies[0].rules[0].minimumVersion.version must be a version in quotes',
    ],
    [
      'an unknown channel',
      '{ autoUpgrade: { channels: [weekly] } }',
      'policies[0].rules[0].autoUpgrade.channels[0] must be one of rapid, stable, patch, node-image, none',
    ],
    [
      'no channel that passes',
      '{ autoUpgrade: { channels: [] } }',
      'policies[0].rules[0].autoUpgrade.channels must be a list that is not empty, for example [patch, stable]',
    ],
    [
      'nothing asked',
      '{ autoUpgrade: {} }',
      'policies[0].rules[0].autoUpgrade must have "channels" or "nodeOsChannels"',
    ],
    [
      'an impossible range',
      '{ componentVersion: { chart: x, range: ">=2 <1" } }',
      'policies[0].rules[0].componentVersion.range is a range that no version lies in; write for example ">=1.14 <2"',
    ],
    [
      'no range',
      '{ componentVersion: { chart: x, range: new } }',
      'policies[0].rules[0].componentVersion.range must be a range of semantic versions',
    ],
    [
      'neither chart nor provider',
      '{ componentVersion: { range: "1" } }',
      'policies[0].rules[0].componentVersion must have either "chart" or "provider"',
    ],
    ['both', '{ componentVersion: { chart: x, provider: y, range: "1" } }', 'must have either "chart" or "provider"'],
    [
      'no labels',
      '{ labels: { required: [] } }',
      'policies[0].rules[0].labels.required must be a list of label names that is not empty, for example [cost-center]',
    ],
    ['a text for a rule', 'owner', 'policies[0].rules[0] must be a mapping of names to values'],
  ])('refuse %s', (_name, yaml, message) => {
    expect(() => rulesOf(`[${yaml}]`)).toThrow(message)
  })

  const rules = [{ owner: {} }]
  it.each<[string, object, string]>([
    ['no name', { rules }, 'policies[0].name must be 1 to 63 letters, digits, dots, dashes or underscores'],
    ['no rules', { name: 'p', rules: [] }, 'policies[0].rules must be a list with at least one rule'],
    [
      'two rules of one id',
      { name: 'p', rules: [{ owner: {} }, { owner: {} }] },
      'policies[0].rules[1].id repeats rules[0].id; give one of them another id',
    ],
    [
      'an unreadable label selector',
      { name: 'p', rules, selector: { labels: 'a=b c' } },
      'policies[0].selector.labels cannot be read: label selector "a=b c": expected "," or the end at character 5',
    ],
    [
      'a contradiction',
      { name: 'p', rules, selector: { labels: 'a=b,a=c' } },
      'policies[0].selector.labels can never hold, because it contradicts itself about the label "a"',
    ],
    ['another one', { name: 'p', rules, selector: { labels: 'a in (b),a notin (b)' } }, 'can never hold'],
    ['presence and absence', { name: 'p', rules, selector: { labels: 'a,!a' } }, 'can never hold'],
    [
      'a geography that is misspelt',
      { name: 'p', rules, selector: { geography: 'Erope' } },
      'policies[0].selector.geography names no geography that Rollcall knows ("Erope"); did you mean "Europe"?',
    ],
    [
      'a geography that is none',
      { name: 'p', rules, selector: { geography: ['eu', 'UK'] } },
      'knows ("UK"); there are "EU", "Europe", "Americas", "Asia Pacific", "Africa", "Middle East".',
    ],
    [
      'a country that is none',
      { name: 'p', rules, selector: { country: 'Netherlands' } },
      'policies[0].selector.country names no country that Rollcall knows ("Netherlands"); there are AE, AT, AU, ',
    ],
    [
      'an empty list',
      { name: 'p', rules, selector: { ring: [] } },
      'policies[0].selector.ring must be a text or a list of texts, for example "1" or ["1"]',
    ],
    [
      'a number',
      { name: 'p', rules, selector: { ring: 1 } },
      'policies[0].selector.ring must be a text or a list of texts',
    ],
    [
      'a misspelt selector',
      { name: 'p', rules, selector: { enviroment: 'prod' } },
      'policies[0].selector.enviroment is not a setting here; did you mean "environment"?',
    ],
  ])('refuse %s', (_name, policy, message) => {
    expect(sentence({ policies: [policy] })).toThrow(message)
  })

  it('refuse two of one name', () => {
    const policies = [
      { name: 'p', rules },
      { name: 'q', rules },
      { name: 'p', rules },
    ]
    expect(sentence({ policies })).toThrow('policies[2].name repeats policies[0].name; give one of them another name')
  })

  it('take countries and geographies in any letter case', () => {
    const selector = { country: ['nl', 'DE'], geography: 'asia pacific' }
    const [policy] = parseFleet({ policies: [{ name: 'p', rules, selector }] }).policies
    expect(policy?.selector).toEqual({ country: ['nl', 'DE'], geography: ['asia pacific'] })
  })

  it('are refused with a question that ends in its own mark', () => {
    expect(() => rulesOf('[{ versionSkw: {} }]')).toThrow(/did you mean "versionSkew"\?$/)
  })

  it.each(['a,a!=b', 'a notin (b),a notin (c)', 'a in (b, c),a!=b', '!a,a!=b'])('take the selector %s', (labels) => {
    expect(parseFleet({ policies: [{ name: 'p', rules, selector: { labels } }] }).policies[0]?.selector).toEqual({
      labels,
    })
  })
})
