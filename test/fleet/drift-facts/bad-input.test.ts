import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { driftCodeNames } from '../../../fleet/drift/code.ts'
import type { Kind } from '../../../fleet/kinds/kind.ts'
import { kindOf, kinds } from '../../../fleet/kinds/registry.ts'
import { normalise } from '../../../fleet/normalise.ts'
import type { Facts } from '../../../fleet/observation.ts'
import { isRecord, record, text } from '../../../fleet/wire.ts'
import { documentsOf, isArm } from '../../../functions/local/document.ts'
import { corpusDir } from '../../require.ts'

const fixtures = join(import.meta.dirname, '../../fixtures')
const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
const objectsIn = (folder: string) =>
  filesIn(folder).flatMap((file) => documentsOf(file, readFileSync(file, 'utf8')).found.map(({ object }) => object))

function kindFor(wire: Readonly<Record<string, unknown>>): Kind | undefined {
  if (isArm(wire)) return kinds.find(({ reach }) => reach.by === 'arm')
  const apiVersion = text(wire.apiVersion) ?? ''
  const kind = text(wire.kind)
  return kind === undefined
    ? undefined
    : kindOf(`${apiVersion.slice(0, Math.max(0, apiVersion.lastIndexOf('/')))}/${kind}`)
}

function factsOf(wire: Readonly<Record<string, unknown>>): Facts | undefined {
  const kind = kindFor(wire)
  return kind && normalise('weu', wire, kind).observation?.facts
}

/** What holds of any object's facts, however odd the object. */
function expectSound(facts: Facts): void {
  expect(JSON.parse(JSON.stringify(facts))).toEqual(facts)
  for (const { code, field, since, graceMs } of facts.drift ?? []) {
    expect(driftCodeNames).toContain(code)
    expect(field).not.toBe('')
    if (since !== undefined) expect(Date.parse(since)).not.toBeNaN()
    if (graceMs !== undefined) expect(graceMs).toBeGreaterThanOrEqual(0)
  }
  for (const { code } of facts.unlooked ?? []) expect(driftCodeNames).toContain(code)
  const { intervalMs } = facts.gitops ?? {}
  if (intervalMs !== undefined) expect(Number.isSafeInteger(intervalMs)).toBe(true)
}

const leaves = [7, true, 'word', null, [], {}, [[]], [null], [{}], { name: 7 }, '']

/** Every object that is the same but for one value, which is of another kind. */
function* brokenOnce(value: unknown): Generator<unknown> {
  for (const leaf of leaves) yield leaf
  if (Array.isArray(value)) {
    for (const [n, item] of value.entries()) for (const one of brokenOnce(item)) yield value.with(n, one)
  } else if (isRecord(value)) {
    for (const [key, item] of Object.entries(value)) for (const one of brokenOnce(item)) yield { ...value, [key]: one }
  }
}

describe('bad input', () => {
  const seeds = readdirSync(fixtures).flatMap((folder) => {
    const [first] = objectsIn(join(fixtures, folder))
    return first ? ([[folder, first]] as const) : []
  })

  it.each(seeds)('%s: whatever one field holds, the facts are sound', (_folder, wire) => {
    const { metadata, ...rest } = wire
    for (const field of ['spec', 'status', 'properties']) {
      if (rest[field] === undefined) continue
      for (const broken of brokenOnce(rest[field])) {
        const facts = factsOf({ ...wire, [field]: broken })
        if (facts) expectSound(facts)
      }
    }
    for (const broken of brokenOnce(record(metadata))) {
      const facts = factsOf({ ...wire, metadata: broken })
      if (facts) expectSound(facts)
    }
  })

  it('an object of which nothing can be read claims nothing', () => {
    const names = [
      'conditions',
      'history',
      'artifact',
      'sync',
      'operationState',
      'resources',
      'versions',
      'plan',
      'suspend',
    ]
    const odd = fc.dictionary(fc.constantFrom(...names), fc.constantFrom(7, 'word', null, [null], [7], {}))
    fc.assert(
      fc.property(fc.constantFrom(...kinds), odd, odd, (kind, spec, status) => {
        if (kind.reach.by === 'arm') return
        const wire = {
          metadata: { name: 'a', namespace: 'team', generation: 1, labels: 7, ownerReferences: [7] },
          spec,
          status,
        }
        const {
          drift = [],
          rollout,
          remediation,
          pause,
          actsAt,
          actsOn,
        } = normalise('weu', wire, kind).observation?.facts ?? {}
        // Of a Machine without a controller and an Application without automatic sync, the silence is the difference.
        const silent = drift.filter(
          ({ code, actual }) => actual !== null || (code !== 'orphanMachine' && code !== 'suspended'),
        )
        expect({ silent, rollout, remediation, pause, actsAt, actsOn }).toEqual({ silent: [] })
      }),
    )
  })
})

describe.skipIf(corpusDir() === null)('the corpus', () => {
  it('gives sound facts, without a secret', () => {
    const objects = ['objects', 'health', 'aks'].flatMap((folder) => objectsIn(join(corpusDir() ?? '', folder)))
    let claims = 0
    for (const wire of objects) {
      const facts = factsOf(wire)
      if (!facts) continue
      expectSound(facts)
      claims += facts.drift?.length ?? 0
      const serialised = JSON.stringify(facts)
      for (const secret of secretsOf(wire)) expect(serialised).not.toContain(secret)
    }
    // Else nothing was looked at.
    expect(objects.length).toBeGreaterThan(500)
    expect(claims).toBeGreaterThan(20)
  })
})

/** Texts of places that hold secrets: Helm values and parameters, Terraform variables, substitutions, data of Secrets. */
function secretsOf({ spec, data, stringData }: Readonly<Record<string, unknown>>): readonly string[] {
  const { values, vars, postBuild, source } = record(spec)
  const helm = record(record(source).helm)
  return textsOf([values, vars, record(postBuild).substitute, helm.values, helm.parameters, data, stringData])
}

/** Short texts are words that stand elsewhere too. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.length > 12 ? [value] : []
  if (Array.isArray(value)) return value.flatMap(textsOf)
  return isRecord(value) ? Object.values(value).flatMap(textsOf) : []
}
