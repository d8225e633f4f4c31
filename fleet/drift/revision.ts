/** Whether two revisions mean the same content; `unknown` where they cannot be compared, which is never a difference. */
export type Sameness = 'same' | 'different' | 'unknown'

/**
 * One revision, as Flux, Argo CD, Helm and OCI registries write it (domain.md 2.5, 4.1): `main@sha1:…`, `refs/heads/main@sha1:…`,
 * `sha256:…`, a bare commit, the legacy `main/<commit>`, `1.2.3@sha256:…`, a chart's `v1.2.3+4`, or a name alone.
 */
export interface ParsedRevision {
  /** Branch, tag or version, without `refs/heads/` and the like; null where only a digest is written. */
  readonly name: string | null
  readonly digest: Digest | null
  /** The name, where it is a semantic version. */
  readonly version: Semver | null
}

interface Digest {
  /** `sha1`, `sha256` … */
  readonly algorithm: string
  /** In lower case. */
  readonly hex: string
}

interface Semver {
  /** `1.2.3` or `1.2.3-rc.1`: what comes before the build metadata, without `v`. */
  readonly core: string
  /** What comes after `+`; '' where nothing does. */
  readonly build: string
}

const digestShape = /^(?<algorithm>[a-z][a-z0-9]*):(?<hex>[0-9a-f]{7,128})$/i
const commitShape = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i
// Registries take no `+` in a tag, so Helm writes `_`.
const semverShape = /^v?(?<core>\d+\.\d+\.\d+(?:-[0-9a-z.-]+)?)(?:[+_](?<build>[0-9a-z.-]+))?$/i
const refPrefix = /^refs\/(?:heads|tags)\//

/** Reads one revision; null of an empty text. Total: whatever does not look like a digest is a name. */
export function parseRevision(raw: string): ParsedRevision | null {
  const text = raw.trim()
  if (text === '') return null
  const whole = digestOf(text)
  if (whole) return { name: null, digest: whole, version: null }
  // Branches may hold `@` and `/`, so only what follows the last one can be a digest.
  for (const separator of ['@', '/']) {
    const at = text.lastIndexOf(separator)
    const tail = at < 0 ? null : separator === '@' ? digestOf(text.slice(at + 1)) : commitOf(text.slice(at + 1))
    if (tail) return named(text.slice(0, at), tail)
  }
  return named(text, null)
}

function named(text: string, digest: Digest | null): ParsedRevision {
  const name = text.replace(refPrefix, '')
  return { name: name === '' ? null : name, digest, version: semverOf(name) }
}

function digestOf(text: string): Digest | null {
  const { algorithm, hex } = digestShape.exec(text)?.groups ?? {}
  if (algorithm === undefined || hex === undefined) return commitOf(text)
  return { algorithm: algorithm.toLowerCase(), hex: hex.toLowerCase() }
}

function commitOf(text: string): Digest | null {
  if (!commitShape.test(text)) return null
  return { algorithm: text.length === 40 ? 'sha1' : 'sha256', hex: text.toLowerCase() }
}

function semverOf(text: string): Semver | null {
  const { core, build = '' } = semverShape.exec(text)?.groups ?? {}
  return core === undefined ? null : { core, build }
}

type Written = string | null | undefined

/**
 * Compares what is offered with what was applied (domain.md 4.1). Digests decide where both have one: a renamed branch is no other
 * content. Versions decide next, with build metadata where both have some. Two names alone prove nothing: either may move to what
 * the other means. Several revisions, joined by spaces, are compared one by one, as Argo CD lists its sources.
 */
export function compareRevisions(a: Written, b: Written): Sameness {
  if (a == null || b == null) return 'unknown'
  if (a === b) return a.trim() === '' ? 'unknown' : 'same'
  const [ours, theirs] = [a.trim().split(/\s+/), b.trim().split(/\s+/)]
  if (ours.length !== theirs.length) return 'unknown'
  let together: Sameness = 'same'
  for (const [n, one] of ours.entries()) {
    const sameness = compareOne(one, theirs[n] ?? '')
    if (sameness === 'different') return 'different'
    if (sameness === 'unknown') together = 'unknown'
  }
  return together
}

function compareOne(raw: string, other: string): Sameness {
  const a = parseRevision(raw)
  const b = parseRevision(other)
  if (!a || !b) return 'unknown'
  if (a.digest && b.digest) return compareDigests(a.digest, b.digest)
  if (a.version && b.version) return compareSemvers(a, b)
  return a.digest === null && b.digest === null && a.name === b.name ? 'same' : 'unknown'
}

/** One of them may be cut short. Digests of two algorithms cannot be compared. */
function compareDigests(a: Digest, b: Digest): Sameness {
  if (a.algorithm !== b.algorithm) return 'unknown'
  return a.hex.startsWith(b.hex) || b.hex.startsWith(a.hex) ? 'same' : 'different'
}

/** Flux appends the first letters of an OCI artifact's digest to its chart's version: `6.5.0+cc1de9b0e5aa` is of `6.5.0@sha256:cc1de9…`. */
function compareSemvers(a: ParsedRevision, b: ParsedRevision): Sameness {
  if (a.version?.core !== b.version?.core) return 'different'
  const [build, other] = [a.version?.build ?? '', b.version?.build ?? '']
  const digest = (a.digest ?? b.digest)?.hex
  const tracked = a.digest ? other : build
  if (digest !== undefined && /^[0-9a-f]{12}$/.test(tracked)) return digest.startsWith(tracked) ? 'same' : 'different'
  return build === '' || other === '' || build === other ? 'same' : 'different'
}

/** The version of a chart or of a tag that a revision names, as written; null where it names none, or several. */
export function versionOfRevision(raw: Written): string | null {
  const parsed = raw == null ? null : parseRevision(raw)
  return parsed?.version ? parsed.name : null
}
