import { describe, expect, it } from 'vitest'
import type { Reconciler } from '../../../fleet/cluster.ts'
import type { GitOps } from '../../../fleet/gitops.ts'
import { kindOf } from '../../../fleet/kinds/registry.ts'
import { normalise } from '../../../fleet/normalise.ts'
import type { Facts } from '../../../fleet/observation.ts'
import { objectIdOf } from '../../../fleet/reference.ts'
import { composeAmid, member, type Options, refOf, selfManaged, surroundedBy } from '../members.ts'

const applies: GitOps = { tool: 'flux', role: 'reconciler', suspended: false, intervalMs: 600_000 }
const at = '2026-11-22T08:00:00Z'

const repository = member('GitRepository', 'Healthy', {
  at: 'flux',
  facts: {
    gitops: { tool: 'flux', role: 'source', suspended: false, revisionAt: at, repository: 'github.com/corp/fleet' },
    revision: { applied: 'v1.3.0@sha1:0a1b2c3d4e5f' },
  },
})

function reconciler(kind: string, facts: Facts, options: Options = {}): Reconciler | undefined {
  const one = member(kind, 'Healthy', { at: 'prod-shop', ...options, facts: { gitops: applies, ...facts } })
  return composeAmid(surroundedBy([repository]), selfManaged(), one).reconcilers[0]
}

it('a reconciler is told with what its source offers, and how it stands to it', () => {
  const facts: Facts = {
    appliesFrom: repository.ref,
    revision: { attempted: 'v1.3.0@sha1:0a1b2c3d4e5f', applied: 'v1.2.0@sha1:4f5e6d7c8b9a' },
    gitops: { ...applies, ready: 'False', reason: 'BuildFailed', path: './apps', revisionAt: '2026-11-21T08:00:00Z' },
    pause: { field: 'spec.suspend', actor: 'kubectl' },
  }
  const one = reconciler('Kustomization', facts, { health: { message: 'no such file' } })
  expect(one).toEqual({
    objectId: objectIdOf('weu', refOf('Kustomization', 'prod-shop')),
    ref: refOf('Kustomization', 'prod-shop'),
    tool: 'flux',
    app: 'shop',
    ready: 'False',
    reason: 'BuildFailed',
    message: 'no such file',
    suspended: false,
    pause: { field: 'spec.suspend', actor: 'kubectl' },
    expectedRevision: 'v1.3.0@sha1:0a1b2c3d4e5f',
    expectedAt: at,
    attemptedRevision: 'v1.3.0@sha1:0a1b2c3d4e5f',
    appliedRevision: 'v1.2.0@sha1:4f5e6d7c8b9a',
    appliedAt: '2026-11-21T08:00:00Z',
    behind: true,
    intervalMs: 600_000,
    repository: 'github.com/corp/fleet',
    path: './apps',
    chart: null,
    version: 'v1.2.0',
    appliesFromId: repository.id,
  })
})

describe('whether it is behind', () => {
  const from = repository.ref
  it.each<readonly [string, string, Facts, boolean | null]>([
    [
      'at the same revision',
      'Kustomization',
      { appliesFrom: from, revision: { applied: 'v1.3.0@sha1:0a1b2c3d4e5f' } },
      false,
    ],
    ['with nothing applied', 'Kustomization', { appliesFrom: from }, null],
    [
      'of a source that is not seen',
      'Kustomization',
      { appliesFrom: refOf('GitRepository', 'gone'), revision: { desired: 'a', applied: 'b' } },
      null,
    ],
    ['of a chart it is told to install', 'HelmRelease', { revision: { desired: '1.2.3', applied: '1.2.2' } }, true],
    ['of a range of charts', 'HelmRelease', { revision: { desired: '1.x', applied: '1.2.2' } }, null],
  ])('%s: %o', (_name, kind, facts, behind) => {
    expect(reconciler(kind, facts)?.behind).toBe(behind)
  })

  it('a source counts only where reconcilers are meant', () => {
    expect(composeAmid(surroundedBy([]), selfManaged(), repository).reconcilers).toEqual([])
  })
})

describe('what it applies is called', () => {
  it.each<readonly [string, Options, Facts, string]>([
    [
      'by the label agreed on',
      { labels: { 'app.kubernetes.io/name': 'web' } },
      { gitops: { ...applies, chart: 'nginx' } },
      'web',
    ],
    ['by its chart', {}, { gitops: { ...applies, chart: './charts/nginx' } }, 'nginx'],
    ["by its name without the cluster's before", {}, {}, 'shop'],
    ["by its name without the cluster's behind", { at: 'shop.prod' }, {}, 'shop'],
    ['by its name where that is all', { at: 'prod' }, {}, 'prod'],
    ['by its name where another word begins like it', { at: 'production' }, {}, 'production'],
  ])('%s', (_name, options, facts, app) => {
    expect(reconciler('Kustomization', facts, options)?.app).toBe(app)
  })

  it('by a label of the conventions, whatever its case or prefix', () => {
    const surroundings = surroundedBy([])
    const conventions = { ...surroundings.conventions, app: ['App'] }
    const one = member('Kustomization', 'Healthy', { labels: { 'corp.test/app': 'web' }, facts: { gitops: applies } })
    const facts = composeAmid({ ...surroundings, conventions }, selfManaged(), one)
    expect(facts.reconcilers[0]?.app).toBe('web')
  })
})

describe('an Application of Argo CD', () => {
  const [one, two] = ['4f5e6d7c8b9a0f1e2d3c4b5a69788796a5b4c3d2', '0a1b2c3d4e5f60718293a4b5c6d7e8f901234567']
  const read = (spec: object, status: object) => {
    const wire = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'shop', namespace: 'team' },
      spec,
      status,
    }
    const { observation } = normalise('weu', wire, kindOf('argoproj.io/Application'))
    return reconciler('Application', observation?.facts ?? {})
  }
  const succeeded = (syncResult: object) => ({ phase: 'Succeeded', syncResult })

  it.each<readonly [string, object, object, Partial<Reconciler>]>([
    [
      'in sync',
      { source: { targetRevision: 'HEAD' } },
      { sync: { status: 'Synced', revision: two }, operationState: succeeded({ revision: one }) },
      { behind: false, expectedRevision: two, appliedRevision: two },
    ],
    [
      'out of sync runs what it synced last',
      { source: { targetRevision: 'HEAD' } },
      { sync: { status: 'OutOfSync', revision: two }, operationState: succeeded({ revision: one }) },
      { behind: true, expectedRevision: two, appliedRevision: one },
    ],
    [
      'out of sync after a failed sync runs nobody knows what',
      { source: { targetRevision: 'HEAD' } },
      {
        sync: { status: 'OutOfSync', revision: two },
        operationState: { phase: 'Failed', syncResult: { revision: two } },
      },
      { behind: true, appliedRevision: null },
    ],
    [
      'of a chart has its version',
      { source: { chart: 'nginx', targetRevision: '1.x' } },
      { sync: { status: 'Synced', revision: '1.2.3' } },
      { behind: false, version: '1.2.3', app: 'nginx' },
    ],
    [
      'of several sources has several revisions, and no version',
      { sources: [{ path: 'a' }, { chart: 'nginx', targetRevision: '1.2.3' }] },
      { sync: { status: 'Synced', revisions: [one, '1.2.3'] } },
      { behind: false, appliedRevision: `${one} 1.2.3`, version: null },
    ],
    [
      'of no source',
      {},
      { sync: { status: 'Unknown' } },
      { behind: null, expectedRevision: null, appliedRevision: null },
    ],
    ['that nothing was said of', {}, {}, { behind: null, expectedRevision: null, repository: null }],
  ])('%s', (_name, spec, status, expected) => {
    expect(read(spec, status)).toMatchObject(expected)
  })
})
