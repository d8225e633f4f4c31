import { describe, expect, it } from 'vitest'
import type { Difference } from '../../../fleet/drift/difference.ts'
import type { Silence } from '../../../fleet/policy/subject.ts'
import { armClusterKind, clusterKind, type KindKey } from '../../../fleet/reference.ts'
import { differenceOf, driftOf, now, ruleOf, verdicts } from './drift-ask.ts'

const hourMs = 3_600_000
const anHourAgo = '2026-07-01T11:00:00Z'

describe('a difference whose input is silent', () => {
  const kustomizations: KindKey = 'kustomize.toolkit.fluxcd.io/Kustomization'
  const silentSince = (since: string, kind = kustomizations, source = 'mgmt-weu'): Silence => ({ source, kind, since })
  const tenMinutes = 600_000
  /** Its grace ends at 11:10. */
  const behind = differenceOf({ since: anHourAgo, graceMs: tenMinutes })
  const inAzure = { ...behind, evidence: behind.evidence.map((each) => ({ ...each, from: 'corp/1111' })) }
  const held = { outcome: 'Pass', graceUntil: '2026-07-01T11:10:00.000Z', holdsUntil: null }
  const failed = { outcome: 'Fail', graceUntil: null, holdsUntil: null }
  it.each<[string, Difference, readonly Silence[], object]>([
    ['fails where all are heard', behind, [], failed],
    ['is tolerated on where its grace would have ended unseen', behind, [silentSince('2026-07-01T11:09:59Z')], held],
    ['is tolerated on where silence fell at that instant', behind, [silentSince('2026-07-01T11:10:00Z')], held],
    ['stays failed where silence fell later', behind, [silentSince('2026-07-01T11:10:01Z')], failed],
    ['was never tolerated without grace', { ...behind, graceMs: 0 }, [silentSince('2026-07-01T10:00:00Z')], failed],
    ['is not held by another kind of its source', behind, [silentSince('2026-07-01T11:00:00Z', clusterKind)], failed],
    [
      'is not held by another source',
      behind,
      [silentSince('2026-07-01T11:00:00Z', kustomizations, 'mgmt-neu')],
      failed,
    ],
    [
      'is held by the clusters of Azure, where those testify',
      inAzure,
      [silentSince('2026-07-01T11:00:00Z', armClusterKind, 'corp/1111')],
      held,
    ],
    [
      'is held by the clusters of its source, where the cluster as a whole differs',
      { ...behind, about: null },
      [silentSince('2026-07-01T11:00:00Z', clusterKind)],
      held,
    ],
  ])('%s', (_name, difference, silent, expected) => {
    expect(verdicts(driftOf([difference]), { silent })).toMatchObject([expected])
  })

  it('waits for no clock, from when silence falls until it ends', () => {
    const drift = driftOf([differenceOf()])
    const rules = [ruleOf('behindSource', { graceMs: hourMs })]
    const first = verdicts(drift, { rules })
    expect(first).toMatchObject([{ holdsUntil: '2026-07-01T13:00:00.000Z' }])
    const silent = [silentSince('2026-07-01T12:30:00Z')]
    const waiting = verdicts(drift, { rules, last: first, silent, at: '2026-07-01T12:30:00Z' })
    expect(waiting).toMatchObject([{ outcome: 'Pass', graceUntil: '2026-07-01T13:00:00.000Z', holdsUntil: null }])
    expect(verdicts(drift, { rules, last: waiting, silent, at: '2026-07-03T00:00:00Z' })).toEqual(waiting)
    const heard = verdicts(drift, { rules, last: waiting, at: '2026-07-03T00:00:00Z' })
    expect(heard).toMatchObject([{ outcome: 'Fail', violatedSince: '2026-07-01T12:00:00.000Z' }])
  })
})

describe('a difference that time alone ends', () => {
  const until = '2026-07-01T18:00:00Z'
  it.each<[string, number, string, object]>([
    ['fails until then', 0, now, { outcome: 'Fail', holdsUntil: '2026-07-01T18:00:00.000Z' }],
    ['is tolerated for no longer', 12 * hourMs, now, { outcome: 'Pass', holdsUntil: '2026-07-01T18:00:00.000Z' }],
    ['is tolerated first, and fails then', hourMs, now, { outcome: 'Pass', holdsUntil: '2026-07-01T13:00:00.000Z' }],
    ['asks for no other look once that has passed', 0, until, { outcome: 'Fail', holdsUntil: null }],
  ])('%s', (_name, graceMs, at, expected) => {
    const rules = [ruleOf('behindSource', { graceMs })]
    expect(verdicts(driftOf([differenceOf({ until })]), { rules, at })).toMatchObject([expected])
  })
})
