import { parseVersion } from '../version.ts'

/**
 * How many minors a pool is behind its control plane; below 0 when it is ahead, which no provider allows (azure.md 4.1). Null
 * when either is not known, or their majors differ.
 */
export function skewOf(controlPlane: string | null, pool: string | null): number | null {
  const above = controlPlane === null ? null : parseVersion(controlPlane)
  const below = pool === null ? null : parseVersion(pool)
  return above === null || below === null || above.major !== below.major ? null : above.minor - below.minor
}
