import { hash } from 'node:crypto'
import type { ClusterName } from '../fleet/observation.ts'
import { uuidOf } from '../fleet/reference.ts'

/** A Cluster API Cluster's claim to be some cluster. */
export const capiClaim = (source: string, { namespace, name }: ClusterName): string =>
  `capi:${source}/${namespace}/${name}`

/** ARM ids are compared in lower case (azure.md 3.3). */
export const armClaim = (armId: string): string => `arm:${armId.toLowerCase()}`

/**
 * The id minted for a cluster first known by this claim. From then on `binding` says what the claim means, so that it may come to mean
 * another cluster. Derived, so that ingest need neither ask nor wait for whoever sees the same cluster for the first time.
 */
export const mintedId = (claim: string): string => uuidOf(hash('sha256', claim, 'hex'))
