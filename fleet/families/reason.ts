const changeReasons: ReadonlySet<string> = new Set([
  'ScalingUp',
  'ScalingDown',
  'RollingUpdateInProgress',
  'Creating',
  'Updating',
])

/**
 * Reasons of a False that only report ordinary work (domain.md 3.4, row "CAPI legacy").
 * Aggregated ones are suffixed ` @ Kind/name`.
 */
export function isChangeReason(reason: string | null): boolean {
  const bare = bareReason(reason)
  return bare !== null && (changeReasons.has(bare) || bare.startsWith('WaitingFor'))
}

/** A reason without the object it was aggregated from. */
export function bareReason(reason: string | null): string | null {
  const at = reason?.indexOf(' @ ') ?? -1
  return reason === null || at === -1 ? reason : reason.slice(0, at)
}

const waitReasons: ReadonlySet<string> = new Set([
  'DependencyNotReady',
  'SourceNotReady',
  'HealthCheckCanceled',
  'Progressing',
])

/** Reasons of a Flux Ready=False that wait for something else instead of failing (domain.md 3.4, row "Flux"). */
export function isWaitReason(reason: string | null): boolean {
  return reason !== null && waitReasons.has(reason)
}
