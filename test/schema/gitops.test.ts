import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { clusterKind, type KindKey } from '../../fleet/reference.ts'
import { idOf, putClusters, subjectOf } from '../db/judged-cluster.ts'
import { at } from '../db/wire.ts'
import { engines, openEngine } from '../engine.ts'
import { everyFieldAlone } from './alone.ts'
import { type Ask, type Asked, asker } from './ask.ts'
import { staleAfterMs } from './fill.ts'
import { putDrift, putGitops, putObject, putReading, putSource, refOf } from './fill-drift.ts'

const kustomization: KindKey = 'kustomize.toolkit.fluxcd.io/Kustomization'
const release: KindKey = 'helm.toolkit.fluxcd.io/HelmRelease'
const application: KindKey = 'argoproj.io/Application'
const repository: KindKey = 'source.toolkit.fluxcd.io/GitRepository'

describe.each(engines)('gitops on %s', (engine) => {
  let store: Store
  let ask: Ask
  let now = at(30)

  beforeAll(async () => {
    store = await openEngine(engine)
    const { db } = store
    await putSource(db, 'weu', { lastSuccessAt: at(30) })
    await putSource(db, 'left', { removedAt: at(0) })
    for (const kind of [clusterKind, kustomization, release, application, repository])
      await putReading(db, 'weu', kind, at(30))
    await putClusters(db, [subjectOf('one', { environment: 'prod' }), subjectOf('two')], at(0))
    const main = await putObject(db, 'weu', refOf(repository, 'main'))
    await putGitops(db, 'weu', refOf(kustomization, 'apps'), {
      ...{
        clusterId: idOf('one'),
        ready: 'True',
        reason: 'ReconciliationSucceeded',
        behind: true,
        appliesFromId: main,
      },
      ...{ expectedRevision: 'main@sha1:b', expectedAt: at(20), attemptedRevision: 'main@sha1:a' },
      ...{ appliedRevision: 'main@sha1:a', appliedAt: at(-60), intervalMs: 600_000, path: './apps', app: 'apps' },
    })
    await putGitops(db, 'weu', refOf(kustomization, 'base'), {
      ...{ clusterId: idOf('two'), ready: 'False', reason: 'BuildFailed', message: 'no such file', behind: true },
      ...{ expectedRevision: 'main@sha1:b', expectedAt: at(10) },
    })
    await putGitops(db, 'weu', refOf(release, 'podinfo'), {
      ...{ clusterId: idOf('one'), ready: 'True', behind: false, chart: 'podinfo', version: '6.7.0', suspended: true },
      ...{ pause: { field: 'spec.suspend', since: '2026-01-01T11:00:00Z', actor: 'flux' } },
    })
    await putGitops(db, 'weu', refOf(application, 'guestbook'), { tool: 'argocd', ready: 'Unknown' })
    await putGitops(db, 'weu', refOf(release, 'ahead'), { behind: true, expectedAt: at(40) })
    await putGitops(db, 'weu', refOf(release, 'undated'), { behind: true })
    // Not there any more: the row goes with the next round, and its source with the fleet file.
    await putGitops(db, 'weu', refOf(release, 'deleted'), {}, { goneAt: at(1) })
    await putGitops(db, 'left', refOf(release, 'left'), {})
    await putDrift(db, { cluster: 'two' }, 'applyFailed', { ref: refOf(kustomization, 'base') })
    await putDrift(db, { cluster: 'two' }, 'behindSource', { ref: refOf(kustomization, 'base'), outcome: 'Unknown' })
    ask = asker(db, () => now).ask
  })
  afterAll(() => store.close())

  const gitops = async (args: string, fields = 'name'): Promise<Asked> => {
    const { data, errors } = await ask(
      `{ gitops(${args}) { totalCount coverage { complete expectedSources } pageInfo { hasNextPage endCursor } nodes { ${fields} } } }`,
    )
    expect(errors).toBeUndefined()
    return data.gitops
  }
  const named = async (filter: string): Promise<string[]> =>
    (await gitops(`filter: ${filter}`)).nodes.map(({ name }: Asked) => name)

  it('tells what is expected and applied, from what, by what, and how far they are apart', async () => {
    const { nodes } = await gitops(
      'filter: {name: {in: ["apps", "base"]}}',
      `id tool kind namespace app source { name } cluster { name } ready reason message suspended pause { field } expectedRevision expectedAt attemptedRevision
       appliedRevision appliedAt behind lagSeconds interval path appliesFrom { kind name } resource { kind name } health { state } freshness { state } drift { code outcome }`,
    )
    expect(nodes).toEqual([
      {
        id: expect.stringMatching(/^GitOpsObject:/),
        ...{ tool: 'FLUX', kind: 'Kustomization', namespace: 'fleet', app: 'apps', source: { name: 'weu' } },
        ...{ cluster: { name: 'one' }, ready: 'TRUE', reason: 'ReconciliationSucceeded', message: null },
        ...{ suspended: false, pause: null, expectedRevision: 'main@sha1:b', expectedAt: '2026-01-01T12:20:00Z' },
        ...{ attemptedRevision: 'main@sha1:a', appliedRevision: 'main@sha1:a', appliedAt: '2026-01-01T11:00:00Z' },
        ...{ behind: true, lagSeconds: 600, interval: 600, path: './apps' },
        ...{ appliesFrom: { kind: 'GitRepository', name: 'main' }, resource: { kind: 'Kustomization', name: 'apps' } },
        ...{ health: { state: 'HEALTHY' }, freshness: { state: 'FRESH' }, drift: [] },
      },
      expect.objectContaining({
        ...{ ready: 'FALSE', reason: 'BuildFailed', message: 'no such file', lagSeconds: 1200, appliesFrom: null },
        drift: [
          { code: 'APPLY_FAILED', outcome: 'FAIL' },
          { code: 'BEHIND_SOURCE', outcome: 'UNKNOWN' },
        ],
      }),
    ])
    const { nodes: all } = await gitops('first: 100', 'name lagSeconds pause { field since actor reason } tool')
    expect(Object.fromEntries(all.map(({ name, lagSeconds }: Asked) => [name, lagSeconds]))).toEqual({
      // Not behind; not known; a clock that runs ahead of ours is no lag below none.
      ...{ ahead: 0, apps: 600, base: 1200, guestbook: null, podinfo: 0, undated: null },
    })
    expect(all.find(({ name }: Asked) => name === 'podinfo').pause).toEqual({
      ...{ field: 'spec.suspend', since: '2026-01-01T11:00:00Z', actor: 'flux', reason: null },
    })
  })

  it.each([
    ['{tool: {eq: ARGOCD}}', ['guestbook']],
    ['{kind: {eq: "HelmRelease"}, suspended: false}', ['ahead', 'undated']],
    ['{suspended: true}', ['podinfo']],
    ['{ready: {in: [FALSE, UNKNOWN]}}', ['base', 'guestbook']],
    ['{and: [{not: {ready: {eq: TRUE}}}, {not: {behind: true}}]}', ['guestbook']],
    ['{behind: false}', ['podinfo']],
    ['{lagSeconds: {gte: 1000}}', ['base']],
    ['{lagSeconds: {isNull: true}}', ['guestbook', 'undated']],
    ['{app: {eq: "apps"}}', ['apps']],
    ['{chart: {eq: "podinfo"}, version: {startsWith: "6."}}', ['podinfo']],
    ['{cluster: {environment: {eq: "prod"}, health: {eq: HEALTHY}}}', ['apps', 'podinfo']],
    ['{cluster: {}}', ['apps', 'base', 'podinfo']],
    ['{not: {cluster: {}}}', ['ahead', 'guestbook', 'undated']],
    ['{reason: {eq: "BuildFailed"}, health: {eq: HEALTHY}, freshness: {eq: FRESH}}', ['base']],
    ['{source: {eq: "weu"}, appliedAt: {lt: "2026-01-01T12:00:00Z"}}', ['apps']],
    ['{or: [{ready: {in: [FALSE, UNKNOWN]}}, {behind: true}]}', ['ahead', 'apps', 'base', 'guestbook', 'undated']],
  ])('filters by %s', async (filter, expected) => {
    expect(await named(filter)).toEqual(expected)
  })

  it.each([
    ['NAME', false, ['ahead', 'apps', 'base', 'guestbook', 'podinfo', 'undated']],
    ['LAG', false, ['base', 'apps', 'ahead']],
  ])('walks all by %s', async (field, descending, expected) => {
    const walk = async (down: boolean): Promise<string[]> => {
      const names: string[] = []
      for (let after = 'null'; ; ) {
        const page = await gitops(`first: 2, after: ${after}, orderBy: {field: ${field}, descending: ${down}}`)
        expect(page.totalCount).toBe(6)
        names.push(...page.nodes.map(({ name }: Asked) => name))
        after = JSON.stringify(page.pageInfo.endCursor)
        if (!page.pageInfo.hasNextPage) return names
      }
    }
    const all = await walk(descending)
    expect(all.slice(0, expected.length)).toEqual(expected)
    expect(new Set(all).size).toBe(6)
    expect(await walk(!descending)).toEqual(all.toReversed())
  })

  it('belongs to its cluster, and is found by its id', async () => {
    const { data } = await ask('{ clusters(first: 10) { nodes { name gitopsObjects { id name cluster { name } } } } }')
    const told = Object.fromEntries(data.clusters.nodes.map((one: Asked) => [one.name, one.gitopsObjects]))
    expect(told.one.map(({ name }: Asked) => name)).toEqual(['apps', 'podinfo'])
    const { data: found } = await ask(
      'query ($id: ID!) { node(id: $id) { __typename ... on GitOpsObject { name cluster { name } } } }',
      { id: told.two[0].id },
    )
    expect(found.node).toEqual({ __typename: 'GitOpsObject', name: 'base', cluster: { name: 'two' } })
  })

  it('every field of GitOpsObject says alone what it says in company', () =>
    everyFieldAlone(ask, 'GitOpsObject', 'gitops'))

  it('is as stale as the reading of its kind', async () => {
    now = new Date(at(30).getTime() + staleAfterMs)
    const { nodes, coverage } = await gitops('first: 1', 'health { state } freshness { state lagSeconds }')
    expect(nodes).toEqual([
      { health: { state: 'STALE' }, freshness: { state: 'STALE', lagSeconds: staleAfterMs / 1000 } },
    ])
    expect(coverage).toEqual({ complete: false, expectedSources: 1 })
    expect(await named('{freshness: {eq: STALE}, behind: false}')).toEqual(['podinfo'])
    now = at(30)
  })
})
