import type { ClusterFacts } from '../../../fleet/cluster.ts'
import { alone, type Surroundings } from '../../../fleet/composition/surroundings.ts'
import type { DriftCode } from '../../../fleet/drift/code.ts'
import type { Difference, Drift } from '../../../fleet/drift/difference.ts'
import type { KindKey } from '../../../fleet/reference.ts'

/** What is found of one code, short enough to compare with a sentence: `object field: expected → actual`. */
export function found({ drift }: { readonly drift: Drift }, code: DriftCode): readonly string[] {
  return drift.differences
    .filter((difference) => difference.code === code)
    .map(({ about, field, expected, actual }) => {
      const name = about ? `${about.ref.kind}/${about.ref.name.split('/').at(-1)}` : ''
      return `${name} ${field}: ${expected} → ${actual}`
    })
}

/** What of one code can be said: that it differs, that it does not, that nobody looks; or nothing. */
export function answer({ drift }: { readonly drift: Drift }, code: DriftCode): 'differs' | 'same' | 'gap' | 'nothing' {
  if (drift.differences.some((difference) => difference.code === code)) return 'differs'
  if (drift.gaps.some((gap) => gap.code === code)) return 'gap'
  return drift.looked.includes(code) ? 'same' : 'nothing'
}

/** The first difference of a code, whole. */
export const only = ({ drift }: { readonly drift: Drift }, code: DriftCode): Difference | undefined =>
  drift.differences.find((difference) => difference.code === code)

export const codesOf = ({ drift }: Pick<ClusterFacts, 'drift'>): readonly DriftCode[] => [
  ...new Set(drift.differences.map(({ code }) => code)),
]

/** As where a source could not read these kinds. */
export const unreadable = (...kinds: readonly KindKey[]): Partial<Surroundings> => ({
  readingOf: (source, kind) => (kinds.includes(kind) ? 'unreadable' : alone.readingOf(source, kind)),
})
