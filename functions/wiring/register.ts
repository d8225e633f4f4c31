import { registerBasis } from '../../db/basis.ts'
import type { Db } from '../../db/client.ts'
import { registerDestinations } from '../../db/destination.ts'
import { registerPolicies } from '../../db/policy.ts'
import { registerSources } from '../../db/source.ts'
import type { Fleet } from '../../fleet/configuration.ts'
import { basisOf } from '../../fleet/imprint.ts'

/** Makes the store know what the fleet file says, and no more. Idempotent: where nothing changed, nothing is written. */
export async function register(db: Db, fleet: Fleet, now: Date): Promise<void> {
  const declarations = fleet.sources.map(({ declaration }) => declaration)
  await registerSources(db, declarations, now)
  await registerPolicies(db, fleet, now)
  await registerDestinations(db, fleet.destinations)
  await registerBasis(db, basisOf(fleet))
}
