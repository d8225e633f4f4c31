import type { Family } from './family.ts'

type Labels = Readonly<Record<string, string>>

/** The Cluster's own labels, then what Azure has, then what the operator asked Azure for. */
export function labelLayersOf({ cluster, arm, managed }: Family): readonly Labels[] {
  const asked = managed?.facts.tags ?? managed?.facts.declared?.tags
  return [cluster?.labels, arm?.labels, asked].filter((labels) => labels !== undefined)
}

/** Keys are kept as written, but Azure tells none apart by letter case (azure.md 2.1): a tag `Env` adds nothing to a label `env`. */
export function labelsOf(layers: readonly Labels[]): Labels {
  return layers.reduce<Labels>((labels, layer) => {
    const known = new Set(Object.keys(labels).map((key) => key.toLowerCase()))
    const missing = Object.entries(layer).filter(([key]) => !known.has(key.toLowerCase()))
    return missing.length === 0 ? labels : Object.fromEntries([...Object.entries(labels), ...missing])
  }, {})
}

/** The value of the first of some keys that the labels have: by that very name, else with a prefix, as `conventionsOf` reads them. */
export function labelOf(labels: Labels, keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = labels[key]
    if (value) return value
  }
  for (const key of keys.map((wanted) => wanted.toLowerCase())) {
    const found = Object.keys(labels)
      .sort()
      .find((label) => label.toLowerCase() === key || label.toLowerCase().endsWith(`/${key}`))
    if (found !== undefined && labels[found]) return labels[found]
  }
  return null
}
