import { describe, expect, it } from 'vitest'
import type { Member } from '../../../fleet/cluster.ts'
import type { OwnDifference } from '../../../fleet/drift/difference.ts'
import type { GitOps } from '../../../fleet/gitops.ts'
import type { Facts } from '../../../fleet/observation.ts'
import { composeAmid, member, type Options, refOf, selfManaged, surroundedBy } from '../members.ts'
import { answer, found, only, unreadable } from './of.ts'

const old = 'main@sha1:4f5e6d7c8b9a0f1e2d3c4b5a69788796a5b4c3d2'
const young = 'main@sha1:0a1b2c3d4e5f60718293a4b5c6d7e8f901234567'
const at = '2026-11-22T08:00:00Z'
const minute = 60_000

const applies: GitOps = { tool: 'flux', role: 'reconciler', suspended: false, intervalMs: 10 * minute }
const offers: GitOps = { tool: 'flux', role: 'source', suspended: false, revisionAt: at }

const kustomization = (facts: Facts = {}, more: Options = {}) =>
  member('Kustomization', 'Healthy', {
    at: 'apps',
    facts: { gitops: applies, appliesFrom: refOf('GitRepository', 'flux'), revision: { applied: old }, ...facts },
    ...more,
  })
const repository = (facts: Facts = {}) =>
  member('GitRepository', 'Healthy', { at: 'flux', facts: { gitops: offers, revision: { applied: young }, ...facts } })

const release = (facts: Facts = {}) =>
  member('HelmRelease', 'Healthy', {
    at: 'ingress',
    facts: { gitops: applies, appliesFrom: refOf('HelmChart', 'ingress'), revision: { applied: '1.2.3' }, ...facts },
  })
const chart = (facts: Facts = {}) =>
  member('HelmChart', 'Healthy', {
    at: 'ingress',
    facts: {
      gitops: offers,
      appliesFrom: refOf('HelmRepository', 'charts'),
      revision: { applied: 'v1.2.3' },
      ...facts,
    },
  })

/** A living cluster with these reconcilers, amid these objects. */
const amid = (around: readonly Member[], ...members: Member[]) =>
  composeAmid(surroundedBy(around), selfManaged(), ...members)

describe('behindSource', () => {
  it('is a reconciler that applied another revision than its source offers, dated by the source, and tolerated for two intervals', () => {
    const { drift } = amid([repository()], kustomization())
    expect(drift.differences.find(({ code }) => code === 'behindSource')).toEqual({
      code: 'behindSource',
      about: { id: kustomization().id, ref: kustomization().ref },
      field: 'status.lastAppliedRevision',
      expected: young,
      actual: old,
      since: at,
      graceMs: 20 * minute,
      message: `Kustomization team/apps applied ${old}, and GitRepository team/flux offers ${young}.`,
      evidence: [
        { field: 'status.artifact.revision', expected: young, actual: null, from: 'weu', asOf: null },
        { field: 'status.lastAppliedRevision', expected: null, actual: old, from: 'weu', asOf: null },
      ],
    })
  })

  const paced = (intervalMs?: number, ready?: GitOps['ready']): GitOps => {
    const { tool, role, suspended } = applies
    return { tool, role, suspended, ...(intervalMs === undefined ? {} : { intervalMs }), ...(ready ? { ready } : {}) }
  }
  it.each<readonly [string, GitOps, Member['health']['state'], number]>([
    ['two intervals', paced(10 * minute), 'Healthy', 20],
    ['two of ten minutes where it is not told how often it looks', paced(), 'Healthy', 20],
    ['the same where that is never', paced(0), 'Healthy', 20],
    ['two short intervals', paced(minute), 'Degraded', 2],
    ['a quarter of an hour while it is at work', paced(minute), 'Progressing', 15],
    ['the same by its own word', paced(minute, 'Unknown'), 'Healthy', 15],
    ['two long intervals even then', paced(10 * minute), 'Progressing', 20],
  ])('is tolerated for %s', (_name, gitops, state, minutes) => {
    const reconciler = { ...member('Kustomization', state, { at: 'apps' }), facts: kustomization({ gitops }).facts }
    expect(only(amid([repository()], reconciler), 'behindSource')?.graceMs).toBe(minutes * minute)
  })

  it('of a release names the chart that was installed, or the revision', () => {
    const fieldOf = (from: Member, applied: string) =>
      only(amid([from], release({ appliesFrom: from.ref, revision: { applied } })), 'behindSource')?.field
    expect(fieldOf(chart({ revision: { applied: '1.3.0' } }), '1.2.3')).toBe('status.history[0].chartVersion')
    expect(fieldOf(oci, '1.2.3+cd34ab12ab12')).toBe('revision')
  })

  const tofu = member('Terraform', 'Healthy', {
    facts: { ...kustomization().facts, gitops: { ...applies, tool: 'tofu' } },
  })
  const oci = member('OCIRepository', 'Healthy', {
    at: 'ingress',
    facts: { gitops: offers, revision: { applied: `1.2.3@sha256:${'ab12'.repeat(16)}` } },
  })
  const fromOci = { appliesFrom: oci.ref }
  it.each<readonly [string, readonly Member[], Member, ReturnType<typeof answer>]>([
    ['the same revision', [repository({ revision: { applied: old } })], kustomization(), 'same'],
    [
      'the same commit, of a renamed branch',
      [repository({ revision: { applied: old.replace('main', 'release') } })],
      kustomization(),
      'same',
    ],
    ['a source that is not seen', [], kustomization(), 'nothing'],
    ['a source without an artifact', [repository({ revision: {} })], kustomization(), 'nothing'],
    ['nothing applied yet', [repository()], kustomization({ revision: { attempted: young } }), 'nothing'],
    ['a revision that cannot be read', [repository({ revision: { applied: '@' } })], kustomization(), 'nothing'],
    ['Terraform', [repository()], tofu, 'differs'],
    ['a release of the chart that its source offers', [chart()], release(), 'same'],
    ['a release of an older chart', [chart({ revision: { applied: '1.3.0' } })], release(), 'differs'],
    [
      'a release of the same chart built anew',
      [chart({ revision: { applied: '1.2.3+2' } })],
      release({ revision: { applied: '1.2.3+1' } }),
      'differs',
    ],
    [
      'a release of the OCI artifact',
      [oci],
      release({ ...fromOci, revision: { applied: '1.2.3+ab12ab12ab12' } }),
      'same',
    ],
    [
      'a release of an older artifact',
      [oci],
      release({ ...fromOci, revision: { applied: '1.2.3+cd34ab12ab12' } }),
      'differs',
    ],
  ])('%s', (_name, around, reconciler, expected) => {
    expect(answer(amid(around, reconciler), 'behindSource')).toBe(expected)
  })

  it('is not known where the source could not be read', () => {
    const surroundings = surroundedBy([], unreadable('source.toolkit.fluxcd.io/GitRepository'))
    const facts = composeAmid(surroundings, selfManaged(), kustomization())
    expect(facts.drift.gaps).toEqual([
      {
        code: 'behindSource',
        message: 'Not looked at: Kustomization team/apps: its GitRepository team/flux cannot be read.',
        evidence: [
          {
            field: 'Kustomization team/apps',
            expected: null,
            actual: 'its GitRepository team/flux cannot be read',
            from: 'weu',
            asOf: null,
          },
        ],
      },
      expect.objectContaining({ code: 'sourceFailing' }),
    ])
  })

  it('does not hang on who was heard lately', () => {
    const stale = { ...repository(), fresh: false }
    expect(amid([stale], kustomization({}, { fresh: false })).drift).toEqual(
      amid([repository()], kustomization()).drift,
    )
  })

  it('survives a chain that comes back to itself', () => {
    const loop = chart({ appliesFrom: chart().ref, revision: { applied: '1.3.0' } })
    expect(found(amid([loop], release()), 'behindSource')).toHaveLength(1)
  })
})

describe('what the chain shows', () => {
  const failing: OwnDifference = {
    code: 'sourceFailing',
    field: 'status.conditions[FetchFailed]',
    expected: 'False',
    actual: 'True',
  }
  const charts = member('HelmRepository', 'Degraded', { at: 'charts', facts: { gitops: offers, drift: [failing] } })

  it('is told of the object that shows it, once, however many apply from it', () => {
    const second = { ...release(), id: 'second', ref: refOf('HelmRelease', 'second') }
    expect(found(amid([chart(), charts], release(), second), 'sourceFailing')).toEqual([
      'HelmRepository/charts status.conditions[FetchFailed]: False → True',
    ])
  })

  it('counts a suspended link, with the field that says so', () => {
    const suspended = repository({ gitops: { ...offers, suspended: true }, pause: { field: 'spec.suspend' } })
    expect(found(amid([suspended], kustomization()), 'suspended')).toEqual([
      'GitRepository/flux spec.suspend: null → null',
    ])
  })

  it('is clean where it shows nothing', () => {
    const facts = amid([repository()], kustomization())
    expect([answer(facts, 'sourceFailing'), answer(facts, 'suspended')]).toEqual(['same', 'same'])
  })
})

describe('what reconcilers show by themselves', () => {
  it('is told in their words, with what they do not look at', () => {
    const own: OwnDifference = {
      code: 'applyFailed',
      field: 'status.conditions[Ready]',
      expected: 'True',
      actual: 'False',
      since: at,
      message: 'BuildFailed:\n  kustomization.yaml   not found',
    }
    const facts = amid(
      [],
      kustomization({ drift: [own] }),
      release({ unlooked: [{ code: 'helmDrift', why: 'it is off' }] }),
    )
    expect(facts.drift.differences.find(({ code }) => code === 'applyFailed')).toMatchObject({
      message: 'Kustomization team/apps: BuildFailed: kustomization.yaml not found',
      since: at,
      evidence: [{ from: 'weu', expected: 'True', actual: 'False' }],
    })
    expect(facts.drift.gaps).toMatchObject([
      { code: 'helmDrift', message: 'Not looked at: HelmRelease team/ingress: it is off.' },
    ])
    expect(answer(facts, 'helmRolledBack')).toBe('same')
  })

  it('is no gap beside a difference of the same object', () => {
    const facts: Facts = {
      drift: [{ code: 'helmDrift', field: 'status.conditions[Drifted]', expected: 'False', actual: 'True' }],
      unlooked: [{ code: 'helmDrift', why: 'it is off' }],
    }
    expect(answer(amid([], release(facts)), 'helmDrift')).toBe('differs')
    expect(amid([], release(facts)).drift.gaps).toEqual([])
  })

  it('is one gap of a code, however many do not look', () => {
    const off = (name: string) => ({
      ...release({ unlooked: [{ code: 'helmDrift', why: 'it is off' }] }),
      id: name,
      ref: refOf('HelmRelease', name),
    })
    const many = Array.from({ length: 12 }, (_, n) => off(`release-${String(n).padStart(2, '0')}`))
    const [gap] = amid([], ...many).drift.gaps
    expect(gap?.message).toBe('Not looked at: HelmRelease team/release-00: it is off, and so of 11 more.')
    expect(gap?.evidence).toHaveLength(10)
  })

  it('is not told twice of a suspension', () => {
    const own: OwnDifference = { code: 'suspended', field: 'spec.suspend', expected: 'false', actual: 'true' }
    const suspended = kustomization({ gitops: { ...applies, suspended: true }, drift: [own] })
    expect(found(amid([], suspended), 'suspended')).toEqual(['Kustomization/apps spec.suspend: false → true'])
  })

  const argo = (facts: Facts) =>
    member('Application', 'Healthy', { at: 'shop', facts: { gitops: { ...applies, tool: 'argocd' }, ...facts } })
  it.each<readonly [string, Facts, ReturnType<typeof answer>, ReturnType<typeof answer>]>([
    ['in sync', { more: { sync: 'Synced' } }, 'same', 'same'],
    [
      'out of sync',
      { drift: [{ code: 'outOfSync', field: 'status.sync.status', expected: 'Synced', actual: 'OutOfSync' }] },
      'differs',
      'same',
    ],
    ['not comparable', { unlooked: [{ code: 'syncUnknown', why: 'Argo CD cannot compare' }] }, 'nothing', 'gap'],
  ])('an Application %s', (_name, facts, outOfSync, syncUnknown) => {
    const composed = amid([], argo(facts))
    expect([answer(composed, 'outOfSync'), answer(composed, 'syncUnknown')]).toEqual([outOfSync, syncUnknown])
  })
})

describe('a kind of reconciler that could not be read', () => {
  const surroundings = surroundedBy([], unreadable('helm.toolkit.fluxcd.io/HelmRelease'))

  it('leaves all that it would show unknown', () => {
    const { drift } = composeAmid(surroundings, selfManaged())
    expect(drift.gaps.map(({ code }) => code)).toEqual([
      'applyFailed',
      'suspended',
      'blocked',
      'helmDrift',
      'helmRolledBack',
    ])
  })

  it('is known by what was seen of it before', () => {
    expect(composeAmid(surroundings, selfManaged(), release()).drift.gaps).toEqual([])
  })
})
