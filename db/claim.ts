import { hash } from 'node:crypto'
import type { Kind } from '../fleet/kinds/kind.ts'
import type { ClusterName, Observation } from '../fleet/observation.ts'
import { uuidOf } from '../fleet/reference.ts'

/** A Cluster API Cluster's claim to be some cluster. */
export const capiClaim = (source: string, { namespace, name }: ClusterName): string =>
  `capi:${source}/${namespace}/${name}`

/** ARM ids are compared in lower case (azure.md 3.3). */
export const armClaim = (armId: string): string => `arm:${armId.toLowerCase()}`

/** The public name of an AKS API server, which no two clusters share: for a Cluster that tells no ARM id (azure.md 3.3). */
export const endpointClaim = (host: string): string => `endpoint:${host.toLowerCase()}`

/** The id that a cluster had before it turned out to be another. */
export const formerClaim = (id: string): string => `id:${id}`

/** What an object says it belongs to; null when it names no cluster. An ARM resource's name is its id (fleet/reference.ts). */
export function claimOf(source: string, { reach }: Kind, { ref, owner }: Observation): string | null {
  if (owner === null) return null
  return reach.by === 'arm' ? armClaim(ref.name) : capiClaim(source, owner)
}

/**
 * The id minted for a cluster first known by this claim. From then on `binding` says what the claim means, so that it may come to mean
 * another cluster. Derived, so that ingest need neither ask nor wait for whoever sees the same cluster for the first time.
 */
export const mintedId = (claim: string): string => uuidOf(hash('sha256', claim, 'hex'))

/** What stands for a management cluster itself wherever a cluster's id is asked for: it is judged like one (fleet/policy/subject.ts). */
export const sourceSubjectId = (source: string): string => mintedId(`source:${source}`)

/** What stands, in a mark, for everything that objects of a source act on by a destination (db/settle/destination.ts). */
export const destinationsId = (source: string): string => mintedId(`destinations:${source}`)
