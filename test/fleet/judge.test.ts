import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HealthContext, type Reading, type Rung, states } from '../../fleet/health.ts'
import { healthOf } from '../../fleet/judge.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 5, 1, 12, minute))
const iso = (minute: number) => at(minute).toISOString()
const healthy: Reading = { rungs: [{ state: 'Healthy', reason: 'Ready' }], flags: [], short: false }

describe('healthOf', () => {
  it('is Stale once the source was not read for too long, and keeps what it was', () => {
    const context = { staleAt: at(10) }
    expect(healthOf(healthy, context, at(9))).toMatchObject({ state: 'Healthy', holdsUntil: iso(10) })
    expect(healthOf(healthy, context, at(10))).toMatchObject({
      state: 'Stale',
      underlying: 'Healthy',
      holdsUntil: null,
    })
    const paused = { ...healthy, suspended: { reason: 'Paused', message: '', since: null } }
    expect(healthOf(paused, context, at(30))).toMatchObject({ state: 'Stale', underlying: 'Suspended' })
  })

  it('does not age what it cannot see', () => {
    const newborn: Reading = {
      ...healthy,
      rungs: [
        { state: 'Progressing', reason: 'Newborn', until: { at: iso(20) } },
        { state: 'Unknown', reason: 'NotReported' },
      ],
    }
    expect(healthOf(newborn, { staleAt: at(10) }, at(60))).toMatchObject({ state: 'Stale', underlying: 'Progressing' })
  })

  it('lets a suspended object age underneath', () => {
    const rungs: Rung[] = [
      { state: 'Progressing', reason: 'Newborn', until: { at: iso(5) } },
      { state: 'Unknown', reason: 'NotReported' },
    ]
    const reading = { ...healthy, rungs, suspended: { reason: 'Paused', message: 'm', since: iso(1) } }
    expect(healthOf(reading, {}, at(2))).toMatchObject({
      state: 'Suspended',
      reason: 'Paused',
      underlying: 'Progressing',
      since: iso(1),
      holdsUntil: iso(5),
    })
    expect(healthOf(reading, {}, at(5))).toMatchObject({ state: 'Suspended', underlying: 'Unknown', holdsUntil: null })
  })

  it('dates a lag and a shortage from first sight, and from now where nobody saw them yet', () => {
    const rungs: Rung[] = [
      { state: 'Progressing', reason: 'GenerationNotObserved', until: { after: 'generationSeenAt', ms: 600_000 } },
      { state: 'Stale', reason: 'ControllerNotObserving' },
    ]
    const lagging = { ...healthy, rungs }
    expect(healthOf(lagging, {}, at(0))).toMatchObject({ state: 'Progressing', holdsUntil: iso(10) })
    expect(healthOf(lagging, { generationSeenAt: at(-3) }, at(0))).toMatchObject({ since: iso(-3), holdsUntil: iso(7) })
    expect(healthOf(lagging, { generationSeenAt: at(-10) }, at(0))).toMatchObject({ state: 'Stale', holdsUntil: null })
  })

  it('holds a problem back until its instant', () => {
    const rungs: Rung[] = [
      { state: 'Degraded', reason: 'Stuck', from: { at: iso(5) } },
      { state: 'Progressing', reason: 'Updating' },
    ]
    expect(healthOf({ ...healthy, rungs }, {}, at(4))).toMatchObject({ reason: 'Updating', holdsUntil: iso(5) })
    expect(healthOf({ ...healthy, rungs }, {}, at(5))).toMatchObject({ reason: 'Stuck', holdsUntil: null })
  })

  it('joins the flags of the reading and of the rung', () => {
    const reading: Reading = {
      rungs: [{ state: 'Healthy', reason: 'R', flags: ['reconciling', 'helmDrift'] }],
      flags: ['helmDrift'],
      short: false,
    }
    expect(healthOf(reading, {}, at(0)).flags).toEqual(['helmDrift', 'reconciling'])
  })

  it('is right until it says it may change (holdsUntil), for any reading', () => {
    const minute = fc.integer({ min: -60, max: 60 })
    const until = fc.oneof(
      minute.map((m) => ({ at: iso(m) })),
      fc.record({
        after: fc.constantFrom('generationSeenAt' as const, 'shortSince' as const),
        ms: fc.integer({ min: 0, max: 3_600_000 }),
      }),
    )
    const state = fc.constantFrom(...states.filter((word) => word !== 'Suspended'))
    const rung: fc.Arbitrary<Rung> = fc.record(
      { state, reason: fc.constantFrom('A', 'B', 'C'), from: until, until },
      { requiredKeys: ['state', 'reason'] },
    )
    const last: fc.Arbitrary<Rung> = fc.record({ state, reason: fc.constant('Last') })
    const suspended = fc.constantFrom(undefined, { reason: 'Paused', message: '', since: null })
    const readings = fc.tuple(fc.array(rung, { maxLength: 4 }), last, suspended).map(([rungs, end, pause]): Reading => {
      const reading = { rungs: [...rungs, end], flags: [], short: false }
      return pause ? { ...reading, suspended: pause } : reading
    })
    const contexts: fc.Arbitrary<HealthContext> = fc.record(
      { generationSeenAt: minute.map(at), shortSince: minute.map(at), staleAt: minute.map(at) },
      { requiredKeys: ['generationSeenAt', 'shortSince'] },
    )
    fc.assert(
      fc.property(
        readings,
        contexts,
        minute,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (reading, context, start, share) => {
          const now = at(start)
          const first = healthOf(reading, context, now)
          const end = first.holdsUntil === null ? now.getTime() + 86_400_000 : Date.parse(first.holdsUntil)
          expect(end).toBeGreaterThan(now.getTime())
          const later = new Date(now.getTime() + Math.floor((end - 1 - now.getTime()) * share))
          expect(healthOf(reading, context, later)).toEqual(first)
        },
      ),
      { numRuns: 3000 },
    )
  })
})
