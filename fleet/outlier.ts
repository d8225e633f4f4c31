import { parse, type SemVer } from 'semver'
import { compareRevisions, parseRevision, versionOfRevision } from './drift/revision.ts'

/** What clusters are compared by: Kubernetes itself, a chart, what a GitOps tool applies, a provider of Cluster API where they are held. */
export const componentTypes = ['kubernetes', 'chart', 'app', 'provider'] as const
export type ComponentType = (typeof componentTypes)[number]

/** Which clusters are compared with each other: those of one environment, or of one ring. */
export type CohortKind = 'environment' | 'ring'

/** A version or revision, and how many run it. */
export interface Variant {
  /** `versionKeyOf` it: equal keys are one variant. */
  readonly key: string
  /** One of its spellings. */
  readonly version: string
  /** Clusters that run it. */
  readonly clusters: number
  /** RFC 3339; when the first of them came to it. Null: not known. */
  readonly since: string | null
}

/** Versions apart; below 0: behind. Null where a greater one differs, or where they have no order. */
export interface Deviation {
  readonly direction: 'behind' | 'ahead' | 'different'
  readonly majors: number | null
  readonly minors: number | null
  readonly patches: number | null
}

/** Providers append their build (`-eks-abc`, `-gke.1`), which is no difference between clusters; only Kubernetes' own candidates are. */
const kubernetesShape = /^v?(\d{1,5}\.\d{1,5}\.\d{1,9})(-(?:alpha|beta|rc)(?:\.\d+)*)?(?![\d.])/

/**
 * What a version or revision is known by, so that spellings of one are one: numbers of Kubernetes versions, else the digest, else the
 * semantic version with its build. Null where the text does not say what runs: a minor alone, or the name of a branch.
 */
export function versionKeyOf(type: ComponentType, raw: string | null): string | null {
  if (raw === null) return null
  if (type === 'kubernetes') {
    const [, numbers, candidate = ''] = kubernetesShape.exec(raw.trim()) ?? []
    return numbers === undefined ? null : `${numbers}${candidate}`
  }
  // Argo CD lists its sources one after the other.
  const keys = raw.trim().split(/\s+/).map(keyOf)
  return keys.includes(null) ? null : keys.join(' ')
}

function keyOf(raw: string): string | null {
  const revision = parseRevision(raw)
  if (revision?.digest) return `${revision.digest.algorithm}:${revision.digest.hex}`
  if (!revision?.version) return null
  const { core, build } = revision.version
  return build === '' ? core : `${core}+${build}`
}

/** Null where it has no place in an order. */
function semverOf(type: ComponentType, { key, version }: Pick<Variant, 'key' | 'version'>): SemVer | null {
  const text = type === 'kubernetes' ? key : versionOfRevision(version)
  return text === null ? null : parse(text.replace(/^v/, '').replace('_', '+'))
}

/** How far one is from another. Revisions have no order: they only differ. */
export function deviationOf(
  type: ComponentType,
  one: Pick<Variant, 'key' | 'version'>,
  other: Pick<Variant, 'key' | 'version'>,
): Deviation {
  const [a, b] = [semverOf(type, one), semverOf(type, other)]
  if (a === null || b === null) return { direction: 'different', majors: null, minors: null, patches: null }
  const order = a.compare(b)
  const majors = a.major - b.major
  const minors = majors === 0 ? a.minor - b.minor : null
  const patches = minors === 0 ? a.patch - b.patch : null
  return { direction: order < 0 ? 'behind' : order > 0 ? 'ahead' : 'different', majors, minors, patches }
}

/**
 * The variant that most clusters run. Of several that as many run it is the newest; where they have no order, or the newest is not the
 * only one of its version, there is none.
 */
export function modeOf(type: ComponentType, variants: readonly Variant[]): Variant | null {
  const most = Math.max(0, ...variants.map(({ clusters }) => clusters))
  const [first, ...others] = variants.filter(({ clusters }) => clusters === most && clusters > 0)
  if (first === undefined || others.length === 0) return first ?? null
  let newest: Variant | null = first
  let top = semverOf(type, first)
  for (const variant of others) {
    const version = semverOf(type, variant)
    if (top === null || version === null) return null
    const order = version.compare(top)
    if (order === 0) newest = null
    if (order > 0) [newest, top] = [variant, version]
  }
  return newest
}

/** Whether two variants are known to differ. */
const differs = (type: ComponentType, a: Variant, b: Variant): boolean =>
  a.key !== b.key && (type === 'kubernetes' || compareRevisions(a.version, b.version) === 'different')

/** What one cohort runs of one component. */
interface Cohort {
  readonly type: ComponentType
  /** Of which a version is known. */
  readonly size: number
  readonly variants: readonly Variant[]
}

/** What a cohort has in common. */
export interface Norm {
  /** Null: none, or several as often. */
  readonly mode: Variant | null
  /** Of the clusters of which a version is known, how many run the mode, 0 to 1; null without a mode. */
  readonly share: number | null
  /** Several variants, and none is the one that most run. */
  readonly tied: boolean
  /** Clusters that run something that is known to differ from the mode, and not the mode beside it. */
  readonly deviating: number
  /** Keys of the variants that make a cluster no outlier. */
  readonly normal: ReadonlySet<string>
}

/** Finds what most clusters of a cohort run, and counts the others. Of a cohort that is tied nobody deviates. */
export function normOf({ type, size, variants }: Cohort): Norm {
  const mode = modeOf(type, variants)
  if (mode === null) {
    const normal = new Set(variants.map(({ key }) => key))
    return { mode, share: null, tied: variants.length > 0, deviating: 0, normal }
  }
  const alike = variants.filter((variant) => !differs(type, variant, mode))
  const deviating = size - alike.reduce((sum, { clusters }) => sum + clusters, 0)
  const normal = new Set(alike.map(({ key }) => key))
  return { mode, share: mode.clusters / size, tied: false, deviating: Math.max(0, deviating), normal }
}

/** What one cluster runs of a component: one variant or several. */
export interface Run extends Pick<Variant, 'key' | 'version' | 'since'> {}

/** One cluster that does not run what most do. */
export interface Straggler extends Run {
  readonly deviation: Deviation
  /** For how long others had what most have now while this cluster stayed with what it has; null where that is not known. */
  readonly behindSeconds: number | null
}

/** How a cluster stands to the mode of its cohort; of several variants the first. Null where it is no outlier. */
export function stragglerOf(
  type: ComponentType,
  runs: readonly Run[],
  { mode, normal }: Norm,
  now: Date,
): Straggler | null {
  const [run] = runs
  if (mode === null || run === undefined || runs.some(({ key }) => normal.has(key))) return null
  const deviation = deviationOf(type, run, mode)
  return { ...run, deviation, behindSeconds: behindSecondsOf(run, mode, deviation, now) }
}

/** Whoever changed after the first came to the mode went another way, and is not known to be behind. */
function behindSecondsOf(run: Run, mode: Variant, { direction }: Deviation, now: Date): number | null {
  if (direction === 'ahead' || run.since === null || mode.since === null) return null
  const [stayed, moved] = [Date.parse(run.since), Date.parse(mode.since)]
  return stayed < moved ? Math.max(0, Math.floor((now.getTime() - moved) / 1000)) : null
}
