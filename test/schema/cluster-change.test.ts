import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { cluster } from '../../db/cluster-tables.ts'
import { clusterKind, type KindKey } from '../../fleet/reference.ts'
import { idOf, putClusters, subjectOf } from '../db/judged-cluster.ts'
import { at } from '../db/wire.ts'
import { engines, openEngine } from '../engine.ts'
import { type Ask, type Asked, asker } from './ask.ts'
import { putGitops, putObject, putReading, putSource, refOf } from './fill-drift.ts'

const kustomization: KindKey = 'kustomize.toolkit.fluxcd.io/Kustomization'
const machine: KindKey = 'cluster.x-k8s.io/Machine'
const deployment: KindKey = 'cluster.x-k8s.io/MachineDeployment'
const kubeadm: KindKey = 'controlplane.cluster.x-k8s.io/KubeadmControlPlane'
const repository: KindKey = 'source.toolkit.fluxcd.io/GitRepository'
const capi = (name: string) => `cluster.x-k8s.io/${name}`
const hour = 60
const day = 24 * hour

describe.each(engines)('what changes in clusters, and what is switched off, on %s', (engine) => {
  let store: Store
  let ask: Ask

  beforeAll(async () => {
    store = await openEngine(engine)
    const { db } = store
    await putSource(db, 'weu')
    for (const kind of [clusterKind, machine, kustomization]) await putReading(db, 'weu', kind)
    const pool = { versionDeclared: null, versionObserved: null, nodeImage: null }
    await putClusters(
      db,
      [
        subjectOf('one', {
          pools: [
            { ...pool, name: 'a' },
            { ...pool, name: 'b' },
          ],
        }),
        subjectOf('two', { pools: [{ ...pool, name: 'c' }] }),
        subjectOf('three'),
      ],
      at(0),
    )
    const topology = { class: 'standard', classNamespace: 'classes', classVersion: '7', variablesDiffCount: 2 }
    await db
      .update(cluster)
      .set({
        endpoint: 'one.example.com:6443',
        managedBy: {
          tool: 'flux',
          kind: 'Kustomization',
          namespace: 'fleet',
          name: 'clusters',
          revision: 'main@sha1:a',
        },
        topology: { ...topology, rebaseNeeded: true },
        rollouts: [
          {
            ...{ objectId: idOf('x'), kind: 'MachineDeployment', name: 'one-a', from: 'v1.33.4', to: 'v1.34.1' },
            ...{ startedAt: '2026-01-01T09:00:00Z', upToDate: 1, desired: 3, blockedBy: 'a budget' },
          },
        ],
        rolloutStartedAt: at(-3 * hour),
      })
      .where(eq(cluster.id, idOf('one')))
    await db
      .update(cluster)
      .set({ topology: { ...topology, rebaseNeeded: null, variablesDiffCount: null }, rolloutStartedAt: at(-5) })
      .where(eq(cluster.id, idOf('two')))
    ask = asker(db, () => at(0)).ask
  })
  afterAll(() => store.close())

  const clusters = async (filter: object, fields = ''): Promise<Asked[]> => {
    const { data, errors } = await ask(
      `query ($f: ClusterFilter) { clusters(first: 10, filter: $f) { nodes { name ${fields} } } }`,
      { f: filter },
    )
    expect(errors).toBeUndefined()
    return data.clusters.nodes
  }
  const named = async (filter: object) => (await clusters(filter)).map(({ name }) => name)

  it('tells what applied a cluster, what rolls out in it, and how it stands to its class', async () => {
    const fields =
      'endpoint managedBy { tool kind namespace name revision } rolloutStartedAt rollouts { id kind name from to startedAt upToDate desired blockedBy } topology { class classNamespace classVersion rebaseNeeded variablesDiffCount }'
    const [one, three, two] = await clusters({}, fields)
    expect(one).toEqual({
      ...{ name: 'one', endpoint: 'one.example.com:6443', rolloutStartedAt: '2026-01-01T09:00:00Z' },
      managedBy: { tool: 'flux', kind: 'Kustomization', namespace: 'fleet', name: 'clusters', revision: 'main@sha1:a' },
      rollouts: [
        {
          ...{ id: `Resource:${idOf('x')}`, kind: 'MachineDeployment', name: 'one-a', from: 'v1.33.4', to: 'v1.34.1' },
          ...{ startedAt: '2026-01-01T09:00:00Z', upToDate: 1, desired: 3, blockedBy: 'a budget' },
        },
      ],
      topology: {
        ...{
          class: 'standard',
          classNamespace: 'classes',
          classVersion: '7',
          rebaseNeeded: true,
          variablesDiffCount: 2,
        },
      },
    })
    expect(two.topology).toMatchObject({ rebaseNeeded: null, variablesDiffCount: null })
    expect(three).toEqual({
      ...{ name: 'three', endpoint: null, managedBy: null, rolloutStartedAt: null, rollouts: [], topology: null },
    })
    expect(await named({ rolloutStartedAt: { lt: '2026-01-01T10:00:00Z' } })).toEqual(['one'])
    expect(await named({ rolloutStartedAt: { isNull: false } })).toEqual(['one', 'two'])
    expect(await named({ topology: { rebaseNeeded: true } })).toEqual(['one'])
    expect(await named({ topology: { rebaseNeeded: false } })).toEqual([])
    expect(await named({ topology: { class: { eq: 'standard' } } })).toEqual(['one', 'two'])
    expect(await named({ topology: { variablesDiffCount: { gte: 1 } } })).toEqual(['one'])
    expect(await named({ not: { topology: {} } })).toEqual(['three'])
  })

  it('counts machines that were replaced, by pool and control plane, those that are gone among them', async () => {
    const { db } = store
    const replaced = (name: string, minutesAgo: number, labels: Record<string, string>, more: object = {}) =>
      putObject(db, 'weu', refOf(machine, name), {
        ...{ clusterId: idOf('one'), labels, goneAt: at(-minutesAgo + 5) },
        ...{ facts: { remediation: { at: at(-minutesAgo).toISOString(), reason: `ill ${name}` } } },
        ...more,
      })
    const ofA = { [capi('deployment-name')]: 'a' }
    for (const [n, ago] of [10, 2 * hour, 23 * hour, 25 * hour].entries()) await replaced(`a-${n}`, ago, ofA)
    await replaced('b-0', 3 * day, { [capi('pool-name')]: 'b' })
    await replaced('cp-0', hour, { [capi('control-plane')]: '' })
    await replaced('lonely', hour, {})
    await replaced('other', hour, ofA, { clusterId: idOf('two'), facts: {} })
    // The control plane of `one` tells of the machine that tells of itself; that of `two` is the only one that tells.
    const last = (of: string) => ({ at: at(-hour).toISOString(), reason: 'ill', machine: of })
    for (const [name, of] of [
      ['one', 'cp-0'],
      ['two', 'cp-9'],
    ] as const)
      await putObject(db, 'weu', refOf(kubeadm, name), { clusterId: idOf(name), facts: { remediation: last(of) } })
    const fields =
      'day: remediations { scope count lastAt reason nodePool { name } } week: remediations(within: 168) { scope count } hour: remediations(within: 1) { scope count }'
    const [one, three, two] = await clusters({}, fields)
    expect(one.day).toEqual([
      ...[{ scope: 'a', count: 3, lastAt: '2026-01-01T11:50:00.000Z', reason: 'ill a-0', nodePool: null }],
      ...[{ scope: 'control plane', count: 1, lastAt: '2026-01-01T11:00:00.000Z', reason: 'ill cp-0', nodePool: null }],
      ...[{ scope: 'lonely', count: 1, lastAt: '2026-01-01T11:00:00.000Z', reason: 'ill lonely', nodePool: null }],
    ])
    expect(one.week).toEqual([
      ...[
        { scope: 'a', count: 4 },
        { scope: 'b', count: 1 },
        { scope: 'control plane', count: 1 },
      ],
      { scope: 'lonely', count: 1 },
    ])
    expect(one.hour.map(({ scope }: Asked) => scope)).toEqual(['a', 'control plane', 'lonely'])
    expect(two.day).toMatchObject([{ scope: 'control plane', count: 1, reason: 'ill' }])
    expect(three.day).toEqual([])
    expect(await named({ remediations24h: { gte: 3 } })).toEqual(['one'])
    expect(await named({ remediations24h: { gte: 4 } })).toEqual([])
    expect(await named({ remediations24h: { eq: 0 } })).toEqual(['three'])
    const refused = await ask('{ clusters(first: 1) { nodes { remediations(within: 169) { count } } } }')
    expect(refused.errors?.map(({ message }) => message)).toEqual([expect.stringContaining('write 1 to 168')])
  })

  it('names the node pool whose machines were replaced, where it is one', async () => {
    const { db } = store
    // A pool goes by the id of its worker object.
    await putObject(db, 'weu', refOf(deployment, 'two-c'), { clusterId: idOf('two') })
    await db.execute(`update node_pool set id = (select id from object where name = 'two-c') where name = 'c'`)
    await putObject(db, 'weu', refOf(machine, 'c-0'), {
      ...{ clusterId: idOf('two'), labels: { [capi('deployment-name')]: 'two-c' } },
      facts: { remediation: { at: at(-1).toISOString(), reason: 'ill' } },
    })
    const [two] = await clusters({ name: { eq: 'two' } }, 'remediations { scope nodePool { name health { state } } }')
    expect(two.remediations).toContainEqual({
      scope: 'two-c',
      nodePool: { name: 'c', health: { state: expect.any(String) } },
    })
    // However ill-made the word on when, it is not counted, and breaks nothing.
    await putObject(db, 'weu', refOf(machine, 'odd'), {
      clusterId: idOf('two'),
      facts: { remediation: { at: 'yesterday', reason: '' } },
    })
    const [again] = await clusters({ name: { eq: 'two' } }, 'remediations { scope }')
    expect(again.remediations).toHaveLength(2)
    expect(await named({ name: { eq: 'two' }, remediations24h: { eq: 1 } })).toEqual(['two'])
  })

  it('what is switched off, since when and by whom, and what is left alone meanwhile', async () => {
    const { db } = store
    const since = '2025-12-20T12:00:00Z'
    const pause = (field: string, more: object = {}) => ({
      facts: { pause: { field, ...more } },
      pausedSince: new Date(since),
    })
    const ofThree = await putObject(db, 'weu', refOf(clusterKind, 'three'), {
      ...{ clusterId: idOf('three') },
      ...pause('spec.paused', { since, actor: 'kubectl', reason: 'moving' }),
    })
    await db
      .update(cluster)
      .set({ objectId: ofThree })
      .where(eq(cluster.id, idOf('three')))
    const set = await putObject(db, 'weu', refOf(deployment, 'three-md'), {
      clusterId: idOf('three'),
      ...pause('spec.paused'),
    })
    await putObject(db, 'weu', refOf('cluster.x-k8s.io/MachineSet', 'three-ms'), {
      clusterId: idOf('three'),
      parentId: set,
    })
    await putObject(db, 'weu', refOf(machine, 'three-gone'), { clusterId: idOf('three'), goneAt: at(-1) })
    const ofOne = await putObject(db, 'weu', refOf(clusterKind, 'one'), { clusterId: idOf('one') })
    await db
      .update(cluster)
      .set({ objectId: ofOne })
      .where(eq(cluster.id, idOf('one')))
    const main = await putObject(db, 'weu', refOf(repository, 'main'), pause('spec.suspend'))
    await putGitops(
      db,
      'weu',
      refOf(kustomization, 'clusters'),
      { suspended: true, appliesFromId: main },
      pause('spec.suspend', { actor: 'flux' }),
    )
    await putGitops(
      db,
      'weu',
      refOf(kustomization, 'apps'),
      { clusterId: idOf('three'), appliesFromId: main },
      {
        ...pause('spec.suspend'),
        clusterId: idOf('three'),
        facts: { pause: { field: 'spec.suspend' }, gitops: { tool: 'flux', role: 'reconciler', suspended: true } },
      },
    )
    await putObject(db, 'weu', refOf(kustomization, 'lately'), { ...pause('spec.suspend'), pausedSince: at(-1) })
    const { data, errors } = await ask(
      '{ resources(first: 100, filter: {pausedSince: {lt: "2025-12-25T00:00:00Z"}}) { totalCount nodes { kind name pause { field since actor reason } affected affectedObjects { kind name freshness { state } } } } }',
    )
    expect(errors).toBeUndefined()
    const told = Object.fromEntries(data.resources.nodes.map((one: Asked) => [`${one.kind}/${one.name}`, one]))
    expect(Object.keys(told).toSorted()).toEqual([
      ...[
        'Cluster/three',
        'GitRepository/main',
        'Kustomization/apps',
        'Kustomization/clusters',
        'MachineDeployment/three-md',
      ],
    ])
    expect(told['Cluster/three'].pause).toEqual({ field: 'spec.paused', since, actor: 'kubectl', reason: 'moving' })
    expect(told['Kustomization/clusters'].pause).toEqual({ field: 'spec.suspend', since, actor: 'flux', reason: null })
    const affected = (name: string) => told[name].affectedObjects.map((one: Asked) => `${one.kind}/${one.name}`)
    // A Cluster: all that is its own. Reconcilers go on without it.
    expect(affected('Cluster/three')).toEqual(['MachineDeployment/three-md', 'MachineSet/three-ms'])
    expect(affected('MachineDeployment/three-md')).toEqual(['MachineSet/three-ms'])
    // A reconciler: the clusters that it applies, and the one that it acts on.
    expect(affected('Kustomization/clusters')).toEqual(['Cluster/one'])
    expect(affected('Kustomization/apps')).toEqual(['Cluster/three'])
    // What is applied from: those who do.
    expect(affected('GitRepository/main')).toEqual(['Kustomization/apps', 'Kustomization/clusters'])
    for (const one of data.resources.nodes) expect(one.affected).toBe(one.affectedObjects.length)
    const rest = await ask(
      '{ resources(first: 100, filter: {pausedSince: {isNull: true}, kind: {eq: "Cluster"}}) { nodes { name pause { field } affected affectedObjects { name } } } }',
    )
    expect(rest.data.resources.nodes).toEqual([{ name: 'one', pause: null, affected: null, affectedObjects: [] }])
  })

  it('node pools with fewer nodes than asked for, or of an older template', async () => {
    await store.db.execute(
      `update node_pool set replicas_desired = 3, replicas_current = 3, replicas_ready = 2, replicas_up_to_date = 3 where name = 'a'`,
    )
    await store.db.execute(
      `update node_pool set replicas_desired = 5, replicas_current = 3, replicas_ready = 5, replicas_available = 5, replicas_up_to_date = 2 where name = 'b'`,
    )
    const named = async (filter: string) =>
      (
        await ask(`{ nodePools(filter: ${filter}) { nodes { name replicas { desired ready available upToDate } } } }`)
      ).data.nodePools.nodes.map(({ name }: Asked) => name)
    expect(await named('{unavailable: true}')).toEqual(['a'])
    expect(await named('{outdated: true}')).toEqual(['b'])
    expect(await named('{or: [{unavailable: true}, {outdated: true}]}')).toEqual(['a', 'b'])
    // Of `c` nothing is reported.
    expect(await named('{unavailable: false}')).toEqual(['b'])
  })
})
