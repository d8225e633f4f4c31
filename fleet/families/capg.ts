import { text } from '../wire.ts'

/** A zone is its region's name with a letter (`europe-west1-b`); CAPG takes a cluster's location apart alike (`cloud/scope`). */
const zone = /-[a-z]$/

export function regionOfLocation(value: unknown): string | undefined {
  return text(value)?.replace(zone, '')
}

/** `COS_CONTAINERD`, `UBUNTU_CONTAINERD`, `WINDOWS_LTSC_CONTAINERD`. */
export function osOf(imageType: unknown): string | undefined {
  const type = text(imageType)?.toUpperCase()
  if (type === undefined) return undefined
  return type.startsWith('WINDOWS') ? 'Windows' : 'Linux'
}
