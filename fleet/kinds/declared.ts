import { hash } from 'node:crypto'
import { ownPauseOf } from '../families/pause.ts'
import type { Reading } from '../health.ts'
import type { JsonPath } from '../json-path.ts'
import { type KindKey, kindKeyOf } from '../reference.ts'
import { record } from '../wire.ts'
import { gitopsFacts } from './declared-gitops.ts'
import { type DeclaredHealth, type DeclaredReading, primaryOf, readHealth } from './declared-health.ts'
import { type DeclaredOwner, ownerOf } from './declared-owner.ts'
import { type Paths, pausedBy, readFacts } from './declared-slots.ts'
import type { Kind, KindReading, KubeObject, Part } from './kind.ts'
import { kindByKey, kindOf, kinds as registry } from './registry.ts'

/** What a declared kind may be to a cluster: around a Cluster itself nothing can be declared. */
export const declaredParts = [
  'none',
  'workers',
  'pool',
  'machine',
  'infrastructure',
  'controlPlane',
  'gitops',
] as const satisfies readonly Part[]

/** A kind as an operator declares it in the fleet file (`kinds`), every path understood. Plain data. */
export interface KindDeclaration {
  /** `''` for the core group. */
  readonly group: string
  readonly kind: string
  /** Tells two resources of one kind apart, should a server have them; null: discovery knows. */
  readonly plural: string | null
  /** In order of preference; empty: the server's own (of Azure Service Operator's, the newest). */
  readonly versions: readonly string[]
  readonly part: (typeof declaredParts)[number]
  /** Null: as of any kind, by `spec.clusterName`, Cluster API's label or owner references. */
  readonly owner: DeclaredOwner | 'none' | null
  /** Null: as a kind of its group that nobody declared. */
  readonly health: DeclaredHealth | null
  readonly pause: JsonPath | null
  readonly paths: Paths
}

/** A kind made from a declaration. */
export interface DeclaredKind extends Kind {
  /** Digest of the declaration: what another declaration read is read again (fleet/imprint.ts). */
  readonly declaration: string
  /** What owns its objects does not tell whose they are. */
  readonly unowned: boolean
}

/** The digest of a kind's declaration; null: it is Rollcall's own. */
export const declarationOf = (kind: Kind): string | null => ('declaration' in kind ? String(kind.declaration) : null)

/** Builds the kind that a declaration describes. Its `normalise` is total, as every kind's. */
function declaredKind(declared: KindDeclaration): DeclaredKind {
  const { group, kind, plural, versions, part, owner } = declared
  const undeclared = kindOf(kindKeyOf(declared))
  return {
    group,
    kind,
    reach: { by: 'kube', plural: plural ?? '', versions: preferenceOf(group, versions) },
    part,
    // The whole object then stands where others have their spec: paths begin at its root.
    specless: true,
    declaration: hash('sha256', JSON.stringify(declared), 'hex').slice(0, 16),
    unowned: owner === 'none' || (owner !== null && !owner.ownerReference),
    normalise: (object) => read(declared, undeclared, object),
  }
}

const preferenceOf = (group: string, versions: readonly string[]): readonly string[] | 'newest' =>
  versions.length === 0 && group.endsWith('.azure.com') ? 'newest' : versions

function read(declared: KindDeclaration, undeclared: Kind, whole: KubeObject): KindReading {
  const wire = whole.spec
  const object = { ...whole, spec: record(wire.spec) }
  const rejected: string[] = []
  const judged = judgedBy(declared.health, undeclared, object)
  const paused = declared.pause === null ? null : pausedBy(declared.pause, wire, rejected)
  // Who wrote that field, and when, is looked up for every kind (fleet/normalise.ts).
  const own = ownPauseOf(object)
  const pause = paused === null ? own : { field: paused, expected: 'false', actual: 'true' }
  const facts = readFacts(declared.paths, wire, rejected)
  const { decided, ...reading } = judged
  return {
    ...reading,
    reading: paused === null ? judged.reading : suspended(judged.reading, `${paused} is true`),
    facts: {
      ...judged.facts,
      ...facts,
      ...(declared.part === 'gitops' ? gitopsFacts({ declared, object, judged, facts, pause }) : undefined),
      ...(pause === undefined ? undefined : { pause: { field: pause.field } }),
    },
    owner: ownerOf(declared.owner, whole, rejected),
    rejected: [...(judged.rejected ?? []), ...rejected],
  }
}

function judgedBy(health: DeclaredHealth | null, undeclared: Kind, object: KubeObject): DeclaredReading {
  if (health !== null) return readHealth(health, object)
  const read = undeclared.normalise(object)
  return { ...read, decided: primaryOf(read, null) }
}

/** What is being deleted is no longer paused. */
function suspended(reading: Reading, message: string): Reading {
  if (reading.rungs.some(({ state }) => state === 'Deleting')) return reading
  return { ...reading, suspended: { reason: 'Paused', message, since: null } }
}

/** The kinds that are understood. */
export interface Kinds {
  /** Those that sources are asked for by name. */
  readonly list: readonly Kind[]
  /** The kind for a key; of one that nobody described, what its group and its conditions tell. */
  readonly of: (key: KindKey) => Kind
}

/** Rollcall's own kinds and those that the fleet file declares. */
export function kindsOf(declarations: readonly KindDeclaration[]): Kinds {
  const declared = declarations.map(declaredKind)
  const byKey = new Map<KindKey, Kind>([...kindByKey, ...declared.map((kind) => [kindKeyOf(kind), kind] as const)])
  return { list: [...registry, ...declared], of: (key) => byKey.get(key) ?? kindOf(key) }
}
