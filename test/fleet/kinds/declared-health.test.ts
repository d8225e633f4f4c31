import { describe, expect, it } from 'vitest'
import type { Health } from '../../../fleet/health.ts'
import { healthOf } from '../../../fleet/judge.ts'
import { condition, readBy, widget } from './declared-objects.ts'

const now = new Date('2026-06-01T12:00:00Z')
const healthBy = (health: object | undefined, wire: object, more: object = {}): Health => {
  const { observation } = readBy({ ...(health ? { health } : {}), ...more }, wire)
  if (observation === null) throw new Error('the object was not read')
  return healthOf(observation.reading, {}, now)
}

/** A certificate's manner: renewing is work, also while the old one no longer serves. */
const ladder = [
  { condition: 'Stalled', is: 'True', means: 'Failed', reason: 'GaveUp' },
  { condition: 'Issuing', is: 'True', means: 'Progressing' },
  { condition: 'Ready', is: 'False', means: 'Degraded' },
  { condition: 'Ready', is: 'Unknown', means: 'Unknown' },
  { condition: 'Ready', is: 'Absent', means: 'Progressing', reason: 'NotAskedYet' },
  { condition: 'Ready', is: 'True', means: 'Healthy' },
]
const status = (...conditions: object[]) => widget({ status: { conditions } })

describe('a declared ladder', () => {
  it.each<[string, object, Partial<Health>]>([
    [
      'the first rung that holds answers',
      status(condition('Ready', 'False'), condition('Issuing', 'True')),
      { state: 'Progressing', reason: 'IssuingIsTrue' },
    ],
    [
      'a rung may name its own reason',
      status(condition('Stalled', 'True'), condition('Issuing', 'True')),
      { state: 'Failed', reason: 'GaveUp' },
    ],
    [
      'and speaks in the words of its condition',
      status(condition('Ready', 'False', { message: 'expired' })),
      { state: 'Degraded', reason: 'ReadyIsFalse', message: 'expired', since: '2026-05-02T00:00:00Z' },
    ],
    ['well', status(condition('Ready', 'True')), { state: 'Healthy' }],
    ['not known', status(condition('Ready', 'Unknown')), { state: 'Unknown' }],
    ['what is absent is a status like any other', status(), { state: 'Progressing', reason: 'NotAskedYet' }],
    [
      'trouble of an older generation is over',
      status(condition('Ready', 'False', { observedGeneration: 1 }), condition('Issuing', 'True')),
      { state: 'Progressing', reason: 'IssuingIsTrue' },
    ],
    [
      'well in an older generation is not well yet',
      status(condition('Ready', 'True', { observedGeneration: 1 })),
      { state: 'Progressing', reason: 'GenerationNotObserved' },
    ],
    [
      'trouble of an older generation, and nothing since: nobody has looked yet',
      status(condition('Ready', 'False', { observedGeneration: 1, message: 'expired' })),
      { state: 'Progressing', reason: 'GenerationNotObserved' },
    ],
    [
      'conditions that are none',
      widget({ status: { conditions: 'x' } }),
      { state: 'Unknown', reason: 'MalformedStatus' },
    ],
    ['a status that is none', widget({ status: 'x' }), { state: 'Unknown', reason: 'MalformedStatus' }],
    [
      'what is being deleted',
      widget(status(condition('Ready', 'True')), { deletionTimestamp: '2026-06-01T11:59:00Z' }),
      { state: 'Deleting' },
    ],
  ])('%s', (_why, wire, health) => {
    expect(healthBy({ ladder }, wire)).toMatchObject(health)
  })

  it('that says nothing leaves the word to the primary condition, else nobody knows', () => {
    const rungs = [{ condition: 'Broken', is: 'True', means: 'Failed' }]
    const well = status(condition('Synced', 'True'))
    expect(healthBy({ ladder: rungs, primary: 'Synced' }, well)).toMatchObject({ state: 'Healthy' })
    expect(healthBy({ ladder: rungs, primary: 'Synced' }, status())).toMatchObject({ state: 'Unknown' })
    const never = [...rungs, { condition: 'Ready', is: 'True', means: 'Healthy' }]
    expect(healthBy({ ladder: never }, well)).toMatchObject({ state: 'Unknown', reason: 'NotReported' })
  })

  it('counts what was just made as coming', () => {
    const born = widget({}, { creationTimestamp: '2026-06-01T11:58:00Z' })
    const rungs = [{ condition: 'Ready', is: 'True', means: 'Healthy' }]
    expect(healthBy({ ladder: rungs }, born)).toMatchObject({
      state: 'Progressing',
      reason: 'Newborn',
      holdsUntil: '2026-06-01T12:03:00.000Z',
    })
  })
})

describe('a declared family', () => {
  const info = status(condition('Ready', 'False', { severity: 'Info', observedGeneration: undefined }))
  const waiting = status(condition('Ready', 'False', { reason: 'DependencyNotReady' }))
  it.each<[string, object | undefined, object, Partial<Health>]>([
    ['none: as its group tells', undefined, status(condition('Ready', 'True')), { state: 'Healthy' }],
    ['capi: severity Info is work', { family: 'capi' }, info, { state: 'Progressing' }],
    [
      'capi: by another condition',
      { family: 'capi', primary: 'Available' },
      status(condition('Available', 'False')),
      { state: 'Degraded' },
    ],
    [
      'capi: a field where no condition is',
      { family: 'capi' },
      widget({ status: { ready: true } }),
      { state: 'Healthy' },
    ],
    ['flux: waiting is work', { family: 'flux' }, waiting, { state: 'Progressing', reason: 'DependencyNotReady' }],
    [
      'aso: severity Error is the end',
      { family: 'aso' },
      status(condition('Ready', 'False', { severity: 'Error' })),
      { state: 'Failed' },
    ],
    [
      'generic: by the first that exists',
      { family: 'generic' },
      status(condition('Synced', 'True')),
      { state: 'Healthy' },
    ],
    [
      'generic: by one of its own',
      { primary: 'Programmed' },
      status(condition('Programmed', 'False'), condition('Ready', 'True')),
      { state: 'Degraded', reason: 'ProgrammedIsFalse' },
    ],
  ])('%s', (_why, health, wire, expected) => {
    expect(healthBy(health, wire)).toMatchObject(expected)
  })
})

describe('a declared pause', () => {
  const pause = { pause: `.metadata.annotations['example.com/paused']` }
  const by = (value: unknown) =>
    widget(status(condition('Ready', 'False')), { annotations: { 'example.com/paused': value } })
  it('keeps the state underneath, and tells who paused it', () => {
    const managedFields = [
      {
        manager: 'kubectl',
        time: '2026-05-20T00:00:00Z',
        fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:example.com/paused': {} } } },
      },
    ]
    const wire = widget(status(condition('Ready', 'False')), {
      annotations: { 'example.com/paused': 'true' },
      managedFields,
    })
    expect(healthBy(undefined, wire, pause)).toMatchObject({ state: 'Suspended', underlying: 'Degraded' })
    expect(readBy(pause, wire).observation?.facts.pause).toEqual({
      field: 'metadata.annotations[example.com/paused]',
      since: '2026-05-20T00:00:00Z',
      actor: 'kubectl',
    })
  })

  it.each([['false'], [''], [undefined]])('%j pauses nothing', (value) => {
    expect(healthBy(undefined, by(value), pause)).toMatchObject({ state: 'Degraded' })
  })

  it('another word pauses nothing either, and is named', () => {
    expect(healthBy(undefined, by('maybe'), pause)).toMatchObject({ state: 'Degraded' })
    expect(readBy(pause, by('maybe')).rejected.map(({ why }) => why)).toEqual([
      `pause: .metadata.annotations['example.com/paused'] is "maybe", neither true nor false`,
    ])
  })

  it('is no more once the object is being deleted', () => {
    const wire = widget({ spec: { halt: true } }, { deletionTimestamp: '2026-06-01T11:59:00Z' })
    expect(healthBy(undefined, wire, { pause: '.spec.halt' })).toMatchObject({ state: 'Deleting' })
  })

  it('stands beside the one every kind has', () => {
    const wire = widget({ ...status(condition('Ready', 'True')), spec: { suspend: true } })
    expect(healthBy(undefined, wire)).toMatchObject({ state: 'Suspended', underlying: 'Healthy' })
    expect(readBy({}, wire).observation?.facts.pause?.field).toBe('spec.suspend')
  })
})
