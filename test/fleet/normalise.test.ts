import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { healthOf } from '../../fleet/judge.ts'
import { kindOf, kinds } from '../../fleet/kinds/registry.ts'
import { messageCharsMax } from '../../fleet/message.ts'
import { normalise } from '../../fleet/normalise.ts'
import { objectIdOf } from '../../fleet/reference.ts'
import { wireObjects } from './wire-object.ts'

const now = new Date('2026-06-01T12:00:00Z')
const cluster = kindOf('cluster.x-k8s.io/Cluster')
const machine = kindOf('cluster.x-k8s.io/Machine')
const read = (wire: unknown, kind = machine) => normalise('weu', wire, kind)
const whys = (wire: unknown, kind = machine) => read(wire, kind).rejected.map(({ why }) => why)
const healthIn = (wire: unknown, kind = machine) => {
  const { observation } = read(wire, kind)
  return observation && healthOf(observation.reading, {}, now)
}
const base = (more: object = {}, metadata: object = {}) => ({
  apiVersion: 'cluster.x-k8s.io/v1beta2',
  kind: 'Machine',
  metadata: { name: 'm', namespace: 'team', generation: 1, creationTimestamp: '2026-05-01T00:00:00Z', ...metadata },
  ...more,
})

describe('whose an object is', () => {
  const label = { labels: { 'cluster.x-k8s.io/cluster-name': 'hashed' } }
  const owners = (kind: string, apiVersion = 'cluster.x-k8s.io/v1beta2') => [
    { apiVersion, kind, name: 'owner', uid: 'u' },
  ]
  it.each([
    ['spec.clusterName before the label, which may hold a hash', { spec: { clusterName: 'c' } }, label, 'c'],
    ['the label before the owner', {}, { ...label, ownerReferences: owners('Cluster') }, 'hashed'],
    ['the owner that is a Cluster', {}, { ownerReferences: owners('Cluster') }, 'owner'],
    ['no Cluster, no cluster', {}, { ownerReferences: owners('MachineSet') }, undefined],
    ["another project's Cluster", {}, { ownerReferences: owners('Cluster', 'postgresql.cnpg.io/v1') }, undefined],
  ])('%s', (_why, more, metadata, name) => {
    const owner = name === undefined ? null : { namespace: 'team', name }
    expect(read(base(more, metadata)).observation?.owner).toEqual(owner)
  })

  it('a Cluster is its own', () => {
    const wire = { ...base(), kind: 'Cluster' }
    expect(read(wire, cluster).observation?.owner).toEqual({ namespace: 'team', name: 'm' })
  })

  it('a Kustomization is of the cluster whose kubeconfig it uses', () => {
    const wire = base({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      spec: { kubeConfig: { secretRef: { name: 'prod-kubeconfig' } } },
    })
    expect(read(wire, kindOf('kustomize.toolkit.fluxcd.io/Kustomization')).observation?.owner).toEqual({
      namespace: 'team',
      name: 'prod',
    })
  })

  it('the parent is the controlling owner, else the first', () => {
    const two = [
      ...owners('Cluster'),
      { apiVersion: 'cluster.x-k8s.io/v1beta1', kind: 'MachineSet', name: 's', controller: true },
    ]
    const ref = { group: 'cluster.x-k8s.io', kind: 'MachineSet', namespace: 'team', name: 's' }
    expect(read(base({}, { ownerReferences: two })).observation?.parentId).toBe(objectIdOf('weu', ref))
  })
})

describe('what is malformed', () => {
  it.each([
    ['a text', 'x', 'the object is a string'],
    ['null', null, 'the object is null'],
    ['no metadata', { kind: 'Machine' }, 'metadata is missing, not an object'],
    ['no name', { kind: 'Machine', metadata: {} }, 'metadata.name is missing'],
    ['a name that is none', { kind: 'Machine', metadata: { name: 5 } }, 'metadata.name is a number'],
    ['another kind', { kind: 'Pod', metadata: { name: 'x' } }, 'kind is "Pod", not Machine'],
  ])('%s has no identity', (_what, wire, why) => {
    expect(read(wire)).toMatchObject({ observation: null, rejected: [{ why }] })
    expect(read(wire).rejected[0]?.ref).toBeUndefined()
  })

  it.each([
    ['conditions', { status: { conditions: 'x' } }, 'status.conditions is a string, not a list'],
    ['a condition', { status: { conditions: [null] } }, 'status.conditions[0] is null, not a condition'],
    ['a type', { status: { conditions: [{ type: 4 }] } }, 'status.conditions[0].type is a number, not a name'],
    ['status', { status: [] }, 'status is a list, not an object'],
  ])('unreadable %s make the health Unknown', (_what, more, why) => {
    expect(whys(base(more))).toEqual([why])
    expect(healthIn(base(more))).toMatchObject({ state: 'Unknown', reason: 'MalformedStatus', message: why })
  })

  it.each([null, true, 0])('the paused annotation counts as %s, as it is written without quotes', (value) => {
    const wire = base({ metadata: { name: 'x', annotations: { 'cluster.x-k8s.io/paused': value } } })
    expect(healthIn(wire)).toMatchObject({ state: 'Suspended' })
  })

  it.each([
    ['generation', { generation: 'abc' }, 'metadata.generation is "abc", not a whole number'],
    ['creation', { creationTimestamp: 'yesterday' }, 'metadata.creationTimestamp is "yesterday", not a time'],
    ['labels', { labels: [] }, 'metadata.labels is a list, not an object'],
    ['a label', { labels: { a: 1, b: 'x' } }, 'metadata.labels["a"] is a number, not a text'],
    ['owners', { ownerReferences: {} }, 'metadata.ownerReferences is an object, not a list'],
  ])('a malformed %s costs only itself', (_what, metadata, why) => {
    const wire = base({ status: { conditions: [{ type: 'Ready', status: 'True', reason: 'Ready' }] } }, metadata)
    expect(whys(wire)).toEqual([why])
    expect(healthIn(wire)).toMatchObject({ state: 'Healthy' })
  })

  it('deletion and suspension outlive a malformed status', () => {
    expect(healthIn(base({ status: 'x' }, { deletionTimestamp: '2026-06-01T11:50:00Z' }))?.state).toBe('Deleting')
    const paused = healthIn(base({ status: 'x' }, { annotations: { 'cluster.x-k8s.io/paused': '' } }))
    expect(paused).toMatchObject({ state: 'Suspended', underlying: 'Unknown' })
  })

  it('never throws, whatever comes, of whatever kind', () => {
    const anything = fc.jsonValue({ maxDepth: 4 })
    const shaped = fc.record(
      {
        apiVersion: anything,
        id: fc.oneof(fc.string(), anything),
        metadata: fc.record(
          {
            name: fc.oneof(fc.string({ minLength: 1 }), anything),
            labels: anything,
            annotations: anything,
            ownerReferences: anything,
            generation: anything,
            managedFields: anything,
            deletionTimestamp: anything,
            creationTimestamp: anything,
          },
          { requiredKeys: ['name'] },
        ),
        spec: anything,
        properties: anything,
        status: fc.oneof(
          anything,
          fc.record({
            conditions: fc.oneof(
              anything,
              fc.array(
                fc.record({
                  type: fc.oneof(fc.constantFrom('Ready', 'Available', 'Deleting', 'Stalled'), anything),
                  status: anything,
                  reason: anything,
                  observedGeneration: anything,
                  lastTransitionTime: anything,
                }),
              ),
            ),
            v1beta2: anything,
            deprecated: anything,
            resources: anything,
            versions: anything,
          }),
        ),
      },
      { requiredKeys: ['metadata', 'id'] },
    )
    fc.assert(
      fc.property(
        fc.oneof(anything, shaped),
        fc.constantFrom(...kinds, kindOf('example.test/Widget')),
        (wire, kind) => {
          const { observation, rejected } = normalise('weu', wire, kind)
          if (observation === null) expect(rejected.length).toBeGreaterThan(0)
          else expect(healthOf(observation.reading, {}, now).state).toBeTypeOf('string')
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('the digest', () => {
  const objects = wireObjects(40).map((wire) => {
    // Made by us with both members.
    const { apiVersion, kind } = wire as { apiVersion: string; kind: string }
    return { wire, kind: kindOf(`${apiVersion.slice(0, apiVersion.indexOf('/'))}/${kind}`) }
  })
  const digestOf = (wire: unknown, kind: (typeof objects)[number]['kind']) => read(wire, kind).observation?.digest
  const altered = (wire: object, change: (copy: Record<string, Record<string, unknown>>) => void) => {
    const copy = structuredClone(wire)
    change(copy as Record<string, Record<string, unknown>>) // wire objects are records of records
    return copy
  }

  it('does not move with what says nothing', () => {
    for (const { wire, kind } of objects) {
      const same = altered(wire, ({ metadata = {} }) => {
        metadata.resourceVersion = '999'
        metadata.managedFields = [{ time: '2027-01-01T00:00:00Z' }]
        metadata.labels = Object.fromEntries(Object.entries(metadata.labels ?? {}).reverse())
      })
      expect(digestOf(same, kind)).toBe(digestOf(wire, kind))
      expect(read(same, kind).observation?.changedAt).toBe('2027-01-01T00:00:00Z')
    }
  })

  it('moves with what is reported', () => {
    const changes: ((copy: Record<string, Record<string, unknown>>) => void)[] = [
      ({ metadata = {} }) => Object.assign(metadata, { generation: 99 }),
      ({ metadata = {} }) => Object.assign(metadata, { deletionTimestamp: '2026-06-01T00:00:00Z' }),
      ({ metadata = {} }) => Object.assign(metadata, { labels: { environment: 'other' } }),
      ({ metadata = {} }) => Object.assign(metadata, { uid: 'another' }),
      ({ status = {} }) => Object.assign(status, { conditions: [] }),
    ]
    for (const { wire, kind } of objects) {
      const digests = changes.map((change) => digestOf(altered(wire, change), kind))
      expect(new Set([digestOf(wire, kind), ...digests]).size).toBe(changes.length + 1)
    }
  })
})

describe('what is kept', () => {
  it('cuts a message, and takes out what PostgreSQL cannot store', () => {
    const long = { type: 'Ready', status: 'False', reason: 'R', message: `a\u0000b${'x'.repeat(10_000)}` }
    const { observation } = read(base({ status: { conditions: [long] } }))
    const message = observation?.conditions[0]?.message ?? ''
    expect(message).toHaveLength(messageCharsMax)
    expect(message.startsWith('abx')).toBe(true)
  })

  it('never cuts a character in two, nor keeps half of one that came so', () => {
    for (const message of [`${'a'.repeat(messageCharsMax - 2)}${'😀'.repeat(9)}`, 'a\ud800b']) {
      const { observation } = read(base({ status: { conditions: [{ type: 'Ready', status: 'False', message }] } }))
      expect(observation?.conditions[0]?.message?.isWellFormed()).toBe(true)
    }
  })

  it.each([
    ['failed to clone https://user:hunter2@host/repo.git: denied', 'failed to clone https://host/repo.git: denied'],
    ['GET https://x.blob.test/c?sv=1&sig=hunter2&se=2', 'GET https://x.blob.test/c?sv=1&sig=…&se=2'],
    [
      'https://git.test/a.git?ref=v1&private_token=hunter2 is denied',
      'https://git.test/a.git?ref=v1&private_token=… is denied',
    ],
    ['POST https://f.test/api/x?code=hunter2 500', 'POST https://f.test/api/x?code=… 500'],
    ['GET https://x.test/?zipcode=1&tokens=2', 'GET https://x.test/?zipcode=1&tokens=2'],
    ['helm template . --set-string password=hunter2 --include-crds', 'helm template . --set-string … --include-crds'],
    ['oci://ghcr.io/a/b@sha256:0 is absent', 'oci://ghcr.io/a/b@sha256:0 is absent'],
  ])('keeps the secret out of: %s', (message, kept) => {
    const { observation } = read(base({ status: { conditions: [{ type: 'Ready', status: 'False', message }] } }))
    expect(observation?.conditions[0]?.message).toBe(kept)
    expect(JSON.stringify(observation)).not.toContain('hunter2')
  })

  it('keeps of a URL what names the place', () => {
    const spec = { url: 'https://user:hunter2@host/repo?token=hunter2' }
    const wire = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository', metadata: { name: 'x' }, spec }
    const { observation } = read(wire, kindOf('source.toolkit.fluxcd.io/GitRepository'))
    expect(observation?.facts.more).toEqual({ url: 'https://host/repo' })
  })

  it('keeps no specs, values or parameters', () => {
    const secret = 'hunter2'
    const wires = [
      [
        'helm.toolkit.fluxcd.io/v2',
        'HelmRelease',
        { values: { password: secret }, chart: { spec: { chart: 'c', version: '1' } } },
      ],
      ['infra.contrib.fluxcd.io/v1alpha2', 'Terraform', { vars: [{ name: 'p', value: secret }] }],
      [
        'argoproj.io/v1alpha1',
        'Application',
        { source: { helm: { values: secret, parameters: [{ value: secret }] } } },
      ],
      ['source.toolkit.fluxcd.io/v1', 'GitRepository', { url: `https://user:${secret}@example.test/repo` }],
      ['kustomize.toolkit.fluxcd.io/v1', 'Kustomization', { postBuild: { substitute: { p: secret } } }],
    ] as const
    for (const [apiVersion, kind, spec] of wires) {
      const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': secret }
      const wire = { apiVersion, kind, metadata: { name: 'x', namespace: 'y', annotations }, spec }
      const { observation } = read(wire, kindOf(`${apiVersion.slice(0, apiVersion.indexOf('/')) as ''}/${kind}`)) // a group of one of ours
      expect(observation).not.toBeNull()
      expect(JSON.stringify(observation)).not.toContain(secret)
    }
  })
})
