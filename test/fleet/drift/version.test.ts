import { describe, expect, it } from 'vitest'
import type { Member } from '../../../fleet/cluster.ts'
import type { OwnDifference } from '../../../fleet/drift/difference.ts'
import { compareKubernetes } from '../../../fleet/drift/kubernetes.ts'
import type { Facts } from '../../../fleet/observation.ts'
import { aks, arm, compose, member, refOf, refs, selfManaged } from '../members.ts'
import { answer, codesOf, found, only } from './of.ts'

type Answer = ReturnType<typeof answer>

describe('Kubernetes versions', () => {
  it.each<readonly [string | undefined, string | undefined, number | null, string]>([
    ['v1.33.4', '1.33.4', 0, 'with v and without'],
    ['1.33', 'v1.33.4', 0, 'a minor is an alias of its patches'],
    ['1.9.1', '1.10.0', -1, 'by number'],
    ['1.32.3-eks-abc123', 'v1.32.3', 0, 'as EKS writes it'],
    ['1.31.5-gke.1068000', '1.31.5-gke.2000000', 0, 'suffixes of GKE are passed over'],
    ['v1.30.1+rke2r1', 'v1.30.1+rke2r2', -1, 'build metadata counts between two that have it'],
    ['v1.30.1+k3s10', 'v1.30.1+k3s2', 1, 'and as people count'],
    ['v1.30.1+rke2r1', 'v1.30.1', 0, 'but not of one alone'],
    ['latest', '1.30.1', null, 'no version'],
    [undefined, '1.30.1', null, 'not known'],
  ])('%s and %s: %s, %s', (a, b, sign) => {
    const difference = compareKubernetes(a, b)
    expect(difference === null ? null : Math.sign(difference)).toBe(sign)
  })
})

const plane = (facts: Facts) => member('KubeadmControlPlane', 'Healthy', { facts })

describe('a control plane against its spec', () => {
  it.each<readonly [Facts, Answer, Answer, string]>([
    [{ versionDeclared: 'v1.33.4', versionObserved: 'v1.33.4' }, 'same', 'same', 'as asked'],
    [{ versionDeclared: 'v1.33.4', versionObserved: 'v1.32.9' }, 'differs', 'same', 'behind'],
    [{ versionDeclared: 'v1.33.4', versionObserved: 'v1.33.5' }, 'same', 'differs', 'ahead'],
    [{ versionDeclared: '1.33', versionObserved: 'v1.33.5' }, 'same', 'same', 'a minor alias'],
    [{ versionDeclared: 'v1.30.1+rke2r2', versionObserved: 'v1.30.1+rke2r1' }, 'differs', 'same', 'an older build'],
    [{ versionDeclared: 'v1.33.4' }, 'nothing', 'nothing', 'nothing runs yet'],
    [{ versionObserved: 'v1.33.4' }, 'nothing', 'nothing', 'nothing is asked for'],
    [{ versionDeclared: 'next', versionObserved: 'v1.33.4' }, 'nothing', 'nothing', 'asked for in no version'],
  ])('%o: behind %s, ahead %s, %s', (facts, behind, ahead) => {
    const composed = compose(selfManaged(), plane(facts))
    expect([answer(composed, 'cpBehindSpec'), answer(composed, 'cpAheadOfSpec')]).toEqual([behind, ahead])
  })

  it('behind while a rollout is under way began with it', () => {
    const at = '2026-11-22T08:00:00Z'
    const facts = { versionDeclared: 'v1.33.4', versionObserved: 'v1.32.9', rollout: { startedAt: at } }
    expect(only(compose(selfManaged(), plane(facts)), 'cpBehindSpec')).toMatchObject({
      since: at,
      message: 'KubeadmControlPlane team/prod runs v1.32.9 and is to run v1.33.4.',
    })
  })

  const ahead = { versionDeclared: 'v1.32.1', versionObserved: 'v1.33.4' }
  const gke = (more: NonNullable<Facts['more']>) =>
    compose(
      member('Cluster', 'Healthy', { facts: refs('GCPManagedCluster', 'GCPManagedControlPlane') }),
      member('GCPManagedControlPlane', 'Healthy', { facts: { ...ahead, more } }),
    )
  const azure = (channel: string) =>
    compose(
      aks(),
      member('AzureASOManagedControlPlane', 'Healthy', { facts: ahead }),
      arm('Healthy', { facts: { upgradeChannel: channel } }),
    )
  it.each<readonly [string, () => ReturnType<typeof compose>, Answer]>([
    ['AKS on the channel patch', () => azure('patch'), 'same'],
    ['AKS on node-image, which upgrades nodes alone', () => azure('node-image'), 'differs'],
    ['AKS on no channel', () => azure('none'), 'differs'],
    ['GKE on a release channel', () => gke({ releaseChannel: 'regular' }), 'same'],
    ['GKE Autopilot', () => gke({ autopilot: true }), 'same'],
    ['GKE on no channel', () => gke({ releaseChannel: 'unspecified' }), 'differs'],
  ])('ahead: %s', (_name, composed, expected) => {
    expect(answer(composed(), 'cpAheadOfSpec')).toBe(expected)
  })
})

describe('a topology and what it is to reach', () => {
  const cluster = (version: string, more: Facts = {}) =>
    selfManaged('Healthy', {
      facts: {
        refs: { ...selfManaged().facts.refs, class: refOf('ClusterClass', 'standard') },
        versionDeclared: version,
        ...more,
      },
    })
  const pool = (version: string, owned = true) =>
    member('MachineDeployment', 'Healthy', {
      at: 'np',
      facts: { versionDeclared: version, topology: { owned, workerName: 'np' } },
    })

  it('is each object that is told another version, with what holds it up', () => {
    const facts = compose(
      cluster('v1.34.0', { rollout: { startedAt: '2026-11-22T08:00:00Z', blockedBy: 'ClusterUpgrading' } }),
      plane({ versionDeclared: 'v1.34.0' }),
      pool('v1.33.4'),
    )
    expect(found(facts, 'topologyPending')).toEqual([
      'MachineDeployment/np spec.template.spec.version: v1.34.0 → v1.33.4',
    ])
    expect(only(facts, 'topologyPending')).toMatchObject({
      since: '2026-11-22T08:00:00Z',
      message:
        'MachineDeployment team/np is told to run v1.33.4, and the topology says v1.34.0; held up by ClusterUpgrading.',
    })
  })

  it.each<readonly [string, readonly Member[], Answer]>([
    ['reached', [cluster('v1.34.0'), plane({ versionDeclared: 'v1.34.0' }), pool('v1.34.0')], 'same'],
    ['not reached by its control plane', [cluster('v1.34.0'), plane({ versionDeclared: 'v1.33.4' })], 'differs'],
    ['without a class', [selfManaged(), plane({ versionDeclared: 'v1.33.4' })], 'nothing'],
    ['of workers that are not its own', [cluster('v1.34.0'), pool('v1.33.4', false)], 'nothing'],
  ])('%s', (_name, members, expected) => {
    expect(answer(compose(...members), 'topologyPending')).toBe(expected)
  })
})

describe('nodes and their control plane', () => {
  const nodes = (version: string | undefined, more: Facts = {}) =>
    member('MachineDeployment', 'Healthy', {
      at: 'np',
      facts: { ...(version === undefined ? {} : { versionObserved: version }), ...more },
    })
  it.each<readonly [string, string | undefined, Answer, string | undefined]>([
    ['v1.33.4', 'v1.33.1', 'same', undefined],
    ['v1.33.4', 'v1.32.1', 'differs', undefined],
    ['v1.33.4', 'v1.30.1', 'differs', undefined],
    ['v1.33.4', 'v1.29.1', 'differs', 'high'],
    ['v1.26.4', 'v1.24.1', 'differs', undefined],
    ['v1.27.4', 'v1.24.1', 'differs', 'high'],
    ['v1.33.4', 'v1.34.0', 'differs', 'high'],
    ['v1.33.4', undefined, 'nothing', undefined],
  ])('of %s, nodes of %s: %s, severity %s', (above, below, expected, severity) => {
    const facts = compose(selfManaged(), plane({ versionObserved: above }), nodes(below))
    expect(answer(facts, 'workersBehindCP')).toBe(expected)
    expect(only(facts, 'workersBehindCP')?.severity).toBe(severity)
  })

  it('one that is ahead among several counts', () => {
    const versions = [
      { version: 'v1.33.1', replicas: 1 },
      { version: 'v1.34.0', replicas: 1 },
    ]
    const facts = compose(selfManaged(), plane({ versionObserved: 'v1.33.4' }), nodes('v1.33.1', { versions }))
    expect(only(facts, 'workersBehindCP')?.message).toBe(
      "MachineDeployment team/np runs v1.34.0, 1 minor ahead of its control plane's v1.33.4, which Kubernetes does not support.",
    )
  })

  it('are told alike by an old word of Azure and by a new one', () => {
    const worker = member('MachinePool', 'Healthy', { at: 'np', facts: { versionObserved: '1.33.4' } })
    const azure = (fresh: boolean) =>
      arm('Healthy', {
        fresh,
        facts: { versionObserved: '1.33.4', pools: [{ name: 'np', versionObserved: '1.32.9' }] },
      })
    expect(compose(aks(), worker, azure(false)).drift).toEqual(compose(aks(), worker, azure(true)).drift)
  })

  it('of AKS are its pools, where nobody declares them', () => {
    const pools = [{ name: 'old', versionObserved: '1.29.9' }]
    const facts = compose(arm('Healthy', { facts: { versionObserved: '1.33.4', pools } }))
    expect(found(facts, 'workersBehindCP')).toEqual([
      'managedClusters/prod agentPoolProfiles[old].currentOrchestratorVersion: 1.33.4 → 1.29.9',
    ])
  })
})

describe('AKS against what is asked for', () => {
  const asked = (version: string) =>
    member('AzureASOManagedControlPlane', 'Healthy', { facts: { versionDeclared: version } })
  it.each<readonly [string, Facts, Answer]>([
    ['v1.33.4', { versionObserved: '1.33.4', versionDeclared: '1.33.4' }, 'same'],
    ['v1.33', { versionObserved: '1.33.9', versionDeclared: '1.33' }, 'same'],
    ['v1.33.4', { versionObserved: '1.32.9', versionDeclared: '1.33.4' }, 'differs'],
    ['v1.33.4', { versionObserved: '1.34.1', versionDeclared: '1.34.1', upgradeChannel: 'stable' }, 'same'],
    ['v1.33.4', { versionObserved: '1.34.1', versionDeclared: '1.34.1' }, 'differs'],
    ['v1.33.4', { versionObserved: '1.33.4', versionDeclared: '1.32' }, 'differs'],
    ['v1.33.4', {}, 'nothing'],
  ])('%s, and Azure %o: %s', (version, facts, expected) => {
    expect(answer(compose(aks(), asked(version), arm('Healthy', { facts })), 'aksVsSpec')).toBe(expected)
  })

  it('says who says what', () => {
    const facts = compose(aks(), asked('v1.33.4'), arm('Healthy', { facts: { versionObserved: '1.32.9' } }))
    expect(only(facts, 'aksVsSpec')?.evidence).toEqual([
      { field: 'spec.version', expected: 'v1.33.4', actual: null, from: 'weu', asOf: null },
      { field: 'properties.currentKubernetesVersion', expected: null, actual: '1.32.9', from: 'corp/s', asOf: null },
    ])
  })
})

describe('a pool of AKS against its cluster', () => {
  const worker = member('MachinePool', 'Healthy', { at: 'np' })
  const pools = (version?: string) => [{ name: 'np', ...(version === undefined ? {} : { versionObserved: version }) }]
  it.each<readonly [string | undefined, Answer]>([
    ['1.33.4', 'same'],
    ['1.33.3', 'differs'],
    ['1.33', 'same'],
    [undefined, 'nothing'],
  ])('of 1.33.4 runs %s: %s', (version, expected) => {
    const facts = compose(
      aks(),
      worker,
      arm('Healthy', { facts: { versionObserved: '1.33.4', pools: pools(version) } }),
    )
    expect(answer(facts, 'poolVsCluster')).toBe(expected)
  })

  it('is about the object that declares it, where one does', () => {
    const azure = arm('Healthy', { facts: { versionObserved: '1.33.4', pools: pools('1.32.9') } })
    const of = (...members: Member[]) => only(compose(...members), 'poolVsCluster')?.about?.id
    expect(of(aks(), worker, azure)).toBe(worker.id)
    expect(of(azure)).toBe(azure.id)
  })

  it('is compared by the word of the operator where Azure does not testify', () => {
    const managed = member('ManagedCluster', 'Healthy', {
      facts: { versionObserved: '1.33.4', pools: pools('1.32.9') },
    })
    expect(answer(compose(aks(), managed), 'poolVsCluster')).toBe('differs')
  })
})

describe('machines that are not as their sets ask for', () => {
  const own: OwnDifference = {
    code: 'machineNotUpToDate',
    field: 'status.conditions[UpToDate]',
    expected: 'True',
    actual: 'False',
    since: '2026-11-22T08:30:00Z',
  }
  const deployment = member('MachineDeployment', 'Progressing', { at: 'md' })
  const set = (at: string) => member('MachineSet', 'Healthy', { at, parent: deployment })
  const machine = (at: string, parent: Member | undefined, outdated: boolean) =>
    member('Machine', 'Healthy', { at, ...(parent ? { parent } : {}), facts: outdated ? { drift: [own] } : {} })

  it('are one difference of the set that a person declares, with a few of them for evidence', () => {
    const old = Array.from({ length: 12 }, (_, n) => machine(`old-${n}`, set('md-a'), true))
    const young = Array.from({ length: 3 }, (_, n) => machine(`new-${n}`, set('md-b'), false))
    const facts = compose(selfManaged(), deployment, set('md-a'), set('md-b'), ...old, ...young)
    const differences = facts.drift.differences.filter(({ code }) => code === 'machineNotUpToDate')
    expect(differences).toMatchObject([
      {
        about: { id: deployment.id },
        message: '12 of 15 machines of MachineDeployment team/md are not as it asks for.',
        expected: '0',
        actual: '12',
        since: own.since,
      },
    ])
    expect(differences[0]?.evidence).toHaveLength(10)
    expect(differences[0]?.evidence[0]?.field).toBe('Machine team/old-0 status.conditions[UpToDate]')
  })

  it('count once, whatever they say of themselves', () => {
    const twice = {
      ...machine('m', set('md-a'), true),
      facts: { drift: [own, { ...own, field: 'status.nodeInfo.kubeletVersion' }] },
    }
    const facts = compose(selfManaged(), deployment, set('md-a'), twice)
    expect(found(facts, 'machineNotUpToDate')).toEqual(['MachineDeployment/md status.conditions[UpToDate]: 0 → 1'])
  })

  it('of a control plane are of that; one that nobody owns is alone', () => {
    const kcp = plane({})
    const facts = compose(selfManaged(), kcp, machine('cp', kcp, true), machine('lone', undefined, true))
    expect(found(facts, 'machineNotUpToDate')).toEqual([
      'KubeadmControlPlane/prod status.conditions[UpToDate]: 0 → 1',
      'Machine/lone status.conditions[UpToDate]: True → False',
    ])
  })

  it('are looked at where there are machines', () => {
    expect(answer(compose(selfManaged(), machine('m', undefined, false)), 'machineNotUpToDate')).toBe('same')
    expect(answer(compose(selfManaged()), 'machineNotUpToDate')).toBe('nothing')
  })
})

it('of a cluster that is being deleted, no version matters any more', () => {
  const facts = compose(
    selfManaged('Deleting'),
    plane({ versionDeclared: 'v1.33.4', versionObserved: 'v1.32.9' }),
    member('MachineDeployment', 'Healthy', { facts: { versionObserved: 'v1.20.1' } }),
  )
  expect(codesOf(facts)).toEqual(['unmanagedByGit'])
  expect(facts.drift.looked).toEqual(['unmanagedByGit', 'duplicateManaged'])
})
