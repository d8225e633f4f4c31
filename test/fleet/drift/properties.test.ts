import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Member } from '../../../fleet/cluster.ts'
import { driftCodeNames } from '../../../fleet/drift/code.ts'
import { evidenceMax } from '../../../fleet/drift/difference.ts'
import { states } from '../../../fleet/health.ts'
import type { Facts } from '../../../fleet/observation.ts'
import { aks, arm, composeAmid, member, refOf, surroundedBy } from '../members.ts'

// Whatever objects say: clusters of any size, told by several sources in any order, with nonsense in between.

const word = fc.constantFrom('v1.33.4', '1.32.1', '1.33', 'v1.31.0+k3s1', 'next', '')
const revision = fc.constantFrom('main@sha1:4f5e6d7c', 'main@sha1:0a1b2c3d', 'main', '1.2.3', '@', '')
const source = fc.constantFrom('a', 'b')
const name = fc.constantFrom('prod', 'np', 'other')
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 })
const own = fc.record({
  code: fc.constantFrom(...driftCodeNames),
  field: fc.constantFrom('spec.a', 'status.b'),
  expected: fc.constantFrom('x', null),
  actual: fc.constantFrom('y', null),
})

const facts: fc.Arbitrary<Facts> = fc
  .record({
    versionDeclared: maybe(word),
    versionObserved: maybe(word),
    replicas: maybe(fc.record({ desired: fc.nat(3), current: fc.nat(3) })),
    revision: maybe(fc.record({ desired: revision, applied: revision })),
    appliesFrom: maybe(name.map((at) => refOf('GitRepository', at))),
    armId: maybe(fc.constant('/subscriptions/s')),
    tier: maybe(fc.constantFrom('Free', 'Standard')),
    declared: maybe(fc.record({ tier: fc.constantFrom('Free', 'Premium'), settings: fc.constant({ dnsPrefix: 'a' }) })),
    settings: maybe(fc.record({ dnsPrefix: fc.constantFrom('a', 'b') })),
    powerState: maybe(fc.constantFrom('Running', 'Stopped')),
    pools: maybe(fc.array(fc.record({ name, versionObserved: word, count: fc.nat(3) }), { maxLength: 2 })),
    topology: maybe(
      fc.record({ owned: fc.boolean(), workerName: name, clonedFrom: fc.constant({ groupKind: 'A.b', name: 'c' }) }),
    ),
    gitops: maybe(
      fc.record({
        tool: fc.constantFrom('flux', 'argocd', 'tofu'),
        role: fc.constantFrom('reconciler', 'source'),
        suspended: fc.boolean(),
        dependsOn: fc.array(
          name.map((at) => refOf('Kustomization', at)),
          { maxLength: 2 },
        ),
      }),
    ),
    drift: maybe(fc.array(own, { maxLength: 3 })),
    unlooked: maybe(
      fc.array(
        own.map(({ code, field }) => ({ code, why: field })),
        { maxLength: 2 },
      ),
    ),
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)))

const kinds = [
  'AzureASOManagedControlPlane',
  'ManagedCluster',
  'MachinePool',
  'MachineDeployment',
  'Machine',
  'Kustomization',
  'GitRepository',
] as const
const one = fc
  .tuple(fc.constantFrom(...kinds, 'Cluster', 'arm'), fc.constantFrom(...states), facts, source, name, fc.boolean())
  .map(([kind, state, of, from, at, fresh]): Member => {
    const options = { source: from, fresh, facts: of }
    if (kind === 'arm') return arm(state, { ...options, source: `azure/${from}` })
    return kind === 'Cluster'
      ? aks(state, { ...options, facts: { ...aks().facts, ...of } })
      : member(kind, state, { ...options, at })
  })
const cluster = fc.uniqueArray(one, { selector: ({ id }) => id, maxLength: 14 })
const asked = fc.record({
  missing: fc.constantFrom(null, { since: '2026-11-22T08:00:00Z', source: 'corp' }),
  reading: fc.constantFrom('read', 'unreadable', 'notInstalled'),
})

it('drift hangs neither on the order of the members nor on who was heard lately, and keeps its own order', () => {
  const cases = cluster.chain((members) =>
    fc.tuple(fc.constant(members), fc.shuffledSubarray(members, { minLength: members.length }), fc.boolean()),
  )
  fc.assert(
    fc.property(cases, asked, ([members, other, fresh], { missing, reading }) => {
      const around = surroundedBy(
        members.filter(({ ref }) => ref.kind === 'GitRepository'),
        { missing, readingOf: () => reading },
      )
      const { drift } = composeAmid(around, ...members)
      expect(composeAmid(around, ...other.map((each) => ({ ...each, fresh }))).drift).toEqual(drift)

      const { differences, gaps, looked } = drift
      const ranks = differences.map(({ code }) => driftCodeNames.indexOf(code))
      expect(ranks).toEqual(ranks.toSorted((a, b) => a - b))
      const keys = differences.map(({ code, about, field }) => `${code} ${about?.id} ${field}`)
      expect(new Set(keys).size).toBe(keys.length)
      expect(new Set(gaps.map(({ code }) => code)).size).toBe(gaps.length)
      expect(looked).toEqual(driftCodeNames.filter((code) => looked.includes(code)))
      for (const { code, evidence, message } of differences) {
        expect(looked).toContain(code)
        expect(evidence.length).toBeGreaterThan(0)
        expect(evidence.length).toBeLessThanOrEqual(evidenceMax)
        expect(message).not.toMatch(/undefined|null|\[object/)
      }
    }),
    { numRuns: 400 },
  )
})
