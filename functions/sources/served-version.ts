/** ASO's storage versions exist for its own controllers (domain.md 2.4). */
export const isReadable = (version: string): boolean => !version.endsWith('storage')

/**
 * The version to read a kind in (domain.md 6, "Version choice"): the first served one of an ordered preference; the newest
 * date for Azure Service Operator; else the server's own preference, which comes first in `served`. Null when none will do.
 */
export function chooseVersion(preference: readonly string[] | 'newest', served: readonly string[]): string | null {
  const readable = served.filter(isReadable)
  if (preference === 'newest') return newestOf(readable)
  return preference.find((version) => readable.includes(version)) ?? readable[0] ?? null
}

/** `v1api20240901` beats `v1api20231001` and `v1api20250101preview`: previews only where nothing else is served. */
function newestOf(served: readonly string[]): string | null {
  const dated = served.map((version) => ({
    version,
    date: Number(/(\d{8})/.exec(version)?.[1] ?? 0),
    preview: /preview$/.test(version),
  }))
  const stable = dated.filter(({ preview }) => !preview)
  const pool = stable.length > 0 ? stable : dated
  return pool.toSorted((a, b) => b.date - a.date)[0]?.version ?? null
}
