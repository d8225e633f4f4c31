import { describe } from 'vitest'
import { accessContract } from './access.ts'
import { discoveryContract } from './discovery.ts'
import { listingContract } from './listing.ts'
import type { Subject } from './subject.ts'
import { watchingContract } from './watching.ts'
import { writingContract } from './writing.ts'

/**
 * What Rollcall relies on in a Kubernetes API server, by what the server can do and never by its version. It runs against
 * a real one, and against the world's in each profile, so that what the tests pretend is what is so.
 */
export function contract(subject: () => Subject): void {
  describe('discovery', () => discoveryContract(subject))
  describe('access', () => accessContract(subject))
  describe('writing', () => writingContract(subject))
  describe('listing', () => listingContract(subject))
  describe('watching', () => watchingContract(subject))
}
