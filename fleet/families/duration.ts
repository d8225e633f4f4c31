/** A day in ms times 100 years: a duration that is longer is no pace of anything. */
const longestMs = 100 * 365 * 86_400_000
const writtenMax = 40

const unitsMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y

/**
 * A duration as Go writes it (`10m0s`, `1h30m`, `500ms`; `time.ParseDuration`), in whole ms. Nothing for what is none, is negative,
 * or lasts longer than a century: an interval that nobody can tell is not guessed.
 */
export function durationMs(value: unknown): number | undefined {
  if (typeof value !== 'string' || value === '' || value.length > writtenMax) return undefined
  if (value === '0') return 0
  let ms = 0
  for (part.lastIndex = value.startsWith('+') ? 1 : 0; part.lastIndex < value.length; ) {
    const [, number, unit] = part.exec(value) ?? []
    if (number === undefined || unit === undefined) {
      part.lastIndex = 0
      return undefined
    }
    ms += Number(number) * (unitsMs[unit] ?? 0)
  }
  part.lastIndex = 0
  return ms <= longestMs ? Math.round(ms) : undefined
}
