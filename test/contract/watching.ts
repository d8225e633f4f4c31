import { setTimeout } from 'node:timers/promises'
import { beforeAll, expect, it } from 'vitest'
import { randomOf } from '../world/random.ts'
import type { Watched } from './client.ts'
import { Room, type Subject } from './subject.ts'

/** What a bounded watch proves. */
export function watchingContract(subject: () => Subject): void {
  let room: Room
  beforeAll(async () => {
    room = await Room.open(subject(), 'watching')
    await room.create('old')
  })
  const seen = (watched: Watched) =>
    watched.events
      .filter((event) => event.type !== 'BOOKMARK')
      .map(({ type, object }) => `${type} ${object.metadata.name}`)

  it('tells what happened since a cursor, deletions too, and ends by itself', async () => {
    const cursor = await room.cursor()
    await room.create('new', { labels: { a: '1' } })
    await room.patch('new', { spec: { paused: true } })
    await room.delete('new')
    const watched = await room.watch({ resourceVersion: cursor, timeoutSeconds: 1, allowWatchBookmarks: true })
    expect(seen(watched)).toEqual(['ADDED new', 'MODIFIED new', 'DELETED new'])
    expect([watched.status, watched.endedByServer]).toEqual([200, true])
    expect(watched.headers['content-type']).toContain('application/json')
    const versions = watched.events.map(({ object }) => Number(object.metadata.resourceVersion))
    expect(versions).toEqual(versions.toSorted((a, b) => a - b))
    expect(watched.events.findLast((event) => event.type === 'DELETED')?.object.spec.paused).toBe(true)
    const newest = watched.events.at(-1)?.object.metadata.resourceVersion
    const quiet = await room.watch({ resourceVersion: newest, timeoutSeconds: 1 })
    expect([quiet.events, quiet.endedByServer]).toEqual([[], true])
  })

  it('is quiet when nothing happened, and ends at its timeout', async () => {
    const watched = await room.watch({
      resourceVersion: await room.cursor(),
      timeoutSeconds: 1,
      allowWatchBookmarks: true,
    })
    expect([watched.status, watched.endedByServer, seen(watched)]).toEqual([200, true, []])
    expect(watched.ms).toBeGreaterThan(900)
    expect(watched.ms).toBeLessThan(3000)
  })

  it('tells what happens meanwhile', async () => {
    const cursor = await room.cursor()
    const watched = await room.watch({ resourceVersion: cursor, timeoutSeconds: 2 }, () => {
      void room.create('live').then(() => room.delete('live'))
    })
    expect(seen(watched)).toEqual(['ADDED live', 'DELETED live'])
  })

  it('begins with what is there when no cursor is given', async () => {
    for (const query of [{}, { resourceVersion: '0' }])
      expect(seen(await room.watch({ ...query, timeoutSeconds: 1 }))).toEqual(['ADDED old'])
  })

  it('tells a selector’s loss as a deletion', async () => {
    await room.create('chosen', { labels: { pick: 'me' } })
    const cursor = await room.cursor()
    await room.patch('chosen', { metadata: { labels: { pick: 'no' } } })
    await room.patch('chosen', { metadata: { labels: { pick: 'me' } } })
    const watched = await room.watch({ resourceVersion: cursor, timeoutSeconds: 1, labelSelector: 'pick=me' })
    expect(seen(watched)).toEqual(['DELETED chosen', 'ADDED chosen'])
    await room.delete('chosen')
  })

  it('gives bookmarks that can be resumed from, if it gives any', async () => {
    const cursor = await room.cursor()
    await room.patch('old', { metadata: { labels: { touched: 'yes' } } })
    const watched = await room.watch({ resourceVersion: cursor, timeoutSeconds: 4, allowWatchBookmarks: true })
    const bookmark = watched.events.findLast((event) => event.type === 'BOOKMARK')
    if (bookmark === undefined) return
    expect(bookmark.object).toMatchObject({ kind: 'Cluster', apiVersion: 'cluster.x-k8s.io/v1beta2' })
    const { resourceVersion } = bookmark.object.metadata
    expect(Number(resourceVersion)).toBeGreaterThanOrEqual(Number(watched.events[0]?.object.metadata.resourceVersion))
    expect(seen(await room.watch({ resourceVersion, timeoutSeconds: 1 }))).toEqual([])
    // Only who asks for them gets them.
    const without = await room.watch({ resourceVersion: cursor, timeoutSeconds: 3 })
    expect(without.events.map((event) => event.type)).toEqual(['MODIFIED'])
  })

  it('streams a list to its end mark, or refuses to with 422', async () => {
    const query = {
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
      timeoutSeconds: 1,
    }
    const watched = await room.watch(query)
    if (watched.status === 422) return
    const end = watched.events.findIndex(
      (event) => event.object.metadata.annotations?.['k8s.io/initial-events-end'] === 'true',
    )
    expect(watched.events[end]?.type).toBe('BOOKMARK')
    expect(watched.events.slice(0, end).map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
      'ADDED old',
    ])
    expect(Number(watched.events[end]?.object.metadata.resourceVersion)).toBeGreaterThan(0)
  })

  it('gives metadata alone to who asks for it', async () => {
    const answer = await subject().admin.get(`${room.path}?watch=1&timeoutSeconds=1`, {
      accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    })
    const [event] = answer.text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
    expect(event).toMatchObject({ type: 'ADDED', object: { kind: 'PartialObjectMetadata', metadata: { name: 'old' } } })
    expect(event.object.spec).toBeUndefined()
  })

  it('read by catch-up alone, random churn equals a LIST', async () => {
    const churned = await Room.open(subject(), 'churn')
    const known = new Map<string, string>()
    const random = randomOf('churn')
    let cursor = await churned.cursor()
    let churning = true
    const churn = (async () => {
      for (let i = 0; i < 150; i++) {
        const name = `c${random.below(20)}`
        const dice = random.next()
        if (dice < 0.45) await churned.create(name)
        else if (dice < 0.75) await churned.patch(name, { metadata: { annotations: { turn: String(i) } } })
        else await churned.delete(name)
        await setTimeout(10)
      }
      churning = false
    })()
    for (let last = false; !last; ) {
      last = !churning
      const watched = await churned.watch({ resourceVersion: cursor, timeoutSeconds: 1, allowWatchBookmarks: true })
      expect([watched.status, watched.endedByServer]).toEqual([200, true])
      for (const { type, object } of watched.events) {
        expect(type).not.toBe('ERROR')
        cursor = object.metadata.resourceVersion
        if (type === 'DELETED') known.delete(object.metadata.name)
        else if (type !== 'BOOKMARK') known.set(object.metadata.name, object.metadata.resourceVersion)
      }
    }
    await churn
    const { json } = await churned.list()
    const listed = json.items.map((item: { metadata: { name: string; resourceVersion: string } }) => [
      item.metadata.name,
      item.metadata.resourceVersion,
    ])
    expect([...known].sort()).toEqual(listed.sort())
  })

  it('answers 410, as a status or an ERROR event, when it no longer knows the cursor', async () => {
    const cursor = await room.cursor()
    await room.patch('old', { metadata: { labels: { again: 'yes' } } })
    await subject().restart()
    const watched = await room.watch({ resourceVersion: cursor, timeoutSeconds: 2 })
    if (watched.status !== 200) expect(watched.status).toBe(410)
    else {
      expect(watched.events).toHaveLength(1)
      expect(watched.events[0]).toMatchObject({
        type: 'ERROR',
        object: { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 },
      })
      expect(watched.events[0]?.object.message).toMatch(/^too old resource version: \d+ \(\d+\)$/)
    }
  })
}
