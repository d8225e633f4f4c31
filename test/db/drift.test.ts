import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { clusterKind } from '../../fleet/reference.ts'
import { engines, openEngine } from '../engine.ts'
import { driftsOf } from './drift-store.ts'
import {
  chart,
  charts,
  commit,
  declared,
  helmRepositories,
  helmRepository,
  kustomization,
  kustomizations,
  release,
  releases,
  repositories,
  repository,
} from './drift-wire.ts'
import { at, caughtUp, refOf } from './wire.ts'

describe.each(engines)('drift on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  afterAll(() => store.close())
  const { begin, lists, pushes, settled, drift, gitops, clusters, rows, versions, take } = driftsOf(() => store)
  beforeEach(() => begin(['weu']))

  const [old, next] = [commit('a'), commit('b')]

  it('follows a push to Git, from the repository to what applies it', async () => {
    await lists(0, clusterKind, [declared('one'), declared('two')])
    await lists(0, repositories, [repository('infra'), repository('other')])
    await lists(0, kustomizations, [
      kustomization('apps-one', { secret: 'one-kubeconfig' }),
      kustomization('apps-two', { secret: 'two-kubeconfig', from: 'other' }),
      kustomization('platform'),
    ])
    await settled(1)
    expect(await drift()).toEqual([])
    expect(await gitops()).toEqual([`apps-one ${old} on one`, `apps-two ${old} on two`, `platform ${old} on -`])
    // The repository has news; nothing else was heard of.
    await pushes(2, repositories, [repository('infra', { revision: next, minute: 2 })])
    expect(await settled(2)).toMatchObject({ composed: 1 })
    expect(await drift()).toEqual(['one: behindSource apps-one', 'weu: behindSource platform'])
    const told =
      await rows(sql`select e ->> 'expected' as expected, e ->> 'actual' as actual, (e ->> 'since')::timestamptz as since,
      (e ->> 'graceMs')::int as grace from drift cross join jsonb_array_elements(differences) e where e ->> 'code' = 'behindSource'`)
    expect(told).toHaveLength(2)
    expect(told[0]).toMatchObject({ expected: next, actual: old, grace: 600_000 })
    // Applied, it ends.
    await pushes(3, kustomizations, [kustomization('apps-one', { secret: 'one-kubeconfig', revision: next })])
    await settled(3)
    expect(await drift()).toEqual(['weu: behindSource platform'])
    await pushes(4, kustomizations, [kustomization('platform', { revision: next })])
    expect(await settled(4)).toMatchObject({ composed: 0 })
    expect(await drift()).toEqual([])
  })

  it('follows a chart, and the repository behind it', async () => {
    await lists(0, clusterKind, [declared('one')])
    await lists(0, helmRepositories, [helmRepository('charts')])
    await lists(0, charts, [chart('fleet-ingress', 'charts')])
    await lists(0, releases, [release('ingress', { secret: 'one-kubeconfig' })])
    await settled(1)
    expect(await drift()).toEqual([])
    await pushes(2, charts, [chart('fleet-ingress', 'charts', { revision: '1.1.0', minute: 2 })])
    await settled(2)
    expect(await drift()).toEqual(['one: behindSource ingress'])
    // Two steps away.
    await pushes(3, helmRepositories, [helmRepository('charts', { failing: true })])
    await settled(3)
    expect(await drift()).toEqual([
      'one: behindSource ingress',
      'one: sourceFailing charts',
      'weu: sourceFailing charts',
    ])
    await pushes(4, helmRepositories, [helmRepository('charts')])
    await pushes(4, releases, [release('ingress', { secret: 'one-kubeconfig', revision: '1.1.0' })])
    await settled(4)
    expect(await drift()).toEqual([])
  })

  it('is behind since its source first offered something else, however often it is pushed to', async () => {
    await lists(0, clusterKind, [declared('one')])
    await lists(0, repositories, [repository('infra', { minute: 0 })])
    await lists(0, kustomizations, [kustomization('one', { secret: 'one-kubeconfig' })])
    await settled(0)
    const since = async () =>
      (await rows(sql`select behind, behind_since from gitops`)).map(({ behind, behind_since }) => [
        behind,
        behind_since === null ? null : new Date(String(behind_since)),
      ])
    expect(await since()).toEqual([[false, null]])
    await pushes(1, repositories, [repository('infra', { revision: commit('b'), minute: 1 })])
    await settled(1)
    await pushes(5, repositories, [repository('infra', { revision: commit('c'), minute: 5 })])
    await settled(5)
    expect(await since()).toEqual([[true, at(1)]])
  })

  it('knows everything that a failing source stands behind, and a vanished one', async () => {
    const names = ['one', 'two', 'three']
    await lists(
      0,
      clusterKind,
      names.map((name) => declared(name)),
    )
    await lists(0, repositories, [repository('infra')])
    await lists(
      0,
      kustomizations,
      names.map((name) => kustomization(name, { secret: `${name}-kubeconfig` })),
    )
    await settled(1)
    await pushes(2, repositories, [repository('infra', { failing: true })])
    expect(await settled(2)).toMatchObject({ composed: 3 })
    expect(await drift()).toEqual([
      'one: sourceFailing infra',
      'three: sourceFailing infra',
      'two: sourceFailing infra',
      // And the management cluster that it lives in.
      'weu: sourceFailing infra',
    ])
    await take(caughtUp(at(3), [], { kind: repositories, gone: [refOf('infra', repositories)] }))
    await settled(3)
    expect(await drift()).toEqual([])
  })

  it('tells whose revision a cluster was made of', async () => {
    await lists(0, repositories, [repository('infra')])
    await lists(0, clusterKind, [declared('one', { by: 'fleet' })])
    await lists(0, kustomizations, [kustomization('fleet')])
    await settled(0)
    const managed = async () =>
      (await rows(sql`select managed_by ->> 'name' as name, managed_by ->> 'revision' as revision from cluster`))[0]
    expect(await managed()).toEqual({ name: 'fleet', revision: old })
    await pushes(1, kustomizations, [kustomization('fleet', { revision: next })])
    await settled(1)
    expect(await managed()).toEqual({ name: 'fleet', revision: next })
  })

  it('makes no cluster of what merely acts on one', async () => {
    await lists(0, clusterKind, [])
    await lists(0, repositories, [repository('infra')])
    await lists(0, kustomizations, [kustomization('apps', { secret: 'one-kubeconfig' })])
    await settled(1)
    expect([await clusters(), await drift(), await gitops()]).toEqual([
      [],
      ['weu: externalReconciler apps'],
      [`apps ${old} on -`],
    ])
    await pushes(2, clusterKind, [declared('one')])
    await settled(2)
    expect([await clusters(), await drift(), await gitops()]).toEqual([['one'], [], [`apps ${old} on one`]])
    // Seen going, it did not vanish; what acts on it is left.
    await pushes(3, clusterKind, [declared('one', { deleting: true })])
    await settled(3)
    await take(caughtUp(at(4), [], { kind: clusterKind, gone: [refOf('one', clusterKind)] }))
    await settled(4)
    expect([await clusters(), await drift(), await gitops()]).toEqual([
      [],
      ['weu: externalReconciler apps'],
      [`apps ${old} on -`],
    ])
    await take(caughtUp(at(5), [], { kind: kustomizations, gone: [refOf('apps', kustomizations)] }))
    await settled(5)
    expect([await drift(), await gitops(), await rows(sql`select from stray`)]).toEqual([[], [], []])
  })

  it('does not move while a source is silent', async () => {
    await lists(0, clusterKind, [declared('one')])
    await lists(0, repositories, [repository('infra', { revision: next })])
    await lists(0, kustomizations, [kustomization('apps', { secret: 'one-kubeconfig' }), kustomization('platform')])
    await settled(1)
    const before = await rows(sql`select *, xmin::text from drift order by subject_id`)
    expect(await drift()).toEqual(['one: behindSource apps', 'weu: behindSource platform'])
    await settled(30)
    expect(await rows(sql`select state from cluster`)).toEqual([{ state: 'Stale' }])
    expect(await rows(sql`select *, xmin::text from drift order by subject_id`)).toEqual(before)
  })

  it('writes nothing that did not change, however often it is asked to', async () => {
    await lists(0, clusterKind, [declared('one')])
    await lists(0, repositories, [repository('infra', { revision: next })])
    await lists(0, kustomizations, [
      kustomization('apps', { secret: 'one-kubeconfig' }),
      kustomization('lost', { secret: 'none-kubeconfig' }),
      kustomization('platform'),
    ])
    await settled(1)
    const before = await versions()
    await store.db.execute(sql`insert into unsettled (source_id, cluster_id, owner_namespace, owner_name)
      select source_id, subject_id, '', '' from drift union all select source_id, cluster_id, owner_namespace, owner_name from object where cluster_id is not null`)
    await settled(2)
    expect(await versions()).toEqual(before)
    // Drift alone is no news of its cluster.
    await pushes(2, repositories, [repository('infra', { revision: old })])
    await settled(2)
    const kept = (all: typeof before) => all.filter(({ t }) => t === 'k')
    expect(kept(await versions())).toEqual(kept(before))
    expect(await drift()).toEqual(['weu: externalReconciler lost'])
  })

  it('says that a source cannot be read, until it was', async () => {
    const { gaps } = driftsOf(() => store)
    await lists(0, clusterKind, [declared('one')])
    await lists(0, kustomizations, [kustomization('apps', { secret: 'one-kubeconfig' })])
    await settled(1)
    expect(await gaps()).toContain('one: behindSource')
    // Read, and empty: there is no such repository, and no news of the Kustomization either.
    await lists(2, repositories, [])
    await settled(2)
    expect((await gaps()).filter((line) => line.endsWith('behindSource'))).toEqual([])
  })
})
