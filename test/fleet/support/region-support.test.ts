import { describe, expect, it } from 'vitest'
import type { SupportSubject } from '../../../fleet/support/calendar.ts'
import { supportOf } from '../../../fleet/support/support.ts'
import { aks, at, entry, listing, lts, offers } from './calendar-facts.ts'

const now = at('2026-11-22')
const readAt = '2026-11-22T09:00:00Z'
const patches = { '1.32.9': ['1.33.5'], '1.32.10': ['1.33.5'], '1.32.4': ['1.32.10', '1.32.9', '1.33.5'] }
const minors = [
  offers('1.31', 'lts', { '1.31.13': [], '1.31.12': [] }),
  offers('1.32', 'lts', patches),
  offers('1.33', 'lts', { '1.33.5': ['1.34.9', '1.34.10'] }),
  offers('1.34', 'community', { '1.34.9': ['1.34.10', '1.35.2', '1.37.0'], '1.34.10': ['1.35.2'], '1.34.2': [] }),
  offers('1.35', 'community', { '1.35.2': ['1.36.1'] }),
  offers('1.36', 'standard', { '1.36.1': [] }),
  offers('1.37', 'preview', { '1.37.0': [] }),
]
const calendar = listing(readAt, minors)
const without = (...gone: string[]) =>
  listing(
    readAt,
    minors.filter(({ minor }) => !gone.includes(minor)),
  )

describe('supportOf, by what the region offers (azure.md 4.2)', () => {
  it.each<[string, SupportSubject, string, string]>([
    ['2: a preview', aks('1.37.0'), 'Preview', 'Preview'],
    ['2: a preview, whatever the plan', aks('1.37.0', lts), 'Preview', 'Preview'],
    ['3: LTS on a minor that only LTS covers', aks('1.32.10', lts), 'SupportedLts', 'SupportedLts'],
    ['3: the second newest patch', aks('1.32.9', lts), 'SupportedLts', 'SupportedLts'],
    ['3: the third newest patch', aks('1.32.4', lts), 'SupportedLts', 'LtsPatchTooOld'],
    ['3: LTS on a community minor', aks('1.34.10', lts), 'SupportedLts', 'SupportedLts'],
    [
      '3: the plan in another case',
      aks('1.32.10', { supportPlan: 'akslongtermsupport', tier: 'premium' }),
      'SupportedLts',
      'SupportedLts',
    ],
    ['3: LTS, and a tier nobody read', aks('1.32.10', { ...lts, tier: null }), 'Unknown', 'TierUnread'],
    ['3: a tier nobody read, community', aks('1.34.10', { ...lts, tier: null }), 'Supported', 'Supported'],
    ['3: a tier nobody read, not even LTS', aks('1.30.3', { ...lts, tier: null }), 'OutOfSupport', 'OutOfSupport'],
    ['3: LTS, a patch that is listed no longer', aks('1.33.4', lts), 'SupportedLts', 'LtsPatchTooOld'],
    ['3: LTS, one that is neither listed nor newer', aks('1.34.8', lts), 'SupportedLts', 'LtsPatchTooOld'],
    ['3: LTS, a patch newer than the list', aks('1.33.6', lts), 'SupportedLts', 'SupportedLts'],
    ['3: the patch is not known', aks('1.32', lts), 'SupportedLts', 'SupportedLts'],
    ['3: LTS needs Premium', aks('1.32.10', { ...lts, tier: 'Standard' }), 'OutOfSupport', 'LtsNeedsPremium'],
    ['3: LTS needs Premium, N-3', aks('1.33.5', { ...lts, tier: 'Free' }), 'PlatformSupport', 'LtsNeedsPremium'],
    ['3: LTS needs Premium, community', aks('1.34.10', { ...lts, tier: 'Free' }), 'Supported', 'LtsNeedsPremium'],
    ['3: LTS is not offered for the minor', aks('1.36.1', lts), 'Supported', 'Supported'],
    ['4: a community minor', aks('1.34.10'), 'Supported', 'Supported'],
    [
      '4: the default plan by its name',
      aks('1.34.10', { supportPlan: 'KubernetesOfficial' }),
      'Supported',
      'Supported',
    ],
    ['4: a patch that is listed no longer', aks('1.34.3'), 'Supported', 'PatchRetired'],
    ['4: a patch newer than the list', aks('1.34.11'), 'Supported', 'Supported'],
    ['4: a minor without a patch', aks('1.34'), 'Supported', 'Supported'],
    ['4: the region as a person writes it', aks('1.34.10', { region: 'West Europe' }), 'Supported', 'Supported'],
    ['5: newer than the newest', aks('1.38.0'), 'Unknown', 'NotListed'],
    ['6: N-3, which only LTS covers', aks('1.33.5'), 'PlatformSupport', 'LtsOnly'],
    ['7: below N-3, listed for LTS only', aks('1.32.10'), 'OutOfSupport', 'LtsOnly'],
    ['7: below N-3, not listed', aks('1.30.3'), 'OutOfSupport', 'OutOfSupport'],
    ['7: below N-3, not listed, with LTS', aks('1.30.3', lts), 'OutOfSupport', 'OutOfSupport'],
    ['7: compared by number', aks('1.9.3'), 'OutOfSupport', 'OutOfSupport'],
  ])('%s', (_, subject, phase, reason) => {
    expect(supportOf(subject, calendar, now)).toMatchObject({ phase, reason })
  })

  it('3: a minor that the region lists without LTS ends with standard support, whatever the plan', () => {
    expect(supportOf(aks('1.36.1', lts), calendar, now)).toMatchObject({
      ...{ plan: 'lts', phase: 'Supported', endsAt: '2027-06-30', extendedEnd: '2028-06-30' },
    })
    const foreseen = supportOf(aks('1.36.1', lts), { ...calendar, foreseenFrom: now }, at('2027-07-01'))
    expect(foreseen).toMatchObject({ phase: 'PlatformSupport', endsAt: '2027-06-30' })
    const contract = entry({ minor: '1.36', plan: 'lts', endsAt: '2029-06-30', origin: 'operator' })
    expect(supportOf(aks('1.36.1', lts), listing(readAt, minors, [contract]), now)).toMatchObject({
      ...{ phase: 'SupportedLts', endsAt: '2029-06-30' },
    })
  })

  it('names what decided the phase', () => {
    const by = (version: string, more = {}, of = calendar, day = now) => supportOf(aks(version, more), of, day).phaseBy
    const list = { source: 'listKubernetesVersions of westeurope', asOf: '2026-11-22' }
    for (const version of ['1.37.0', '1.36.1', '1.34.3', '1.38.0', '1.33.5', '1.30.3'])
      expect(by(version)).toEqual(list)
    expect(by('1.32.10', { ...lts, region: 'West Europe' })).toEqual(list)
    expect(by('1.34.10', {}, calendar, at('2026-11-30'))).toEqual(list)
    expect(by('1.34.10', {}, listing(null, []))).toEqual({ ...list, asOf: null })
    const contract = entry({ minor: '1.34', endsAt: '2026-12-31', origin: 'operator', source: 'contract 4711' })
    expect(by('1.34.10', {}, listing(null, [], [contract]))).toEqual({ source: 'contract 4711', asOf: '2026-11-01' })
    const foreseen = { ...calendar, foreseenFrom: now }
    expect(by('1.34.9', {}, foreseen, at('2026-12-01'))).toMatchObject({ asOf: '2026-08-22' })
    expect(by('1.30.3', {}, foreseen, at('2026-12-01'))).toEqual(list)
  })

  it.each<[string, SupportSubject, string[], string]>([
    ['5: N-2, not listed', aks('1.34.10'), ['1.34'], 'Unknown'],
    ['5: N-2, not listed, with LTS', aks('1.34.10', lts), ['1.34'], 'Unknown'],
    ['6: N-3, not listed', aks('1.33.5'), ['1.33'], 'PlatformSupport'],
    ['6: N-3, not listed, with LTS', aks('1.33.5', lts), ['1.33'], 'PlatformSupport'],
    ['N is what this region has', aks('1.32.10'), ['1.36'], 'PlatformSupport'],
    ['no community minor at all', aks('1.30.1'), ['1.34', '1.35', '1.36'], 'Unknown'],
    ['LTS needs no community minor', aks('1.32.10', lts), ['1.34', '1.35', '1.36'], 'SupportedLts'],
  ])('%s', (_, subject, gone, phase) => {
    expect(supportOf(subject, without(...gone), now).phase).toBe(phase)
  })

  it('takes a minor under a plan it does not know for one that is not listed', () => {
    const odd = [...minors.filter(({ minor }) => minor !== '1.35'), offers('1.35', 'none')]
    expect(supportOf(aks('1.35.2'), listing(readAt, odd), now)).toMatchObject({ phase: 'Unknown', reason: 'NotListed' })
  })

  it('a minor that just became LTS-only keeps platform support, though its region does not have the newest minor yet', () => {
    const early = minors.map((minor) => (minor.minor === '1.34' ? offers('1.34', 'lts') : minor))
    expect(supportOf(aks('1.34.9'), listing(readAt, early), now)).toMatchObject({
      ...{ phase: 'PlatformSupport', reason: 'LtsOnly', ltsOnly: true },
    })
  })

  it('1: never read: Unknown, with the dates', () => {
    const support = supportOf(aks('1.34.10'), listing(null, []), now)
    expect(support).toMatchObject({
      phase: 'Unknown',
      reason: 'RegionUnread',
      endsAt: '2026-11-30',
      asOf: '2026-08-22',
    })
    expect(support.message).toBe(
      'What AKS offers in westeurope was never read; by the calendar its last day is 2026-11-30 for 1.34.',
    )
    expect(support).toMatchObject({ ltsOnly: false, holdsUntil: '2026-12-01T00:00:00.000Z' })
  })

  it('1: not read for a day: Unknown, with the age of what was read, and nothing else of it', () => {
    const trusted = supportOf(aks('1.34.9'), calendar, at('2026-11-23T08:59:59.999Z'))
    expect(trusted).toMatchObject({
      phase: 'Supported',
      holdsUntil: '2026-11-23T09:00:00.000Z',
      latestPatch: '1.34.10',
    })
    const stale = supportOf(aks('1.34.9'), calendar, at('2026-11-23T09:00:00Z'))
    expect(stale).toMatchObject({ phase: 'Unknown', reason: 'RegionStale', endsAt: '2026-11-30', latestPatch: null })
    expect(stale.upgradeTargets).toEqual([])
    expect(stale.message).toBe(
      'What AKS offers in westeurope was last read at 2026-11-22T09:00:00.000Z, and 1.34 was Supported; by the calendar its last day is 2026-11-30.',
    )
  })

  it('tells the newest patch and where to go by number, without previews', () => {
    expect(supportOf(aks('v1.34.9'), calendar, now)).toMatchObject({
      ...{ latestPatch: '1.34.10', upgradeTargets: ['1.34.10', '1.35.2'] },
    })
    expect(supportOf(aks('1.32.4'), calendar, now)).toMatchObject({
      ...{ latestPatch: '1.32.10', upgradeTargets: ['1.32.9', '1.32.10', '1.33.5'] },
    })
    expect(supportOf(aks('1.34'), calendar, now)).toMatchObject({ latestPatch: '1.34.10', upgradeTargets: [] })
    expect(supportOf(aks('1.30.1'), calendar, now)).toMatchObject({ latestPatch: null, upgradeTargets: [] })
  })

  it('says what to do', () => {
    const says = (subject: SupportSubject) => supportOf(subject, calendar, now).message
    expect(says(aks('1.34.9'))).toBe('AKS supports 1.34 until 2026-11-30.')
    expect(says(aks('1.34.3'))).toBe(
      '1.34.3 was removed in westeurope, which leaves 30 days from then to move to 1.34.10.',
    )
    expect(says(aks('1.32.4', lts))).toBe(
      'Long-term support covers only the two newest patches of 1.32 in westeurope: move from 1.32.4 to 1.32.10.',
    )
    expect(says(aks('1.33.5'))).toBe(
      'Standard support of 1.33 ended on 2026-07-31, long-term support lasts until 2027-07-31: upgrade to 1.34.10, or set tier Premium and plan AKSLongTermSupport.',
    )
    expect(says(aks('1.32.9', { ...lts, tier: null }))).toBe(
      'Standard support of 1.32 ended on 2026-03-31; the plan AKSLongTermSupport covers it until 2027-03-31 if the tier is Premium, which was not read: have it read in Azure (`azure` of the fleet file), or upgrade to 1.33.5.',
    )
    expect(says(aks('1.32.9', { ...lts, tier: 'Free' }))).toBe(
      'The plan AKSLongTermSupport needs tier Premium, the tier is Free: 1.32 has no standard support any more.',
    )
  })

  it('believes the region more than the date: still listed, though its day is over', () => {
    const late = listing('2026-12-02T09:00:00Z', minors)
    expect(supportOf(aks('1.34.9'), late, at('2026-12-02'))).toMatchObject({
      ...{ phase: 'Supported', reason: 'ListedPastEnd', endsAt: '2026-11-30', ltsOnly: false },
    })
  })

  it('believes an operator more than the region', () => {
    const contract = entry({
      minor: '1.30',
      plan: 'lts',
      endsAt: '2027-02-28',
      origin: 'operator',
      source: 'contract 4711',
    })
    const bound = listing(readAt, minors, [contract])
    expect(supportOf(aks('1.30.3', lts), bound, now)).toMatchObject({
      ...{ phase: 'SupportedLts', endsAt: '2027-02-28', source: 'contract 4711', asOf: '2026-11-01' },
    })
    const later = listing('2027-03-01T09:00:00Z', minors, [contract])
    expect(supportOf(aks('1.30.3', lts), later, at('2027-03-01')).phase).toBe('OutOfSupport')
    const early = entry({ minor: '1.36', endsAt: '2026-11-21', origin: 'operator' })
    expect(supportOf(aks('1.36.1'), listing(readAt, minors, [early]), now).phase).toBe('PlatformSupport')
  })

  it('as long as an operator vouches for it, no region has to', () => {
    const contract = entry({ minor: '1.30', plan: 'lts', endsAt: '2027-02-28', origin: 'operator' })
    const unread = listing(null, [], [contract])
    expect(supportOf(aks('1.30.3', lts), unread, now).phase).toBe('SupportedLts')
    expect(supportOf(aks('1.30.3', lts), unread, at('2027-03-01'))).toMatchObject({
      ...{ phase: 'Unknown', reason: 'RegionUnread' },
    })
    expect(supportOf(aks('1.30.3'), unread, now).phase).toBe('Unknown')
  })

  it('dates the LTS-only window: between the two ends', () => {
    const window = (version: string) => supportOf(aks(version), calendar, now).ltsOnly
    expect(['1.30.1', '1.31.12', '1.33.5', '1.34.9', '1.36.1', '1.37.0'].map(window)).toEqual([
      ...[false, true, true, false, false, false],
    ])
  })

  it('foresees what the dates end, where today’s list is all there is', () => {
    const foreseen = { ...calendar, foreseenFrom: now }
    const phase = (version: string, day: string, more = {}) => supportOf(aks(version, more), foreseen, at(day)).phase
    expect(supportOf(aks('1.34.9'), foreseen, now)).toEqual({
      ...supportOf(aks('1.34.9'), calendar, now),
      holdsUntil: '2026-12-01T00:00:00.000Z',
    })
    expect(phase('1.34.9', '2026-11-30')).toBe('Supported')
    expect(phase('1.34.9', '2026-12-01')).toBe('PlatformSupport')
    expect(phase('1.34.9', '2026-12-01', lts)).toBe('SupportedLts')
    expect(phase('1.31.12', '2026-12-01', lts)).toBe('OutOfSupport')
    expect(phase('1.35.2', '2026-12-01')).toBe('Supported')
  })

  it('does not foresee an end that the region has outlived already, nor trust what is not trusted now', () => {
    const outlived = listing('2026-12-02T09:00:00Z', minors)
    const from = at('2026-12-02')
    expect(supportOf(aks('1.34.9'), { ...outlived, foreseenFrom: from }, at('2026-12-20')).phase).toBe('Supported')
    expect(supportOf(aks('1.34.9'), { ...calendar, foreseenFrom: from }, at('2026-12-20')).reason).toBe('RegionStale')
  })
})
