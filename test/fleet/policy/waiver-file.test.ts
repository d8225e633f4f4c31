import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseFleet } from '../../../fleet/configuration.ts'

const waiver = {
  id: 'late-vendor',
  rule: 'owner',
  selector: {},
  owner: 'team-a',
  reason: 'the vendor is late',
  expires: '2027-01-31',
}
const sentence = (over: object) => () => parseFleet({ waivers: [{ ...waiver, ...over }] })

describe('waivers of the fleet file', () => {
  it('are read as a person writes them', () => {
    const [found] = parseFleet(
      parse(`
waivers:
  - id: late-vendor
    policy: default
    rule: nodeImageAge
    selector: { name: shop, region: [westeurope], clusterId: 0F8FAD5B-D9CB-869F-8165-70867728950E }
    owner: team-a
    reason: the vendor is late
    approvedBy: jane@example.com
    expires: 2027-01-31
`),
    ).waivers
    expect(found).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/),
      policy: 'default',
      rule: 'nodeImageAge',
      selector: { region: ['westeurope'], name: ['shop'], clusterId: '0f8fad5b-d9cb-869f-8165-70867728950e' },
      owner: 'team-a',
      reason: 'the vendor is late',
      approvedBy: 'jane@example.com',
      expiresAt: new Date('2027-02-01T00:00:00Z'),
      origin: 'fleetFile',
    })
  })

  it('keep their identity by their id alone', () => {
    const idOf = (over: object) => parseFleet({ waivers: [{ ...waiver, ...over }] }).waivers[0]?.id
    expect(idOf({ reason: 'still late', expires: '2028-01-31' })).toBe(idOf({}))
    expect(idOf({ id: 'another' })).not.toBe(idOf({}))
  })

  it.each([
    ['2020-01-31', '2020-02-01T00:00:00.000Z'],
    ['2028-02-29', '2028-03-01T00:00:00.000Z'],
    ['2027-01-31T12:00:00Z', '2027-01-31T12:00:00.000Z'],
    ['2027-01-31T12:00:00+02:00', '2027-01-31T10:00:00.000Z'],
  ])('that expire on %s excuse until %s', (expires, until) => {
    expect(parseFleet({ waivers: [{ ...waiver, expires }] }).waivers[0]?.expiresAt.toISOString()).toBe(until)
  })

  it.each<[string, object, string]>([
    [
      'no expiry',
      { expires: undefined },
      'waivers[0].expires must be a day or an instant, for example 2027-01-31 or 2027-01-31T12:00:00Z',
    ],
    ['a day that never is', { expires: '2027-02-30' }, 'waivers[0].expires must be a day or an instant'],
    [
      'an instant without its zone',
      { expires: '2027-01-31T12:00:00' },
      'waivers[0].expires must be a day or an instant',
    ],
    ['no owner', { owner: '' }, 'waivers[0].owner must be a text that is not empty, for example team-a'],
    ['no reason', { reason: undefined }, 'waivers[0].reason must be a text that is not empty'],
    ['no selector', { selector: undefined }, 'waivers[0].selector must be a mapping of names to values'],
    [
      'a cluster by something else',
      { selector: { clusterId: 'shop' } },
      "waivers[0].selector.clusterId must be a cluster's id",
    ],
    [
      'everybody from everything',
      { rule: undefined },
      'waivers[0].selector must name clusters where neither policy nor rule is given: nobody can be excused from everything.',
    ],
    [
      'everybody from everything by a selector that says nothing',
      { rule: undefined, selector: { labels: ' ' } },
      'waivers[0].selector.labels says nothing, and so selects every cluster; leave it out',
    ],
    [
      'a country nobody is in',
      { selector: { country: ['NL', 'UK'] } },
      'waivers[0].selector.country names no country that Rollcall knows ("UK"); there are AE, AT, ',
    ],
    ['an unreadable label selector', { selector: { labels: '=' } }, 'waivers[0].selector.labels cannot be read'],
    [
      'a misspelt setting',
      { aprovedBy: 'x' },
      'waivers[0].aprovedBy is not a setting here; did you mean "approvedBy"?',
    ],
  ])('refuse %s', (_name, over, message) => {
    expect(sentence(over)).toThrow(message)
  })

  it('refuse two of one id', () => {
    expect(() => parseFleet({ waivers: [waiver, waiver] })).toThrow(
      'waivers[1].id repeats waivers[0].id; give one of them another id',
    )
  })
})
