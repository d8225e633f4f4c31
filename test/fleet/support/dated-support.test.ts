import { describe, expect, it } from 'vitest'
import type { SupportSubject } from '../../../fleet/support/calendar.ts'
import { supportOf } from '../../../fleet/support/support.ts'
import { aks, at, datesOnly, entry, lts, other } from './calendar-facts.ts'

type Row = [subject: SupportSubject, day: string, phase: string, endsAt: string | null]

describe('supportOf, by the dates', () => {
  it.each<Row>([
    [aks('1.34.10'), '2026-11-22', 'Supported', '2026-11-30'],
    [aks('1.34.10'), '2026-11-30T23:59:59.999Z', 'Supported', '2026-11-30'],
    [aks('1.34.10'), '2026-12-01T00:00:00Z', 'PlatformSupport', '2026-11-30'],
    [aks('1.34.10', lts), '2026-11-22', 'SupportedLts', '2027-11-30'],
    [aks('1.34.10', lts), '2027-11-30', 'SupportedLts', '2027-11-30'],
    [aks('1.34.10', lts), '2027-12-01', 'PlatformSupport', '2027-11-30'],
    [aks('1.36.1'), '2026-11-22', 'Supported', '2027-06-30'],
    [aks('1.33.5'), '2026-11-22', 'PlatformSupport', '2026-07-31'],
    [aks('1.32.5'), '2026-11-22', 'OutOfSupport', '2026-03-31'],
    [aks('1.31.5', lts), '2026-11-22', 'SupportedLts', '2026-11-30'],
    [aks('1.31.5', lts), '2026-12-01', 'OutOfSupport', '2026-11-30'],
    [aks('1.31'), '2026-11-22', 'OutOfSupport', '2025-11-01'],
    [aks('1.37.1'), '2026-11-22', 'Unknown', '2027-10-31'],
    [aks('1.40.1'), '2026-11-22', 'Unknown', null],
    [aks('1.20.1'), '2026-11-22', 'OutOfSupport', null],
    [aks('1.20.1', lts), '2026-11-22', 'OutOfSupport', null],
    [aks('1.34.1', { region: null }), '2026-11-22', 'Supported', '2026-11-30'],
  ])('AKS %j on %s: %s', expectPhase)

  it.each<Row>([
    [other('eks', '1.34.3-eks-abc'), '2026-11-22', 'Supported', '2027-12-02'],
    [other('eks', '1.33.3'), '2026-11-22', 'SupportedExtended', '2027-07-29'],
    [other('eks', '1.31.3'), '2026-11-26', 'SupportedExtended', '2026-11-26'],
    [other('eks', '1.31.3'), '2026-11-27', 'OutOfSupport', '2026-11-26'],
    [other('eks', '1.33.3', 'STANDARD'), '2026-11-22', 'OutOfSupport', '2026-07-29'],
    [other('eks', '1.34.3', 'STANDARD'), '2026-11-22', 'Supported', '2026-12-02'],
    [other('eks', '1.20.3'), '2026-11-22', 'OutOfSupport', null],
    [other('eks', '1.37.1'), '2026-11-22', 'Unknown', null],
    [other('gke', '1.35.7-gke.1222000'), '2026-11-22', 'Supported', '2027-04-11'],
    [other('gke', '1.34.1-gke.1'), '2026-11-22', 'Unknown', '2026-10-01'],
    [other('gke', '1.34.1-gke.1', 'EXTENDED'), '2026-11-22', 'Unknown', '2026-10-01'],
    [other('gke', '1.34.1-gke.1', 'REGULAR'), '2026-11-22', 'OutOfSupport', '2026-10-01'],
    [other('azure', 'v1.35.1'), '2026-11-22', 'Supported', '2027-02-28'],
    [other('docker', 'v1.34.1'), '2026-10-27', 'Supported', '2026-10-27'],
    [other('vsphere', 'v1.34.1'), '2026-10-28', 'OutOfSupport', '2026-10-27'],
    [other('aws', 'v1.37.0'), '2026-11-22', 'Supported', '2027-10-28'],
    [other('aws', 'v1.38.0'), '2026-11-22', 'Unknown', null],
    [other('aws', 'v1.19.0'), '2026-11-22', 'OutOfSupport', null],
  ])('%j on %s: %s', expectPhase)

  function expectPhase(subject: SupportSubject, day: string, phase: string, endsAt: string | null) {
    expect(supportOf(subject, datesOnly(), at(day))).toMatchObject({ phase, endsAt })
  }

  it('gives every date, who says so, and since when that is known', () => {
    const source = 'MicrosoftDocs/azure-aks-docs, supported-kubernetes-versions.md of 2026-08-05'
    expect(supportOf(aks('1.34.10'), datesOnly(), at('2026-11-22'))).toEqual({
      ...{ calendar: 'aks', minor: '1.34', plan: 'standard', phase: 'Supported', reason: 'Supported', ltsOnly: false },
      ...{ endsAt: '2026-11-30', standardEnd: '2026-11-30', extendedEnd: '2027-11-30' },
      source,
      asOf: '2026-08-22',
      phaseBy: { source, asOf: '2026-08-22' },
      standardBy: { source, asOf: '2026-08-22' },
      message: 'AKS supports 1.34 until 2026-11-30.',
      ...{ latestPatch: null, upgradeTargets: [], holdsUntil: '2026-12-01T00:00:00.000Z' },
    })
  })

  it.each<[SupportSubject, string | null, string]>([
    [aks(null), 'aks', 'NoVersion'],
    [other('rosa', '4.18.1'), null, 'NoCalendar'],
    [other(null, '1.34.1'), null, 'NoCalendar'],
  ])('%j cannot be judged', (subject, calendar, reason) => {
    const support = supportOf(subject, datesOnly(), at('2026-11-22'))
    expect(support).toMatchObject({ calendar, phase: 'Unknown', reason, endsAt: null, holdsUntil: null })
    expect(support.message).toMatch(/\.$/)
  })

  it('the window that only LTS covers opens with the clock', () => {
    const on = (day: string) => supportOf(aks('1.34.10'), datesOnly(), at(day))
    expect(on('2026-11-30').ltsOnly).toBe(false)
    expect(on('2026-12-01')).toMatchObject({ ltsOnly: true, reason: 'LtsOnly' })
    expect(on('2027-12-01').ltsOnly).toBe(false)
  })

  it('a release moves the window: N-3 becomes N-4', () => {
    const released = datesOnly(entry({ minor: '1.37', availableAt: '2026-12-10', origin: 'operator' }))
    const on = (day: string) => supportOf(aks('1.33.5'), released, at(day))
    expect(on('2026-12-09')).toMatchObject({ phase: 'PlatformSupport', holdsUntil: '2026-12-10T00:00:00.000Z' })
    expect(on('2026-12-10').phase).toBe('OutOfSupport')
    expect(supportOf(aks('1.37.0'), released, at('2026-12-10'))).toMatchObject({
      phase: 'Supported',
      endsAt: '2027-10-31',
    })
  })

  it('never takes a missing date for an end', () => {
    const nothing = { entries: [], regions: new Map() }
    for (const subject of [aks('1.34.1'), aks('1.34.1', lts), other('eks', '1.30.1'), other('docker', '1.20.1')]) {
      expect(supportOf(subject, nothing, at('2026-11-22'))).toMatchObject({ phase: 'Unknown', reason: 'NoDate' })
    }
    const unreleased = { entries: [entry({ minor: '1.34', endsAt: '2026-01-01' })], regions: new Map() }
    expect(supportOf(aks('1.34.1'), unreleased, at('2026-11-22')).phase).toBe('Unknown')
  })

  it('an operator can date what no source does', () => {
    const extended = entry({
      calendar: 'gke',
      minor: '1.34',
      plan: 'extended',
      endsAt: '2027-09-30',
      origin: 'operator',
    })
    const subject = other('gke', '1.34.1', 'EXTENDED')
    expect(supportOf(subject, datesOnly(extended), at('2026-11-22'))).toMatchObject({
      ...{ phase: 'SupportedExtended', endsAt: '2027-09-30' },
    })
  })
})
