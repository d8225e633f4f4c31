import { expect, it } from 'vitest'
import { everywhere, group, type Subject } from './subject.ts'

const v2 = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
const v2beta1 = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList'

/** How a poller learns what is served. */
export function discoveryContract(subject: () => Subject): void {
  it('says its version, and that it is ready', async () => {
    const { admin } = subject()
    const version = await admin.get('/version')
    expect(version.json).toMatchObject({ major: '1', gitVersion: expect.stringMatching(/^v1\.\d+/) })
    expect((await admin.get('/readyz')).text).toBe('ok')
    expect(Date.parse(version.headers.date ?? '')).not.toBeNaN()
  })

  it('lists groups, with the stored version preferred', async () => {
    const { json } = await subject().admin.get('/apis')
    expect(json.kind).toBe('APIGroupList')
    const found = json.groups.find((one: { name: string }) => one.name === 'cluster.x-k8s.io')
    expect(found).toMatchObject({
      versions: [{ version: 'v1beta2' }, { version: 'v1beta1', groupVersion: 'cluster.x-k8s.io/v1beta1' }],
      preferredVersion: { groupVersion: 'cluster.x-k8s.io/v1beta2', version: 'v1beta2' },
    })
    expect((await subject().admin.get(group)).json).toMatchObject({ kind: 'APIGroup', name: 'cluster.x-k8s.io' })
    expect((await subject().admin.get('/api')).json).toMatchObject({ kind: 'APIVersions', versions: ['v1'] })
  })

  it('lists the resources of a version', async () => {
    const { json } = await subject().admin.get(`${group}/v1beta2`)
    expect(json).toMatchObject({ kind: 'APIResourceList', groupVersion: 'cluster.x-k8s.io/v1beta2' })
    const clusters = json.resources.find((one: { name: string }) => one.name === 'clusters')
    expect(clusters).toMatchObject({ kind: 'Cluster', namespaced: true, singularName: 'cluster' })
    expect(clusters.verbs).toEqual(expect.arrayContaining(['get', 'list', 'watch']))
    expect(json.resources.map((one: { name: string }) => one.name)).toContain('clusters/status')
    const core = await subject().admin.get('/api/v1')
    expect(core.json.resources.map((one: { name: string }) => one.name)).toContain('namespaces')
  })

  it('answers 404 for what is not installed: text for a path, a Status for an object', async () => {
    for (const path of [
      '/apis/nope.example/v1',
      `${group}/v1beta9`,
      `${group}/v1beta2/nopes`,
      '/apis/nope.example/v1/nopes',
    ]) {
      const answer = await subject().admin.get(path)
      expect([path, answer.status, answer.text]).toEqual([path, 404, '404 page not found\n'])
    }
    const object = await subject().admin.get(`${group}/v1beta2/namespaces/default/clusters/nope`)
    expect([object.status, object.json]).toMatchObject([
      404,
      {
        kind: 'Status',
        status: 'Failure',
        reason: 'NotFound',
        message: 'clusters.cluster.x-k8s.io "nope" not found',
        details: { name: 'nope', group: 'cluster.x-k8s.io', kind: 'clusters' },
        code: 404,
      },
    ])
  })

  it('gives aggregated discovery with an ETag, or refuses it with 406 and gives the old list where that is taken too', async () => {
    const { admin } = subject()
    const alone = await admin.get('/apis', { accept: v2 })
    const both = await admin.get('/apis', { accept: `${v2},${v2beta1},application/json` })
    if (alone.status === 406) {
      expect(alone.json).toMatchObject({ kind: 'Status', reason: 'NotAcceptable', code: 406 })
      expect(both.json.kind).toBe('APIGroupList')
      return
    }
    expect(both.headers['content-type']).toBe(v2)
    expect(both.json).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' })
    const found = both.json.items.find(
      (one: { metadata: { name: string } }) => one.metadata.name === 'cluster.x-k8s.io',
    )
    expect(found.versions[0]).toMatchObject({ version: 'v1beta2', freshness: 'Current' })
    expect(found.versions[0].resources).toContainEqual(
      expect.objectContaining({
        resource: 'clusters',
        scope: 'Namespaced',
        singularResource: 'cluster',
        responseKind: { group: 'cluster.x-k8s.io', version: 'v1beta2', kind: 'Cluster' },
      }),
    )
    const again = await admin.get('/apis', { accept: v2, 'if-none-match': both.headers.etag ?? '' })
    expect([again.status, again.text]).toEqual([304, ''])
    expect((await admin.get('/api', { accept: v2 })).json.kind).toBe('APIGroupDiscoveryList')
  })

  it('warns about a deprecated version, and shows its objects in it', async () => {
    const answer = await subject().admin.get(`${group}/v1beta1/clusters?limit=1`)
    expect(answer.headers.warning).toMatch(
      /^299 - "cluster\.x-k8s\.io\/v1beta1 Cluster is deprecated; use cluster\.x-k8s\.io\/v1beta2 Cluster"/,
    )
    expect(answer.json).toMatchObject({ kind: 'ClusterList', apiVersion: 'cluster.x-k8s.io/v1beta1' })
    expect((await subject().admin.get(`${everywhere}?limit=1`)).headers.warning).toBeUndefined()
  })

  it('tells which server it is by the UID of kube-system', async () => {
    const first = await subject().admin.get('/api/v1/namespaces/kube-system')
    const second = await subject().admin.get('/api/v1/namespaces/kube-system')
    expect(first.json.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
    expect(second.json.metadata.uid).toBe(first.json.metadata.uid)
  })
}
