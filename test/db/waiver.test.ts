import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { formerClaim } from '../../db/claim.ts'
import { rowsOf, type Store } from '../../db/client.ts'
import { waiversAt } from '../../db/judge/rules.ts'
import { judge } from '../../db/judge.ts'
import { registerPolicies } from '../../db/policy.ts'
import { answer } from '../../db/query.ts'
import { createWaiver, revokeWaiver, type WaiverRequest, waiverDaysMax } from '../../db/waiver.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { findingLines, idOf, minimum, owned, policyOf, putClusters, subjectOf } from './judged-cluster.ts'
import { at } from './wire.ts'

const inDays = (days: number) => new Date(at(0).getTime() + days * 86_400_000)
const request: WaiverRequest = {
  policy: 'base',
  rule: 'minimum',
  selector: { name: ['one'] },
  owner: 'team-a',
  reason: 'the vendor certifies it in March',
  approvedBy: null,
  expiresAt: inDays(30),
}
const declared = {
  ...request,
  id: idOf('declared'),
  origin: 'fleetFile' as const,
}

describe.each(engines)('waivers on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(async () => {
    await clear(store)
    const policies = [policyOf('base', [minimum('1.33'), owned()]), policyOf('other', [owned()])]
    await registerPolicies(store.db, { policies, waivers: [], calendar: [] }, at(0), [])
    const subjects = ['one', 'two'].map((name) => subjectOf(name, { versionObserved: '1.32.1' }))
    await putClusters(store.db, subjects, at(0))
    await judge(store.db, at(0))
  })
  afterAll(() => store.close())

  const waived = async () => (await findingLines(store.db)).filter((line) => line.includes('Waived'))
  const due = async () =>
    (
      await rowsOf<{ name: string }>(
        store.db,
        sql`select name from assessment a join cluster c on c.id = a.cluster_id
      where due_at is not null order by 1`,
      )
    ).map(({ name }) => name)
  const stored = () => rowsOf(store.db, sql`select id from waiver`)

  it.each<[string, Partial<WaiverRequest>, readonly string[], string]>([
    ['one cluster by its name', {}, ['one'], 'one base/minimum'],
    ['one cluster by its id', { selector: { clusterId: idOf('two') } }, ['two'], 'two base/minimum'],
    ['by other facts', { selector: { source: ['weu'] } }, ['one', 'two'], 'one base/minimum,two base/minimum'],
    ['all rules of a policy', { rule: null }, ['one'], 'one base/minimum,one base/owner'],
    ['a rule of all policies', { policy: null, rule: 'owner' }, ['one'], 'one base/owner,one other/owner'],
    [
      'a policy for all',
      { policy: 'other', rule: null, selector: {} },
      ['one', 'two'],
      'one other/owner,two other/owner',
    ],
  ])('excuse %s', async (_, given, concerned, findings) => {
    const waiver = await createWaiver(store.db, { ...request, ...given }, at(1))
    expect(waiver).toMatchObject({ origin: 'api', createdAt: at(1), revokedAt: null, expiresAt: request.expiresAt })
    expect(await due()).toEqual(concerned)
    await judge(store.db, at(1))
    expect((await waived()).map((line) => line.split(' ').slice(0, 2).join(' ')).join()).toBe(findings)
    expect(await answer(store.db, waiversAt(at(1)))).toEqual([waiver])
    const isPast = new Date(request.expiresAt.getTime() + 91 * 86_400_000)
    expect(await answer(store.db, waiversAt(isPast))).toEqual([])
  })

  it.each<[string, Partial<WaiverRequest>, string | RegExp]>([
    ['no owner', { owner: ' ' }, 'Waiver: owner must not be empty.'],
    ['no reason', { reason: '' }, 'Waiver: reason must not be empty.'],
    ['half a character', { selector: { labels: '\ud800' } }, /selector.labels must not contain NUL or half/],
    ['a NUL', { reason: 'a\0b' }, 'Waiver: reason must not contain NUL or half a surrogate pair.'],
    [
      'a NUL in the selector',
      { selector: { name: ['a\0'] } },
      'Waiver: selector.name must not contain NUL or half a surrogate pair.',
    ],
    ['half a character', { selector: { labels: '\ud800' } }, /selector.labels must not contain NUL or half/],
    ['a novel', { reason: 'x'.repeat(3000) }, 'Waiver: reason must not be longer than 2000 characters.'],
    [
      'an end in the past',
      { expiresAt: at(1) },
      `Waiver: expiresAt must be in the future; it is now ${at(1).toISOString()}.`,
    ],
    ['no end', { expiresAt: new Date(Number.NaN) }, /expiresAt must be in the future/],
    ['a far end', { expiresAt: inDays(waiverDaysMax + 1) }, /expiresAt must be within 366 days/],
    ['an unknown policy', { policy: 'bass' }, 'Waiver: policy must be one of base, other.'],
    ['an unknown rule', { rule: 'minimus' }, 'Waiver: rule must be one of minimum, owner.'],
    ['a rule of another policy', { policy: 'other' }, 'Waiver: rule must be one of owner.'],
    ['an unknown cluster', { selector: { clusterId: idOf('three') } }, /selector.cluster is not the id of a cluster/],
    ['what is no id', { selector: { clusterId: 'one' } }, /selector.cluster is not the id of a cluster/],
    ['an empty list', { selector: { name: [] } }, /selector.name must not be an empty list/],
    ['a long list', { selector: { name: Array(101).fill('x') } }, /selector.name must not have more than 100 entries/],
    ['labels that cannot be read', { selector: { labels: 'a in' } }, /Waiver: selector.labels cannot be read: /],
    [
      'labels that contradict each other',
      { selector: { labels: 'a,!a' } },
      'Waiver: selector.labels can never hold, because it contradicts itself about the label "a".',
    ],
    [
      'a misspelt geography',
      { selector: { geography: ['Erope'] } },
      'Waiver: selector.geography names no geography that Rollcall knows ("Erope"); did you mean "Europe"?',
    ],
    ['an unknown country', { selector: { country: ['NL', 'XX'] } }, /selector.country names no country .*"XX"/],
    ['everybody from everything', { policy: null, rule: null, selector: {} }, /nobody can be excused from everything/],
  ])('are refused with %s', async (_, given, message) => {
    const refused = createWaiver(store.db, { ...request, ...given }, at(1))
    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.toMatchObject({ code: 'invalid' })
    expect(await stored()).toEqual([])
    expect(await due()).toEqual([])
  })

  it('are the same for the same request, until revoked', async () => {
    const first = await createWaiver(store.db, request, at(1))
    expect(await createWaiver(store.db, { ...request, selector: { ...request.selector } }, at(2))).toEqual(first)
    expect(await stored()).toHaveLength(1)
    await judge(store.db, at(2))
    expect(await revokeWaiver(store.db, first.id, 'jane', at(3))).toEqual({ ...first, revokedAt: at(3) })
    expect(await due()).toEqual(['one'])
    await judge(store.db, at(3))
    expect(await waived()).toEqual([])
    expect(await revokeWaiver(store.db, first.id, 'joe', at(4))).toEqual({ ...first, revokedAt: at(3) })
    expect(await due()).toEqual([])
    expect(await rowsOf(store.db, sql`select revoked_by from waiver`)).toEqual([{ revoked_by: 'jane' }])
    const second = await createWaiver(store.db, request, at(5))
    expect(second.id).not.toBe(first.id)
    expect(await createWaiver(store.db, request, at(6))).toEqual(second)
    expect((await answer(store.db, waiversAt(at(6)))).filter(({ revokedAt }) => !revokedAt)).toEqual([second])
  })

  it('asked for twice at once, are one', async () => {
    const both = await Promise.all([createWaiver(store.db, request, at(1)), createWaiver(store.db, request, at(1))])
    expect(both[0]).toEqual(both[1])
    expect(await stored()).toHaveLength(1)
  })

  it('of the fleet file are revoked there', async () => {
    const policies = [policyOf('base', [minimum('1.33')])]
    await registerPolicies(store.db, { policies, waivers: [declared], calendar: [] }, at(1), [])
    await expect(revokeWaiver(store.db, declared.id, null, at(2))).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Remove it under "waivers" there'),
    })
    await expect(revokeWaiver(store.db, idOf('nothing'), null, at(2))).rejects.toMatchObject({ code: 'not_found' })
    await expect(revokeWaiver(store.db, 'nothing', null, at(2))).rejects.toMatchObject({ code: 'not_found' })
  })

  it('follow a cluster that turned out to be another', async () => {
    const waiver = await createWaiver(store.db, { ...request, selector: { clusterId: idOf('one') } }, at(1))
    await store.db.execute(sql`update cluster set gone_at = ${at(2).toISOString()} where id = ${idOf('one')}`)
    await store.db.execute(sql`insert into binding (claim, cluster_id, source_id, evidence, bound_at)
      values (${formerClaim(idOf('one'))}, ${idOf('two')}, 'weu', '{}', ${at(2).toISOString()})`)
    await judge(store.db, at(2))
    await putClusters(store.db, [subjectOf('two', { versionObserved: '1.32.1' })], at(2))
    await judge(store.db, at(2))
    expect(await waived()).toEqual(['two base/minimum Waived waiver weu 2'])
    // Either id is good to ask with.
    await revokeWaiver(store.db, waiver.id, null, at(3))
    expect(await due()).toEqual(['two'])
    await createWaiver(store.db, { ...request, selector: { clusterId: idOf('one') } }, at(4))
    await judge(store.db, at(4))
    expect(await waived()).toHaveLength(1)
  })
})
