/** A Kubernetes version as providers write it: `v1.33.4`, `1.33`, `1.32.3-eks-abc`, `1.31.5-gke.1068000`, `1.30.1+rke2r1`. */
export interface Version {
  readonly major: number
  readonly minor: number
  /** Null where only a minor is named (AKS takes such an alias). */
  readonly patch: number | null
  readonly raw: string
}

const shape = /^v?(\d{1,5})\.(\d{1,5})(?:\.(\d{1,9}))?(?:[-+].*)?$/

/** Reads a version; null when the text is not one. One leading `v` is ignored, suffixes are kept in `raw` only (domain.md 4.2). */
export function parseVersion(raw: string): Version | null {
  const match = shape.exec(raw.trim())
  if (!match) return null
  const [, major, minor, patch] = match
  return { major: Number(major), minor: Number(minor), patch: patch === undefined ? null : Number(patch), raw }
}

/** Below 0 when `a` is older. Suffixes do not count; without a patch, only the components both name are compared. */
export function compareVersions(a: Version, b: Version): number {
  if (a.major !== b.major) return a.major - b.major
  if (a.minor !== b.minor) return a.minor - b.minor
  return a.patch === null || b.patch === null ? 0 : a.patch - b.patch
}

/** `1.33`. */
export function minorOf({ major, minor }: Version): string {
  return `${major}.${minor}`
}

/** Orders minors by number (1.9 before 1.10); within one major, the difference of two is how many minors they are apart. */
export function minorRank({ major, minor }: Version): number {
  return major * 100_000 + minor
}

/**
 * What runs, by Azure's word and by what others repeat of it. An old word of Azure's still counts, so that nothing moves because Azure
 * fell silent; but AKS never goes back, so what others see higher by then is later.
 */
export function runningVersionOf(azure: string | null, isFresh: boolean, repeated: string | null): string | null {
  if (azure === null || repeated === null || isFresh) return azure ?? repeated
  const [a, b] = [parseVersion(azure), parseVersion(repeated)]
  return a && b && compareVersions(a, b) < 0 ? repeated : azure
}

/** The lowest of the versions, as written; what cannot be read is passed over. */
export function lowestVersion(versions: readonly (string | null | undefined)[]): string | null {
  let lowest: Version | null = null
  for (const raw of versions) {
    const version = raw ? parseVersion(raw) : null
    if (version && (lowest === null || compareVersions(version, lowest) < 0)) lowest = version
  }
  return lowest?.raw ?? null
}
