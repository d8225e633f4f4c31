import type { Member } from '../../fleet/cluster.ts'
import { composeCluster } from '../../fleet/compose-cluster.ts'
import { composeSource } from '../../fleet/compose-source.ts'
import { alone, type Surroundings } from '../../fleet/composition/surroundings.ts'
import type { Conventions } from '../../fleet/convention.ts'
import type { DriftCode } from '../../fleet/drift/code.ts'
import type { Drift } from '../../fleet/drift/difference.ts'
import type { Health, HealthContext } from '../../fleet/health.ts'
import { healthOf } from '../../fleet/judge.ts'
import { type Kinds, kindsOf } from '../../fleet/kinds/declared.ts'
import type { Kind } from '../../fleet/kinds/kind.ts'
import { normalise } from '../../fleet/normalise.ts'
import type { ClusterName, Observation } from '../../fleet/observation.ts'
import { clusterKind } from '../../fleet/reference.ts'
import { isRecord, text, type Wire } from '../../fleet/wire.ts'
import { isArm } from './document.ts'
import { clusterNames } from './kinship.ts'

/** Everything that is explained together counts as one source, so that objects find their owners. */
const source = 'explain'

/** One object, read and judged, before its relatives are asked. */
export interface Explained {
  readonly wire: Wire
  readonly observation: Observation
  readonly health: Health
  /** Parts of it that could not be read. */
  readonly rejected: readonly string[]
}

/** What objects are explained by: the kinds understood, and which labels say what. */
export interface Understanding {
  readonly kinds: Kinds
  readonly conventions: Conventions
}

/** Reads and judges one object; a sentence when that cannot be done. */
export function explainOne(
  wire: Wire,
  context: HealthContext,
  now: Date,
  { kinds }: Pick<Understanding, 'kinds'> = { kinds: kindsOf([]) },
): Explained | string {
  const kind = kindFor(wire, kinds)
  if (typeof kind === 'string') return kind
  const { observation, rejected } = normalise(source, isArm(wire) ? wire : named(wire), kind)
  const why = rejected.map((rejection) => rejection.why)
  if (observation === null) return why.join('; ')
  return { wire, observation, health: healthOf(observation.reading, context, now), rejected: why }
}

/** A snippet may leave its name out; what it says of its health can be explained all the same. */
function named(wire: Wire): Wire {
  const metadata = wire.metadata ?? {}
  if (!isRecord(metadata) || metadata.name !== undefined) return wire
  return { ...wire, metadata: { ...metadata, name: '(no name)' } }
}

function kindFor(wire: Wire, kinds: Kinds): Kind | string {
  if (!isArm(wire)) {
    const apiVersion = text(wire.apiVersion) ?? ''
    const group = apiVersion.slice(0, Math.max(0, apiVersion.lastIndexOf('/')))
    return kinds.of(`${group}/${text(wire.kind) ?? ''}`)
  }
  const type = text(wire.type) ?? ''
  for (const kind of kinds.list) {
    if (kind.reach.by === 'arm' && kind.reach.type.toLowerCase() === type.toLowerCase()) return kind
  }
  return `ARM resources of type ${type} are not read`
}

/** The clusters among objects that are explained together: every object with its cluster, and each cluster's roll-up. */
export class Clusters {
  readonly #names: ReadonlyMap<string, ClusterName>
  readonly #members = new Map<string, { name: ClusterName; members: Explained[] }>()
  readonly #surroundings: Surroundings
  readonly #kinds: Kinds
  readonly #all: readonly Explained[]
  #unclaimed: Drift | undefined

  /** @param centre the object that the others were given with, where they were (a case's `related`). */
  constructor(all: readonly Explained[], { kinds, conventions }: Understanding, centre?: Explained) {
    this.#surroundings = {
      ...alone,
      kinds: kinds.of,
      conventions,
      around: new Map(all.map((one) => [one.observation.id, memberOf(one)])),
      readingOf: readBy(all, kinds),
      // Whoever declares a cluster may do so in a file that is not given.
      declarersUnread: all.some(({ observation }) => observation.kind === clusterKind) ? [] : [source],
    }
    this.#kinds = kinds
    const byId = new Map(all.map((one) => [one.observation.id, one]))
    this.#all = [...byId.values()]
    const observations = new Map(all.map(({ observation }) => [observation.id, observation]))
    this.#names = clusterNames(source, observations, kinds.of, centre?.observation)
    for (const one of byId.values()) {
      const name = this.nameOf(one)
      if (!name) continue
      const key = `${name.namespace}/${name.name}`
      const cluster = this.#members.get(key) ?? { name, members: [] }
      cluster.members.push(one)
      this.#members.set(key, cluster)
    }
  }

  /** The cluster an object belongs to. */
  nameOf({ observation }: Explained): ClusterName | null {
    return this.#names.get(observation.id) ?? null
  }

  /** How many objects are known of a cluster. */
  sizeOf(name: ClusterName): number {
    return this.#members.get(`${name.namespace}/${name.name}`)?.members.length ?? 0
  }

  factsOf(name: ClusterName): ReturnType<typeof composeCluster> {
    const members = this.#members.get(`${name.namespace}/${name.name}`)?.members ?? []
    const { readingOf } = this.#surroundings
    const isHinted = members.some(({ observation }) => observation.facts.managedBy?.hint)
    return composeCluster(name, members.map(memberOf), {
      ...this.#surroundings,
      readingOf: isHinted ? hintedBy(readingOf) : readingOf,
    })
  }

  /**
   * How objects of GitOps tools differ from what they should apply, where no Cluster among these has a part in it: they are composed as
   * a management cluster's own. That one acts on a cluster nobody knows is not told: files show but some of the clusters. Null: the
   * object is none of them.
   */
  unclaimedWith(one: Explained): Drift | null {
    if (!this.#isUnclaimed(one)) return null
    this.#unclaimed ??= this.#driftOfUnclaimed()
    return this.#unclaimed
  }

  #driftOfUnclaimed(): Drift {
    const { drift } = composeSource(
      { source, unclaimed: this.#all.filter((one) => this.#isUnclaimed(one)).map(memberOf), orphans: [], vanished: [] },
      this.#surroundings,
    )
    return { ...drift, differences: drift.differences.filter(({ code }) => !strangers.has(code)) }
  }

  #isUnclaimed(one: Explained): boolean {
    if (this.#kinds.of(one.observation.kind).part !== 'gitops') return false
    const name = this.nameOf(one)
    const members = name && this.#members.get(`${name.namespace}/${name.name}`)?.members
    return !members?.some(({ observation }) => observation.kind === clusterKind)
  }
}

const strangers: ReadonlySet<DriftCode> = new Set(['externalReconciler', 'argoClusterUnmatched'])

/**
 * Of kinds that no file holds, nothing can be told: their silence is not absence. GitOps tools, of which a fleet has one or two, count as
 * not installed instead, else every Cluster would show a gap for each of the others.
 */
function readBy(all: readonly Explained[], { of }: Kinds): Surroundings['readingOf'] {
  const kinds = new Set(all.map(({ observation }) => observation.kind))
  return (_source, kind) => (kinds.has(kind) ? 'read' : of(kind).part === 'gitops' ? 'notInstalled' : 'unreadable')
}

/** A label that may be an Application's says that there may be one, which no file holds. */
function hintedBy(readingOf: Surroundings['readingOf']): Surroundings['readingOf'] {
  return (of, kind) => {
    const reading = readingOf(of, kind)
    return kind === 'argoproj.io/Application' && reading === 'notInstalled' ? 'unreadable' : reading
  }
}

function memberOf({ observation, health }: Explained): Member {
  const { id, ref, parentId, labels, facts, createdAt } = observation
  return { id, source, ref, parentId, labels, facts, health, createdAt, fresh: true }
}
