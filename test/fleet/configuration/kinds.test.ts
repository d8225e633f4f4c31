import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ended } from '../../../fleet/configuration/sentence.ts'
import { parseFleet } from '../../../fleet/configuration.ts'

const kind = { group: 'example.com', kind: 'Widget' }
const declarationOf = (over: object) => parseFleet({ kinds: [{ ...kind, ...over }] }).kinds[0]
const refusal = (over: object) => () => parseFleet({ kinds: [{ ...kind, ...over }] }, 'rollcall.yaml')
const ladder = (...rungs: object[]) => ({ health: { ladder: rungs } })
const healthy = { condition: 'Ready', is: 'True', means: 'Healthy' }

describe('kinds of the fleet file', () => {
  it('need no more than a group and a kind', () => {
    expect(declarationOf({})).toEqual({
      ...kind,
      plural: null,
      versions: [],
      part: 'none',
      owner: null,
      health: null,
      pause: null,
      paths: {},
    })
  })

  it('take everything they are given, as people write YAML', () => {
    const { kinds } = parseFleet(
      parse(`
kinds:
  - group: cert-manager.io
    kind: Certificate
    plural: certificates
    versions: [v1, v1alpha2]
    part: workers
    owner: { label: cluster.x-k8s.io/cluster-name, path: .spec.cluster, namespace: "{.spec.within}", ownerReference: true }
    health:
      ladder:
        - { condition: Issuing, is: True, means: Progressing, reason: Renewing }
        - { condition: Ready, is: Absent, means: Unknown }
      primary: Ready
    versionDeclared: .spec.version
    versionObserved: .status.version
    replicas: { desired: .spec.replicas, ready: .status.readyReplicas }
    revision: { applied: .status.revision }
    pause: .metadata.annotations['example.com/paused']
    endpoint: .status.endpoint
`),
    )
    expect(kinds).toMatchObject([
      {
        plural: 'certificates',
        versions: ['v1', 'v1alpha2'],
        part: 'workers',
        owner: {
          label: 'cluster.x-k8s.io/cluster-name',
          path: { written: '.spec.cluster' },
          namespace: { written: '{.spec.within}' },
          ownerReference: true,
        },
        health: {
          by: 'ladder',
          primary: 'Ready',
          ladder: [
            { condition: 'Issuing', is: 'True', means: 'Progressing', reason: 'Renewing' },
            { condition: 'Ready', is: 'Absent', means: 'Unknown', reason: null },
          ],
        },
        pause: { written: `.metadata.annotations['example.com/paused']` },
        paths: {
          versionDeclared: { steps: [{ name: 'spec' }, { name: 'version' }] },
          replicas: { desired: { written: '.spec.replicas' }, ready: { written: '.status.readyReplicas' } },
          revision: { applied: { written: '.status.revision' } },
        },
      },
    ])
  })

  it.each([
    [{ family: 'flux' }, { by: 'family', family: 'flux', primary: null }],
    [
      { family: 'capi', primary: 'Available' },
      { by: 'family', family: 'capi', primary: 'Available' },
    ],
    [{ primary: 'Synced' }, { by: 'family', family: 'generic', primary: 'Synced' }],
  ])('health %j', (health, read) => {
    expect(declarationOf({ health })?.health).toEqual(read)
  })

  it('may replace how a kind of a generic group is read', () => {
    expect(declarationOf({ group: 'infrastructure.cluster.x-k8s.io', kind: 'DockerCluster' })?.kind).toBe(
      'DockerCluster',
    )
  })

  it.each<[string, object, string]>([
    ['a typo', { healht: {} }, 'kinds[0].healht is not a setting here; did you mean "health"?'],
    [
      'a version in the group',
      { group: 'example.com/v1' },
      'kinds[0].group must be an API group without its version, for example cert-manager.io ("" is the core group)',
    ],
    [
      'no group',
      { group: undefined },
      'kinds[0].group must be an API group without its version, for example cert-manager.io ("" is the core group)',
    ],
    [
      'a resource for a kind',
      { kind: 'widgets' },
      'kinds[0].kind must be a kind as manifests write it, for example Certificate',
    ],
    [
      'a kind for a resource',
      { plural: 'Widget' },
      'kinds[0].plural must be the name of a resource, for example certificates',
    ],
    [
      'an apiVersion for a version',
      { versions: ['example.com/v1'] },
      'kinds[0].versions[0] must be a version alone, for example v1',
    ],
    [
      'one version',
      { versions: 'v1' },
      'kinds[0].versions must be a list of versions, the best first, for example [v1, v1beta1]',
    ],
    [
      'a built-in kind',
      { group: 'cluster.x-k8s.io', kind: 'Machine' },
      'kinds[0].kind is built in: Rollcall reads cluster.x-k8s.io/Machine by itself, and it cannot be declared anew',
    ],
    [
      'Secrets',
      { group: '', kind: 'Secret' },
      'kinds[0].kind is Secret of the core group, which Rollcall never reads: it holds credentials and settings of others',
    ],
    [
      'ConfigMaps',
      { group: '', kind: 'ConfigMap' },
      'kinds[0].kind is ConfigMap of the core group, which Rollcall never reads: it holds credentials and settings of others',
    ],
    ...['core', 'v1'].map((group): [string, object, string] => [
      `the core group as ${group}`,
      { group, kind: 'Service' },
      'kinds[0].group is the name of no API group; the core group is written ""',
    ]),
    [
      'Secrets by their resource',
      { group: '', kind: 'Shadow', plural: 'secrets' },
      'kinds[0].plural is secrets of the core group, which Rollcall never reads: it holds credentials and settings of others',
    ],
    [
      'ConfigMaps by theirs',
      { group: '', kind: 'Shadow', plural: 'configmaps' },
      'kinds[0].plural is configmaps of the core group, which Rollcall never reads: it holds credentials and settings of others',
    ],
    ['an unknown part', { part: 'worker' }, 'kinds[0].part is not a part of a cluster; did you mean "workers"?'],
    [
      'a cluster of its own',
      { part: 'cluster' },
      'kinds[0].part is not a part of a cluster; there are "none", "workers", "pool", "machine", "infrastructure", "controlPlane", "gitops"',
    ],
    [
      'a part of no cluster',
      { part: 'workers', owner: 'none' },
      'kinds[0].part is workers, a part of a cluster, while owner says that it belongs to none',
    ],
    [
      'an owner that says nothing',
      { owner: {} },
      'kinds[0].owner must be none, or say where the cluster is named, for example { label: cluster.x-k8s.io/cluster-name }',
    ],
    [
      'an owner in a word',
      { owner: 'label' },
      'kinds[0].owner must be none, or say where the cluster is named, for example { label: cluster.x-k8s.io/cluster-name }',
    ],
    [
      'a typo in the owner',
      { owner: { lable: 'x' } },
      'kinds[0].owner.lable is not a setting here; did you mean "label"?',
    ],
    [
      'an unknown family',
      { health: { family: 'fluxcd' } },
      'kinds[0].health.family is not a family of conditions; did you mean "flux"?',
    ],
    [
      'health that says nothing',
      { health: {} },
      'kinds[0].health says nothing; give a family, for example { family: generic }, or a ladder',
    ],
    [
      'two ways to judge',
      { health: { family: 'flux', ladder: [healthy] } },
      'kinds[0].health has both "family" and "ladder"; keep one of them',
    ],
    [
      'another primary in Flux',
      { health: { family: 'flux', primary: 'Synced' } },
      'kinds[0].health.primary is always Ready in the family flux; leave it out',
    ],
    [
      'an empty ladder',
      ladder(),
      'kinds[0].health.ladder must be a list of rungs, for example [{ condition: Ready, is: "True", means: Healthy }]',
    ],
    [
      'a ladder that never gets well',
      ladder({ ...healthy, means: 'Unknown' }),
      'kinds[0].health.ladder never comes to Healthy; end it with { condition: Ready, is: "True", means: Healthy }',
    ],
    [
      'a rung that never answers',
      ladder(healthy, { ...healthy, means: 'Failed' }),
      'kinds[0].health.ladder[1] repeats ladder[0], which answers before it (Ready is True)',
    ],
    [
      'an unknown state',
      ladder({ ...healthy, means: 'Helthy' }),
      'kinds[0].health.ladder[0].means is not a state that a rung may answer; did you mean "Healthy"?',
    ],
    [
      'a word of another tool',
      ladder({ ...healthy, means: 'Current' }),
      'kinds[0].health.ladder[0].means is not a state that a rung may answer; there are "Healthy", "Progressing", "Degraded", "Failed", "Unknown"',
    ],
    [
      'a pause as a state',
      ladder({ ...healthy, means: 'Suspended' }),
      'kinds[0].health.ladder[0].means is not for a rung to say: give the path of the field that pauses the object, "pause"',
    ],
    [
      'a deletion as a state',
      ladder({ ...healthy, means: 'Deleting' }),
      'kinds[0].health.ladder[0].means is not for a rung to say: an object that is being deleted says so in every kind',
    ],
    [
      'staleness as a state',
      ladder({ ...healthy, means: 'Stale' }),
      'kinds[0].health.ladder[0].means is not for a rung to say: whether a reading is old, Rollcall knows itself',
    ],
    [
      'no state',
      ladder({ condition: 'Ready', is: 'True' }),
      'kinds[0].health.ladder[0].means must be one of Healthy, Progressing, Degraded, Failed, Unknown',
    ],
    [
      'an unknown status',
      ladder({ ...healthy, is: 'Yes' }),
      'kinds[0].health.ladder[0].is is not a status of a condition; there are "True", "False", "Unknown", "Absent"',
    ],
    [
      'a number for a status',
      ladder({ ...healthy, is: 1 }),
      'kinds[0].health.ladder[0].is must be one of True, False, Unknown, Absent',
    ],
    [
      'a nameless condition',
      ladder({ ...healthy, condition: '' }),
      'kinds[0].health.ladder[0].condition must be a text that is not empty, for example Ready',
    ],
    [
      'a bad path',
      { versionObserved: 'status.version' },
      'kinds[0].versionObserved is no path that can be read, for example .status.version: expected a path that begins with "." at character 1',
    ],
    [
      'a path to many',
      { replicas: { ready: '.status.sets[*].ready' } },
      'kinds[0].replicas.ready is no path that can be read, for example .spec.replicas: a wildcard ("*") is not read here, because one value is needed; it stands at character 14',
    ],
    [
      'a path that YAML took for a mapping',
      { pause: { '.spec.paused': null } },
      'kinds[0].pause must be a JSONPath, for example .spec.paused; quote it where it begins with "{" or "["',
    ],
    [
      'an unknown counter',
      { replicas: { wanted: '.spec.replicas' } },
      'kinds[0].replicas.wanted is not a setting here; there are "desired", "current", "ready", "available", "upToDate"',
    ],
  ])('refuse %s in one sentence', (_what, over, sentence) => {
    expect(refusal(over)).toThrow(
      expect.objectContaining({ code: 'invalid', message: ended(`rollcall.yaml: ${sentence}`) }),
    )
  })

  it('refuse a kind that is declared twice, and what is no list', () => {
    expect(() => parseFleet({ kinds: [kind, { ...kind, group: 'other.com' }, kind] })).toThrow(
      'kinds[2] repeats kinds[0] (example.com/Widget); keep one of them',
    )
    expect(() => parseFleet({ kinds: {} })).toThrow('kinds must be a list, each entry with a group and a kind')
  })
})
