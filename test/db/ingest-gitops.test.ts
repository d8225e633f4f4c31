import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { objectIdOf } from '../../fleet/reference.ts'
import { engines, openEngine } from '../engine.ts'
import { driftsOf } from './drift-store.ts'
import {
  application,
  applications,
  commit,
  kustomization,
  kustomizations,
  release,
  releases,
  repositories,
  repository,
} from './drift-wire.ts'
import { at, caughtUp, deployment, deploymentKind, refOf } from './wire.ts'

describe.each(engines)('what ingest keeps of GitOps on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  afterAll(() => store.close())
  const { begin, pushes, lists, rows, take } = driftsOf(() => store)
  beforeEach(() => begin(['weu']))

  const instants = async () => {
    const [row] = await rows<{ revision: string | null; paused: string | null }>(
      sql`select revision_since as revision, paused_since as paused from object where gone_at is null`,
    )
    const minute = (text?: string | null) => (text ? (Date.parse(text) - at(0).getTime()) / 60_000 : null)
    return { revision: minute(row?.revision), paused: minute(row?.paused) }
  }

  it('since when a revision is applied, and reconciling is off: our first sight where nothing dates it', async () => {
    const apps = (given: Parameters<typeof kustomization>[1]) => kustomization('apps', given)
    await pushes(0, kustomizations, [apps({})])
    expect(await instants()).toEqual({ revision: 0, paused: null })
    await pushes(1, kustomizations, [apps({ suspended: true })])
    expect(await instants()).toEqual({ revision: 0, paused: 1 })
    await pushes(2, kustomizations, [apps({ suspended: true, revision: commit('b') })])
    expect(await instants()).toEqual({ revision: 2, paused: 1 })
    await pushes(3, kustomizations, [apps({ revision: commit('b') })])
    expect(await instants()).toEqual({ revision: 2, paused: null })
    // Made anew, it begins anew.
    await take(caughtUp(at(4), [], { kind: kustomizations, gone: [refOf('apps', kustomizations)] }))
    await pushes(5, kustomizations, [apps({ revision: commit('b'), suspended: true })])
    expect(await instants()).toEqual({ revision: 5, paused: 5 })
    const [paused] = await rows(
      sql`select count(*)::int as n from change where facts ? 'pausedSince' and what = 'changed'`,
    )
    expect(paused).toEqual({ n: 2 })
  })

  it('what the object dates itself', async () => {
    await pushes(3, repositories, [repository('infra', { minute: 1 })])
    expect(await instants()).toEqual({ revision: 1, paused: null })
    const { metadata, ...rest } = kustomization('apps', { suspended: true })
    const suspended = {
      manager: 'flux',
      operation: 'Update',
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      time: at(2).toISOString(),
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:suspend': {} } },
    }
    await begin(['weu'])
    await pushes(4, kustomizations, [{ ...rest, metadata: { ...metadata, managedFields: [suspended] } }])
    expect(await instants()).toEqual({ revision: 4, paused: 2 })
  })

  it('what an object relies on, first what it applies from, and where it acts', async () => {
    const told = () => rows(sql`select relies_on, acts_at from object where gone_at is null`)
    const idOf = (kind: typeof repositories, name: string) => objectIdOf('weu', refOf(name, kind))
    await pushes(0, kustomizations, [kustomization('apps', { secret: 'prod' })])
    expect(await told()).toEqual([{ relies_on: [idOf(repositories, 'infra')], acts_at: 'secret:fleet/prod' }])
    await begin(['weu'])
    await pushes(0, releases, [release('ingress', { secret: 'one-kubeconfig' })])
    const chart = idOf('source.toolkit.fluxcd.io/HelmChart', 'fleet-ingress')
    expect(await told()).toEqual([{ relies_on: [chart], acts_at: null }])
    await begin(['weu'])
    await pushes(0, applications, [application('shop', { server: 'https://API.example.org' })])
    expect(await told()).toEqual([{ relies_on: null, acts_at: 'server:api.example.org:443' }])
    await begin(['weu'])
    await lists(0, deploymentKind, [deployment('md-0')])
    expect(await told()).toEqual([{ relies_on: null, acts_at: null }])
  })
})
