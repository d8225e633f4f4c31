import { beforeAll, expect, it } from 'vitest'
import { everywhere, namesOf, Room, type Subject } from './subject.ts'

const metadataList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'
const metadataObject = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json'

/** What a LIST proves, page by page. */
export function listingContract(subject: () => Subject): void {
  let room: Room
  beforeAll(async () => {
    room = await Room.open(subject(), 'listing')
    for (let i = 1; i <= 7; i++) await room.create(`c${i}`, { labels: { half: i % 2 === 0 ? 'even' : 'odd' } })
  })

  it('gives pages of one snapshot, and ends with an empty token', async () => {
    const first = await room.list({ limit: 3 })
    expect(namesOf(first)).toEqual(['c1', 'c2', 'c3'])
    expect(first.json.metadata.remainingItemCount).toBe(4)
    await room.delete('c5')
    await room.create('c55')
    await room.patch('c6', { metadata: { labels: { late: 'yes' } } })
    const second = await room.list({ limit: 3, continue: first.json.metadata.continue })
    const third = await room.list({ limit: 3, continue: second.json.metadata.continue })
    expect([...namesOf(second), ...namesOf(third)]).toEqual(['c4', 'c5', 'c6', 'c7'])
    expect(second.json.items[2].metadata.labels.late).toBeUndefined()
    expect(second.json.metadata.resourceVersion).toBe(first.json.metadata.resourceVersion)
    expect(third.json.metadata.resourceVersion).toBe(first.json.metadata.resourceVersion)
    expect(third.json.metadata.continue ?? '').toBe('')
    expect(namesOf(await room.list())).toEqual(['c1', 'c2', 'c3', 'c4', 'c55', 'c6', 'c7'])
  })

  it('pages over all namespaces too, in key order', async () => {
    const whole = await subject().admin.get(everywhere)
    const names: string[] = []
    let token = ''
    do {
      const page = await subject().admin.get(`${everywhere}?limit=2&continue=${encodeURIComponent(token)}`)
      names.push(...namesOf(page))
      token = page.json.metadata.continue ?? ''
    } while (token !== '')
    expect(names).toEqual(namesOf(whole))
  })

  it('selects by labels and by name, and then tells no remaining count', async () => {
    const even = await room.list({ labelSelector: 'half=even', limit: 1 })
    expect(namesOf(even)).toEqual(['c2'])
    expect(even.json.metadata.remainingItemCount).toBeUndefined()
    expect(namesOf(await room.list({ labelSelector: 'half in (even),!late' }))).toEqual(['c2', 'c4'])
    expect(namesOf(await room.list({ labelSelector: 'half!=even' }))).toEqual(['c1', 'c3', 'c55', 'c7'])
    expect(namesOf(await room.list({ fieldSelector: 'metadata.name=c3' }))).toEqual(['c3'])
    expect((await room.list({ fieldSelector: 'spec.paused=true' })).json).toMatchObject({
      code: 400,
      reason: 'BadRequest',
    })
    expect((await room.list({ labelSelector: 'a b c' })).json).toMatchObject({ code: 400, reason: 'BadRequest' })
  })

  it('ignores the limit for resourceVersion=0', async () => {
    const answer = await room.list({ resourceVersion: '0', limit: 2 })
    expect(namesOf(answer)).toHaveLength(7)
    expect(answer.json.metadata.continue ?? '').toBe('')
  })

  it('refuses versions and tokens that make no sense', async () => {
    const { json: first } = await room.list({ limit: 2 })
    const token = first.metadata.continue
    const cases = [
      [{ resourceVersionMatch: 'Exact' }, 422, 'resourceVersionMatch is forbidden unless resourceVersion is provided'],
      [
        { resourceVersionMatch: 'Exact', resourceVersion: '0' },
        422,
        'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
      ],
      [{ resourceVersionMatch: 'Foo', resourceVersion: '1' }, 422, 'Unsupported value: "Foo"'],
      [
        { resourceVersionMatch: 'NotOlderThan', resourceVersion: '5', continue: token },
        422,
        'forbidden when continue is provided',
      ],
      [
        { resourceVersion: '5', continue: token },
        400,
        'specifying resource version is not allowed when using continue',
      ],
      [{ limit: '2', continue: 'xx' }, 400, 'continue key is not valid'],
      [{ limit: 'abc' }, 400, 'invalid syntax'],
    ] as const
    for (const [query, code, message] of cases) {
      const { status, json } = await room.list(query)
      expect([query, status, json.code, json.kind]).toEqual([query, code, code, 'Status'])
      expect(json.message).toContain(message)
    }
    // 1.20 takes its client's mistake for its own.
    const { status, json } = await room.list({ resourceVersion: 'abc' })
    expect([400, 500]).toContain(status)
    expect(json.message).toContain('invalid syntax')
  })

  it('gives the past exactly, while it has it', async () => {
    const { json: before } = await room.list()
    await room.create('c9')
    await room.delete('c9')
    const past = await room.list({ resourceVersion: before.metadata.resourceVersion, resourceVersionMatch: 'Exact' })
    expect(namesOf(past)).not.toContain('c9')
    expect(past.json.metadata.resourceVersion).toBe(before.metadata.resourceVersion)
  })

  it('answers 504 to a version from the future, with Retry-After', async () => {
    const { status, json, headers } = await room.list({
      resourceVersion: '999999999',
      resourceVersionMatch: 'NotOlderThan',
    })
    expect([status, json.reason]).toEqual([504, 'Timeout'])
    expect(json.message).toContain('Too large resource version')
    expect(headers['retry-after']).toBe('1')
  })

  it('answers 410 after a compaction, with a token that goes on inconsistently', async () => {
    const { json: first } = await room.list({ limit: 3 })
    await room.create('c8')
    await subject().compact()
    const gone = await room.list({ limit: 3, continue: first.metadata.continue })
    expect([gone.status, gone.json]).toMatchObject([410, { kind: 'Status', reason: 'Expired', code: 410 }])
    expect(gone.json.message).toMatch(/^The provided continue parameter is too old/)
    const rest = await room.list({ limit: 10, continue: gone.json.metadata.continue })
    expect(rest.status).toBe(200)
    expect(namesOf(rest)).toEqual(['c4', 'c55', 'c6', 'c7', 'c8'])
    const exact = await room.list({ resourceVersion: '10', resourceVersionMatch: 'Exact' })
    expect([exact.status, exact.json.reason]).toEqual([410, 'Expired'])
  })

  it('gives metadata alone to who asks for it', async () => {
    const { admin } = subject()
    const list = await admin.get(`${room.path}?limit=2`, { accept: metadataList })
    expect(list.json).toMatchObject({
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      items: [{ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'c1' } }, {}],
    })
    expect(list.json.metadata.continue).toBeTruthy()
    expect(list.json.items[0].spec).toBeUndefined()
    const one = await admin.get(`${room.path}/c1`, { accept: metadataObject })
    expect(one.json).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'c1', namespace: 'listing' } })
    expect(one.json.spec).toBeUndefined()
    expect((await admin.get(room.path, { accept: 'text/html' })).json).toMatchObject({
      code: 406,
      reason: 'NotAcceptable',
    })
  })

  it('compresses what is large, for who takes gzip', async () => {
    const large = await Room.open(subject(), 'large')
    for (let i = 0; i < 3; i++) await large.create(`big${i}`, { annotations: { filler: 'x'.repeat(60_000) } })
    const zipped = await subject().admin.get(large.path, { 'accept-encoding': 'gzip' })
    expect(zipped.headers['content-encoding']).toBe('gzip')
    expect(namesOf(zipped)).toEqual(['big0', 'big1', 'big2'])
    expect((await subject().admin.get(large.path)).headers['content-encoding']).toBeUndefined()
    const small = await subject().admin.get(`${room.path}?limit=1`, { 'accept-encoding': 'gzip' })
    expect(small.headers['content-encoding']).toBeUndefined()
  })
}
