import * as z from 'zod'
import type { DriftCode } from '../drift/code.ts'
import { type DriftEntry, rulesOfDrift } from './drift-file.ts'
import type { Rule } from './policy.ts'
import type { RuleOf } from './ruling.ts'

/** An entry of `rules`: a rule, or what stands for many. */
export type Entry = Exclude<Rule, RuleOf<'drift'>> | DriftEntry
type Context = z.core.$RefinementCtx

/** The rules that the entries of a policy stand for; no two of them may be of one id, or over one code of drift. */
export function rulesOf(entries: readonly Entry[], context: Context): readonly Rule[] {
  const named = codesNamed(entries, context)
  if (named === null) return z.NEVER
  const madeBy = new Map<string, number>()
  return entries.flatMap((entry, at) => {
    const rules = entry.type === 'drift' ? rulesOfDrift(entry, named) : [entry]
    if (rules.length === 0)
      refuse(context, [at, 'drift'], 'is left no code, because others name them all; leave it out')
    const first = rules.map(({ id }) => madeBy.get(id)).find((other) => other !== undefined)
    if (first !== undefined) refuse(context, [at, 'id'], `repeats rules[${first}].id; give one of them another id`)
    for (const { id } of rules) if (!madeBy.has(id)) madeBy.set(id, at)
    return rules
  })
}

/** The codes that entries name; null where two of them want the same one, or what is left. */
function codesNamed(entries: readonly Entry[], context: Context): ReadonlySet<DriftCode> | null {
  /** By the entry that wants it; null: what is left. */
  const wantedBy = new Map<DriftCode | null, number>()
  let isUnique = true
  for (const [at, entry] of entries.entries()) {
    if (entry.type !== 'drift') continue
    for (const code of entry.codes ?? [null]) {
      const first = wantedBy.get(code)
      if (first === undefined) wantedBy.set(code, at)
      else {
        isUnique = false
        refuse(context, [at, 'drift', 'codes'], wantedTwice(code, first))
      }
    }
  }
  return isUnique ? new Set([...wantedBy.keys()].filter((code) => code !== null)) : null
}

const wantedTwice = (code: DriftCode | null, first: number): string =>
  code === null
    ? `must be given, because rules[${first}] already takes every code that no other entry names`
    : `has ${code}, which rules[${first}] has already; name each code once`

function refuse(context: Context, path: readonly PropertyKey[], message: string): void {
  context.addIssue({ code: 'custom', message, path: [...path] })
}
