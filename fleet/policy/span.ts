export const dayMs = 86_400_000
const hourMs = 3_600_000

/** A span as a person says it: `30 days`, `12 hours`, `45 minutes`. */
export function spanText(ms: number): string {
  if (ms % dayMs === 0) return counted(ms / dayMs, 'day')
  return ms % hourMs === 0 ? counted(ms / hourMs, 'hour') : counted(ms / 60_000, 'minute')
}

/** `1 minor`, `2 minors`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
