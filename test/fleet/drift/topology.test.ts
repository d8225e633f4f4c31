import { describe, expect, it } from 'vitest'
import type { Member } from '../../../fleet/cluster.ts'
import type { Surroundings } from '../../../fleet/composition/surroundings.ts'
import { kindOf } from '../../../fleet/kinds/registry.ts'
import type { Facts } from '../../../fleet/observation.ts'
import type { Topology } from '../../../fleet/rollout.ts'
import { arm, composeAmid, member, type Options, refOf, selfManaged, surroundedBy } from '../members.ts'
import { answer, found, only, unreadable } from './of.ts'

type Answer = ReturnType<typeof answer>

const ref = refOf('ClusterClass', 'standard')
const template = (kind: string, name: string) => ({
  group: 'infrastructure.cluster.x-k8s.io',
  kind,
  namespace: 'team',
  name,
})
const classOf = (topology: Topology) => member('ClusterClass', 'Healthy', { at: 'standard', facts: { topology } })
const cluster = (topology: Topology = {}, more: Options = {}) =>
  selfManaged('Healthy', { facts: { refs: { ...selfManaged().facts.refs, class: ref }, topology }, ...more })
const amid = (around: readonly Member[], ...members: Member[]) => composeAmid(surroundedBy(around), ...members)

describe('a rebase onto the templates that a class names', () => {
  const standard = classOf({
    templates: [template('AzureClusterTemplate', 'azure-v2'), template('AzureMachinePoolTemplate', 'pool-v1')],
  })
  const infrastructure = (clonedFrom?: Topology['clonedFrom'], owned?: boolean) =>
    member('AzureCluster', 'Healthy', {
      facts: { topology: { ...(clonedFrom ? { clonedFrom } : {}), ...(owned === undefined ? {} : { owned }) } },
    })
  const groupKind = 'AzureClusterTemplate.infrastructure.cluster.x-k8s.io'
  it.each<readonly [string, readonly Member[], Member, Answer]>([
    ['is due', [standard], infrastructure({ groupKind, name: 'azure-v1' }), 'differs'],
    ['is done', [standard], infrastructure({ groupKind, name: 'azure-v2' }), 'same'],
    ['of an object that was cloned from nothing', [standard], infrastructure(), 'nothing'],
    [
      'of one that is not of the topology',
      [standard],
      infrastructure({ groupKind, name: 'azure-v1' }, false),
      'nothing',
    ],
    [
      'of a kind of template that the class does not name',
      [standard],
      infrastructure({ groupKind: 'DockerClusterTemplate.infrastructure.cluster.x-k8s.io', name: 'v1' }),
      'nothing',
    ],
    ['of a class that is not seen', [], infrastructure({ groupKind, name: 'azure-v1' }), 'nothing'],
    ['of a class that names no templates', [classOf({})], infrastructure({ groupKind, name: 'azure-v1' }), 'nothing'],
  ])('%s', (_name, around, object, expected) => {
    expect(answer(amid(around, cluster(), object), 'rebasePending')).toBe(expected)
  })

  it('is likely, not certain: names may be made anew for each cluster', () => {
    expect(
      only(amid([standard], cluster(), infrastructure({ groupKind, name: 'azure-v1' })), 'rebasePending'),
    ).toMatchObject({
      likely: true,
      expected: 'azure-v2',
      actual: 'azure-v1',
      message: 'AzureCluster team/prod was cloned from azure-v1, and ClusterClass team/standard names azure-v2.',
    })
  })

  it('is looked for in what stands behind pools, not in machines, whose templates every set makes for itself', () => {
    const machineDeployment = member('MachineDeployment', 'Healthy', { at: 'md' })
    const machine = member('Machine', 'Healthy', { at: 'm', parent: machineDeployment })
    const poolKind = 'AzureMachinePoolTemplate.infrastructure.cluster.x-k8s.io'
    const pool = member('AzureASOManagedMachinePool', 'Healthy', {
      at: 'np',
      parent: member('MachinePool', 'Healthy', { at: 'np' }),
      facts: { topology: { clonedFrom: { groupKind: poolKind, name: 'pool-v0' } } },
    })
    const cloned = { ...machine, facts: { topology: { clonedFrom: { groupKind: poolKind, name: 'md-xyz' } } } }
    const facts = amid(
      [standard],
      cluster(),
      machineDeployment,
      cloned,
      member('MachinePool', 'Healthy', { at: 'np' }),
      pool,
    )
    expect(found(facts, 'rebasePending')).toEqual([
      'AzureASOManagedMachinePool/np metadata.annotations[cluster.x-k8s.io/cloned-from-name]: pool-v1 → pool-v0',
    ])
  })

  it('is not known where classes cannot be read', () => {
    const surroundings = surroundedBy([], unreadable('cluster.x-k8s.io/ClusterClass'))
    expect(answer(composeAmid(surroundings, cluster()), 'rebasePending')).toBe('gap')
  })

  it('is part of how the cluster stands to its class', () => {
    const facts = amid([standard], cluster(), infrastructure({ groupKind, name: 'azure-v1' }))
    expect(facts.topology).toEqual({
      class: 'standard',
      classNamespace: 'team',
      classVersion: null,
      rebaseNeeded: true,
      variablesDiffCount: 0,
    })
  })
})

describe('sets of workers', () => {
  const declares = (replicas?: number) =>
    cluster({ workers: [{ name: 'np', kind: 'machineDeployment', ...(replicas === undefined ? {} : { replicas }) }] })
  const md = (topology: Topology, facts: Facts = {}) =>
    member('MachineDeployment', 'Healthy', { at: 'prod-np-x', facts: { topology, ...facts } })
  const own = { owned: true, workerName: 'np' }

  it.each<readonly [string, readonly Member[], Answer, Answer]>([
    ['there', [declares(), md(own)], 'same', 'same'],
    [
      'that the topology names, and that is not there',
      [declares(), md({ owned: true, workerName: 'other' })],
      'differs',
      'same',
    ],
    ['none at all', [declares()], 'differs', 'nothing'],
    ['that are not of the topology', [declares(), md(own), { ...md({ owned: false }), id: 'b' }], 'same', 'differs'],
    [
      'of the other kind',
      [declares(), member('MachinePool', 'Healthy', { facts: { topology: own } })],
      'differs',
      'same',
    ],
    ['that do not say which they are', [declares(), md({})], 'nothing', 'nothing'],
    ['of a cluster without a class', [selfManaged(), md({ owned: false })], 'nothing', 'nothing'],
  ])('%s', (_name, members, missing, unmanaged) => {
    const facts = amid([], ...members)
    expect([answer(facts, 'missingWorker'), answer(facts, 'unmanagedWorker')]).toEqual([missing, unmanaged])
  })

  it('are not known to be missing where their kind cannot be read', () => {
    const surroundings = surroundedBy([], unreadable('cluster.x-k8s.io/MachineDeployment'))
    expect(answer(composeAmid(surroundings, declares()), 'missingWorker')).toBe('gap')
  })

  it.each<readonly [number | undefined, Facts, Answer]>([
    [3, { replicas: { desired: 3 } }, 'same'],
    [3, { replicas: { desired: 5 } }, 'differs'],
    [undefined, { replicas: { desired: 5 } }, 'nothing'],
    [3, { replicas: { desired: 5 }, pool: { autoscaled: true } }, 'nothing'],
    [3, {}, 'nothing'],
  ])('of %s replicas, by %o: %s', (replicas, facts, expected) => {
    expect(answer(amid([], declares(replicas), md(own, facts)), 'replicasDrift')).toBe(expected)
  })
})

describe('a MachinePool', () => {
  const pool = (facts: Facts) => member('MachinePool', 'Healthy', { at: 'np', facts })
  it.each<readonly [Facts, Answer]>([
    [{ replicas: { desired: 3, current: 3 } }, 'same'],
    [{ replicas: { desired: 3, current: 2 } }, 'differs'],
    [{ replicas: { desired: 3 } }, 'nothing'],
    [{ replicas: { desired: 3, current: 2 }, pool: { autoscaled: true } }, 'nothing'],
  ])('%o: %s', (facts, expected) => {
    expect(answer(amid([], selfManaged(), pool(facts)), 'replicasDrift')).toBe(expected)
  })

  it("is not the only kind of workers: those of an operator's kind count too, a MachineDeployment's do not", () => {
    const own = {
      key: 'example.com/NodeGroup',
      ref: { group: 'example.com', kind: 'NodeGroup', namespace: 'team', name: 'np' },
    }
    const facts: Facts = { replicas: { desired: 3, current: 2 }, versionObserved: 'v1.20.1' }
    const group = { ...member('MachinePool', 'Healthy', { at: 'np', facts }), ref: own.ref }
    const kinds: Surroundings['kinds'] = (key) => ({
      ...kindOf(key),
      ...(key === own.key ? { part: 'workers' as const } : {}),
    })
    const plane = member('KubeadmControlPlane', 'Healthy', { facts: { versionObserved: 'v1.33.4' } })
    const composed = composeAmid(surroundedBy([], { kinds }), selfManaged(), plane, group)
    expect(found(composed, 'replicasDrift')).toEqual(['NodeGroup/np replicas.current: 3 → 2'])
    expect(found(composed, 'workersBehindCP')).toEqual(['NodeGroup/np versionObserved: v1.33.4 → v1.20.1'])
    const deployment = member('MachineDeployment', 'Healthy', { at: 'np', facts })
    expect(answer(amid([], selfManaged(), deployment), 'replicasDrift')).toBe('nothing')
  })

  it('may differ from itself and from Azure, each in its own field', () => {
    const azure = arm('Healthy', { facts: { pools: [{ name: 'np', count: 4 }] } })
    expect(
      found(amid([], selfManaged(), pool({ replicas: { desired: 3, current: 2 } }), azure), 'replicasDrift'),
    ).toEqual(['MachinePool/np nodePools.np.replicas: 3 → 4', 'MachinePool/np status.replicas: 3 → 2'])
  })

  it('that Azure scales by itself differs from nothing', () => {
    const azure = arm('Healthy', { facts: { pools: [{ name: 'np', count: 4, autoscaled: true }] } })
    expect(
      answer(amid([], selfManaged(), pool({ replicas: { desired: 3, current: 2 } }), azure), 'replicasDrift'),
    ).toBe('nothing')
  })
})

describe('variables', () => {
  it.each<readonly [Topology['variables'], Topology['variables'], number]>([
    [{ region: 'a' }, { region: 'a' }, 0],
    [{ region: 'b' }, { region: 'a' }, 1],
    [{ region: 'b' }, { region: '' }, 0],
    [{ unknown: 'b' }, { region: 'a' }, 0],
    [undefined, { region: 'a' }, 0],
    [{ constructor: 'b' }, {}, 0],
  ])('%o of the class %o differ: %s', (given, defaults, count) => {
    const around = [classOf({ classVersion: '7', ...(defaults ? { variables: defaults } : {}) })]
    expect(amid(around, cluster(given ? { variables: given } : {})).topology).toMatchObject({
      classVersion: '7',
      variablesDiffCount: count,
      rebaseNeeded: null,
    })
  })

  it('of a class that is not seen are not counted', () => {
    expect(amid([], cluster()).topology).toMatchObject({ classVersion: null, variablesDiffCount: null })
    expect(amid([], selfManaged()).topology).toBeNull()
  })
})
