import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { healthOf } from '../../../fleet/judge.ts'
import { normalise } from '../../../fleet/normalise.ts'
import { kindsWith, readBy, widget } from './declared-objects.ts'

const factsBy = (declared: object, wire: object) => readBy(declared, wire).observation?.facts
const whysBy = (declared: object, wire: object) => readBy(declared, wire).rejected.map(({ why }) => why)

describe('what a declared kind reads', () => {
  it('is what its paths lead to, wherever in the object that is', () => {
    const declared = {
      versionDeclared: '.spec.version',
      versionObserved: '.status.nodes[?(@.role=="main")].version',
      replicas: { desired: '.spec.size', ready: '.status.readyReplicas' },
      revision: { desired: '.data.wanted', applied: `.metadata.labels['example.com/revision']` },
      phase: '.status.phase',
      region: '.location',
      armId: '.status.id',
      providerId: '.spec.providerID',
      endpoint: '.status.endpoint',
    }
    const wire = widget(
      {
        location: 'westeurope',
        data: { wanted: 'main@sha1:2' },
        spec: { version: 'v1.33.4', size: 3, providerID: 'azure:///x' },
        status: {
          nodes: [
            { role: 'spare', version: 'v1.32.0' },
            { role: 'main', version: 'v1.33.3' },
          ],
          readyReplicas: 0,
          phase: 'Running',
          id: '/subscriptions/s/resourceGroups/g',
          endpoint: 'w.example.test:443',
        },
      },
      { labels: { 'example.com/revision': 'main@sha1:1' } },
    )
    expect(readBy(declared, wire).rejected).toEqual([])
    expect(factsBy(declared, wire)).toEqual({
      versionDeclared: 'v1.33.4',
      versionObserved: 'v1.33.3',
      replicas: { desired: 3, ready: 0 },
      revision: { desired: 'main@sha1:2', applied: 'main@sha1:1' },
      phase: 'Running',
      region: 'westeurope',
      armId: '/subscriptions/s/resourceGroups/g',
      providerId: 'azure:///x',
      endpoint: 'w.example.test:443',
    })
  })

  it.each<[string, string, unknown]>([
    ['nothing', 'versionObserved', undefined],
    ['null, which is nothing', 'versionObserved', null],
    ['an empty text, which is nothing', 'versionObserved', ''],
    ['nothing, for a count', 'replicas', undefined],
  ])('%s leaves the slot out, without a word', (_what, slot, value) => {
    const path = '.status.x'
    const declared = slot === 'replicas' ? { replicas: { ready: path } } : { [slot]: path }
    expect(readBy(declared, widget({ status: { x: value } }))).toMatchObject({
      rejected: [],
      observation: { facts: {} },
    })
  })

  it.each<[string, object, unknown, string]>([
    [
      'a list for a version',
      { versionObserved: '.status.x' },
      ['v1'],
      'versionObserved: .status.x is a list, not a text',
    ],
    ['an object for a phase', { phase: '.status.x' }, {}, 'phase: .status.x is an object, not a text'],
    [
      'a number for a version',
      { versionDeclared: '.status.x' },
      1.3,
      'versionDeclared: .status.x is the number 1.3, not a text: 1.30 would be 1.3',
    ],
    [
      'a number for a revision',
      { revision: { applied: '.status.x' } },
      7,
      'revision.applied: .status.x is a number, not a text',
    ],
    [
      'a text for a count',
      { replicas: { ready: '.status.x' } },
      '3',
      'replicas.ready: .status.x is a string, not a count',
    ],
    [
      'a fraction for a count',
      { replicas: { ready: '.status.x' } },
      1.5,
      'replicas.ready: .status.x is 1.5, not a count',
    ],
    ['less than none', { replicas: { ready: '.status.x' } }, -1, 'replicas.ready: .status.x is -1, not a count'],
    ['a name for an ARM id', { armId: '.status.x' }, 'prod', 'armId: .status.x is no ARM id'],
    [
      'a novel for a phase',
      { phase: '.status.x' },
      'x'.repeat(501),
      'phase: .status.x has 501 characters, more than the 500 that are kept',
    ],
    [
      'several values',
      { phase: '.status.x[?(@.on==true)].name' },
      [
        { on: true, name: 'a' },
        { on: true, name: 'b' },
      ],
      'phase: .status.x[?(@.on==true)].name names 2 values, where one is needed',
    ],
  ])('%s leaves the slot unknown, and names field and path', (_what, declared, value, why) => {
    const wire = widget({ status: { x: value } })
    expect(factsBy(declared, wire)).toEqual({})
    expect(whysBy(declared, wire)).toEqual([why])
  })
})

describe('whose an object of a declared kind is', () => {
  const label = { labels: { 'cluster.x-k8s.io/cluster-name': 'by-label', team: 'apps/by-team' } }
  const byCluster = { ownerReferences: [{ apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', name: 'by-owner' }] }
  const byOther = { ownerReferences: [{ apiVersion: 'example.com/v1', kind: 'Gadget', name: 'g' }] }
  const spec = { spec: { clusterName: 'by-name', ref: { name: 'by-ref', namespace: 'apps' } } }

  it.each<[string, unknown, object, string | null]>([
    ['by the rule of every kind: the name first', undefined, widget(spec, label), 'team/by-name'],
    ['then the label', undefined, widget({}, { ...label, ...byCluster }), 'team/by-label'],
    ['then the owner', undefined, widget({}, byCluster), 'team/by-owner'],
    ['by nothing', undefined, widget(), null],
    ['by a path', { path: '.spec.ref.name' }, widget(spec, label), 'team/by-ref'],
    [
      'by a path and a namespace',
      { path: '.spec.ref.name', namespace: '.spec.ref.namespace' },
      widget(spec),
      'apps/by-ref',
    ],
    ['by a label that says both', { label: 'team' }, widget({}, label), 'apps/by-team'],
    ['by a label alone', { label: 'absent' }, widget(spec, { ...label, ...byCluster }), null],
    ['by owner references alone', { ownerReference: true }, widget(spec, { ...label, ...byCluster }), 'team/by-owner'],
    ['of nobody', 'none', widget(spec, { ...label, ...byCluster }), null],
    [
      'of a cluster-scoped object, by the rule of every kind',
      undefined,
      widget({}, { ...label, namespace: undefined }),
      null,
    ],
  ])('%s', (_why, owner, wire, name) => {
    const { observation, rejected } = readBy({ owner }, wire)
    expect(observation?.owner ? `${observation.owner.namespace}/${observation.owner.name}` : null).toBe(name)
    expect(rejected).toEqual([])
  })

  it('names a cluster that can be none', () => {
    const wire = widget({}, { labels: { team: 'a/b/c' } })
    expect(whysBy({ owner: { label: 'team' } }, wire)).toEqual([
      'owner names the cluster "a/b/c", which is no name in a namespace',
    ])
    const scoped = widget({}, { labels: { team: 'a' }, namespace: undefined })
    expect(whysBy({ owner: { label: 'team' } }, scoped)).toEqual([
      'owner names the cluster "a", which is no name in a namespace',
    ])
  })

  it.each([
    [undefined, false],
    [{ ownerReference: true }, false],
    ['none', true],
    [{ label: 'team' }, true],
  ])('declared %j, what owns it does not count: %s', (owner, unowned) => {
    expect(kindsWith({ owner }).of('example.com/Widget')).toMatchObject({ unowned })
    const { observation } = readBy({ owner }, widget({}, byOther))
    expect(observation?.parentId === null).toBe(unowned)
  })
})

describe('declared kinds', () => {
  it('stand beside those that Rollcall brings', () => {
    const kinds = kindsWith({ part: 'workers', versions: ['v2', 'v1'] })
    expect(kinds.of('example.com/Widget')).toMatchObject({
      part: 'workers',
      reach: { by: 'kube', versions: ['v2', 'v1'] },
    })
    expect(kinds.list).toContain(kinds.of('example.com/Widget'))
    expect(kinds.of('cluster.x-k8s.io/Machine').part).toBe('machine')
    expect(kinds.of('example.com/Gadget').part).toBe('none')
  })

  it('of Azure Service Operator are read in the newest version', () => {
    const kinds = kindsWith({ group: 'cache.azure.com', kind: 'Redis' })
    expect(kinds.of('cache.azure.com/Redis').reach).toMatchObject({ versions: 'newest' })
  })

  it('have a digest that changes with what is declared, and with nothing else', () => {
    const digestOf = (declared: object) => {
      const kind = kindsWith(declared).of('example.com/Widget')
      return 'declaration' in kind && kind.declaration
    }
    expect(digestOf({ phase: '.status.phase' })).toBe(digestOf({ phase: '.status.phase' }))
    expect(digestOf({ phase: '.status.phase' })).not.toBe(digestOf({ phase: '.status.stage' }))
    expect(digestOf({ part: 'pool' })).not.toBe(digestOf({ part: 'workers' }))
  })

  it('read whatever comes, and judge it', () => {
    const path = fc.constantFrom(
      '.spec.x',
      '.status.x[0].y',
      `.status.x[?(@.a=="b")].c`,
      '.metadata.labels.x',
      '.x',
      '.status.conditions',
    )
    const rung = fc.record({
      condition: fc.constantFrom('Ready', 'Stalled', 'x'),
      is: fc.constantFrom('True', 'False', 'Unknown', 'Absent'),
      means: fc.constantFrom('Healthy', 'Progressing', 'Degraded', 'Failed', 'Unknown'),
    })
    const declared = fc.record(
      {
        owner: fc.oneof(
          fc.constant('none'),
          fc.record({ path, namespace: path }),
          fc.record({ label: fc.constant('x') }),
        ),
        health: fc.oneof(
          fc.record({ family: fc.constantFrom('generic', 'capi', 'flux', 'aso') }),
          fc.record({
            ladder: fc.uniqueArray(rung, {
              minLength: 1,
              maxLength: 4,
              selector: ({ condition, is }) => condition + is,
            }),
            primary: fc.constant('Ready'),
          }),
        ),
        ...{ versionObserved: path, phase: path, armId: path, pause: path },
        replicas: fc.record({ desired: path, ready: path }),
      },
      { requiredKeys: [] },
    )
    const some = fc.oneof(fc.jsonValue(), fc.constantFrom('True', 'true', 'b', 3, -1))
    const wire = fc.record(
      {
        apiVersion: fc.constant('example.com/v1'),
        kind: fc.constant('Widget'),
        metadata: fc.oneof(
          fc.jsonValue(),
          fc.record({ name: fc.constant('w'), labels: fc.record({ x: some }), ownerReferences: some }),
        ),
        spec: fc.oneof(some, fc.record({ x: some, clusterName: some })),
        status: fc.oneof(
          some,
          fc.record({
            x: fc.oneof(some, fc.array(fc.record({ a: fc.constant('b'), c: some, y: some }))),
            conditions: fc.oneof(some, fc.array(fc.record({ type: fc.constantFrom('Ready', 'x'), status: some }))),
          }),
        ),
        x: some,
      },
      { requiredKeys: ['metadata'] },
    )
    fc.assert(
      fc.property(declared, wire, (declaration, object) => {
        const kind = kindsWith(declaration).of('example.com/Widget')
        const { observation } = normalise('weu', object, kind)
        if (observation) healthOf(observation.reading, {}, new Date('2026-06-01T12:00:00Z'))
        expect(normalise('weu', object, kind).observation?.digest).toBe(observation?.digest)
      }),
      { numRuns: 500 },
    )
  })
})
