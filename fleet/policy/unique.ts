import type * as z from 'zod'

/** A check that no two entries of a list are the same: `identity` tells them apart, `key` is the setting to blame. */
export function noTwo<Entry>(list: string, key: string, identity: (entry: Entry) => string) {
  return (entries: readonly Entry[], context: z.core.$RefinementCtx): void => {
    const seen = new Map<string, number>()
    for (const [at, entry] of entries.entries()) {
      const first = seen.get(identity(entry))
      if (first === undefined) seen.set(identity(entry), at)
      else {
        const message = `repeats ${list}[${first}].${key}; give one of them another ${key}`
        context.addIssue({ code: 'custom', message, path: [at, key] })
      }
    }
  }
}
