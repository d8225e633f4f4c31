import { describe, expect, it } from 'vitest'
import { codesOf, condition, factsOf } from './facts-of.ts'

const application = 'argoproj.io/Application'
const automated = { syncPolicy: { automated: { prune: true } } }
const at = '2026-06-01T10:00:00Z'

describe('an Application', () => {
  it.each([
    ['in sync', { sync: { status: 'Synced' } }, [], []],
    ['out of sync', { sync: { status: 'OutOfSync' } }, ['outOfSync'], []],
    ['not comparable', { sync: { status: 'Unknown' } }, [], ['syncUnknown']],
    ['not compared yet', {}, [], ['syncUnknown']],
    ['a word nobody knows', { sync: { status: 'Odd' } }, [], ['syncUnknown']],
    [
      'a sync that failed',
      { sync: { status: 'OutOfSync' }, operationState: { phase: 'Failed' } },
      ['applyFailed', 'outOfSync'],
      [],
    ],
    [
      'one of a hook, beside what is in sync',
      { sync: { status: 'Synced' }, operationState: { phase: 'Error', finishedAt: at } },
      ['applyFailed'],
      [],
    ],
    [
      'one before it became well',
      {
        sync: { status: 'Synced' },
        health: { status: 'Healthy', lastTransitionTime: '2026-06-01T11:00:00Z' },
        operationState: { phase: 'Error', finishedAt: at },
      },
      [],
      [],
    ],
    ['a sync under way', { sync: { status: 'OutOfSync' }, operationState: { phase: 'Running' } }, ['outOfSync'], []],
    [
      'a spec that is invalid',
      { sync: { status: 'Unknown' }, conditions: [{ type: 'InvalidSpecError' }] },
      ['applyFailed'],
      ['syncUnknown'],
    ],
    ['a warning', { sync: { status: 'Synced' }, conditions: [{ type: 'OrphanedResourceWarning' }] }, [], []],
  ])('%s', (_why, status, codes, gaps) => {
    const facts = factsOf(application, { spec: automated, status })
    expect(codesOf(facts)).toEqual(codes)
    expect(facts.unlooked?.map(({ code }) => code) ?? []).toEqual(gaps)
  })

  it.each([
    ['never switched on', {}, 'spec.syncPolicy.automated', null],
    [
      'switched off',
      { syncPolicy: { automated: { enabled: false } } },
      'spec.syncPolicy.automated.enabled',
      'disabled',
    ],
  ])('automatic sync %s is suspended, and no pause', (_why, spec, field, actual) => {
    const facts = factsOf(application, { spec, status: { sync: { status: 'Synced' } } })
    expect(facts.drift).toMatchObject([{ code: 'suspended', field, expected: 'enabled', actual }])
    expect(facts.gitops?.suspended).toBe(true)
    expect(facts).not.toHaveProperty('pause')
  })

  it('counts what is out of sync, and names a few', () => {
    const resource = (n: number, status: string) => ({ kind: 'Deployment', namespace: 'web', name: `app-${n}`, status })
    const outOfSync = (count: number) => {
      const resources = [
        resource(0, 'Synced'),
        ...Array.from({ length: count }, (_, n) => resource(n + 1, 'OutOfSync')),
      ]
      const status = { sync: { status: 'OutOfSync' }, resources }
      return factsOf(application, { spec: automated, status }).drift?.[0]?.message
    }
    expect(outOfSync(1)).toBe('1 resource differs from Git: Deployment web/app-1')
    expect(outOfSync(7)).toBe(
      '7 resources differ from Git: Deployment web/app-1, Deployment web/app-2, Deployment web/app-3, Deployment web/app-4, Deployment web/app-5, and 2 more',
    )
    expect(outOfSync(0)).toBe('what runs differs from Git')
  })

  it.each([
    [
      'one source',
      { source: { repoURL: 'https://u:hush@git.test/apps', path: 'web' } },
      { repository: 'git.test/apps', path: 'web' },
    ],
    [
      'several: the first that holds something',
      {
        sources: [
          { repoURL: 'https://git.test/values', ref: 'values' },
          { repoURL: 'https://charts.test', chart: 'web' },
        ],
      },
      { repository: 'charts.test', chart: 'web' },
    ],
    [
      'hydrated manifests',
      {
        sourceHydrator: {
          drySource: { repoURL: 'https://git.test/dry', path: 'web' },
          syncSource: { targetBranch: 'env/prod', path: 'out' },
        },
      },
      { repository: 'git.test/dry', path: 'out' },
    ],
    ['none', {}, {}],
  ])('%s', (_why, spec, expected) => {
    const { tool: _t, role: _r, suspended: _s, ...rest } = factsOf(application, { spec }).gitops ?? {}
    expect(rest).toEqual(expected)
  })

  it('says which branch hydrated manifests come from, and when it deployed last', () => {
    const spec = { sourceHydrator: { syncSource: { targetBranch: 'env/prod' } } }
    const history = [{ deployedAt: '2026-05-01T00:00:00Z' }, { deployedAt: at }]
    const facts = factsOf(application, { spec, status: { history } })
    expect(facts.revision?.desired).toBe('env/prod')
    expect(facts.gitops?.revisionAt).toBe(at)
  })

  it('keeps no values and no parameters', () => {
    const helm = { values: 'password: hush', parameters: [{ name: 'p', value: 'hush' }] }
    const facts = factsOf(application, { spec: { source: { repoURL: 'https://git.test', helm } } })
    expect(JSON.stringify(facts)).not.toContain('hush')
  })
})

it.each([
  ['generates', [condition('ResourcesUpToDate', 'True')], { ready: 'True' }, []],
  ['cannot', [condition('ErrorOccurred', 'True', 'ApplicationGenerationFromParamsError')], {}, ['sourceFailing']],
])('an ApplicationSet that %s is a source', (_why, conditions, gitops, codes) => {
  const facts = factsOf('argoproj.io/ApplicationSet', { status: { conditions } })
  expect(facts.gitops).toMatchObject({ tool: 'argocd', role: 'source', ...gitops })
  expect(codesOf(facts)).toEqual(codes)
})

describe('Helm releases of Cluster API', () => {
  const addons = 'addons.cluster.x-k8s.io'
  const spec = { chartName: 'cni', repoURL: 'https://u:hush@charts.test', clusterRef: { name: 'prod' } }
  const failed = (reason: string) => [
    condition('HelmReleaseReady', 'False', reason),
    condition('Ready', 'False', reason),
  ]
  it.each([
    ['ready', [condition('HelmReleaseReady', 'True'), condition('Ready', 'True')], []],
    ['failed', failed('HelmInstallOrUpgradeFailed'), ['applyFailed']],
    ['being installed', failed('HelmReleasePending'), []],
  ])('HelmReleaseProxy: %s', (_why, conditions, codes) => {
    const facts = factsOf(`${addons}/HelmReleaseProxy`, { spec, status: { conditions } })
    expect(codesOf(facts)).toEqual(codes)
    expect(facts).toMatchObject({
      actsOn: { namespace: 'team', name: 'prod' },
      gitops: { tool: 'caaph', role: 'reconciler', chart: 'cni', repository: 'charts.test' },
    })
  })

  it('HelmChartProxy: offers what its releases apply, and is switched off by an annotation', () => {
    const annotations = { 'cluster.x-k8s.io/paused': '' }
    const facts = factsOf(`${addons}/HelmChartProxy`, { metadata: { annotations }, spec })
    expect(facts.gitops).toMatchObject({ role: 'source', suspended: true })
    expect(codesOf(facts)).toEqual(['suspended'])
  })
})
