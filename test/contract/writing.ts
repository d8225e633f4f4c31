import { beforeAll, expect, it } from 'vitest'
import { Room, type Subject } from './subject.ts'

/** What versions, generations and deletions mean: what health rules rely on. */
export function writingContract(subject: () => Subject): void {
  let room: Room
  beforeAll(async () => {
    room = await Room.open(subject(), 'writing')
  })

  it('counts a generation for the spec, a resourceVersion for everything, and nothing for nothing', async () => {
    const created = (await room.create('one')).json.metadata
    expect(created).toMatchObject({
      generation: 1,
      uid: expect.any(String),
      creationTimestamp: expect.stringMatching(/^\S+T\S+:\d\dZ$/),
    })
    const labelled = (await room.patch('one', { metadata: { labels: { a: 'b' } } })).json.metadata
    expect(labelled).toMatchObject({ generation: 1, labels: { a: 'b' } })
    expect(labelled.resourceVersion).not.toBe(created.resourceVersion)
    const paused = (await room.patch('one', { spec: { paused: true } })).json.metadata
    expect(paused.generation).toBe(2)
    const reported = (await room.patch('one', { status: { phase: 'Provisioned' } }, '/status')).json
    expect(reported).toMatchObject({ metadata: { generation: 2 }, status: { phase: 'Provisioned' } })
    const ignored = (await room.patch('one', { status: { phase: 'Pending' } })).json
    expect(ignored.status.phase).toBe('Provisioned')
    const same = (await room.patch('one', { spec: { paused: true } })).json.metadata
    expect(same.resourceVersion).toBe(reported.metadata.resourceVersion)
  })

  it('keeps an object that waits for a finalizer, marked as being deleted', async () => {
    await room.create('kept', { finalizers: ['rollcall.example/wait'] })
    const answer = await room.delete('kept')
    expect([answer.status, answer.json.kind]).toEqual([200, 'Cluster'])
    expect(answer.json.metadata).toMatchObject({ deletionTimestamp: expect.any(String), generation: 2 })
    await room.patch('kept', { metadata: { finalizers: null } })
    expect((await room.list({ fieldSelector: 'metadata.name=kept' })).json.items).toEqual([])
  })

  it('refuses a second creation, an outdated update and a second deletion', async () => {
    await room.create('two')
    expect((await room.create('two')).json).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'clusters.cluster.x-k8s.io "two" already exists',
    })
    const outdated = await room.patch('two', { metadata: { resourceVersion: '3' }, spec: { paused: true } })
    expect(outdated.json).toMatchObject({ code: 409, reason: 'Conflict' })
    expect((await room.delete('two')).json).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'two', kind: 'clusters' },
    })
    expect((await room.delete('two')).json).toMatchObject({ code: 404, reason: 'NotFound' })
  })

  it('gives a recreated object another uid', async () => {
    const first = (await room.create('three')).json.metadata.uid
    await room.delete('three')
    expect((await room.create('three')).json.metadata.uid).not.toBe(first)
  })
}
