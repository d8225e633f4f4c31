import { compareVersions, parseVersion } from '../version.ts'

/**
 * How two Kubernetes versions stand to each other: below 0 where the first is older. Suffixes of EKS and GKE are passed over, a minor
 * alone is an alias of all its patches, and build metadata (`+rke2r1`) counts only between two that have it (domain.md 4.2). Null: one
 * of them is not known, or no version.
 */
export function compareKubernetes(a: string | null | undefined, b: string | null | undefined): number | null {
  if (a == null || b == null) return null
  const [first, second] = [parseVersion(a), parseVersion(b)]
  if (!first || !second) return null
  const difference = compareVersions(first, second)
  if (difference !== 0 || first.patch === null || second.patch === null) return difference
  return compareBuilds(buildOf(a), buildOf(b))
}

const buildOf = (raw: string): string => (raw.includes('+') ? raw.slice(raw.indexOf('+') + 1).trim() : '')

/** Builds are ordered as people count them: `k3s2` before `k3s10`. */
function compareBuilds(a: string, b: string): number {
  return a === '' || b === '' || a === b ? 0 : a.localeCompare(b, 'en', { numeric: true })
}
