import { describe, expect, it } from 'vitest'
import type { Facts } from '../../../fleet/observation.ts'
import { aks, arm, compose, member, type Options, selfManaged } from '../members.ts'

const plane = (facts: Facts) => member('AzureASOManagedControlPlane', 'Healthy', { facts })
const operator = (facts: Facts, options: Options = {}) => member('ManagedCluster', 'Healthy', { facts, ...options })
const azure = (facts: Facts, options: Options = {}) => arm('Healthy', { facts, ...options })

describe('what is read of a cluster', () => {
  it('runs what Azure says, also when Azure is silent, unless others see it higher; what is declared is Cluster API’s', () => {
    const capi = [aks(), plane({ versionDeclared: 'v1.33.4', versionObserved: 'v1.33.4' })]
    const now = { versionDeclared: '1.34', versionObserved: '1.34.1' }
    expect(compose(...capi, azure(now))).toMatchObject({ versionDeclared: 'v1.33.4', versionObserved: '1.34.1' })
    const silent = azure(now, { fresh: false })
    expect(compose(...capi, silent).versionObserved).toBe('1.34.1')
    const later = plane({ versionDeclared: 'v1.35.2', versionObserved: 'v1.35.2' })
    expect(compose(aks(), later, silent).versionObserved).toBe('v1.35.2')
    expect(compose(aks(), later, azure(now)).versionObserved).toBe('1.34.1')
    expect(compose(azure(now, { fresh: false }))).toMatchObject({ versionDeclared: '1.34', versionObserved: '1.34.1' })
  })

  it('has what Azure says it has, else what the operator repeats of it, else what it is asked for', () => {
    const asked = { declared: { tier: 'Free', upgradeChannel: 'patch', supportPlan: 'KubernetesOfficial' } }
    const repeated = { ...asked, tier: 'Standard', powerState: 'Running', resourceUid: 'old', nodeResourceGroup: 'MC' }
    const told = { tier: 'Premium', resourceUid: 'new', createdBy: 'kim', nodeOsUpgradeChannel: 'NodeImage' }
    expect(compose(aks(), operator(asked))).toMatchObject({ tier: 'Free', upgradeChannel: 'patch', powerState: null })
    expect(compose(aks(), operator(repeated))).toMatchObject({ tier: 'Standard', powerState: 'Running' })
    expect(compose(aks(), operator(repeated), azure(told, { fresh: false }))).toMatchObject({
      tier: 'Premium',
      nodeOsUpgradeChannel: 'NodeImage',
      resourceUid: 'new',
      nodeResourceGroup: 'MC',
      createdBy: 'kim',
      // Azure says nothing, and that is an answer: nobody upgrades it.
      upgradeChannel: null,
      supportPlan: null,
    })
  })

  it('counts the pools that could not be read, by Azure’s word where Azure testifies, and keeps those that were', () => {
    const pools = [{ name: 'np' }]
    expect(compose(azure({ pools, unreadPools: 2 }))).toMatchObject({ unreadPools: 2, pools: [{ name: 'np' }] })
    expect(compose(azure({ unreadPools: 1 }, { fresh: false }))).toMatchObject({ unreadPools: 1, pools: [] })
    expect(compose(aks(), operator({ pools, unreadPools: 2 })).unreadPools).toBe(2)
    expect(compose(aks(), operator({ unreadPools: 2 }), azure({ pools })).unreadPools).toBe(0)
    expect(compose(aks(), operator({ unreadPools: 2 }), azure({})).unreadPools).toBeNull()
    expect(compose(aks()).unreadPools).toBeNull()
  })

  it('is where Azure says, by the id that Azure gives', () => {
    const facts = compose(aks(), plane({ region: 'eastus', armId: '/a' }), azure({ region: 'westeurope', armId: '/A' }))
    expect(facts).toMatchObject({ region: 'westeurope', armId: '/A' })
  })

  it("takes Azure's tags for what the Cluster's labels do not say, keys as written", () => {
    const facts = compose(
      aks('Healthy', { labels: { env: 'prod', Team: 'a', team: 'b' } }),
      operator({ tags: { ENV: 'x', 'cost-center': '7', managed: 'y' } }),
      azure({}, { labels: { Env: 'dev', Owner: 'kim', Managed: 'z' } }),
    )
    expect(facts.labels).toEqual({ env: 'prod', Team: 'a', team: 'b', Owner: 'kim', Managed: 'z', 'cost-center': '7' })
    expect(facts.labelLayers).toEqual([
      { env: 'prod', Team: 'a', team: 'b' },
      { Env: 'dev', Owner: 'kim', Managed: 'z' },
      { ENV: 'x', 'cost-center': '7', managed: 'y' },
    ])
  })

  it('takes the tags that are asked for where nobody has seen any', () => {
    expect(compose(aks(), operator({ declared: { tags: { owner: 'kim' } } })).labels).toEqual({ owner: 'kim' })
  })

  it('runs the charts that Flux applies to it, each once', () => {
    const actsOn = { namespace: 'team', name: 'prod' }
    const release = (at: string, chart: string, applied?: string) =>
      member('HelmRelease', 'Healthy', {
        at,
        facts: { actsOn, more: { chart }, ...(applied ? { revision: { applied } } : {}) },
      })
    const here = member('HelmRelease', 'Healthy', { at: 'here', facts: { more: { chart: 'not-on-the-cluster' } } })
    const releases = [
      release('a', 'web', '2.0.0'),
      release('b', './charts/web', '2.0.0'),
      release('c', 'cert-manager', 'v1.17.0'),
      release('d', 'new'),
    ]
    expect(compose(aks(), here, ...releases).components).toEqual([
      { type: 'chart', name: 'cert-manager', version: 'v1.17.0' },
      { type: 'chart', name: 'new', version: null },
      { type: 'chart', name: 'web', version: '2.0.0' },
    ])
  })

  it.each<readonly [readonly (string | null)[], number | null, string]>([
    [['v1.33.9', 'v1.31.2'], 3, 'the oldest pool'],
    [['v1.34.0', 'v1.33.9'], 1, 'patches do not count'],
    [['v1.35.0', 'v1.31.2'], -1, 'one that is ahead is worse than any behind'],
    [[null, 'v1.34.0'], 0, 'what is not known is left out'],
    [[null], null, 'nothing is known'],
    [[], null, 'no pools'],
  ])('is %o behind 1.34.1: %s, %s', (versions, skew) => {
    const pools = versions.map((version, n) =>
      member('MachineDeployment', 'Healthy', { at: `p${n}`, facts: version ? { versionObserved: version } : {} }),
    )
    const control = member('KubeadmControlPlane', 'Healthy', { facts: { versionObserved: 'v1.34.1' } })
    expect(compose(selfManaged(), control, ...pools).skewMinors).toBe(skew)
  })

  it('testifies by nobody but Git where only reconcilers are seen', () => {
    expect(compose(member('Kustomization', 'Healthy')).witnesses).toEqual([])
    expect(compose(aks())).toMatchObject({ witnesses: ['capi'], kind: 'cluster.x-k8s.io/Cluster' })
  })
})
