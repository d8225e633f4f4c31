import type { DriftCode } from '../../fleet/drift/code.ts'
import type { Asked } from '../schema/ask.ts'
import type { TrueDrift } from '../world/drift/truth.ts'
import type { Named } from '../world/gitops/reconciler.ts'
import type { World } from '../world/world.ts'
import { homeOf, type QuestionedFleet, wordOf } from './fleet.ts'

/** Every page of `drift`. */
export async function allDrift(fleet: QuestionedFleet, filter: object = {}): Promise<readonly Asked[]> {
  const nodes: Asked[] = []
  for (let after: string | null = null; ; ) {
    const { drift }: Asked = await fleet.answer('drift', { filter, after })
    nodes.push(...drift.nodes)
    after = drift.pageInfo.endCursor
    if (drift.pageInfo.hasNextPage) continue
    if (drift.totalCount !== nodes.length) throw new Error(`totalCount is ${drift.totalCount} of ${nodes.length}`)
    return nodes
  }
}

/** Everything that somebody should find, one line each: whose it is, the code, the object and, where several differ, the field. */
export const driftInTruth = ({ fleet, management }: World): readonly string[] =>
  linesOf([
    ...fleet.flatMap((one) => truthOf(`${homeOf(one)}/${one.namespace}/${one.name}`, one)),
    ...management.flatMap((one) => truthOf(one.source, one)),
  ])

const truthOf = (whose: string, { drift, gaps }: TrueDrift): readonly string[] => [
  ...drift.map(({ code, about, field }) => line(whose, wordOf(code), about, field ?? null)),
  ...gaps.map((code) => gap(whose, wordOf(code))),
]

/** The same of what was answered. */
export const driftAnswered = (nodes: readonly Asked[]): readonly string[] =>
  linesOf(
    nodes.map(({ code, outcome, field, subject, source, cluster }) => {
      const whose = cluster === null ? source.name : `${cluster.source.name}/${cluster.namespace}/${cluster.name}`
      return outcome === 'UNKNOWN' ? gap(whose, code) : line(whose, code, subject, field)
    }),
  )

/** Several differences of one object may be of one code and field: what is asked for twice, of the same thing. */
const linesOf = (lines: readonly string[]): readonly string[] => [...new Set(lines)].sort()

const gap = (whose: string, code: string): string => `${whose}: ${code} cannot be told`

/** Codes whose differences the field tells apart. */
const byField: readonly string[] = (['settingVsSpec', 'poolVsSpec', 'powerVsSpec'] satisfies DriftCode[]).map(wordOf)

export function line(whose: string, code: string, about: Named | null, field: string | null = null): string {
  // Of an ARM id, people are told the last segment.
  const object = about === null ? [] : [`${about.kind} ${about.namespace}/${about.name.split('/').at(-1)}`]
  const where = byField.includes(code) && field !== null ? [field.replace(/^settings\./, '')] : []
  return [`${whose}:`, code, ...object, ...where].join(' ')
}
