import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { ended } from '../../fleet/configuration/sentence.ts'
import { fleetJsonSchema, parseFleet } from '../../fleet/configuration.ts'
import { defaultConventions } from '../../fleet/convention.ts'
import { defaultPolicy } from '../../fleet/policy/default-policy.ts'
import { driftPolicy } from '../../fleet/policy/drift-policy.ts'

const cluster = { name: 'weu-prod', kubeconfig: { path: './weu.kubeconfig' } }
const waiver = { id: 'w1', selector: {}, owner: 'team-a', reason: 'the vendor', expires: '2027-01-31' }
const fleetOf = (over: object) => ({ managementClusters: [{ ...cluster, ...over }] })

describe('the fleet file', () => {
  it('fills in defaults', () => {
    expect(parseFleet({ managementClusters: [cluster] })).toEqual({
      sources: [
        {
          declaration: {
            id: 'weu-prod',
            type: 'managementCluster',
            parentId: null,
            polled: true,
            armId: null,
            region: null,
            labels: {},
            everyMs: 60_000,
            staleAfterMs: 180_000,
          },
          target: { by: 'kube', kube: { path: './weu.kubeconfig' } },
        },
      ],
      accounts: [],
      registrations: [],
      conventions: defaultConventions,
      policies: [defaultPolicy, driftPolicy],
      waivers: [],
      calendar: [],
      kinds: [],
      kindsWritten: [],
      destinations: [],
    })
  })

  it('takes everything it is given', () => {
    const { sources, conventions } = parseFleet({
      managementClusters: [
        {
          name: 'weu-prod',
          region: 'westeurope',
          labels: { environment: 'prod', ring: '2' },
          kubeconfig: { path: './weu.kubeconfig', context: 'weu', allowExec: true },
          every: '5m',
          staleAfter: '1h',
        },
        { name: 'here', inCluster: true, every: '60s' },
        { name: 'inline', kubeconfig: { data: 'apiVersion: v1' } },
      ],
      azure: [],
      conventions: { owner: ['team'] },
      policies: [],
      kinds: [],
      tenants: [],
    })
    expect(sources[0]).toEqual({
      declaration: {
        id: 'weu-prod',
        type: 'managementCluster',
        parentId: null,
        polled: true,
        armId: null,
        region: 'westeurope',
        labels: { environment: 'prod', ring: '2' },
        everyMs: 300_000,
        staleAfterMs: 3_600_000,
      },
      target: { by: 'kube', kube: { path: './weu.kubeconfig', context: 'weu', allowExec: true } },
    })
    expect(sources[1]).toMatchObject({
      declaration: { everyMs: 60_000, staleAfterMs: 180_000 },
      target: { by: 'kube', kube: { inCluster: true } },
    })
    expect(sources[2]?.target).toEqual({ by: 'kube', kube: { data: 'apiVersion: v1' } })
    expect(conventions).toEqual({ ...defaultConventions, owner: ['team'] })
  })

  it('may be empty', () => {
    expect(parseFleet({}).sources).toEqual([])
  })

  it('judges by the default policy unless it says by what, even if by nothing', () => {
    expect(parseFleet({}).policies).toEqual([defaultPolicy, driftPolicy])
    expect(parseFleet({ policies: [] }).policies).toEqual([driftPolicy])
    expect(parseFleet({ policies: [{ name: 'drift', rules: [] }] }).policies).toMatchObject([{ rules: [] }])
  })

  it('takes policies, waivers and the calendar', () => {
    const { policies, waivers, calendar } = parseFleet({
      policies: [{ name: 'baseline', rules: [{ supportWindow: { lead: '30d' } }] }],
      waivers: [
        {
          ...{ id: 'w1', policy: 'baseline', rule: 'supportWindow', selector: { name: 'c1' } },
          ...{ owner: 'team-a', reason: 'the vendor', expires: '2027-01-31' },
        },
      ],
      calendar: [{ calendar: 'aks', minor: '1.31', endsAt: '2027-02-28', source: 'contract 4711' }],
    })
    expect(policies[0]).toMatchObject({ name: 'baseline', rules: [{ type: 'supportWindow' }] })
    expect(waivers).toMatchObject([{ policy: 'baseline', owner: 'team-a', expiresAt: new Date('2027-02-01') }])
    expect(calendar).toMatchObject([{ calendar: 'aks', minor: '1.31', origin: 'operator' }])
  })

  it.each<[string, unknown, string]>([
    [
      'a typo in a setting',
      { managementClusters: [{ name: 'a', kubconfig: { path: 'x' } }] },
      'managementClusters[0].kubconfig is not a setting here; did you mean "kubeconfig"?',
    ],
    [
      'a typo at the top',
      { managmentClusters: [] },
      'managmentClusters is not a setting here; did you mean "managementClusters"?',
    ],
    [
      'a typo deep down',
      fleetOf({ kubeconfig: { path: 'x', contxt: 'y' } }),
      'managementClusters[0].kubeconfig.contxt is not a setting here; did you mean "context"?',
    ],
    [
      'a name that is near nothing',
      { conventions: { flavour: ['x'] } },
      'conventions.flavour is not a setting here; there are "environment", "owner", "ring", "contact", "app"',
    ],
    [
      'a missing name',
      { managementClusters: [{ inCluster: true }] },
      'managementClusters[0].name must be 1 to 63 letters, digits, dots, dashes or underscores, for example weu-prod',
    ],
    [
      'a bad name',
      fleetOf({ name: 'weu prod' }),
      'managementClusters[0].name must be 1 to 63 letters, digits, dots, dashes or underscores, for example weu-prod',
    ],
    [
      'a number for a duration',
      fleetOf({ every: 60 }),
      'managementClusters[0].every must be a duration in seconds, minutes or hours, for example 60s',
    ],
    [
      'an unknown unit',
      fleetOf({ every: '1d' }),
      'managementClusters[0].every must be a duration in seconds, minutes or hours, for example 60s',
    ],
    [
      'a poll too often',
      fleetOf({ every: '59s' }),
      'managementClusters[0].every must be at least 60s, because the scheduler ticks once a minute',
    ],
    [
      'an age that no poll can stay below',
      fleetOf({ staleAfter: '90s' }),
      'managementClusters[0].staleAfter must be at least 2m (twice "every"), because the scheduler ticks once a minute and a living source would be stale between two polls',
    ],
    ['a poll too seldom', fleetOf({ every: '25h' }), 'managementClusters[0].every must not be longer than 24h'],
    [
      'staleness between two polls',
      fleetOf({ every: '5m', staleAfter: '2m' }),
      'managementClusters[0].staleAfter must be at least 10m (twice "every"), because the scheduler ticks once a minute and a living source would be stale between two polls',
    ],
    [
      'no way to reach it',
      { managementClusters: [{ name: 'a' }] },
      'managementClusters[0] does not say how to reach "a"; give kubeconfig: { path: ./weu.kubeconfig }',
    ],
    [
      'two ways',
      fleetOf({ inCluster: true }),
      'managementClusters[0] has both "kubeconfig" and "inCluster"; keep one of them',
    ],
    [
      'a kubeconfig without a path',
      fleetOf({ kubeconfig: { context: 'weu' } }),
      'managementClusters[0].kubeconfig must have either "path" or "data", for example { path: ./weu.kubeconfig, context: weu }',
    ],
    [
      'a path for a mapping',
      fleetOf({ kubeconfig: './weu' }),
      'managementClusters[0].kubeconfig must be a mapping of names to values',
    ],
    [
      'a number for a label',
      fleetOf({ labels: { ring: 2 } }),
      'managementClusters[0].labels.ring must be a text; quote numbers, for example "2"',
    ],
    [
      'a policy without rules',
      { policies: [{ name: 'a' }] },
      'policies[0].rules must be a list with at least one rule, for example [{ versionSkew: { max: 2 } }]',
    ],
    [
      'a waiver of a policy that is not there',
      { waivers: [{ ...waiver, policy: 'defualt' }] },
      'waivers[0].policy is no policy of this fleet; did you mean "default"?',
    ],
    [
      'a waiver beside no policies',
      { policies: [], waivers: [{ ...waiver, policy: 'default' }] },
      'waivers[0].policy is no policy of this fleet; there are "drift"',
    ],
    [
      'a waiver of a rule that is not there',
      {
        policies: [{ name: 'baseline', rules: [{ versionSkew: { max: 2 } }] }],
        waivers: [{ ...waiver, policy: 'baseline', rule: 'versionskew' }],
      },
      'waivers[0].rule is no rule of policy "baseline"; did you mean "versionSkew"?',
    ],
    ['a list', [], 'must be a mapping of names to values'],
    ['nothing', null, 'must be a mapping of names to values'],
    [
      'two sources with one name',
      { managementClusters: [cluster, { name: 'other', inCluster: true }, cluster] },
      `managementClusters[0].name and managementClusters[2].name are both "weu-prod"; a source's name is its identity, so give each its own`,
    ],
  ])('refuses %s in one sentence', (_what, value, sentence) => {
    expect(() => parseFleet(value, 'rollcall.yaml')).toThrow(
      expect.objectContaining({ code: 'invalid', message: ended(`rollcall.yaml: ${sentence}`) }),
    )
  })

  it('counts further problems instead of listing them', () => {
    expect(() => parseFleet({ managementClusters: [{ name: 'a', inCluster: true, every: 1, region: 2 }] })).toThrow(
      /\(1 more like this\)\.$/,
    )
  })
})

describe('its JSON Schema', () => {
  const validate = new Ajv2020({ strict: false }).compile(fleetJsonSchema() as object)

  it('is committed as generated', () => {
    const committed = JSON.parse(readFileSync(join(import.meta.dirname, '../../fleet/fleet.schema.json'), 'utf8'))
    expect(committed).toEqual(fleetJsonSchema())
  })

  it('agrees with the reader', () => {
    expect(validate({ managementClusters: [{ ...cluster, every: '60s' }] })).toBe(true)
    expect(validate(fleetOf({ kubconfig: {} }))).toBe(false)
    expect(validate(fleetOf({ every: '1d' }))).toBe(false)
    expect(validate({ azure: [{}] })).toBe(false)
  })
})
