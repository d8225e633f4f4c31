import { describe, expect, it } from 'vitest'
import { codesOf, condition, factsOf, type Snippet } from './facts-of.ts'

const kustomization = 'kustomize.toolkit.fluxcd.io/Kustomization'
const terraform = 'infra.contrib.fluxcd.io/Terraform'
const source = 'source.toolkit.fluxcd.io'
const [old, next] = [`main@sha1:${'a'.repeat(40)}`, `main@sha1:${'b'.repeat(40)}`]
const tried = (attempted: string, applied: string, ...conditions: object[]) => ({
  conditions,
  lastAttemptedRevision: attempted,
  lastAppliedRevision: applied,
})
const ready = condition('Ready', 'True', 'ReconciliationSucceeded', { message: `Applied revision: ${old}` })

describe('a Kustomization', () => {
  it('says what it applies, how often, from where and since when', () => {
    const facts = factsOf(kustomization, {
      spec: {
        interval: '1h30m',
        path: './apps',
        sourceRef: { kind: 'GitRepository', name: 'fleet', namespace: 'flux-system' },
        dependsOn: [{ name: 'infra' }, { name: 'crds', namespace: 'flux-system' }, {}],
      },
      status: tried(old, old, ready),
    })
    expect(facts).toMatchObject({
      appliesFrom: { group: source, kind: 'GitRepository', namespace: 'flux-system', name: 'fleet' },
      gitops: {
        tool: 'flux',
        role: 'reconciler',
        ready: 'True',
        suspended: false,
        intervalMs: 5_400_000,
        path: './apps',
        revisionAt: '2026-06-01T10:00:00Z',
        dependsOn: [
          { kind: 'Kustomization', namespace: 'team', name: 'infra' },
          { kind: 'Kustomization', namespace: 'flux-system', name: 'crds' },
        ],
      },
    })
    expect(facts).not.toHaveProperty('drift')
  })

  const history = (revision?: string, status = 'ReconciliationSucceeded') => [
    {
      lastReconciledStatus: status,
      firstReconciled: '2026-05-30T08:00:00Z',
      ...(revision === undefined ? {} : { metadata: { revision } }),
    },
  ]
  it.each([
    ['the message of Ready names it', ready, history(old), '2026-06-01T10:00:00Z'],
    ['else the history, where it names the same', condition('Ready', 'True'), history(old), '2026-05-30T08:00:00Z'],
    ['or names none', condition('Ready', 'True'), history(), '2026-05-30T08:00:00Z'],
    ['not one that names another', condition('Ready', 'True'), history(next), undefined],
    ['nor a failure', condition('Ready', 'True'), history(old, 'HealthCheckFailed'), undefined],
  ])('is dated: %s', (_why, one, entries, at) => {
    const status = { ...tried(old, old, one), history: entries }
    expect(factsOf(kustomization, { status }).gitops?.revisionAt).toBe(at)
  })

  it.each<[string, Snippet, readonly string[]]>([
    ['all is applied', { status: tried(old, old, ready) }, []],
    ['Ready is False', { status: tried(next, old, condition('Ready', 'False', 'BuildFailed')) }, ['applyFailed']],
    [
      'it failed on what it had applied before',
      { status: tried(old, old, condition('Ready', 'False', 'PruneFailed')) },
      ['applyFailed'],
    ],
    ['an attempt is under way', { status: tried(next, old, condition('Ready', 'Unknown', 'Progressing')) }, []],
    ['another revision was tried, and nothing else is said', { status: tried(next, old) }, ['applyFailed']],
    ['a renamed branch is no other revision', { status: tried(old.replace('main', 'trunk'), old) }, []],
    ['the legacy form is the same', { status: tried(old, `main/${'a'.repeat(40)}`) }, []],
    ['nothing was applied yet', { status: { lastAttemptedRevision: next } }, []],
    [
      'it waits for a dependency',
      { status: tried(next, old, condition('Ready', 'False', 'DependencyNotReady')) },
      ['blocked'],
    ],
    [
      'its source is not ready: that is told of the source',
      { status: tried(next, old, condition('Ready', 'False', 'SourceNotReady')) },
      [],
    ],
    [
      'the failure was of an older spec',
      { status: tried(old, old, condition('Ready', 'False', 'BuildFailed', { observedGeneration: 1 })) },
      [],
    ],
    [
      'suspended, its last failure stands',
      { spec: { suspend: true }, status: tried(next, old, condition('Ready', 'False', 'HealthCheckFailed')) },
      ['suspended', 'applyFailed'],
    ],
    ['nobody looked yet', {}, []],
  ])('%s', (_why, snippet, codes) => {
    expect(codesOf(factsOf(kustomization, snippet))).toEqual(codes)
  })

  it('tells what failed, and since when', () => {
    const failed = condition('Ready', 'False', 'BuildFailed', { message: 'kustomization.yaml: no such file' })
    expect(factsOf(kustomization, { status: tried(next, old, failed) }).drift).toEqual([
      {
        code: 'applyFailed',
        field: 'status.conditions[Ready]',
        expected: 'True',
        actual: 'False',
        since: '2026-06-01T10:00:00Z',
        message: 'BuildFailed: kustomization.yaml: no such file',
      },
    ])
  })
})

describe('a source', () => {
  it.each([
    [
      'GitRepository',
      { interval: '5m', url: 'https://user:hush@github.com/org/repo' },
      { repository: 'github.com/org/repo' },
    ],
    ['OCIRepository', { interval: '5m', url: 'oci://ghcr.io/org/app' }, { repository: 'ghcr.io/org/app' }],
    ['HelmRepository', { interval: '5m', url: 'https://charts.example.test' }, { repository: 'charts.example.test' }],
    [
      'Bucket',
      { interval: '5m', endpoint: 's3.example.test', bucketName: 'apps' },
      { repository: 's3.example.test/apps' },
    ],
    ['HelmChart', { interval: '5m', chart: 'web' }, { chart: 'web' }],
  ])('%s', (kind, spec, expected) => {
    const artifact = { revision: old, lastUpdateTime: '2026-06-01T09:00:00Z' }
    const facts = factsOf(`${source}/${kind}`, { spec, status: { artifact, conditions: [condition('Ready', 'True')] } })
    expect(facts).toMatchObject({
      revision: { applied: old },
      gitops: { role: 'source', ready: 'True', intervalMs: 300_000, revisionAt: '2026-06-01T09:00:00Z', ...expected },
    })
    expect(JSON.stringify(facts)).not.toContain('hush')
  })

  it('a HelmChart comes from its own source', () => {
    const spec = { sourceRef: { kind: 'HelmRepository', name: 'charts' } }
    expect(factsOf(`${source}/HelmChart`, { spec }).appliesFrom).toEqual({
      group: source,
      kind: 'HelmRepository',
      namespace: 'team',
      name: 'charts',
    })
  })

  it.each([
    [
      'fetching fails',
      [condition('Ready', 'False', 'GitOperationFailed'), condition('FetchFailed', 'True')],
      ['sourceFailing'],
    ],
    ['Ready does not say so yet', [condition('FetchFailed', 'True', 'AuthenticationFailed')], ['sourceFailing']],
    ['it waits', [condition('Ready', 'False', 'DependencyNotReady')], []],
    ['it works', [condition('Ready', 'Unknown', 'Progressing')], []],
    ['it is well', [condition('Ready', 'True')], []],
  ])('%s', (_why, conditions, codes) => {
    expect(codesOf(factsOf(`${source}/GitRepository`, { status: { conditions } }))).toEqual(codes)
  })
})

describe('a Terraform', () => {
  const applied = condition('Apply', 'True', 'TerraformAppliedSucceed')
  it.each<[string, object, object, readonly string[]]>([
    ['all is applied', {}, { conditions: [condition('Ready', 'True'), applied] }, []],
    [
      'Ready says drift, which is no failed apply',
      {},
      { conditions: [condition('Ready', 'False', 'TerraformDriftDetected')] },
      ['tofuDrift'],
    ],
    [
      'drift was found after the last apply',
      {},
      { conditions: [applied], lastDriftDetectedAt: '2026-06-01T11:00:00Z' },
      ['tofuDrift'],
    ],
    ['it was applied after that', {}, { conditions: [applied], lastDriftDetectedAt: '2026-06-01T09:00:00Z' }, []],
    [
      'a plan against drift is pending',
      {},
      { plan: { pending: 'plan-main-0a1b', isDriftDetectionPlan: true } },
      ['tofuDrift'],
    ],
    ['any other plan is none', {}, { plan: { pending: 'plan-main-0a1b' } }, []],
    [
      'a plan waits for a person',
      {},
      tried(next, old, condition('Ready', 'Unknown', 'TerraformPlannedWithChanges')),
      [],
    ],
    ['the apply failed', {}, tried(next, old, condition('Ready', 'False', 'TFExecApplyFailed')), ['applyFailed']],
  ])('%s', (_why, spec, status, codes) => {
    expect(codesOf(factsOf(terraform, { spec, status }))).toEqual(codes)
  })

  it('does not look for drift where it is told not to, and keeps no variable', () => {
    const spec = { disableDriftDetection: true, vars: [{ name: 'password', value: 'hush' }], interval: '1h' }
    const facts = factsOf(terraform, { spec })
    expect(facts.unlooked?.map(({ code }) => code)).toEqual(['tofuDrift'])
    expect(facts.gitops).toMatchObject({ tool: 'tofu', intervalMs: 3_600_000 })
    expect(JSON.stringify(facts)).not.toContain('hush')
  })
})

describe('objects of the Flux Operator, and image automation', () => {
  it('FluxInstance: its annotation switches it off', () => {
    const annotations = {
      'fluxcd.controlplane.io/reconcile': 'disabled',
      'fluxcd.controlplane.io/reconcileEvery': '30m',
    }
    const spec = { sync: { url: 'https://github.com/org/fleet.git', path: 'clusters/weu' } }
    const facts = factsOf('fluxcd.controlplane.io/FluxInstance', { metadata: { annotations }, spec })
    expect(codesOf(facts)).toEqual(['suspended'])
    expect(facts.gitops).toMatchObject({
      suspended: true,
      intervalMs: 1_800_000,
      repository: 'github.com/org/fleet.git',
      path: 'clusters/weu',
    })
  })

  it('ResourceSet: waits for objects of any kind', () => {
    const dependsOn = [
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'db' },
      { kind: 'ResourceSet', name: 'base' },
    ]
    expect(factsOf('fluxcd.controlplane.io/ResourceSet', { spec: { dependsOn } }).gitops?.dependsOn).toEqual([
      { group: 'apps', kind: 'Deployment', namespace: 'team', name: 'db' },
      { group: 'fluxcd.controlplane.io', kind: 'ResourceSet', namespace: 'team', name: 'base' },
    ])
  })

  it('image automation: one reconciles, the others offer', () => {
    const group = 'image.toolkit.fluxcd.io'
    const spec = {
      sourceRef: { kind: 'GitRepository', name: 'apps' },
      imageRepositoryRef: { name: 'web' },
      suspend: true,
    }
    const all = ['ImageUpdateAutomation', 'ImagePolicy', 'ImageRepository'] as const
    expect(
      all
        .map((kind) => factsOf(`${group}/${kind}`, { spec }))
        .map(({ gitops, appliesFrom }) => [gitops?.role, appliesFrom?.name]),
    ).toEqual([
      ['reconciler', 'apps'],
      ['source', 'web'],
      ['source', undefined],
    ])
    for (const kind of all) expect(codesOf(factsOf(`${group}/${kind}`, { spec }))).toEqual(['suspended'])
  })

  it.each(['notification.toolkit.fluxcd.io/Alert', 'fluxcd.controlplane.io/FluxReport'] as const)(
    '%s reconciles nothing',
    (key) => {
      expect(factsOf(key, { spec: {} })).not.toHaveProperty('gitops')
    },
  )
})
