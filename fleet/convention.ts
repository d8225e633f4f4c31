/** Which labels say what, in order of preference (design.md part 4, `conventions`). */
export interface Conventions {
  readonly environment: readonly string[]
  readonly owner: readonly string[]
  readonly ring: readonly string[]
  readonly contact: readonly string[]
  /** Of a GitOps object: what it applies, called the same on every cluster. */
  readonly app: readonly string[]
}

export const defaultConventions: Conventions = {
  environment: ['environment', 'env'],
  owner: ['owner', 'team'],
  ring: ['ring', 'wave'],
  contact: ['contact'],
  app: ['app.kubernetes.io/name'],
}

/** What the labels say of the four; null where none of the agreed labels is there. */
export interface Conventional {
  readonly environment: string | null
  readonly owner: string | null
  readonly ring: string | null
  readonly contact: string | null
}

type Labels = Readonly<Record<string, string>>

/** What several sets of labels say; the first that says anything of one of the four counts for it, by whichever agreed label. */
export function layeredConventions(layers: readonly Labels[], conventions: Conventions): Conventional {
  const said = layers.map((labels) => conventionsOf(labels, conventions))
  const first = (of: keyof Conventional) => said.find((one) => one[of] !== null)?.[of] ?? null
  return { environment: first('environment'), owner: first('owner'), ring: first('ring'), contact: first('contact') }
}

/**
 * Reads the agreed labels. A key matches a label of that very name first, else one with a prefix (`example.com/env`), in
 * the order of the labels' names; letter case does not matter, for Azure tags keep none.
 */
export function conventionsOf(labels: Labels, conventions: Conventions): Conventional {
  const entries = Object.entries(labels)
    .map(([key, value]) => ({ key: key.toLowerCase(), value }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
  const firstOf = (keys: readonly string[]): string | null => {
    for (const key of keys.map((wanted) => wanted.toLowerCase())) {
      const found =
        entries.find((entry) => entry.key === key && entry.value !== '') ??
        entries.find((entry) => entry.key.endsWith(`/${key}`) && entry.value !== '')
      if (found) return found.value
    }
    return null
  }
  return {
    environment: firstOf(conventions.environment),
    owner: firstOf(conventions.owner),
    ring: firstOf(conventions.ring),
    contact: firstOf(conventions.contact),
  }
}
