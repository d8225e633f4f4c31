import * as z from 'zod'

// What the parts of the fleet file are made of. Each says what is wrong with an example of what is right.

/** An object in which a misspelt name is an error that says which name was meant. */
export function exact<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => {
      const key = issue.code === 'unrecognized_keys' ? issue.keys?.[0] : undefined
      if (key === undefined) return 'must be a mapping of names to values'
      return `is not a setting here; ${nearest(key, Object.keys(shape))}`
    },
  })
}

export const text = (example: string) => {
  const error = `must be a text that is not empty, for example ${example}`
  return z.string({ error }).min(1, { error })
}

export const yesOrNo = () => z.boolean({ error: 'must be true or false' })

const msPerUnit: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}
const msOf = (written: string): number => Number(written.slice(0, -1)) * (msPerUnit[written.slice(-1)] ?? 0)

/** A short time, as clocks count it (`60s`, `5m`, `24h`), to milliseconds. */
export const duration = (example: string, hoursMax: number) => {
  const error = `must be a duration in seconds, minutes or hours, for example ${example}`
  return z
    .string({ error })
    .regex(/^[1-9][0-9]{0,5}[smh]$/, { error })
    .transform(msOf)
    .refine((ms) => ms <= hoursMax * 3_600_000, { error: `must not be longer than ${hoursMax}h` })
}

/** A long time, as calendars count it (`45m`, `12h`, `30d`, `2w`; `0d` is none), to milliseconds. At most ten years. */
export const period = (example: string) => {
  const problem = `must be a duration in minutes, hours, days or weeks, for example ${example}`
  const error = ({ input }: { readonly input?: unknown }) =>
    input === 0 || input === '0' ? `${problem}; 0d is none` : problem
  return z
    .string({ error })
    .regex(/^[0-9]{1,6}[mhdw]$/, { error })
    .transform(msOf)
    .refine((ms) => ms <= 3_660 * 86_400_000, { error: 'must not be longer than 3660d (ten years)' })
}

/** A mapping without what was left out of it. */
export function given<T extends object>(mapping: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  // Object.entries forgets the keys' types; nothing but `undefined` is removed.
  return Object.fromEntries(Object.entries(mapping).filter(([, value]) => value !== undefined)) as never
}

/** "did you mean …?" where one name is close, else the names there are. */
export function nearest(key: string, names: readonly string[]): string {
  const [best] = names
    .map((name) => ({ name, distance: distance(key.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  // A word of which no letter is left is not close, however short it is.
  const close = best && best.distance <= Math.max(2, Math.floor(key.length / 3)) && best.distance < best.name.length
  return close ? `did you mean "${best.name}"?` : `there are ${names.map((name) => `"${name}"`).join(', ')}`
}

/** Levenshtein's distance: how many letters to add, drop or change. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      const [left = 0, above = 0, diagonal = 0] = [next[j], row[j + 1], row[j]]
      next.push(Math.min(left + 1, above + 1, diagonal + (letter === other ? 0 : 1)))
    }
    row = next
  }
  return row[b.length] ?? 0
}
