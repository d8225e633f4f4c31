import { expect, test } from 'vitest'
import { clusterIdOf, keyOfId } from '../../../fleet/azure/cluster-id.ts'

const clusters = 'providers/Microsoft.ContainerService/managedClusters'

test.each([
  `/subscriptions/1111-AA/resourceGroups/Fleet/${clusters}/One`,
  `/subscriptions/1111-aa/resourcegroups/Fleet/PROVIDERS/microsoft.containerservice/managedclusters/One/`,
  ` /SUBSCRIPTIONS/1111-aa/RESOURCEGROUPS/Fleet/${clusters}/One `,
])('%s is a managed cluster', (id) => {
  const key = `/subscriptions/1111-aa/resourcegroups/fleet/${clusters.toLowerCase()}/one`
  expect(clusterIdOf(id)).toEqual({ key, subscription: '1111-aa', group: 'Fleet', name: 'One' })
  expect(keyOfId(id)).toBe(key)
})

test.each([
  '',
  '/subscriptions/1/resourceGroups/fleet',
  `/subscriptions/1/resourceGroups/fleet/${clusters}/`,
  `/subscriptions/1/resourceGroups/fleet/${clusters}/one/agentPools/two`,
  `/subscriptions/1/resourceGroups/../${clusters}/one`,
  `/subscriptions/1/resourceGroups/fleet/${clusters}/..`,
  `/subscriptions/1/resourceGroups/fleet/${clusters}/one?x=1`,
  `/subscriptions/1/resourceGroups/a%2fb/${clusters}/one`,
  `/subscriptions/../resourceGroups/fleet/${clusters}/one`,
  '/subscriptions/1/resourceGroups/fleet/providers/Microsoft.Kubernetes/connectedClusters/one',
])('"%s" is none', (id) => expect(clusterIdOf(id)).toBeNull())
