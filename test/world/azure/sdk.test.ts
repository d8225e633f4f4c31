import { ContainerServiceClient } from '@azure/arm-containerservice'
import { ResourceGraphClient } from '@azure/arm-resourcegraph'
import { ClientSecretCredential } from '@azure/identity'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { armManagedCluster } from '../../../fleet/kinds/arm-managed-cluster.ts'
import { normalise } from '../../../fleet/normalise.ts'
import { createWorld } from '../world.ts'
import { idOf } from './resource.ts'
import type { ServedAzure } from './server.ts'
import { rowOf, wireOf } from './wire.ts'

/** Microsoft's own clients meet the simulated Azure: what they would refuse of it, the real one would not answer. */
describe('Microsoft’s clients', () => {
  const world = createWorld({ seed: 'azure' })
  const { azure } = world
  const prod = azure.subscription('sub-prod').id
  const inProd = azure.resources.filter(({ subscription }) => subscription === prod)
  let served: ServedAzure
  const credentialOf = (secret = served.clientSecret) =>
    new ClientSecretCredential(served.tenantId, served.clientId, secret, {
      authorityHost: served.authority,
      disableInstanceDiscovery: true,
      tlsOptions: { ca: served.ca },
    })
  const optionsFor = (scope = served.scope) => ({
    endpoint: served.url,
    credentials: { scopes: [scope] },
    tlsOptions: { ca: served.ca },
    retryOptions: { maxRetries: 0 },
  })
  const clientOf = (subscription = prod, scope?: string) =>
    new ContainerServiceClient(credentialOf(), subscription, optionsFor(scope))
  const listed = async (client: ContainerServiceClient) => {
    const items = []
    for await (const item of client.managedClusters.list()) items.push(item)
    return items
  }

  beforeAll(async () => {
    served = await azure.serveAzure({ pageSize: 7 })
  })
  afterEach(() => azure.calm())
  afterAll(() => served.close())

  it('list every cluster of a subscription, page by page', async () => {
    const before = served.counts.get('list') ?? 0
    const items = await listed(clientOf())
    expect(items.map(({ id }) => id?.toLowerCase())).toEqual(inProd.map((one) => idOf(one).toLowerCase()))
    expect((served.counts.get('list') ?? 0) - before).toBe(Math.ceil(inProd.length / 7))
    const one = items.find(({ name }) => name === inProd[0]?.name)
    expect(one).toMatchObject({
      location: inProd[0]?.region,
      currentKubernetesVersion: inProd[0]?.running,
      provisioningState: inProd[0]?.provisioningState,
      agentPoolProfiles: inProd[0]?.pools.map(({ name, count, image }) => ({
        name,
        count,
        nodeImageVersion: image.name,
      })),
    })
    expect(new Set(items.map(({ id }) => id?.split('/')[3]))).toEqual(new Set(['resourcegroups', 'resourceGroups']))
  })

  it('get one in any case, and a 404 as the front door words it', async () => {
    const [first] = inProd
    const { managedClusters } = clientOf()
    const got = await managedClusters.get(first?.resourceGroup.toUpperCase() ?? '', first?.name.toUpperCase() ?? '')
    expect(got.name).toBe(first?.name)
    await expect(managedClusters.get(first?.resourceGroup ?? '', 'nobody')).rejects.toMatchObject({
      statusCode: 404,
      code: 'ResourceNotFound',
      details: { error: { message: expect.stringContaining("'Microsoft.ContainerService/managedClusters/nobody'") } },
    })
    await expect(managedClusters.get('no-group', 'nobody')).rejects.toMatchObject({ code: 'ResourceGroupNotFound' })
    await expect(listed(clientOf('00000000-0000-4000-8000-000000000000'))).rejects.toMatchObject({ statusCode: 404 })
    await expect(listed(clientOf('not-an-id'))).rejects.toMatchObject({ statusCode: 400 })
  })

  it('read what a region offers: supported, for long-term support only, preview', async () => {
    const { values = [] } = await clientOf().managedClusters.listKubernetesVersions('westeurope')
    const plans = values.map(({ version, capabilities, isPreview }) =>
      [version, isPreview === true ? 'preview' : '', ...(capabilities?.supportPlan ?? [])].join(' '),
    )
    expect(plans).toEqual([
      '1.31  AKSLongTermSupport',
      '1.32  AKSLongTermSupport',
      '1.33  AKSLongTermSupport',
      '1.34  KubernetesOfficial AKSLongTermSupport',
      '1.35  KubernetesOfficial AKSLongTermSupport',
      '1.36  KubernetesOfficial AKSLongTermSupport',
      '1.37 preview KubernetesOfficial',
    ])
    expect(values.find(({ version }) => version === '1.34')?.patchVersions?.['1.34.8']?.upgrades).toContain('1.34.9')
  })

  it('are refused with a token for another audience, of another cloud, or with the wrong secret', async () => {
    await expect(listed(clientOf(prod, served.aksScope))).rejects.toMatchObject({ statusCode: 401 })
    await expect(listed(clientOf(prod, 'https://management.azure.com/.default'))).rejects.toThrow('AADSTS500011')
    await expect(credentialOf('guess').getToken(served.scope)).rejects.toThrow('AADSTS7000215')
    azure.disturb({ fault: 'secretExpired' })
    await expect(credentialOf().getToken(served.scope)).rejects.toThrow('AADSTS7000222')
  })

  it('page through Resource Graph, whose rows have wire names and another casing', async () => {
    const graph = new ResourceGraphClient(credentialOf(), optionsFor())
    const query = "resources | where type =~ 'microsoft.containerservice/managedclusters' | order by id asc"
    const rows = []
    let skipToken: string | undefined
    do {
      const answer = await graph.resources({
        query,
        subscriptions: [prod],
        options: { top: 20, ...(skipToken === undefined ? {} : { skipToken }) },
      })
      expect(answer).toMatchObject({ totalRecords: inProd.length, resultTruncated: 'false' })
      rows.push(...answer.data)
      skipToken = answer.skipToken
    } while (skipToken !== undefined)
    expect(rows.map(({ name }) => name).sort()).toEqual(inProd.map(({ name }) => name).sort())
    expect(rows[0]).toMatchObject({
      type: 'microsoft.containerservice/managedclusters',
      properties: { enableRBAC: true },
    })
    const everywhere = await graph.resources({ query, managementGroups: ['fleet'] })
    expect(everywhere.count).toBe(azure.resources.length)
    azure.disturb({ fault: 'forbidden', on: prod })
    const without = await graph.resources({ query, managementGroups: ['fleet'] })
    expect(without.count).toBe(azure.resources.length - inProd.length)
    await expect(graph.resources({ query, subscriptions: [prod] })).rejects.toMatchObject({ statusCode: 403 })
  })

  it('find notifications of what ends within two weeks, in both forms', async () => {
    const graph = new ResourceGraphClient(credentialOf(), optionsFor())
    const { data } = await graph.resources({ query: 'containerserviceeventresources | order by id asc' })
    const notices = data.filter(({ properties }: Notice) => properties.eventSource === 'EOLNotification')
    const details = notices.map(({ properties }: Notice) => properties.eventDetails)
    expect(new Set(details.map((one: unknown) => typeof one))).toEqual(new Set(['string', 'object']))
    const parsed = details.map((one: unknown) => (typeof one === 'string' ? JSON.parse(one) : one))
    expect(parsed).toContainEqual({
      kubernetesVersion: expect.stringMatching(/^1\.34\./),
      eolDate: '2026-11-30T00:00:00Z',
      supportType: 'Community',
      daysUntilEOL: 8,
      region: expect.any(String),
    })
    expect(parsed.some(({ supportType }: { supportType: string }) => supportType === 'LTS')).toBe(true)
  })
})

interface Notice {
  readonly properties: { readonly eventSource: string; readonly eventDetails: unknown }
}

it('every cluster that Azure lists can be read, in both of its forms', () => {
  const { azure } = createWorld({ seed: 'azure' })
  for (const resource of azure.resources)
    for (const body of [wireOf(resource), rowOf(resource)]) {
      const { observation, rejected } = normalise('azure', body, armManagedCluster)
      expect(rejected).toEqual([])
      expect(observation?.facts).toMatchObject({ versionObserved: resource.running, region: resource.region })
    }
})
