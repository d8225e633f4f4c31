import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rowsOf, type Store } from '../../db/client.ts'
import { registerSources } from '../../db/source.ts'
import { parseFleet } from '../../fleet/configuration.ts'
import { kindsOf } from '../../fleet/kinds/declared.ts'
import { openConnections } from '../../functions/sources/connections.ts'
import { pollSource } from '../../functions/sources/poll-source.ts'
import { type ApiServer, apiServerPresent, startApiServer } from '../api-server.ts'
import { openEngine } from '../engine.ts'
import { openWriter, type Writer } from './writer.ts'

const path = '/apis/source.extensions.fluxcd.io/v1beta1/namespaces/default/artifactgenerators'
const generator = {
  apiVersion: 'source.extensions.fluxcd.io/v1beta1',
  kind: 'ArtifactGenerator',
  metadata: { name: 'apps' },
  spec: {
    sources: [{ alias: 'fleet', kind: 'GitRepository', name: 'fleet' }],
    artifacts: [{ name: 'apps', originRevision: '@fleet', copy: [{ from: '@fleet/apps/**', to: '@artifact/' }] }],
  },
}
const status = {
  inventory: [{ name: 'apps', namespace: 'default', digest: 'sha256:1', filename: 'apps.tar.gz' }],
  conditions: [
    {
      ...{ type: 'Ready', status: 'False', reason: 'BuildFailed', message: 'no files match' },
      ...{ lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration: 1 },
    },
  ],
}
const declared = {
  group: 'source.extensions.fluxcd.io',
  kind: 'ArtifactGenerator',
  versions: ['v1', 'v1beta1'],
  owner: 'none',
  health: { family: 'flux' },
  revision: { applied: '.status.inventory[?(@.name=="apps")].digest' },
}

const connections = openConnections(() => undefined)
let server: ApiServer
let writer: Writer
let store: Store
let aheadMs = 0
const now = () => new Date(Date.now() + aheadMs)

async function poll(...kinds: object[]) {
  aheadMs += 60_000
  const deps = {
    ...{ db: store.db, connections, now, log: { info: () => undefined, warn: () => undefined } },
    targetOf: async () => ({ by: 'kube', kube: { path: server.readerKubeconfig } }) as const,
    limits: { watchSeconds: 1, relistMs: 24 * 3_600_000 },
    kinds: kindsOf(parseFleet({ kinds }).kinds),
  }
  return pollSource(deps, 'real', new AbortController().signal)
}

const generators = () =>
  rowsOf<{ name: string; state: string; revision: string | null; phase: string | null; gone: boolean }>(
    store.db,
    sql`select name, state, revision_applied as revision, facts ->> 'phase' as phase, gone_at is not null as gone
      from object where kind = 'source.extensions.fluxcd.io/ArtifactGenerator'`,
  )

const trouble = async () => {
  const [row] = await rowsOf<{ code: string | null }>(
    store.db,
    sql`select trouble_code as code from reading where kind = 'source.extensions.fluxcd.io/ArtifactGenerator'`,
  )
  return row?.code
}

describe.skipIf(!apiServerPresent())('a declared kind on a real API server', () => {
  beforeAll(async () => {
    ;[server, store] = await Promise.all([
      startApiServer({ crds: 'new', only: 'flux-source-watcher' }),
      openEngine('pglite'),
    ])
    writer = await openWriter(server.kubeconfig)
    const { sources } = parseFleet({ managementClusters: [{ name: 'real', inCluster: true }] })
    await registerSources(
      store.db,
      sources.map(({ declaration }) => declaration),
      now(),
    )
    await writer.create(path, generator)
    await writer.patch(`${path}/apps/status`, { status })
  }, 120_000)
  afterAll(async () => {
    await writer?.close()
    await connections.close()
    await server?.stop()
    await store?.close()
  })

  test('is forbidden until somebody allows it, and says so of itself', async () => {
    expect(await poll(declared)).toMatchObject({ observed: 0 })
    expect(await trouble()).toBe('Forbidden')
    const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: 'generators' } }
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'generators' }
    const rules = [{ apiGroups: [declared.group], resources: ['artifactgenerators'], verbs: ['get', 'list', 'watch'] }]
    const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:authenticated' }]
    const at = '/apis/rbac.authorization.k8s.io/v1'
    await writer.create(`${at}/clusterroles`, { ...rbac, kind: 'ClusterRole', rules })
    await writer.create(`${at}/clusterrolebindings`, { ...rbac, kind: 'ClusterRoleBinding', roleRef, subjects })
    await expect.poll(async () => (await poll(declared)).observed, { timeout: 20_000 }).toBe(1)
    expect(await trouble()).toBeNull()
  })

  test('is read in the version that the server has of those the file prefers', async () => {
    expect(await generators()).toEqual([
      { name: 'apps', state: 'Degraded', revision: 'sha256:1', phase: null, gone: false },
    ])
  })

  test('is read anew when its declaration changes, and lets go when it left the file', async () => {
    await poll({ ...declared, phase: '.spec.artifacts[0].name' })
    expect(await generators()).toMatchObject([{ phase: 'apps', gone: false }])
    await poll()
    expect(await generators()).toMatchObject([{ gone: true }])
  })
})
