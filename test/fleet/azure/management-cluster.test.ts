import { describe, expect, it } from 'vitest'
import { managementClusterIn } from '../../../fleet/azure/management-cluster.ts'
import type { AzureAccount } from '../../../fleet/azure-account.ts'
import { parseFleet } from '../../../fleet/configuration.ts'

const subscription = '11111111-aaaa-4000-8000-000000000001'
const id = `/subscriptions/${subscription.toUpperCase()}/resourceGroups/RG-Platform/providers/Microsoft.ContainerService/managedClusters/Mgmt`
const accountWith = (tag: string | null): AzureAccount => {
  const discover = tag === null ? {} : { managementClusters: { tag } }
  const [account] = parseFleet({
    azure: [{ name: 'Corp', subscriptions: [subscription], labels: { tenant: 'a' }, ...discover }],
  }).accounts
  if (!account) throw new Error('no account')
  return account
}

describe('an AKS cluster that says it is a management cluster', () => {
  it('becomes a source, named by where it is', () => {
    const resource = { id, location: 'West Europe', tags: { 'Rollcall-Management': '' } }
    expect(managementClusterIn(accountWith('rollcall-management'), resource)).toEqual({
      id: `Corp/${subscription}/rg-platform/mgmt`,
      type: 'managementCluster',
      parentId: `Corp/${subscription}`,
      polled: true,
      armId: id.toLowerCase(),
      region: 'westeurope',
      labels: { tenant: 'a' },
      everyMs: 60_000,
      staleAfterMs: 180_000,
    })
  })

  it.each<[string, string | null, object, boolean]>([
    ['the tag, with any value', 'role', { id, tags: { role: 'x' } }, true],
    ['the tag and its value', 'role=management', { id, tags: { ROLE: 'management' } }, true],
    ['the tag with another value', 'role=management', { id, tags: { role: 'workload' } }, false],
    ['the value in another case', 'role=management', { id, tags: { role: 'Management' } }, false],
    ['another tag', 'role', { id, tags: { roles: 'x' } }, false],
    ['no tags', 'role', { id, tags: null }, false],
    ['the tag, where nobody looks for one', null, { id, tags: { role: 'x' } }, false],
    ['an id that is no managed cluster’s', 'role', { id: `${id}/agentPools/a`, tags: { role: 'x' } }, false],
    ['no id', 'role', { tags: { role: 'x' } }, false],
  ])('is one with %s: %s', (_what, tag, resource, is) => {
    expect(managementClusterIn(accountWith(tag), resource) !== null).toBe(is)
  })
})
