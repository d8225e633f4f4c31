import { describe, expect, it } from 'vitest'
import type { Facts } from '../../../fleet/observation.ts'
import { condition, readBy, widget } from './declared-objects.ts'

/** A kind of a GitOps tool that nobody built in: what it should apply, tried and applied, and how it says that it did. */
const declared = {
  part: 'gitops',
  owner: { path: '.spec.cluster' },
  revision: { desired: '.spec.revision', attempted: '.status.tried', applied: `.status['x/applied']` },
  pause: '.spec.paused',
}
const factsBy = (health: object | undefined, wire: object): Facts => {
  const { observation } = readBy({ ...declared, ...(health ? { health } : {}) }, wire)
  if (observation === null) throw new Error('the object was not read')
  return observation.facts
}
const codes = ({ drift = [] }: Facts) => drift.map(({ code }) => code)

const revisions = (desired: string | undefined, tried: string | undefined, applied: string | undefined, more = {}) => ({
  spec: { cluster: 'prod', revision: desired, ...more },
  status: { tried, 'x/applied': applied, conditions: [condition('Ready', 'True')] },
})
const status = (...conditions: object[]) => widget({ spec: { cluster: 'prod' }, status: { conditions } })
const ladder = {
  ladder: [
    { condition: 'Broken', is: 'True', means: 'Failed' },
    { condition: 'Applying', is: 'True', means: 'Progressing' },
    { condition: 'Ready', is: 'Absent', means: 'Degraded' },
    { condition: 'Ready', is: 'True', means: 'Healthy' },
  ],
}

describe('a declared kind of a GitOps tool', () => {
  it('is a reconciler', () => {
    expect(factsBy(undefined, status(condition('Ready', 'True'))).gitops).toEqual({
      tool: 'declared',
      role: 'reconciler',
      suspended: false,
      ready: 'True',
      reason: 'ReadyIsTrue',
    })
    expect(readBy({ ...declared, part: 'none' }, status()).observation?.facts).not.toHaveProperty('gitops')
  })

  it.each<[string, object | undefined, object, string | undefined, readonly string[]]>([
    ['its primary condition', undefined, status(condition('Ready', 'False')), 'False', ['applyFailed']],
    ['one of its own', { primary: 'Synced' }, status(condition('Synced', 'False')), 'False', ['applyFailed']],
    [
      'one that waits',
      { family: 'flux' },
      status(condition('Ready', 'False', { reason: 'DependencyNotReady' })),
      'False',
      [],
    ],
    ['one that does not know', undefined, status(condition('Ready', 'Unknown')), 'Unknown', []],
    ['another that is bad', undefined, status(condition('Ready', 'True'), condition('Degraded', 'True')), 'True', []],
    [
      'one of an older generation',
      undefined,
      status(condition('Ready', 'False', { observedGeneration: 1 })),
      undefined,
      [],
    ],
    ['none', undefined, status(), undefined, []],
    ['a ladder: well', ladder, status(condition('Ready', 'True')), 'True', []],
    ['a ladder: at work', ladder, status(condition('Ready', 'True'), condition('Applying', 'True')), 'Unknown', []],
    [
      'a ladder: broken',
      ladder,
      status(condition('Ready', 'True'), condition('Broken', 'True')),
      'False',
      ['applyFailed'],
    ],
    ['a ladder: by what is absent', ladder, status(), 'False', ['applyFailed']],
    [
      'a ladder: broken before the last change',
      ladder,
      status(condition('Ready', 'Unknown'), condition('Broken', 'True', { observedGeneration: 1 })),
      undefined,
      [],
    ],
  ])('is ready by %s', (_why, health, wire, ready, expected) => {
    const facts = factsBy(health, wire)
    expect(facts.gitops?.ready).toBe(ready)
    expect(codes(facts)).toEqual(expected)
  })

  it('fails by the condition that says so', () => {
    const broken = condition('Broken', 'True', { message: 'no such branch' })
    expect(factsBy(ladder, status(condition('Ready', 'True'), broken)).drift).toEqual([
      {
        code: 'applyFailed',
        field: 'status.conditions[Broken]',
        expected: 'False',
        actual: 'True',
        since: '2026-05-02T00:00:00Z',
        message: 'BrokenIsTrue: no such branch',
      },
    ])
  })

  it.each<[string, object, readonly string[]]>([
    ['all the same', revisions('v2', 'v2', 'v2'), []],
    ['the same in other words', revisions('main@sha1:aaaaaaaa', undefined, 'trunk@sha1:aaaaaaaa'), []],
    ['another is asked for', revisions('1.2.0', '1.1.0', '1.1.0'), ['behindSource']],
    ['another is asked for, and was tried', revisions('1.2.0', '1.2.0', '1.1.0'), ['behindSource', 'applyFailed']],
    ['two names, which prove nothing', revisions('main', undefined, 'release'), []],
    ['nothing applied', revisions('1.2.0', '1.2.0', undefined), []],
    ['nothing asked for', revisions(undefined, undefined, '1.1.0'), []],
  ])('shows what it did not apply: %s', (_why, wire, expected) => {
    expect(codes(factsBy(undefined, widget(wire)))).toEqual(expected)
  })

  it('names the field that has the other revision, and dates nothing', () => {
    expect(factsBy(undefined, widget(revisions('1.2.0', undefined, '1.1.0'))).drift).toEqual([
      { code: 'behindSource', field: 'status[x/applied]', expected: '1.2.0', actual: '1.1.0' },
    ])
  })

  it('is suspended by its pause, with who paused it', () => {
    const managedFields = [
      { manager: 'kubectl', time: '2026-05-20T00:00:00Z', fieldsV1: { 'f:spec': { 'f:paused': {} } } },
    ]
    const facts = factsBy(undefined, widget(revisions('v2', 'v2', 'v2', { paused: true }), { managedFields }))
    expect(facts.gitops?.suspended).toBe(true)
    expect(facts.drift).toMatchObject([
      { code: 'suspended', field: 'spec.paused', expected: 'false', actual: 'true', since: '2026-05-20T00:00:00Z' },
    ])
  })

  it('owes nothing any more while it is deleted', () => {
    const wire = widget(revisions('1.2.0', '1.2.0', '1.1.0'), { deletionTimestamp: '2026-06-01T11:59:00Z' })
    expect(codes(factsBy(undefined, wire))).toEqual([])
  })
})
