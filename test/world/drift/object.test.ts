import { describe, expect, it } from 'vitest'
import type { KubeWire } from '../api/object.ts'
import { timeOf } from '../api/write.ts'
import { type Named, nameOf } from '../gitops/reconciler.ts'
import { createWorld } from '../world.ts'

const world = createWorld({ seed: 'objects' })

/** Every object of the world, to be asked for what the truth names. */
const objects = new Map<string, KubeWire>()
for (const site of world.sites)
  for (const { object } of site.objects())
    objects.set(`${site.name}/${object.kind}/${object.metadata.namespace}/${object.metadata.name}`, object)
function objectOf(source: string, { kind, namespace, name }: Named): KubeWire {
  const found = objects.get(`${source}/${kind}/${namespace}/${name}`)
  if (found === undefined) throw new Error(`${source} has no ${kind} ${namespace}/${name}`)
  return found
}

/** By a path of keys; conditions by their type. */
function at(object: KubeWire, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return value.find((item) => Object(item).type === key)
    return Object(value)[key]
  }, object)
}

/** The manager that wrote a field last, and when. */
const writerOf = ({ metadata }: KubeWire, ...path: readonly string[]) =>
  (metadata.managedFields ?? [])
    .map((entry) => new Map<string, unknown>(Object.entries(entry)))
    .filter(
      (entry) => path.reduce<unknown>((value, key) => Object(value)[`f:${key}`], entry.get('fieldsV1')) !== undefined,
    )
    .map((entry) => [entry.get('manager'), entry.get('time')])

const found = [...world.fleet, ...world.management].flatMap((one) => {
  const source = 'claims' in one ? (one.claims[0]?.source ?? null) : one.source
  return source === null ? [] : one.drift.map((difference) => ({ source, ...difference }))
})
const withCode = (code: string) =>
  found.flatMap(({ source, about, ...difference }) =>
    difference.code === code && about !== null ? [{ source, about, object: objectOf(source, about) }] : [],
  )

describe('objects show what the truth says of them', () => {
  it.each([
    ['helmDrift', ['status', 'conditions', 'Drifted', 'status'], 'True'],
    ['helmRolledBack', ['status', 'conditions', 'Remediated', 'status'], 'True'],
    ['tofuDrift', ['status', 'conditions', 'Ready', 'reason'], 'DriftDetected'],
    ['applyFailed', ['status', 'conditions', 'Ready', 'status'], 'False'],
    ['blocked', ['status', 'conditions', 'Ready', 'reason'], 'DependencyNotReady'],
    ['sourceFailing', ['status', 'conditions', 'FetchFailed', 'status'], 'True'],
    ['outOfSync', ['status', 'sync', 'status'], 'OutOfSync'],
    ['missingInAzure', ['status', 'conditions', 'Ready', 'reason'], 'AzureResourceNotFound'],
  ] as const)('%s', (code, path, value) => {
    const objectsOfCode = withCode(code)
    expect(objectsOfCode.length).toBeGreaterThan(0)
    for (const { object } of objectsOfCode) expect(at(object, ...path)).toBe(value)
  })

  it('suspended, by whom and since when', () => {
    const switchedOff = world.management.flatMap(({ source, suspended }) =>
      suspended.map((one) => ({ source, ...one })),
    )
    expect(switchedOff.length).toBeGreaterThan(0)
    for (const { source, since, actor, ...named } of switchedOff) {
      const object = objectOf(source, named)
      expect(at(object, 'spec', 'suspend')).toBe(true)
      expect(writerOf(object, 'spec', 'suspend')).toEqual([[actor, timeOf(since)]])
    }
  })

  it('paused, by whom and since when, where anybody remembers', () => {
    const paused = world.truth.flatMap(({ source, pause }) => (pause === null ? [] : [{ source, pause }]))
    expect(new Set(paused.map(({ pause }) => pause.actor))).toEqual(new Set(['kubectl-edit', 'clusterctl', null]))
    for (const { source, pause } of paused) {
      const object = objectOf(source, pause)
      expect(at(object, 'spec', 'paused')).toBe(true)
      expect(writerOf(object, 'spec', 'paused')).toEqual(
        pause.actor === null ? [] : [[pause.actor, timeOf(pause.since)]],
      )
    }
  })

  it('behind what they apply from', () => {
    for (const site of world.sites) {
      const sources = world.gitopsOf(site).sources
      for (const { source, ...reconciler } of world.gitopsOf(site).reconcilers) {
        if (source === null) continue
        expect(sources.some((one) => one.name === source.name && one.kind === source.kind)).toBe(true)
        const offered = at(objectOf(site.name, source), 'status', 'artifact', 'revision')
        const object = objectOf(site.name, nameOf(reconciler))
        const [release] = Object(object.status).history ?? []
        const applied =
          object.kind === 'HelmRelease' ? release.chartVersion : (at(object, 'status', 'lastAppliedRevision') ?? null)
        expect([offered, applied]).toEqual([source.revision, reconciler.applied])
      }
    }
  })

  it('remediated three times within a day, and rolling out for hours', () => {
    const given = world.truth.filter(({ remediations }) => remediations.length === 3)
    expect(given.length).toBeGreaterThan(0)
    for (const { source, name } of given) {
      const replaced = [...objects].filter(
        ([key, object]) =>
          key.startsWith(`${source}/Machine/`) &&
          key.includes(name) &&
          at(object, 'status', 'conditions', 'OwnerRemediated'),
      )
      expect(replaced).toHaveLength(3)
    }
    const hours = world.fleet.flatMap(({ rollouts }) =>
      rollouts.flatMap(({ startedAt }) => (startedAt ? [(world.now.getTime() - startedAt.getTime()) / 3_600_000] : [])),
    )
    expect(hours.some((one) => one > 2)).toBe(true)
    expect(hours.some((one) => one < 2)).toBe(true)
  })

  it('providers of two eras, one of them left behind', () => {
    for (const { source, providers } of world.management) {
      const noted = [...objects].filter(([key]) => key.startsWith(`${source}/Provider/`)).map(([, object]) => object)
      expect(noted.map(({ providerName, type, version }) => [providerName, type, version])).toEqual(
        expect.arrayContaining(providers.map(({ name, type, version }) => [name, type, version])),
      )
    }
    const wrong = world.management.filter(({ providers }) => providers.some(({ mismatch }) => mismatch))
    expect(wrong.map(({ source }) => source)).toEqual(['sea-dev'])
  })
})
