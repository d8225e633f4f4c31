import { describe, expect, it } from 'vitest'
import type { Subject } from '../../../../fleet/policy/subject.ts'
import type { Calendar, RegionVersions } from '../../../../fleet/support/calendar.ts'
import { ask, instants, poolOf, subjectOf } from '../ask.ts'

const dayMs = 86_400_000

describe('nodeImageAge', () => {
  const limits = { linuxMs: 30 * dayMs, windowsMs: 60 * dayMs }
  const linux = 'AKSUbuntu-2204gen2containerd-202606.01.0'
  const windows = 'AKSWindows-2022-containerd-20348.3207.260601'
  const pools = (...images: (string | null)[]) => images.map((nodeImage, at) => poolOf(`p${at}`, { nodeImage }))
  const begins = '2026-07-01T00:00:00.000Z'

  it.each<[string, Partial<Subject>, string, string, string | null, string | null]>([
    ['young', { pools: pools(linux) }, '2026-06-30T23:59:59.999Z', 'ok', null, begins],
    ['as old as the limit', { pools: pools(linux) }, begins, 'violated', begins, null],
    ['Windows has more time', { pools: pools(windows) }, begins, 'ok', null, '2026-07-31T00:00:00.000Z'],
    ['one of two too old', { pools: pools(windows, linux) }, begins, 'violated', begins, '2026-07-31T00:00:00.000Z'],
    ['no date in the name', { pools: pools('AKSUbuntu-custom') }, begins, 'unknown', null, null],
    [
      'no date beside a young one',
      { pools: pools('AKSUbuntu-custom', windows) },
      begins,
      'unknown',
      null,
      '2026-07-31T00:00:00.000Z',
    ],
    ['no date beside an old one', { pools: pools('AKSUbuntu-custom', linux) }, begins, 'violated', begins, null],
    ['AKS, and no image is known', { pools: pools(null) }, begins, 'unknown', null, null],
    ['not AKS', { provider: 'eks', pools: pools(null) }, begins, 'notApplicable', null, null],
    ['an image of somebody else', { provider: 'eks', pools: pools('ami-0abc') }, begins, 'notApplicable', null, null],
    ['no pools', { pools: [] }, begins, 'notApplicable', null, null],
  ])('%s', (_name, over, now, state, since, holdsUntil) => {
    const ruling = ask('nodeImageAge', limits, subjectOf(over), { now })
    expect({ state: ruling.state, ...instants(ruling) }).toEqual({ state, since, holdsUntil })
  })

  it('names the oldest, and how many more', () => {
    const older = 'AKSUbuntu-2204gen2containerd-202605.01.0'
    const ruling = ask('nodeImageAge', limits, subjectOf({ pools: pools(linux, older) }), { now: begins })
    expect(ruling.message).toBe(
      'the image of pool p1 was released on 2026-05-01, and the policy allows 30 days; 1 more pool is too old',
    )
    expect(ruling.evidence[0]).toEqual({
      field: 'pools.p1.nodeImage',
      expected: 'younger than 30 days',
      actual: older,
      from: 'corp/1111',
      asOf: null,
    })
  })
})

describe('patchAge', () => {
  const patches = ['1.33.2', '1.33.10', '1.33.9', '1.33.4'].map((version) => ({ version, upgrades: [] }))
  const region: RegionVersions = {
    region: 'westeurope',
    readAt: new Date('2026-07-01T00:00:00Z'),
    minors: [{ minor: '1.33', isPreview: false, supportPlans: ['KubernetesOfficial'], patches }],
  }
  const calendarOf = (over: Partial<RegionVersions> = {}): Calendar => ({
    entries: [],
    regions: new Map([['westeurope', { ...region, ...over }]]),
  })
  const stale = '2026-07-02T00:00:00.000Z'

  it.each<[string, Partial<Subject>, Calendar, string, string, string | null]>([
    ['as far behind as allowed', { versionObserved: '1.33.4' }, calendarOf(), '2026-07-01T06:00:00Z', 'ok', stale],
    ['further behind', { versionObserved: '1.33.2' }, calendarOf(), '2026-07-01T06:00:00Z', 'violated', stale],
    ['the newest', { versionObserved: '1.33.10' }, calendarOf(), '2026-07-01T06:00:00Z', 'ok', stale],
    [
      'newer than all that are listed',
      { versionObserved: '1.33.11' },
      calendarOf(),
      '2026-07-01T06:00:00Z',
      'ok',
      stale,
    ],
    ['only a minor', { versionObserved: '1.33' }, calendarOf(), '2026-07-01T06:00:00Z', 'unknown', stale],
    ['not observed', { versionObserved: null }, calendarOf(), '2026-07-01T06:00:00Z', 'unknown', stale],
    [
      'a minor that is not listed',
      { versionObserved: '1.30.1' },
      calendarOf(),
      '2026-07-01T06:00:00Z',
      'unknown',
      stale,
    ],
    ['a list that is too old', { versionObserved: '1.33.4' }, calendarOf(), stale, 'unknown', null],
    [
      'a list that is too old, foreseen',
      { versionObserved: '1.33.4' },
      { ...calendarOf(), foreseenFrom: new Date('2026-07-01T06:00:00Z') },
      stale,
      'ok',
      null,
    ],
    ['a list that was never read', { versionObserved: '1.33.4' }, calendarOf({ readAt: null }), stale, 'unknown', null],
    ['another region', { versionObserved: '1.33.4', region: 'eastus' }, calendarOf(), stale, 'unknown', null],
    ['no region', { versionObserved: '1.33.4', region: null }, calendarOf(), stale, 'unknown', null],
    ['not AKS', { provider: 'eks', versionObserved: '1.33.4' }, calendarOf(), stale, 'notApplicable', null],
  ])('%s', (_name, over, calendar, now, state, holdsUntil) => {
    const ruling = ask('patchAge', { maxBehind: 2 }, subjectOf(over), { now, calendar })
    expect({ state: ruling.state, ...instants(ruling) }).toEqual({ state, since: null, holdsUntil })
  })

  it('counts by number, and names the newest', () => {
    const ruling = ask('patchAge', { maxBehind: 2 }, subjectOf({ versionObserved: '1.33.2' }), {
      now: '2026-07-01T06:00:00Z',
      calendar: calendarOf(),
    })
    expect(ruling.message).toBe('3 newer patches are offered, and the policy allows 2')
    expect(ruling.evidence[1]).toMatchObject({ actual: '1.33.10', asOf: '2026-07-01' })
  })
})
