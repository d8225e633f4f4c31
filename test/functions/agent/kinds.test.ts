import { describe, expect, test } from 'vitest'
import { FleetError } from '../../../fleet/error.ts'
import { parseConfig } from '../../../functions/agent/config.ts'
import type { Resource } from '../../world/api/object.ts'
import { clusters, machines, namespaces, startFakeCluster } from '../sources/fake-cluster.ts'
import { startStaleFront } from './fronts.ts'
import { startAgent } from './run-agent.ts'
import { cluster, confirmed, has, lastSeq, rollcall, sectionsSince, settled, start } from './story.ts'

const flux: Resource = {
  ...clusters,
  group: 'kustomize.toolkit.fluxcd.io',
  kind: 'Kustomization',
  plural: 'kustomizations',
  versions: [{ name: 'v1', storage: true }],
}
const kustomization = 'kustomize.toolkit.fluxcd.io/Kustomization'
const docker: Resource = {
  ...clusters,
  group: 'infrastructure.cluster.x-k8s.io',
  kind: 'DockerCluster',
  plural: 'dockerclusters',
}

describe('a group that the API server cannot say anything of', () => {
  test('is trouble of its kinds before anything else is said, and is read once it can be', async () => {
    const stale = new Set([flux.group])
    const server = await startFakeCluster({ resources: [namespaces, clusters, flux] })
    server.put(flux, 'apps')
    const front = await startStaleFront(server, stale)
    try {
      // Rarely: what the session's opening left unsaid does not wait for a sign of life.
      const kubeconfig = server.kubeconfig({ url: front.url })
      const agent = await startAgent({ url: rollcall.url, kubeconfig, heartbeatMs: 3_600_000 })
      await rollcall.until(() => rollcall.requests.length > 0)
      expect(rollcall.troubles).toMatchObject([
        { kind: kustomization, code: 'ServerError', message: expect.stringContaining('stale') },
      ])
      expect(rollcall.requests[0]?.sections).toEqual([])
      await agent.stop()
      await start({ kubeconfig })
      await confirmed()
      stale.clear()
      await confirmed(kustomization)
      expect(rollcall.names(kustomization)).toEqual(['apps'])
    } finally {
      await front.close()
      await server.server.close()
    }
  })
})

describe('a hint at one object', () => {
  test('while its kind has been taken away: that is not the end of the object', async () => {
    const resources = [namespaces, clusters, machines]
    const server = await startFakeCluster({ resources })
    server.put(clusters, 'a')
    server.put(machines, 'm')
    await start({ kubeconfig: server.kubeconfig() })
    await settled()
    const before = lastSeq()
    // Its watch stands: those of an aggregated API that was taken away end when they are due.
    resources.splice(resources.indexOf(clusters), 1)
    rollcall.wants.push({ kind: cluster, what: 'object', namespace: 'default', name: 'a' })
    await rollcall.until(() => rollcall.servers.length > 1)
    expect(rollcall.servers.at(-1)).toMatchObject({ kinds: [{ kind: 'cluster.x-k8s.io/Machine' }] })
    expect(sectionsSince(before)).toEqual([])
    expect(rollcall.names(cluster)).toEqual(['a'])
    await server.server.close()
  })
})

describe('kinds.only and kinds.except', () => {
  const head = 'server: https://r.example\ntokenFile: t\n'
  const refused: readonly [string, string][] = [
    [
      'kinds: { only: [cluster.x-k8s.io/Cluster, cluster.x-k8s.io/clusters] }',
      'kinds.only.1 names no kind (cluster.x-k8s.io/clusters): its kind must be a kind as manifests write it, for example Certificate; did you mean "cluster.x-k8s.io/Cluster"?',
    ],
    [
      'kinds: { except: [infrastructure.cluster.x-k8s.io/awsmachine] }',
      'kinds.except.0 names no kind (infrastructure.cluster.x-k8s.io/awsmachine): its kind must be a kind as manifests write it, for example Certificate; did you mean "infrastructure.cluster.x-k8s.io/AWSMachine"?',
    ],
    [
      'kinds: { only: [/Secret] }',
      'kinds.only.0 names no kind (/Secret): its kind is Secret of the core group, which Rollcall never reads: it holds credentials and settings of others.',
    ],
  ]
  test.each(refused)('%s: no fleet file could declare it, so it is refused at the start', (text, sentence) => {
    expect(() => parseConfig(head + text, '/etc/agent.yaml')).toThrow(
      new FleetError('invalid', `Configuration /etc/agent.yaml: ${sentence}`),
    )
  })

  test('what nobody knows once all are known is said, once, with file, key, entry and remedy', async () => {
    const resources = [namespaces, clusters, machines, docker]
    const server = await startFakeCluster({ resources })
    server.put(clusters, 'a')
    rollcall.declared = { kinds: [{ group: 'example.com', kind: 'Widget' }], kindsDigest: 'one' }
    const only = [
      'cluster.x-k8s.io/Cluster',
      'cluster.x-k8s.io/Mashine',
      'cluster.x-k8s.oi/Machine',
      'example.com/Widget',
    ]
    const except = ['infrastructure.cluster.x-k8s.io/DockerCluster', 'example.com/Wigdet', 'cert-manager.io/Issuer']
    const agent = await start({ kubeconfig: server.kubeconfig(), more: { kinds: { only, except } } })
    await has('a')
    rollcall.epoch++
    const { epoch } = rollcall
    await rollcall.until(() => rollcall.epoch > epoch)
    await confirmed()
    const said = agent.logged.filter(({ level }) => level === 'error').map(({ message }) => message)
    const where = `Configuration ${agent.folder}/agent.yaml: kinds`
    const what = "which is no kind of Rollcall's, of its fleet file or of this API server"
    expect(said).toEqual([
      `${where}.only names cluster.x-k8s.io/Mashine, ${what}; did you mean "cluster.x-k8s.io/Machine"?`,
      `${where}.only names cluster.x-k8s.oi/Machine, ${what}; did you mean "cluster.x-k8s.io/Machine"?`,
      `${where}.except names example.com/Wigdet, ${what}; did you mean "example.com/Widget"?`,
      `${where}.except names cert-manager.io/Issuer, ${what}; take it out, or declare it there (kinds).`,
    ])
    await server.server.close()
  })
})
