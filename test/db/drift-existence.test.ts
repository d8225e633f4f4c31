import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { recordAbsences } from '../../db/azure.ts'
import { sourceSubjectId } from '../../db/claim.ts'
import type { Store } from '../../db/client.ts'
import { judge } from '../../db/judge.ts'
import { recordServed, recordTrouble } from '../../db/reading.ts'
import { armClusterKind, clusterKind } from '../../fleet/reference.ts'
import { engines, openEngine } from '../engine.ts'
import { driftsOf } from './drift-store.ts'
import {
  application,
  applications,
  declared,
  kustomization,
  kustomizations,
  machine,
  machines,
  repositories,
  repository,
} from './drift-wire.ts'
import { at, caughtUp, refOf } from './wire.ts'
import { armIdOf, azure, controlPlane, controlPlaneKind, inAzure, declared as managed } from './witnesses.ts'

describe.each(engines)('what is there and what is not, on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  afterAll(() => store.close())
  const { begin, lists, pushes, settled, drift, gaps, clusters, gitops, rows, take, register } = driftsOf(() => store)
  beforeEach(() => begin(['weu', 'neu', azure]))

  const day = 24 * 60

  it('finds a Machine whose Cluster was never there, once it is known that there is none', async () => {
    await lists(0, machines, [machine('m-0', 'one')])
    await settled(0)
    expect([await drift(), await clusters()]).toEqual([[], ['one']])
    expect(await gaps()).toContain('weu: orphanMachine')
    await lists(1, clusterKind, [])
    await settled(1)
    expect([await drift(), (await gaps()).filter((line) => line.startsWith('weu: orphan'))]).toEqual([
      ['weu: orphanMachine m-0'],
      [],
    ])
    await pushes(2, clusterKind, [declared('one')])
    await settled(2)
    expect((await drift()).filter((line) => line.startsWith('weu'))).toEqual([])
    await lists(3, machines, [])
    await lists(3, clusterKind, [])
    await settled(3)
    expect(await rows(sql`select from stray`)).toEqual([])
  })

  it('finds what a Cluster left behind', async () => {
    await lists(0, clusterKind, [declared('one')])
    await lists(0, machines, [machine('m-0', 'one'), machine('m-1', 'one')])
    await settled(0)
    const own = async () => (await drift()).filter((line) => line.startsWith('weu'))
    expect(await own()).toEqual([])
    await pushes(1, clusterKind, [declared('one', { deleting: true })])
    await take(caughtUp(at(1, 30), [], { kind: clusterKind, gone: [refOf('one', clusterKind)] }))
    await settled(2)
    expect([await clusters(), await own()]).toEqual([[], ['weu: orphanMachine m-0', 'weu: orphanMachine m-1']])
    await lists(3, machines, [machine('m-1', 'one')])
    await settled(3)
    expect(await own()).toEqual(['weu: orphanMachine m-1'])
    await lists(4, machines, [])
    await settled(4)
    expect(await own()).toEqual([])
  })

  it('tells for a day of a Cluster that vanished unseen', async () => {
    await lists(0, clusterKind, [declared('one'), declared('two')])
    await settled(0)
    await lists(1, clusterKind, [declared('two')])
    expect(await settled(1)).toMatchObject({ left: 0 })
    expect(await drift()).toEqual(['weu: goneSinceLastPoll one'])
    await settled(day)
    expect(await drift()).toEqual(['weu: goneSinceLastPoll one'])
    await settled(day + 1)
    expect(await drift()).toEqual([])
    expect(await settled(day + 2)).toMatchObject({ judged: 0, composed: 0 })
  })

  it('forgets that a Cluster vanished when it is back, or lives elsewhere', async () => {
    const endpoint = 'api.one.example.org:6443'
    await lists(0, clusterKind, [declared('one', { endpoint })])
    await settled(0)
    await lists(1, clusterKind, [])
    await settled(1)
    expect(await drift()).toEqual(['weu: goneSinceLastPoll one'])
    await lists(2, clusterKind, [declared('one', { endpoint })])
    await settled(2)
    expect(await drift()).toEqual([])
    await lists(3, clusterKind, [])
    await settled(3)
    expect(await drift()).toEqual(['weu: goneSinceLastPoll one'])
    await lists(4, clusterKind, [declared('one', { endpoint })], 'neu')
    await settled(4)
    expect(await drift()).toEqual([])
  })

  it('knows a Cluster that was moved by its ARM id', async () => {
    const moves = async (minute: number, source: string, there: boolean) => {
      await lists(minute, clusterKind, there ? [managed({ name: 'a' })] : [], source)
      await lists(minute, controlPlaneKind, there ? [controlPlane({ name: 'a' })] : [], source)
    }
    await moves(0, 'weu', true)
    await lists(0, armClusterKind, [inAzure('a')], azure)
    await settled(0)
    await moves(1, 'weu', false)
    await settled(1)
    expect(await drift()).toContain('weu: goneSinceLastPoll a')
    await moves(2, 'neu', true)
    await settled(2)
    expect((await drift()).filter((line) => line.includes('gone'))).toEqual([])
  })

  const said = async (code: string) =>
    [...(await drift()), ...(await gaps()).map((line) => `${line}?`)].filter((line) => line.includes(code))

  it('does not say that nobody declares a cluster while a management cluster cannot be read', async () => {
    const fails = (minute: number) =>
      recordTrouble(store.db, {
        ...{ source: 'neu', kind: clusterKind, at: at(minute), trouble: { code: 'Forbidden', message: 'no' } },
      })
    const [open, found] = [['a: aksUnmanaged?'], [`a: aksUnmanaged ${armIdOf('a').toLowerCase()}`]]
    await lists(0, armClusterKind, [inAzure('a')], azure)
    await settled(0)
    expect(await said('aks')).toEqual(open)
    await lists(1, clusterKind, [])
    await settled(1)
    expect(await said('aks')).toEqual(open)
    await lists(2, clusterKind, [], 'neu')
    await settled(2)
    expect(await said('aks')).toEqual(found)
    await fails(3)
    await settled(3)
    expect(await said('aks')).toEqual(open)
    await fails(3)
    expect(await settled(3)).toMatchObject({ composed: 0 })
    await lists(4, clusterKind, [], 'neu')
    await settled(4)
    expect(await said('aks')).toEqual(found)
    await fails(5)
    await settled(5)
    await register(['weu', azure], 5)
    await settled(5)
    expect(await said('aks')).toEqual(found)
  })

  it('waits for a management cluster without Cluster API until something of it is read', async () => {
    await lists(0, armClusterKind, [inAzure('a')], azure)
    await lists(0, clusterKind, [])
    await settled(0)
    expect(await said('aks')).toEqual(['a: aksUnmanaged?'])
    await recordServed(
      store.db,
      'neu',
      [{ kind: kustomizations, version: 'v1', otherVersions: [], plural: 'kustomizations', namespaced: true }],
      at(1),
    )
    await lists(1, kustomizations, [], 'neu')
    await settled(1)
    expect(await said('aks')).toEqual([`a: aksUnmanaged ${armIdOf('a').toLowerCase()}`])
  })

  it('waits with a public destination until every management cluster can be read', async () => {
    const destination = { server: 'https://api.one.example.org:6443', namespace: 'apps' }
    await lists(0, clusterKind, [])
    await lists(0, applications, [application('shop', destination)])
    await settled(0)
    expect(await said('argo')).toEqual(['weu: argoClusterUnmatched?'])
    await lists(1, clusterKind, [], 'neu')
    await settled(1)
    expect(await said('argo')).toEqual(['weu: argoClusterUnmatched shop'])
  })

  it('misses a declared cluster in Azure from when it is confirmed until it is there again', async () => {
    const key = armIdOf('a').toLowerCase()
    const listed = (minute: number, found: { present?: string[]; gone?: string[] }) =>
      recordAbsences(store.db, azure, { expected: [key], present: [], gone: [], ...found }, at(minute))
    await lists(0, clusterKind, [managed({ name: 'a' })])
    await lists(0, controlPlaneKind, [controlPlane({ name: 'a' })])
    await settled(0)
    const missing = async () => (await drift()).filter((line) => line.includes('aksMissing'))
    expect(await missing()).toEqual([])
    await listed(1, { gone: [key] })
    await settled(1)
    expect(await missing()).toEqual(['a: aksMissing a'])
    await listed(2, { gone: [key] })
    expect(await rows(sql`select from unsettled`)).toEqual([])
    await listed(3, { present: [key] })
    await settled(3)
    expect(await missing()).toEqual([])
  })

  it('says nothing of a source that was taken out of the fleet file, until it is back', async () => {
    await lists(0, clusterKind, [])
    await lists(0, repositories, [repository('infra')])
    await lists(0, kustomizations, [kustomization('apps', { secret: 'none-kubeconfig' })])
    await settled(0)
    const own = () => rows(sql`select from drift where subject_id = ${sourceSubjectId('weu')}`)
    const findings = () => rows(sql`select from finding where cluster_id = ${sourceSubjectId('weu')}`)
    expect(await drift()).toEqual(['weu: externalReconciler apps'])
    await judge(store.db, at(0))
    await register(['neu', azure], 1)
    await settled(1)
    await judge(store.db, at(1))
    expect([await own(), await findings()]).toEqual([[], []])
    expect(await gitops()).toHaveLength(1)
    await register(['weu', 'neu', azure], 2)
    await settled(2)
    expect(await drift()).toEqual(['weu: externalReconciler apps'])
  })
})
