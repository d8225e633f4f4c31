import { expect, it } from 'vitest'
import { everywhere, group, type Subject } from './subject.ts'

/** What those get who may not, or are not known. */
export function accessContract(subject: () => Subject): void {
  it('answers 401 to a credential it does not know', async () => {
    const { status, json } = await subject().stranger.get(everywhere)
    expect([status, json]).toMatchObject([
      401,
      { kind: 'Status', message: 'Unauthorized', reason: 'Unauthorized', code: 401 },
    ])
  })

  it('answers 403 to one without rights: on list, watch and get', async () => {
    const { nobody } = subject()
    const about = (verb: string, scope: string, subjectName = 'clusters.cluster.x-k8s.io') =>
      new RegExp(
        `^${subjectName} is forbidden: User ".+" cannot ${verb} resource "clusters" in API group "cluster.x-k8s.io" ${scope}$`,
      )
    const list = await nobody.get(everywhere)
    const watch = await nobody.get(`${everywhere}?watch=1&timeoutSeconds=1`)
    const get = await nobody.get(`${group}/v1beta2/namespaces/default/clusters/one`)
    for (const answer of [list, watch, get])
      expect([answer.status, answer.json]).toMatchObject([
        403,
        {
          kind: 'Status',
          status: 'Failure',
          reason: 'Forbidden',
          details: { group: 'cluster.x-k8s.io', kind: 'clusters' },
          code: 403,
        },
      ])
    expect(list.json.message).toMatch(about('list', 'at the cluster scope'))
    expect(watch.json.message).toMatch(about('watch', 'at the cluster scope'))
    expect(get.json.message).toMatch(about('get', 'in the namespace "default"', 'clusters.cluster.x-k8s.io "one"'))
  })

  it('lets everybody it knows look at discovery', async () => {
    expect((await subject().nobody.get('/apis')).json.kind).toMatch(/^APIGroup/)
  })
}
