import type { Member } from '../../fleet/cluster.ts'
import { composeCluster } from '../../fleet/compose-cluster.ts'
import type { Health, HealthContext } from '../../fleet/health.ts'
import { healthOf } from '../../fleet/judge.ts'
import type { Kind } from '../../fleet/kinds/kind.ts'
import { kindByKey, kindOf } from '../../fleet/kinds/registry.ts'
import { normalise } from '../../fleet/normalise.ts'
import type { ClusterName, Observation } from '../../fleet/observation.ts'
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

/** Reads and judges one object; a sentence when that cannot be done. */
export function explainOne(wire: Wire, context: HealthContext, now: Date): Explained | string {
  const kind = kindFor(wire)
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

function kindFor(wire: Wire): Kind | string {
  if (!isArm(wire)) {
    const apiVersion = text(wire.apiVersion) ?? ''
    const group = apiVersion.slice(0, Math.max(0, apiVersion.lastIndexOf('/')))
    return kindOf(`${group}/${text(wire.kind) ?? ''}`)
  }
  const type = text(wire.type) ?? ''
  for (const kind of kindByKey.values()) {
    if (kind.reach.by === 'arm' && kind.reach.type.toLowerCase() === type.toLowerCase()) return kind
  }
  return `ARM resources of type ${type} are not read`
}

/** The clusters among objects that are explained together: every object with its cluster, and each cluster's roll-up. */
export class Clusters {
  readonly #names: ReadonlyMap<string, ClusterName>
  readonly #members = new Map<string, { name: ClusterName; members: Explained[] }>()

  /** @param centre the object that the others were given with, where they were (a case's `related`). */
  constructor(all: readonly Explained[], centre?: Explained) {
    const byId = new Map(all.map((one) => [one.observation.id, one]))
    const observations = new Map(all.map(({ observation }) => [observation.id, observation]))
    this.#names = clusterNames(source, observations, centre?.observation)
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
    return composeCluster(name, members.map(memberOf))
  }
}

function memberOf({ observation, health }: Explained): Member {
  const { id, ref, parentId, labels, facts, createdAt } = observation
  return { id, source, ref, parentId, labels, facts, health, createdAt, fresh: true }
}
