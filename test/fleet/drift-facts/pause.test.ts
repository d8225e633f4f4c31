import { describe, expect, it } from 'vitest'
import { kinds } from '../../../fleet/kinds/registry.ts'
import { kindKeyOf } from '../../../fleet/reference.ts'
import { condition, factsOf, type Snippet } from './facts-of.ts'

const kustomization = 'kustomize.toolkit.fluxcd.io/Kustomization'
const annotated = (name: string, value: string): Snippet => ({ metadata: { annotations: { [name]: value } } })
const paused = 'cluster.x-k8s.io/paused'

describe('what switches an object off', () => {
  it.each([
    [kustomization, { spec: { suspend: true } }, 'spec.suspend'],
    ['infra.contrib.fluxcd.io/Terraform', { spec: { suspend: true } }, 'spec.suspend'],
    ['cluster.x-k8s.io/Cluster', { spec: { paused: true } }, 'spec.paused'],
    ['cluster.x-k8s.io/Cluster', annotated(paused, 'false'), `metadata.annotations[${paused}]`],
    ['cluster.x-k8s.io/MachineDeployment', { spec: { paused: true } }, 'spec.paused'],
    [
      'fluxcd.controlplane.io/FluxInstance',
      annotated('fluxcd.controlplane.io/reconcile', 'disabled'),
      'metadata.annotations[fluxcd.controlplane.io/reconcile]',
    ],
    [
      'containerservice.azure.com/ManagedCluster',
      annotated('serviceoperator.azure.com/reconcile-policy', 'skip'),
      'metadata.annotations[serviceoperator.azure.com/reconcile-policy]',
    ],
    ['batch/CronJob', { spec: { suspend: true } }, 'spec.suspend'],
    ['example.test/Widget', { spec: { paused: true } }, 'spec.paused'],
  ] as const)('%s by %j', (key, snippet, field) => {
    expect(factsOf(key, snippet).pause).toEqual({ field })
  })

  it.each([
    ['a word that is no flag', kustomization, { spec: { suspend: 'true' } }],
    ['a field that is not its own', kustomization, { spec: { paused: true } }],
    ["another project's annotation", kustomization, annotated(paused, '')],
    [
      'its Cluster was paused, not it',
      'cluster.x-k8s.io/Machine',
      { status: { conditions: [condition('Paused', 'True')] } },
    ],
    [
      'the policy that still writes',
      'containerservice.azure.com/ManagedCluster',
      annotated('serviceoperator.azure.com/reconcile-policy', 'detach-on-delete'),
    ],
    ['a health that is called so', 'argoproj.io/Application', { status: { health: { status: 'Suspended' } } }],
  ] as const)('not %s', (_why, key, snippet) => {
    expect(factsOf(key, snippet)).not.toHaveProperty('pause')
  })
})

describe('who switched it off', () => {
  const suspend = { 'f:spec': { 'f:interval': {}, 'f:suspend': {} } }
  const entry = (manager: string, time: string | undefined, fieldsV1: unknown = suspend, operation = 'Update') => ({
    manager,
    operation,
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1,
  })
  const [early, late] = ['2026-05-01T00:00:00Z', '2026-05-20T00:00:00Z']
  const other = { 'f:spec': { 'f:interval': {} }, 'f:status': { 'f:suspend': {} } }

  it.each<[string, unknown, object]>([
    [
      'the manager that has the field',
      [entry('flux', late), entry('kustomize-controller', late, other)],
      { actor: 'flux', since: late },
    ],
    [
      'one that applied it',
      [entry('kustomize-controller', early, suspend, 'Apply')],
      { actor: 'kustomize-controller', since: early },
    ],
    [
      'of several, who wrote last',
      [entry('kubectl-edit', late), entry('kustomize-controller', early)],
      { actor: 'kubectl-edit', since: late },
    ],
    [
      'in whatever order',
      [entry('kustomize-controller', early), entry('kubectl-edit', late)],
      { actor: 'kubectl-edit', since: late },
    ],
    ['one that is not dated', [entry('kubectl-edit', undefined)], { actor: 'kubectl-edit' }],
    ['nobody', [entry('kustomize-controller', late, other)], {}],
    [
      'nobody, of fields that cannot be read',
      [entry('kubectl', late, 'spec.suspend'), null, 7, { fieldsV1: null }],
      {},
    ],
    ['nobody, of no list', 'kubectl', {}],
    ['nobody, of none', undefined, {}],
  ])('%s', (_why, managedFields, who) => {
    const facts = factsOf(kustomization, { metadata: { managedFields }, spec: { suspend: true } })
    expect(facts.pause).toEqual({ field: 'spec.suspend', ...who })
    // The difference began when the pause did.
    const { since } = who as { since?: string }
    expect(facts.drift?.[0]?.since).toBe(since)
  })

  it('an annotation, and what the object says of why', () => {
    const fields = { 'f:metadata': { 'f:annotations': { '.': {}, [`f:${paused}`]: {} } } }
    const metadata = { annotations: { [paused]: 'true' }, managedFields: [entry('kubectl-annotate', late, fields)] }
    const message = 'KubeadmControlPlane has the cluster.x-k8s.io/paused annotation'
    const status = { conditions: [condition('Available', 'True'), condition('Paused', 'True', 'Paused', { message })] }
    const snippet = { apiVersion: 'controlplane.cluster.x-k8s.io/v1beta2', metadata, status }
    expect(factsOf('controlplane.cluster.x-k8s.io/KubeadmControlPlane', snippet).pause).toEqual({
      field: `metadata.annotations[${paused}]`,
      actor: 'kubectl-annotate',
      since: late,
      reason: message,
    })
  })

  it('managedFields go no further', () => {
    for (const kind of kinds) {
      if (kind.reach.by === 'arm') continue
      const managedFields = [entry('kubectl', late, { 'f:spec': { 'f:paused': {}, 'f:hush': {} } })]
      const facts = factsOf(kindKeyOf(kind), { metadata: { managedFields }, spec: { paused: true, suspend: true } })
      expect(JSON.stringify(facts), kind.kind).not.toContain('hush')
    }
  })
})
