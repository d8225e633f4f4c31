import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { declaredFamilies } from '../../../fleet/kinds/declared-health.ts'
import type { Kind } from '../../../fleet/kinds/kind.ts'
import { normalise } from '../../../fleet/normalise.ts'
import { project } from '../../../fleet/push/project.ts'
import { isRecord } from '../../../fleet/wire.ts'
import { documentsOf } from '../../../functions/local/document.ts'
import { kindsWith, widget } from '../../fleet/kinds/declared-objects.ts'

const kindWith = (declared: object): Kind => kindsWith(declared).of('example.com/Widget')
/** As it comes out of a request. */
const sent = (wire: unknown, kind: Kind): unknown => JSON.parse(JSON.stringify(project(wire, kind)))
const readOf = (wire: unknown, kind: Kind) => JSON.stringify(normalise('weu', wire, kind))

/** Every way in which an operator may have a kind read. */
const declarations: readonly object[] = [
  {},
  ...declaredFamilies.map((family) => ({ health: { family } })),
  {
    ...{
      owner: { path: '.spec.clusterName', namespace: '.metadata.namespace' },
      part: 'workers',
      pause: '.spec.paused',
    },
    health: { ladder: [{ condition: 'Ready', is: 'True', means: 'Healthy' }], primary: 'Available' },
    replicas: { desired: '.spec.replicas', ready: '.status.readyReplicas' },
    revision: { applied: '.status.lastAppliedRevision', desired: '.status.history[0].version' },
    versionDeclared: '.spec.version',
    versionObserved: '.status.conditions[?(@.type=="Ready")].reason',
    phase: '.status.phase',
  },
  { owner: { label: 'cluster.x-k8s.io/cluster-name', ownerReference: true } },
  { owner: 'none', region: '.spec.location', armId: '.status.id', providerId: '.spec.providerID' },
]

/** The objects of all fixtures, as if they were of a kind that only an operator knows. */
function objects(): readonly object[] {
  const folder = join(import.meta.dirname, '../../fixtures')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ya?ml|json)$/.test(file))
    .flatMap((file) => documentsOf(file, readFileSync(join(folder, file), 'utf8')).found)
    .filter(({ object }) => object.apiVersion !== undefined)
    .map(({ object }) => ({ ...object, apiVersion: 'example.com/v1', kind: 'Widget' }))
}

/** Texts of a wire object, by where they are. */
function textsOf(value: unknown, path = ''): ReadonlyMap<string, string> {
  if (typeof value === 'string') return new Map([[path, value]])
  if (!isRecord(value)) return new Map()
  return new Map(Object.entries(value).flatMap(([name, member]) => [...textsOf(member, `${path}.${name}`)]))
}

describe('what is sent of a kind that an operator declared', () => {
  test('reads as the whole object does, whatever is declared: every fixture', () => {
    const all = objects()
    for (const declared of declarations) {
      const kind = kindWith(declared)
      for (const object of all) expect(readOf(sent(object, kind), kind)).toBe(readOf(object, kind))
    }
    expect(all.length).toBeGreaterThan(300)
  })

  test('is what the paths lead to, and nothing beside it', () => {
    const names = fc.constantFrom('a', 'b', 'c')
    const path = fc.array(names, { minLength: 1, maxLength: 3 }).map((steps) => `.spec.${steps.join('.')}`)
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 3 }, fc.string({ minLength: 1 }), fc.dictionary(names, tie('tree'))),
    }))
    const slots = { phase: path, region: path, versionObserved: path, providerId: path }
    const run = ([paths, spec]: [Record<string, string>, unknown]) => {
      const kind = kindWith({ owner: 'none', health: { family: 'generic' }, ...paths })
      const wire = widget({ spec, data: { password: 'hunter2' } })
      const projected = sent(wire, kind)
      expect(readOf(projected, kind)).toBe(readOf(wire, kind))
      // Also what a path was to lead through, and could not.
      const isRead = (at: string) => Object.values(paths).some((one) => one === at || one.startsWith(`${at}.`))
      const [kept, whole] = [projected, wire].map((of) => [...textsOf(of)].filter(([at]) => /^\.(spec|data)/.test(at)))
      expect(kept?.map(([at]) => at)).toEqual(whole?.map(([at]) => at).filter(isRead))
    }
    fc.assert(fc.property(fc.tuple(fc.record(slots, { requiredKeys: [] }), fc.dictionary(names, tree)), run), {
      numRuns: 300,
    })
  })

  test('of a list that is searched, what it is searched by, and what was found', () => {
    const kind = kindWith({ owner: 'none', versionObserved: '.status.nodes[?(@.role=="main")].version' })
    const nodes = [
      { role: 'spare', version: 'v1.32.0', secret: 'x' },
      { role: 'main', version: 'v1.33.3', secret: 'y' },
      { role: 'late', version: 'v1.34.0', secret: 'z' },
    ]
    const projected = sent(widget({ status: { nodes } }), kind)
    expect(projected).toMatchObject({ status: { nodes: { length: 3 } } })
    expect(JSON.stringify(projected)).not.toMatch(/secret|v1\.32|v1\.34/)
    expect(readOf(projected, kind)).toBe(readOf(widget({ status: { nodes } }), kind))
  })
})
