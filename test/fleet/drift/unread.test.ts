import { describe, expect, it } from 'vitest'
import type { Member } from '../../../fleet/cluster.ts'
import type { DriftCode } from '../../../fleet/drift/code.ts'
import type { Facts } from '../../../fleet/observation.ts'
import type { KindKey } from '../../../fleet/reference.ts'
import { aks, arm, composeAmid, member, refOf, selfManaged, surroundedBy } from '../members.ts'
import { answer, unreadable } from './of.ts'

const machines: KindKey = 'cluster.x-k8s.io/Machine'
const deployments: KindKey = 'cluster.x-k8s.io/MachineDeployment'
const pools: KindKey = 'cluster.x-k8s.io/MachinePool'
const planes: KindKey = 'controlplane.cluster.x-k8s.io/KubeadmControlPlane'
const asoPlanes: KindKey = 'infrastructure.cluster.x-k8s.io/AzureASOManagedControlPlane'

const inTopology: Facts = {
  refs: { ...selfManaged().facts.refs, class: refOf('ClusterClass', 'standard') },
  versionDeclared: 'v1.33.4',
  topology: { workers: [{ name: 'np', kind: 'machineDeployment' }] },
}
const plane = member('KubeadmControlPlane', 'Healthy', {
  facts: { versionDeclared: 'v1.33.4', versionObserved: 'v1.33.4' },
})
const workers = (facts: Facts = {}) => member('MachineDeployment', 'Healthy', { at: 'np', facts })
const version = { versionObserved: 'v1.33.4', versions: [{ version: 'v1.33.4', replicas: 1 }] }
const managed = member('ManagedCluster', 'Healthy', { facts: { versionDeclared: '1.33.4' } })
const azure = arm('Healthy', { facts: { versionObserved: '1.33.4' } })

/** Codes that only an unread kind leaves open, of those that the test is about. */
const gaps = (kinds: readonly KindKey[], ...members: readonly Member[]) => {
  const { drift } = composeAmid(surroundedBy([], unreadable(...kinds)), ...members)
  return drift.gaps.map(({ code }) => code)
}

describe('a kind that a cluster is made of, and that could not be read', () => {
  const outdated: readonly DriftCode[] = ['machineNotUpToDate', 'orphanMachine']
  it.each<readonly [string, readonly KindKey[], readonly Member[], readonly DriftCode[]]>([
    ['nothing', [], [selfManaged(), plane, workers(version)], []],
    [
      'a control plane with workers',
      [planes],
      [selfManaged(), workers(version)],
      ['cpBehindSpec', 'cpAheadOfSpec', 'workersBehindCP'],
    ],
    ['a control plane without workers', [planes], [selfManaged()], ['cpBehindSpec', 'cpAheadOfSpec']],
    [
      'a control plane of a topology',
      [planes],
      [selfManaged('Healthy', { facts: { ...inTopology, topology: {} } })],
      ['cpBehindSpec', 'cpAheadOfSpec', 'topologyPending'],
    ],
    ['a control plane for which Azure answers', [asoPlanes], [aks(), managed, azure], []],
    ['a control plane that is seen all the same', [planes], [selfManaged(), plane], []],
    ['a control plane that nobody refers to', [planes], [selfManaged('Healthy', { facts: {} })], []],
    ['Machines of sets that tell versions', [machines], [selfManaged(), plane, workers(version)], outdated],
    [
      'Machines of sets that tell none',
      [machines],
      [selfManaged(), plane, workers()],
      ['workersBehindCP', ...outdated],
    ],
    ['Machines of no set', [machines], [selfManaged(), plane], []],
    ['Machines behind a MachinePool', [machines], [selfManaged(), plane, member('MachinePool', 'Healthy')], []],
    [
      'workers of a topology',
      [deployments],
      [selfManaged('Healthy', { facts: inTopology }), { ...plane }],
      ['unmanagedWorker', 'missingWorker', 'replicasDrift'],
    ],
    [
      'workers of both kinds, in one gap of each code',
      [deployments, pools],
      [selfManaged('Healthy', { facts: inTopology }), { ...plane }],
      ['unmanagedWorker', 'missingWorker', 'replicasDrift'],
    ],
    ['workers, where there is no topology', [deployments, pools], [selfManaged(), plane], []],
    ['a control plane, of a cluster on its way out', [planes], [selfManaged('Deleting')], []],
  ])('%s', (_name, kinds, members, expected) => {
    expect(gaps(kinds, ...members)).toEqual(expected)
  })
})

describe('several versions in one set', () => {
  const mixed = {
    versionObserved: 'v1.33.1',
    versions: [
      { version: 'v1.33.1', replicas: 1 },
      { version: 'v1.33.4', replicas: 2 },
    ],
  }
  const own = { code: 'mixedVersions', field: 'status.versions', expected: null, actual: '1.33.1, 1.33.4' } as const
  it.each<readonly [string, Facts, ReturnType<typeof answer>]>([
    ['one version', version, 'same'],
    ['while it is said that they roll out', { ...mixed, rollout: {} }, 'same'],
    ['while it is said that nothing rolls out', { ...mixed, drift: [own] }, 'differs'],
    ['while nothing is said of rollouts', mixed, 'gap'],
    [
      'one version, written in two ways',
      {
        versions: [
          { version: 'v1.33.4', replicas: 1 },
          { version: '1.33.4', replicas: 1 },
        ],
      },
      'same',
    ],
    ['none', {}, 'nothing'],
  ])('%s', (_name, facts, expected) => {
    expect(answer(composeAmid(surroundedBy([]), selfManaged(), workers(facts)), 'mixedVersions')).toBe(expected)
  })
})
