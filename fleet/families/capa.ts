import { defined, definedOrNone, int, isRecord, list, record, text, type Wire } from '../wire.ts'

/** As CAPA serves them: v1beta1 is off in every release since 2.8, and still stored by older ones (CRDs of 2.8.4 and 2.11.1). */
export const capaVersions = ['v1beta2', 'v1beta1'] as const

/** `minSize` and `maxSize` of a group, where they are set: who scales it within them, CAPA does not know. */
export function boundsOf(scaling: unknown): { minSize?: number; maxSize?: number } {
  const { minSize, maxSize } = record(scaling)
  return defined({ minSize: int(minSize), maxSize: int(maxSize) })
}

/** `WINDOWS_CORE_2022_x86_64`, `AL2023_x86_64_STANDARD`; a custom image tells nothing. */
export function osOf(amiType: unknown): string | undefined {
  const type = text(amiType)
  if (type === undefined || type === 'CUSTOM') return undefined
  return type.startsWith('WINDOWS') ? 'Windows' : 'Linux'
}

/** The size of a pool's machines, where it has one: a policy of mixed instances names several. */
function instanceTypeOf(spec: Wire): string | undefined {
  const own = text(spec.instanceType) ?? text(record(spec.awsLaunchTemplate).instanceType)
  if (!isRecord(spec.mixedInstancesPolicy)) return own
  const overrides = list(spec.mixedInstancesPolicy.overrides).flatMap((one) => text(record(one).instanceType) ?? [])
  const sizes = new Set(overrides.length === 0 && own !== undefined ? [own] : overrides)
  return sizes.size === 1 ? [...sizes][0] : undefined
}

/** What CAPA's pools say of themselves in the same places. */
export function groupFacts({ spec, status }: { readonly spec: Wire; readonly status: Wire }) {
  return {
    replicas: definedOrNone({ current: int(status.replicas) }),
    launchTemplateVersion: text(status.launchTemplateVersion),
    vmSize: instanceTypeOf(spec),
  }
}
