import { describe, expect, it } from 'vitest'
import { dayAfter, daysLeftOf, lastDayOf } from '../../../fleet/support/day.ts'
import { calendarNameOf } from '../../../fleet/support/provider.ts'
import { latestPatchOf, patchesBehind } from '../../../fleet/support/region.ts'
import { skewOf } from '../../../fleet/support/skew.ts'
import { parseVersion } from '../../../fleet/version.ts'
import { at, offers } from './calendar-facts.ts'

describe('calendarNameOf', () => {
  it.each([
    ...([
      ['aks', 'aks'],
      ['AKS', 'aks'],
      ['eks', 'eks'],
      ['gke', 'gke'],
    ] as const),
    ...['azure', 'aws', 'gcp', 'docker', 'vsphere', 'openstack', 'metal3', 'homemade'].map(
      (p) => [p, 'upstream'] as const,
    ),
    ...([
      ['rosa', null],
      ['aro', null],
      ['openshift', null],
      ['', null],
      [null, null],
    ] as const),
  ])('%j follows %j', (provider, calendar) => {
    expect(calendarNameOf(provider)).toBe(calendar)
  })
})

describe('days', () => {
  it.each([
    ['2026-11-30', '2026-11-22T00:00:00Z', 8],
    ['2026-11-30', '2026-11-30T23:59:59.999Z', 0],
    ['2026-11-30', '2026-12-01T00:00:00Z', -1],
    ['2027-03-31', '2026-11-30T12:00:00Z', 121],
  ])('%s is the last day, on %s: %i left', (endsAt, now, left) => {
    expect(daysLeftOf(endsAt, at(now))).toBe(left)
  })

  it('no last day leaves no count', () => expect(daysLeftOf(null, at('2026-11-22'))).toBeNull())

  it.each([
    ['2026-11', '2026-11-30'],
    ['2026-12', '2026-12-31'],
    ['2028-02', '2028-02-29'],
    ['2026-02', '2026-02-28'],
    ['2025-11-01', '2025-11-01'],
  ])('%s means %s', (written, day) => {
    expect(lastDayOf(written)).toBe(day)
  })

  it('a day is over when the next begins in UTC', () => {
    expect(dayAfter('2026-12-31')).toEqual(new Date('2027-01-01T00:00:00Z'))
  })
})

describe('skewOf', () => {
  it.each([
    ['1.34.2', 'v1.31.9', 3],
    ['1.10.0', '1.9.8', 1],
    ['1.34', '1.34.1', 0],
    ['1.33.1', '1.34.0', -1],
    ['2.0.0', '1.34.0', null],
    [null, '1.34.0', null],
    ['1.34.0', null, null],
    ['1.34.0', 'latest', null],
  ])('%s over %s: %j', (controlPlane, pool, skew) => {
    expect(skewOf(controlPlane, pool)).toBe(skew)
  })
})

describe('patches', () => {
  const minor = offers('1.34', 'community', { '1.34.10': [], '1.34.9': [], '1.34.2': [], odd: [] })
  it.each([
    ['1.34.10', 0],
    ['1.34.9', 1],
    ['1.34.5', 2],
    ['v1.34.1', 3],
    ['1.34.11', 0],
    ['1.34', null],
    ['1.33.1', null],
  ])('%s is %j behind', (version, behind) => {
    expect(patchesBehind(parseVersion(version), minor)).toBe(behind)
  })

  it('nothing listed, nothing known', () => {
    expect(patchesBehind(parseVersion('1.34.1'), null)).toBeNull()
    expect(patchesBehind(null, minor)).toBeNull()
    expect(patchesBehind(parseVersion('1.34.1'), offers('1.34', 'lts'))).toBeNull()
    expect(latestPatchOf(offers('1.34', 'lts'))).toBeNull()
    expect(latestPatchOf(minor)).toBe('1.34.10')
  })
})
