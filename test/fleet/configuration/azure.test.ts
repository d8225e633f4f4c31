import { describe, expect, it } from 'vitest'
import { azureClouds } from '../../../fleet/azure-account.ts'
import { ended } from '../../../fleet/configuration/sentence.ts'
import { parseFleet } from '../../../fleet/configuration.ts'

const one = '11111111-aaaa-4000-8000-000000000001'
const two = '22222222-bbbb-4000-8000-000000000002'
const corp = { name: 'corp', subscriptions: [one] }
const resourceId = `/subscriptions/${one}/resourceGroups/Platform/providers/Microsoft.ContainerService/managedClusters/mgmt-weu`
const azureOf = (over: object) => ({ azure: [{ ...corp, ...over }] })
const custom = {
  endpoint: 'https://127.0.0.1:4430/',
  scope: 'https://arm.example/.default',
  authority: 'https://127.0.0.1:4431',
}
const idsOf = (file: object) =>
  parseFleet(file).sources.map(({ declaration: { id, parentId, polled } }) => [id, parentId, polled])

describe('an Azure account', () => {
  it('fills in defaults, and makes of its only subscription a source that is polled by itself', () => {
    const account = {
      name: 'corp',
      subscriptions: [one],
      managementGroups: [],
      cloud: azureClouds.public,
      credential: { by: 'default' },
      labels: {},
      everyMs: 300_000,
      staleAfterMs: 900_000,
      discover: null,
    }
    const { accounts, sources } = parseFleet({ azure: [{ name: 'corp', subscriptions: [one.toUpperCase()] }] })
    expect(accounts).toEqual([account])
    expect(sources).toEqual([
      {
        declaration: {
          id: `corp/${one}`,
          type: 'azure',
          parentId: null,
          polled: true,
          armId: `/subscriptions/${one}`,
          region: null,
          labels: {},
          everyMs: 300_000,
          staleAfterMs: 900_000,
        },
        target: { by: 'azure', account, subscription: one },
      },
    ])
  })

  it('with several subscriptions, or a management group, is a source that reads them as its children', () => {
    expect(idsOf(azureOf({ subscriptions: [one, two] }))).toEqual([
      ['corp', null, true],
      [`corp/${one}`, 'corp', false],
      [`corp/${two}`, 'corp', false],
    ])
    expect(idsOf(azureOf({ managementGroups: ['platform'] }))).toEqual([
      ['corp', null, true],
      [`corp/${one}`, 'corp', false],
    ])
    const [parent] = parseFleet({ azure: [{ name: 'corp', managementGroups: ['platform'] }] }).sources
    expect(parent).toMatchObject({ declaration: { id: 'corp', armId: null }, target: { subscription: null } })
  })

  it('takes everything it is given', () => {
    const { accounts } = parseFleet(
      azureOf({
        cloud: { ...custom, ca: './azure.pem' },
        credential: { managedIdentity: 'client' },
        labels: { tenant: 'a' },
        managementClusters: { tag: 'role=management=yes' },
        every: '10m',
        staleAfter: '1h',
      }),
    )
    expect(accounts[0]).toMatchObject({
      cloud: {
        name: 'custom',
        endpoint: 'https://127.0.0.1:4430',
        scope: 'https://arm.example/.default',
        authority: 'https://127.0.0.1:4431',
        ca: './azure.pem',
        aksScope: '6dae42f8-4368-4678-94ff-3960e28e3630/.default',
      },
      credential: { by: 'managedIdentity', clientId: 'client' },
      labels: { tenant: 'a' },
      discover: { tag: 'role', value: 'management=yes' },
      everyMs: 600_000,
      staleAfterMs: 3_600_000,
    })
    expect(
      parseFleet(
        azureOf({ cloud: 'usgov', credential: 'workloadIdentity', managementClusters: { tag: 'rollcall-management' } }),
      ).accounts,
    ).toMatchObject([
      {
        cloud: azureClouds.usgov,
        credential: { by: 'workloadIdentity' },
        discover: { tag: 'rollcall-management', value: null },
      },
    ])
  })

  it.each<[string, unknown, string]>([
    [
      'a subscription by its name',
      azureOf({ subscriptions: ['corp-prod'] }),
      'azure[0].subscriptions[0] must be the id of a subscription, for example 11111111-2222-3333-4444-555555555555',
    ],
    [
      'one subscription that is no list',
      azureOf({ subscriptions: one }),
      'azure[0].subscriptions must be a list of subscription ids, for example [11111111-2222-3333-4444-555555555555]',
    ],
    [
      'nothing to read',
      { azure: [{ name: 'corp' }] },
      'azure[0] does not say what to read of "corp"; give subscriptions: [11111111-2222-3333-4444-555555555555]',
    ],
    [
      'a subscription in two accounts, in another case',
      { azure: [corp, { name: 'lab', subscriptions: [two, one.toUpperCase()] }] },
      `azure[1].subscriptions[1] repeats azure[0].subscriptions[0] (${one}); a subscription is read once, so keep one of them`,
    ],
    [
      'a path for a management group',
      azureOf({ managementGroups: ['/providers/Microsoft.Management/managementGroups/platform'] }),
      'azure[0].managementGroups[0] must be the id of a management group, for example platform',
    ],
    [
      'an unknown cloud',
      azureOf({ cloud: 'pubic' }),
      'azure[0].cloud is not a cloud Rollcall knows; did you mean "public"?',
    ],
    [
      'a number for a cloud',
      azureOf({ cloud: 7 }),
      'azure[0].cloud must be one of public, usgov, china, or { endpoint, scope, authority } of a private cloud',
    ],
    [
      'a private cloud without a scope',
      azureOf({ cloud: { endpoint: custom.endpoint, authority: custom.authority } }),
      'azure[0].cloud.scope must be the scope of a token, for example https://management.local.azurestack.external/.default',
    ],
    [
      'a private cloud over http',
      azureOf({ cloud: { ...custom, endpoint: 'http://arm.example' } }),
      'azure[0].cloud.endpoint must be an https URL without a path, for example https://management.local.azurestack.external',
    ],
    [
      'an endpoint with a path',
      azureOf({ cloud: { ...custom, endpoint: 'https://arm.example/metadata' } }),
      'azure[0].cloud.endpoint must be an https URL without a path, for example https://management.local.azurestack.external',
    ],
    [
      'an authority over http',
      azureOf({ cloud: { ...custom, authority: 'http://login.example' } }),
      'azure[0].cloud.authority must be an https URL, for example https://login.microsoftonline.com',
    ],
    [
      'a typo in a private cloud',
      azureOf({ cloud: { ...custom, endpont: 'x' } }),
      'azure[0].cloud.endpont is not a setting here; did you mean "endpoint"?',
    ],
    [
      'an unknown credential',
      azureOf({ credential: 'managed-identity' }),
      'azure[0].credential is not a credential; did you mean "managedIdentity"?',
    ],
    [
      'a secret',
      azureOf({ credential: { clientSecret: 'x' } }),
      'azure[0].credential.clientSecret is not a setting here; there are "managedIdentity" (1 more like this)',
    ],
    [
      'an empty tag',
      azureOf({ managementClusters: { tag: '' } }),
      'azure[0].managementClusters.tag must be the name of a tag, or name=value, for example rollcall-management',
    ],
    [
      'a tag without a name',
      azureOf({ managementClusters: { tag: '=yes' } }),
      'azure[0].managementClusters.tag must be the name of a tag, or name=value, for example rollcall-management',
    ],
    [
      'a tag that Azure does not allow',
      azureOf({ managementClusters: { tag: 'rollcall.dev/management' } }),
      'azure[0].managementClusters.tag names a tag that Azure does not allow: none of < > % & \\ ? / may be in it',
    ],
    [
      'staleness between two polls',
      azureOf({ staleAfter: '9m' }),
      'azure[0].staleAfter must be at least 10m (twice "every"), because the scheduler ticks once a minute and a living source would be stale between two polls',
    ],
    [
      'the name of a management cluster',
      { managementClusters: [{ name: 'corp', inCluster: true }], azure: [corp] },
      `managementClusters[0].name and azure[0].name are both "corp"; a source's name is its identity, so give each its own`,
    ],
  ])('refuses %s in one sentence', (_what, value, sentence) => {
    expect(() => parseFleet(value, 'rollcall.yaml')).toThrow(
      expect.objectContaining({ code: 'invalid', message: ended(`rollcall.yaml: ${sentence}`) }),
    )
  })
})

describe('a management cluster by its ARM id', () => {
  const managed = (aks: object) => [{ name: 'mgmt-weu', aks }]
  const accountNameOf = (file: object) => {
    const target = parseFleet(file).sources[0]?.target
    return target?.by === 'aks' ? target.account.name : null
  }

  it('is found by its id, whatever was copied along with it', () => {
    const { sources } = parseFleet({ managementClusters: managed({ resourceId: ` ${resourceId}/ ` }) })
    expect(sources[0]).toMatchObject({
      declaration: { id: 'mgmt-weu', type: 'managementCluster', armId: resourceId.toLowerCase(), everyMs: 60_000 },
      target: {
        by: 'aks',
        cluster: { subscription: one, group: 'Platform', name: 'mgmt-weu' },
        account: { cloud: azureClouds.public, credential: { by: 'default' } },
      },
    })
  })

  it.each<[string, object, object[], string]>([
    ['the one it names', { account: 'lab' }, [corp, { name: 'lab', subscriptions: [two] }], 'lab'],
    ['the one that lists its subscription', {}, [{ name: 'lab', subscriptions: [two] }, corp], 'corp'],
    ['the only one', {}, [{ name: 'lab', managementGroups: ['platform'] }], 'lab'],
    ['Azure’s defaults, where there is none', {}, [], 'mgmt-weu'],
  ])('is reached as %s', (_what, over, azure, name) => {
    expect(accountNameOf({ managementClusters: managed({ resourceId, ...over }), azure })).toBe(name)
  })

  it.each<[string, object, object[], string]>([
    [
      'what is no id',
      { resourceId: 'mgmt-weu' },
      [],
      'managementClusters[0].aks.resourceId must be the id of an AKS cluster, for example /subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/platform/providers/Microsoft.ContainerService/managedClusters/mgmt-weu',
    ],
    [
      'the id of something in a cluster',
      { resourceId: `${resourceId}/agentPools/system` },
      [],
      'managementClusters[0].aks.resourceId must be the id of an AKS cluster, for example /subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/platform/providers/Microsoft.ContainerService/managedClusters/mgmt-weu',
    ],
    [
      'an unknown account',
      { resourceId, account: 'crop' },
      [corp],
      'managementClusters[0].aks.account is no entry of "azure"; did you mean "corp"?',
    ],
    [
      'an account where none is described',
      { resourceId, account: 'corp' },
      [],
      'managementClusters[0].aks.account is no entry of "azure"; there is none',
    ],
    [
      'several accounts to choose from',
      { resourceId },
      [
        { name: 'lab', subscriptions: [two] },
        { name: 'corp', managementGroups: ['platform'] },
      ],
      'managementClusters[0].aks does not say which entry of "azure" it belongs to; give account: lab',
    ],
  ])('refuses %s in one sentence', (_what, aks, azure, sentence) => {
    expect(() => parseFleet({ managementClusters: managed(aks), azure }, 'rollcall.yaml')).toThrow(
      expect.objectContaining({ code: 'invalid', message: ended(`rollcall.yaml: ${sentence}`) }),
    )
  })
})
