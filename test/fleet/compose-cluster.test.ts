import { describe, expect, it } from 'vitest'
import type { Member } from '../../fleet/cluster.ts'
import type { State } from '../../fleet/health.ts'
import { calendarNameOf } from '../../fleet/support/provider.ts'
import { aks, compose, member, type Options, pathOf, refOf, refs, selfManaged } from './members.ts'

describe('the roll-up', () => {
  it('is the worst of Cluster, control plane, infrastructure, workers and what stands behind them', () => {
    const cluster = selfManaged()
    for (const kind of ['AzureCluster', 'KubeadmControlPlane', 'MachineDeployment', 'MachinePool', 'ManagedCluster']) {
      const facts = compose(cluster, member(kind, 'Degraded', { parent: cluster }))
      expect(facts.health, kind).toMatchObject({ state: 'Degraded', reason: 'DegradedReason' })
      expect(pathOf(facts)).toEqual(['Cluster/prod', `${kind}/prod`])
    }
  })

  it('ranks Failed over Degraded over Unknown over Progressing', () => {
    const ranked: State[] = ['Failed', 'Degraded', 'Unknown', 'Progressing', 'Healthy']
    ranked.forEach((state, i) => {
      const rest = ranked.slice(i).map((other) => member('MachineDeployment', other, { at: other }))
      expect(compose(selfManaged(), ...rest).health.state).toBe(state)
    })
  })

  it('takes Deleting and Suspended from the Cluster alone', () => {
    const failed = member('MachineDeployment', 'Failed')
    expect(compose(selfManaged('Deleting'), failed).health.state).toBe('Deleting')
    expect(compose(selfManaged('Suspended', { health: { underlying: 'Healthy' } }), failed).health).toMatchObject({
      state: 'Suspended',
      underlying: 'Failed',
    })
    expect(compose(selfManaged(), member('MachineDeployment', 'Deleting')).health.state).toBe('Progressing')
    const paused = member('MachineDeployment', 'Suspended', { health: { underlying: 'Degraded' } })
    expect(compose(selfManaged(), paused).health).toMatchObject({ state: 'Degraded', underlying: null })
  })

  it('listens to fresh witnesses only, and is Stale when there are none', () => {
    const stale = member('MachineDeployment', 'Failed', { fresh: false })
    expect(compose(selfManaged(), stale).health).toMatchObject({ state: 'Healthy', flags: ['partlyStale'] })
    expect(compose(selfManaged(), member('MachineDeployment', 'Stale')).health).toMatchObject({
      state: 'Healthy',
      flags: ['partlyStale'],
    })
    const facts = compose(selfManaged('Healthy', { fresh: false }), stale)
    expect(facts.health).toMatchObject({ state: 'Stale', underlying: 'Failed' })
  })

  it('keeps GitOps apart', () => {
    const facts = compose(selfManaged(), member('Kustomization', 'Degraded'))
    expect(facts.health.state).toBe('Healthy')
    expect(facts.gitops?.state).toBe('Degraded')
    expect(facts.rootCause).toBeNull()
    expect(compose(selfManaged()).gitops).toBeNull()
  })

  it('counts every control plane and infrastructure where the Cluster refers to none', () => {
    const parts = [
      member('KubeadmControlPlane', 'Degraded', { at: 'b' }),
      member('AzureCluster', 'Failed', { at: 'b' }),
    ]
    expect(compose(member('Cluster', 'Healthy'), ...parts).health.state).toBe('Failed')
    expect(compose(selfManaged(), ...parts).health.state).toBe('Healthy')
  })

  it('counts a Machine only where nothing owns it', () => {
    const cluster = selfManaged()
    const set = member('MachineSet', 'Healthy', { parent: cluster })
    expect(compose(cluster, set, member('Machine', 'Failed', { parent: set })).health.state).toBe('Healthy')
    expect(compose(cluster, member('Machine', 'Failed', { parent: cluster })).health.state).toBe('Failed')
    // Its set exists, though nobody handed it over.
    expect(compose(cluster, member('Machine', 'Failed', { parent: set })).health.state).toBe('Healthy')
  })

  it('asks infrastructure that the Cluster refers to, not whatever lies about', () => {
    const facts = compose(selfManaged(), member('AzureASOManagedControlPlane', 'Failed', { at: 'left-over' }))
    expect(facts.health.state).toBe('Healthy')
  })

  it('changes when the first of its witnesses may', () => {
    const soon = member('MachineDeployment', 'Progressing', { health: { holdsUntil: '2026-06-01T12:10:00Z' } })
    const late = member('KubeadmControlPlane', 'Healthy', { health: { holdsUntil: '2026-06-01T12:20:00Z' } })
    expect(compose(selfManaged(), soon, late).health.holdsUntil).toBe('2026-06-01T12:10:00Z')
  })

  it('does not depend on the order of its members', () => {
    const members = [
      selfManaged('Degraded'),
      member('KubeadmControlPlane', 'Degraded'),
      member('MachineDeployment', 'Degraded'),
      member('MachinePool', 'Degraded'),
    ]
    expect(compose(...members.toReversed())).toEqual(compose(...members))
  })
})

describe('the root cause', () => {
  it('is the deepest failing object under a witness that decided', () => {
    const cluster = selfManaged('Degraded')
    const deployment = member('MachineDeployment', 'Degraded', { parent: cluster })
    const set = member('MachineSet', 'Degraded', { parent: deployment })
    const machine = member('Machine', 'Failed', { parent: set, health: { message: 'no quota' } })
    const other = member('KubeadmControlPlane', 'Degraded', { parent: cluster })
    const facts = compose(cluster, other, machine, set, deployment)
    expect(pathOf(facts)).toEqual(['Cluster/prod', 'MachineDeployment/prod', 'MachineSet/prod', 'Machine/prod'])
    expect(facts.rootCause?.message).toBe('no quota')
  })

  it('does not descend into what is better than the whole', () => {
    const cluster = selfManaged()
    const deployment = member('MachineDeployment', 'Degraded', { parent: cluster })
    expect(pathOf(compose(cluster, deployment, member('MachineSet', 'Progressing', { parent: deployment })))).toEqual([
      'Cluster/prod',
      'MachineDeployment/prod',
    ])
  })

  it('is the Cluster itself where nothing else fails, or it is being deleted', () => {
    expect(pathOf(compose(selfManaged('Degraded')))).toEqual(['Cluster/prod'])
    expect(pathOf(compose(selfManaged('Deleting'), member('MachineDeployment', 'Failed')))).toEqual(['Cluster/prod'])
    expect(compose(selfManaged()).rootCause).toBeNull()
  })

  it('survives owners that own each other', () => {
    const a = member('MachineDeployment', 'Degraded')
    const b = member('MachineSet', 'Degraded', { parent: a })
    expect(compose(selfManaged(), { ...a, parentId: b.id }, b).rootCause).not.toBeNull()
  })
})

describe('AKS by AzureASOManaged*', () => {
  const children = [{ group: 'containerservice.azure.com', kind: 'ManagedCluster', name: 'prod', ready: false }]
  const controlPlane = (state: State, ready = false) =>
    member('AzureASOManagedControlPlane', state, {
      facts: { provider: 'aks', children: children.map((child) => ({ ...child, ready })) },
    })
  const managed = (state: State, more: Options = {}) =>
    member('ManagedCluster', state, { parent: controlPlane('Healthy'), health: { message: 'no cores' }, ...more })
  const judged = (facts: ReturnType<typeof compose>, of: Member) => facts.judgements.get(of.id)

  it.each(['Failed', 'Degraded'] as const)('a child that is %s makes its parent so', (state) => {
    const parent = controlPlane('Progressing')
    const facts = compose(aks(), parent, managed(state))
    expect(judged(facts, parent)).toMatchObject({
      state,
      reason: `${state}Reason`,
      message: 'ManagedCluster/prod: no cores',
    })
    expect(facts.health.state).toBe(state)
    expect(pathOf(facts)).toEqual(['Cluster/prod', 'AzureASOManagedControlPlane/prod', 'ManagedCluster/prod'])
  })

  it('a child that failed does so even where its parent still calls it ready', () => {
    const parent = controlPlane('Healthy', true)
    expect(judged(compose(aks(), parent, managed('Failed')), parent)?.state).toBe('Failed')
  })

  it('a Degraded child that is ready, or one only on its way, does not', () => {
    const ready = controlPlane('Healthy', true)
    expect(judged(compose(aks(), ready, managed('Degraded')), ready)?.state).toBe('Healthy')
    const parent = controlPlane('Progressing')
    expect(judged(compose(aks(), parent, managed('Progressing')), parent)?.state).toBe('Progressing')
  })

  it("the Cluster's pause is theirs, over what they are", () => {
    const parent = controlPlane('Progressing')
    const facts = compose(
      aks('Suspended', { health: { underlying: 'Healthy' } }),
      parent,
      managed('Suspended', { health: { underlying: 'Degraded', flags: ['observeOnly'] } }),
    )
    expect(judged(facts, parent)).toMatchObject({ state: 'Suspended', underlying: 'Degraded' })
    expect(judged(facts, managed('Suspended'))?.flags).toEqual([])
  })

  it('joins a pool from the MachinePool to the agent pool', () => {
    const cluster = aks()
    const pool = member('MachinePool', 'Healthy', {
      at: 'np',
      parent: cluster,
      facts: {
        versionDeclared: 'v1.33.4',
        replicas: { desired: 3, ready: 3 },
        refs: { infrastructure: refOf('AzureASOManagedMachinePool', 'np') },
      },
    })
    const infra = member('AzureASOManagedMachinePool', 'Healthy', {
      at: 'np',
      facts: {
        children: [{ group: 'containerservice.azure.com', kind: 'ManagedClustersAgentPool', name: 'np', ready: true }],
      },
    })
    const agent = member('ManagedClustersAgentPool', 'Degraded', {
      at: 'np',
      facts: {
        versionObserved: '1.32.9',
        pool: { mode: 'System', nodeImage: 'image', vmSize: 'D4', autoscaled: true },
      },
    })
    expect(compose(cluster, pool, infra, agent).pools).toMatchObject([
      {
        id: pool.id,
        name: 'np',
        kind: 'MachinePool',
        mode: 'System',
        versionDeclared: 'v1.33.4',
        versionObserved: '1.32.9',
        nodeImage: 'image',
        vmSize: 'D4',
        autoscaled: true,
        replicas: { desired: 3, ready: 3, available: null },
        health: { state: 'Degraded' },
      },
    ])
  })
})

describe('what a cluster is', () => {
  it.each<readonly [string, string, string, string, string | null]>([
    ['AzureASOManagedCluster', 'AzureASOManagedControlPlane', 'aks', 'AzureASOManaged', 'aks'],
    ['AzureManagedCluster', 'AzureManagedControlPlane', 'aks', 'AzureManaged', 'aks'],
    ['AWSManagedCluster', 'AWSManagedControlPlane', 'eks', 'AWSManaged', 'eks'],
    ['GCPManagedCluster', 'GCPManagedControlPlane', 'gke', 'GCPManaged', 'gke'],
    ['ROSACluster', 'ROSAControlPlane', 'rosa', 'ROSA', null],
    ['AzureCluster', 'KubeadmControlPlane', 'azure', 'AzureSelfManaged', 'upstream'],
    ['AWSCluster', 'KubeadmControlPlane', 'aws', 'AWSSelfManaged', 'upstream'],
    ['GCPCluster', 'KubeadmControlPlane', 'gcp', 'GCPSelfManaged', 'upstream'],
    ['DockerCluster', 'KubeadmControlPlane', 'docker', 'DockerSelfManaged', 'upstream'],
    ['VSphereCluster', 'KubeadmControlPlane', 'vsphere', 'VSphereSelfManaged', 'upstream'],
  ])(
    '%s with %s is %s, %s, and follows the calendar %s',
    (infrastructure, controlPlane, provider, flavour, calendar) => {
      expect(compose(member('Cluster', 'Healthy', { facts: refs(infrastructure, controlPlane) }))).toMatchObject({
        provider,
        flavour,
      })
      expect(calendarNameOf(provider)).toBe(calendar)
    },
  )

  it('takes versions and counts from the nearest that tells', () => {
    const cluster = selfManaged('Healthy', {
      facts: {
        ...(refs('AzureCluster', 'KubeadmControlPlane').refs && refs('AzureCluster', 'KubeadmControlPlane')),
        versionDeclared: 'v1.34.0',
        phase: 'Provisioned',
        more: { workersDesired: 9 },
      },
    })
    const control = member('KubeadmControlPlane', 'Healthy', {
      facts: { versionDeclared: 'v1.33.4', versionObserved: 'v1.33.3', replicas: { desired: 3, ready: 2 } },
    })
    const pools = [
      member('MachineDeployment', 'Healthy', { facts: { replicas: { desired: 3, ready: 3 } } }),
      member('MachinePool', 'Healthy', { facts: { replicas: { desired: 2 } } }),
    ]
    expect(compose(cluster, control, ...pools)).toMatchObject({
      objectId: cluster.id,
      phase: 'Provisioned',
      versionDeclared: 'v1.34.0',
      versionObserved: 'v1.33.3',
      controlPlane: { desired: 3, ready: 2, available: null },
      workers: { desired: 5, ready: 3, available: null },
    })
    expect(compose(cluster).workers.desired).toBe(9)
  })

  it('is known by its parts where its Cluster object is not seen', () => {
    const facts = compose(
      member('AWSManagedControlPlane', 'Degraded', { facts: { provider: 'eks', region: 'eu-west-1' } }),
    )
    expect(facts).toMatchObject({ objectId: null, provider: 'eks', region: 'eu-west-1', health: { state: 'Degraded' } })
    expect(compose(member('Kustomization', 'Healthy')).health).toMatchObject({ state: 'Unknown', reason: 'NotSeen' })
  })
})
