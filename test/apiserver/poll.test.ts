import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rowsOf, type Store } from '../../db/client.ts'
import { registerSources } from '../../db/source.ts'
import { kindOf } from '../../fleet/kinds/registry.ts'
import { normalise } from '../../fleet/normalise.ts'
import { defaultStaleAfterMs } from '../../fleet/source.ts'
import { openBudget, type PollLimits, pollLimits } from '../../functions/sources/budget.ts'
import { openConnections } from '../../functions/sources/connections.ts'
import { openKube } from '../../functions/sources/kube.ts'
import { type Collected, listKind } from '../../functions/sources/list.ts'
import { pollSource } from '../../functions/sources/poll-source.ts'
import { apiServerPresent, startApiServer } from '../api-server.ts'
import { openEngine } from '../engine.ts'
import { churn, clusters, deployments, kustomizations, mould, pathOf, type Site } from './churn.ts'
import { openWriter } from './writer.ts'

let store: Store
let sites: readonly Site[] = []
const connections = openConnections(() => undefined)
const kubeconfigs = new Map<string, string>()
/** Runs ahead of the real clock where a test wants a back-off to be over. */
let aheadMs = 0
const now = () => new Date(Date.now() + aheadMs)

async function openSite(id: string, crds: 'new' | 'old'): Promise<Site> {
  const server = await startApiServer({ crds, only: 'cluster-api/|flux-kustomize' })
  const capi = crds === 'new' ? 'v1beta2' : 'v1beta1'
  const group = (name: string, version: string, plural: string) =>
    `/apis/${name}/${version}/namespaces/default/${plural}`
  kubeconfigs.set(id, server.readerKubeconfig)
  return {
    id,
    server,
    capi,
    writer: await openWriter(server.kubeconfig),
    paths: new Map([
      [clusters, group('cluster.x-k8s.io', capi, 'clusters')],
      [deployments, group('cluster.x-k8s.io', capi, 'machinedeployments')],
      [kustomizations, group('kustomize.toolkit.fluxcd.io', 'v1', 'kustomizations')],
    ]),
  }
}

async function poll(id: string, limits: Partial<PollLimits> = {}) {
  aheadMs += 1_000
  const log = { info: () => undefined, warn: () => undefined }
  const targetOf = async (source: string) => ({ by: 'kube', kube: { path: kubeconfigs.get(source) ?? '' } }) as const
  const patient = { watchSeconds: 1, relistMs: 24 * 3_600_000, ...limits }
  return pollSource(
    { db: store.db, targetOf, connections, now, log, limits: patient },
    id,
    new AbortController().signal,
  )
}

/** What the store must hold: what the server lists, normalised. */
async function listed(site: Site): Promise<readonly string[]> {
  const lines: string[] = []
  for (const [kind, path] of site.paths) {
    for (const item of (await site.writer.list(path)).items) {
      const { observation } = normalise(site.id, item, kindOf(kind))
      lines.push(`${kind} ${observation?.ref.name} ${observation?.uid} ${observation?.digest}`)
    }
  }
  return lines.sort()
}

async function stored(site: Site): Promise<readonly string[]> {
  const rows = await rowsOf<{ kind: string; name: string; uid: string; digest: string }>(
    store.db,
    sql`select kind, name, uid, digest from object where source_id = ${site.id} and gone_at is null`,
  )
  return rows.map(({ kind, name, uid, digest }) => `${kind} ${name} ${uid} ${digest}`).sort()
}

const readings = (site: Site) =>
  rowsOf<{ kind: string; verified: string; caught: string; trouble: string | null }>(
    store.db,
    sql`select kind, verified_at as verified, caught_up_at as caught, trouble_code as trouble from reading
      where source_id = ${site.id} and kind in (${clusters}, ${deployments}, ${kustomizations}) order by kind`,
  )

describe.skipIf(!apiServerPresent())('polling real API servers', () => {
  beforeAll(async () => {
    store = await openEngine('pglite')
    sites = [await openSite('new-era', 'new'), await openSite('old-era', 'old')]
    const same = {
      type: 'managementCluster',
      parentId: null,
      polled: true,
      armId: null,
      region: null,
      labels: {},
      everyMs: 60_000,
      staleAfterMs: defaultStaleAfterMs(60_000),
    } as const
    await registerSources(store.db, [...sites.map(({ id }) => ({ id, ...same })), { id: 'narrow', ...same }], now())
    for (const site of sites) await churn(site, 60, 1)
  }, 180_000)

  afterAll(async () => {
    await connections.close()
    for (const { server, writer } of sites) {
      await writer.close()
      await server.stop()
    }
    await store?.close()
  })

  test('the first poll stores what the servers list, in the version each era stores', async () => {
    for (const site of sites) {
      const { observed, unfinished } = await poll(site.id, { pageObjects: 4 })
      expect(unfinished).toBe(false)
      expect(observed).toBeGreaterThan(10)
      expect(await stored(site)).toEqual(await listed(site))
    }
  })

  test('random churn read by catch-up alone equals a LIST', async () => {
    for (const site of sites) {
      const before = await readings(site)
      for (let round = 0; round < 4; round++) {
        // Some of it happens while the watches run.
        await Promise.all([churn(site, 40, 100 + round), poll(site.id)])
      }
      await poll(site.id)
      expect(await stored(site)).toEqual(await listed(site))
      const after = await readings(site)
      expect(after.map(({ verified }) => verified)).toEqual(before.map(({ verified }) => verified))
      expect(after.every(({ caught, trouble }) => caught !== null && trouble === null)).toBe(true)
    }
  }, 120_000)

  test('what was deleted while the poller was away is gone, with or without a cursor', async () => {
    for (const site of sites) {
      const path = pathOf(site, clusters)
      await site.writer.create(path, mould(site, clusters, 'doomed'))
      await poll(site.id)
      expect((await stored(site)).some((line) => line.includes('doomed'))).toBe(true)
      await site.writer.delete(`${path}/doomed`)
      expect(await poll(site.id)).toMatchObject({ gone: 1 })
      expect(await stored(site)).toEqual(await listed(site))
    }
  })

  test('a server that was restarted forgot our cursors: LIST, and nothing is lost', async () => {
    for (const site of sites) {
      const before = await readings(site)
      await site.server.restart()
      await churn(site, 30, 7)
      await poll(site.id)
      expect(await stored(site)).toEqual(await listed(site))
      const verified = (rows: typeof before) => rows.map((row) => row.verified)
      expect(verified(await readings(site))).not.toEqual(verified(before))
    }
  }, 120_000)

  test('compaction between two pages (410) begins the LIST anew', async () => {
    for (const site of sites) {
      const connection = await connections.connect(site.id, { path: site.server.readerKubeconfig })
      if (connection.trouble !== undefined) throw new Error(connection.trouble.message)
      const kube = openKube(
        site.id,
        connection.value,
        openBudget({ ...pollLimits, pageObjects: 2 }, new AbortController().signal),
        now,
      )
      const served = { kind: clusters, version: site.capi, plural: 'clusters', namespaced: true, otherVersions: [] }
      const pieces: Collected[] = []
      for await (const piece of listKind(kube, served, null)) {
        pieces.push(piece)
        // Page 1 is on its way already; the token of page 2 dies.
        if (pieces.length === 1) {
          await site.writer.patch(`${pathOf(site, clusters)}/${await firstName(site)}`, {
            metadata: { labels: { compacted: 'yes' } },
          })
          await site.server.compact()
        }
      }
      const ends = pieces.filter((piece) => piece.as === 'delivery' && piece.delivery.proof.as === 'end')
      expect(ends).toHaveLength(1)
      const runs = new Set(
        pieces.map((piece) =>
          piece.as === 'delivery' && 'run' in piece.delivery.proof ? piece.delivery.proof.run.id : piece.as,
        ),
      )
      expect(runs.size).toBe(2)
      await poll(site.id)
      expect(await stored(site)).toEqual(await listed(site))
    }
  })

  test('a forbidden kind is said to be forbidden; the others are read', async () => {
    const [site] = sites
    if (site === undefined) throw new Error('no site')
    const rules = [
      { apiGroups: ['cluster.x-k8s.io'], resources: ['clusters'], verbs: ['list', 'watch'] },
      { apiGroups: [''], resources: ['namespaces'], resourceNames: ['kube-system'], verbs: ['get'] },
    ]
    const rbac = '/apis/rbac.authorization.k8s.io/v1'
    const narrow = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'narrow' }
    await site.writer.create(`${rbac}/clusterroles`, { metadata: { name: 'narrow' }, rules })
    await site.writer.create(`${rbac}/clusterrolebindings`, {
      metadata: { name: 'narrow' },
      roleRef: narrow,
      subjects: [{ kind: 'User', name: 'rollcall-nobody', apiGroup: narrow.apiGroup }],
    })
    kubeconfigs.set(site.id, site.server.nobodyKubeconfig)
    const before = await stored(site)
    await poll(site.id, { relistMs: 0 })
    const troubles = Object.fromEntries((await readings(site)).map(({ kind, trouble }) => [kind, trouble]))
    expect(troubles).toEqual({ [clusters]: null, [deployments]: 'Forbidden', [kustomizations]: 'Forbidden' })
    expect(await stored(site)).toEqual(before)
  })
})

async function firstName(site: Site): Promise<string> {
  const [first] = (await site.writer.list(pathOf(site, clusters))).items
  return (first as { metadata: { name: string } }).metadata.name
}
