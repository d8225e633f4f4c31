import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Calendar,
  type CalendarEntry,
  calendarOrigins,
  type Support,
  type SupportPhase,
  type SupportSubject,
} from '../../../fleet/support/calendar.ts'
import { dayOf } from '../../../fleet/support/day.ts'
import { seedCalendar } from '../../../fleet/support/seed.ts'
import { supportOf } from '../../../fleet/support/support.ts'
import { parseVersion } from '../../../fleet/version.ts'
import { entry, offers } from './calendar-facts.ts'

const from = Date.parse('2025-06-01')
const to = Date.parse('2028-12-31')
const instant = fc.integer({ min: from, max: to }).map((ms) => new Date(ms))
const day = instant.map(dayOf)
const minor = fc.integer({ min: 28, max: 39 }).map((n) => `1.${n}`)

const subject: fc.Arbitrary<SupportSubject> = fc.record({
  provider: fc.constantFrom('aks', 'aks', 'eks', 'gke', 'docker', 'rosa', null),
  region: fc.constantFrom('westeurope', 'eastus', null),
  version: fc.oneof(
    {
      weight: 9,
      arbitrary: fc.tuple(minor, fc.constantFrom('', '.0', '.2', '.10')).map(([m, p]) => parseVersion(m + p)),
    },
    fc.constant(null),
  ),
  supportPlan: fc.constantFrom(null, 'KubernetesOfficial', 'AKSLongTermSupport', 'STANDARD', 'EXTENDED'),
  tier: fc.constantFrom(null, 'Free', 'Premium'),
})

const overrides: fc.Arbitrary<CalendarEntry> = fc
  .record({
    calendar: fc.constantFrom('aks' as const, 'eks' as const, 'gke' as const, 'upstream' as const),
    minor,
    plan: fc.constantFrom('standard' as const, 'lts' as const, 'extended' as const),
    region: fc.constantFrom(null, 'westeurope'),
    availableAt: fc.option(day),
    endsAt: fc.option(day),
    origin: fc.constantFrom(...calendarOrigins.filter((origin) => origin !== 'seed')),
  })
  .map(entry)

const region = fc
  .record({
    readAt: fc.option(instant),
    minors: fc.uniqueArray(
      fc
        .tuple(minor, fc.constantFrom('community', 'standard', 'lts', 'preview', 'none' as const))
        .map(([m, plan]) => offers(m, plan, { [`${m}.2`]: [`${m}.10`], [`${m}.10`]: [], [`${m}.9`]: [] })),
      { selector: (listed) => listed.minor, maxLength: 9 },
    ),
  })
  .map((listed) => ({ region: 'westeurope', ...listed }))

const calendar: fc.Arbitrary<Calendar> = fc
  .tuple(fc.boolean(), fc.array(overrides, { maxLength: 6 }), fc.option(region), fc.option(instant))
  .map(([seeded, more, listed, foreseenFrom]) => ({
    entries: [...(seeded ? seedCalendar : []), ...more],
    regions: new Map(listed ? [['westeurope', listed]] : []),
    ...(foreseenFrom ? { foreseenFrom } : {}),
  }))

const facts = ({ holdsUntil: _, ...rest }: Support) => rest

describe('supportOf and the clock', () => {
  it('holds until the instant it names, and is another one then', () => {
    const property = fc.property(
      subject,
      calendar,
      instant,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (s, c, now, part) => {
        const support = supportOf(s, c, now)
        const until = support.holdsUntil === null ? to * 2 : Date.parse(support.holdsUntil)
        expect(until).toBeGreaterThan(now.getTime())
        const meanwhile = new Date(now.getTime() + Math.floor((until - 1 - now.getTime()) * part))
        expect(supportOf(s, c, meanwhile)).toEqual(support)
        expect(supportOf(s, c, new Date(until - 1))).toEqual(support)
        if (support.holdsUntil !== null) expect(facts(supportOf(s, c, new Date(until)))).not.toEqual(facts(support))
      },
    )
    fc.assert(property, { numRuns: 1000 })
  })

  it('never comes back: what is known only gets worse', () => {
    // Both plans of AKS are support: where they are dated crosswise, one may follow the other.
    const order: Readonly<Record<Exclude<SupportPhase, 'Unknown'>, number>> = {
      ...{ Preview: 0, Supported: 1, SupportedLts: 1, SupportedExtended: 2, PlatformSupport: 3, OutOfSupport: 4 },
    }
    const property = fc.property(subject, calendar, instant, instant, (s, c, a, b) => {
      const [early, late] = a < b ? [a, b] : [b, a]
      const [before, after] = [supportOf(s, c, early).phase, supportOf(s, c, late).phase]
      if (before === 'Unknown' || after === 'Unknown') return
      expect(order[after]).toBeGreaterThanOrEqual(order[before])
    })
    fc.assert(property, { numRuns: 1000 })
  })

  it('calls nothing out of support of which no source says an end and no window is known', () => {
    const undated = calendar.map(
      (c): Calendar => ({
        entries: c.entries.map((e) => ({ ...e, endsAt: null, availableAt: null })),
        regions: new Map(),
      }),
    )
    const property = fc.property(subject, undated, instant, (s, c, now) => {
      expect(supportOf(s, c, now).phase).toBe('Unknown')
    })
    fc.assert(property)
  })

  it('does not trust an old list to say no', () => {
    const property = fc.property(subject, region, instant, (s, listed, now) => {
      const readAt = listed.readAt === null ? null : new Date(now.getTime() - 86_400_000)
      const regions = new Map([['westeurope', { ...listed, readAt }]])
      const support = supportOf(
        { ...s, provider: 'aks', region: 'westeurope' },
        { entries: seedCalendar, regions },
        now,
      )
      expect(support.phase).toBe('Unknown')
    })
    fc.assert(property)
  })

  it('sees from today what today sees', () => {
    const property = fc.property(subject, calendar, instant, (s, { entries, regions }, now) => {
      const today = supportOf(s, { entries, regions }, now)
      expect(facts(supportOf(s, { entries, regions, foreseenFrom: now }, now))).toEqual(facts(today))
    })
    fc.assert(property)
  })
})
