import * as z from 'zod'
import { exact, given, nearest, period, text } from '../configuration/shape.ts'
import { type DriftCode, driftCodeNames, driftCodes } from '../drift/code.ts'
import { type Ignore, type Rule, type Severity, severities } from './policy.ts'
import { labelSelector, oneOrMore } from './selector-file.ts'
import { stableName } from './stable-name.ts'
import { noTwo } from './unique.ts'

/** The policy of this name is in force by itself, unless the file has one. */
export const driftPolicyName = 'drift'

/** An entry of `rules` that stands for a rule per code. */
export interface DriftEntry {
  readonly type: 'drift'
  readonly id?: string | undefined
  /** Left out: all that no other entry of the policy names. */
  readonly codes?: readonly DriftCode[] | undefined
  readonly severity?: Severity | undefined
  readonly graceMs?: number | undefined
  readonly ignore: readonly Ignore[]
}

const codeListProblem = 'must be a list that is not empty, for example [behindSource, suspended]'
const code = z.enum(driftCodeNames, {
  error: ({ input }) =>
    typeof input === 'string'
      ? `is no code of drift ("${input}"); ${nearest(input, driftCodeNames)}`
      : 'must be a code of drift, for example behindSource',
})

const ignoreEntry = exact({
  id: stableName().optional().meta({ description: 'Unique within the rule: findings name it. Default: ignore-1, …' }),
  reason: text('"Flux of the sandbox is paused on purpose"').meta({ description: 'Why it is nobody’s business.' }),
  kinds: oneOrMore('Kustomization').meta({ description: 'Kinds of the objects; * stands for any letters.' }),
  namespaces: oneOrMore('sandbox-*').meta({ description: 'Their namespaces.' }),
  names: oneOrMore('demo-*').meta({ description: 'Their names; of an Azure resource its id will do, too.' }),
  fields: oneOrMore('spec.suspend').meta({ description: 'Fields that differ.' }),
  labels: labelSelector.optional().meta({ description: "A Kubernetes label selector over the cluster's labels." }),
}).refine(({ id: _, reason: _reason, ...meant }) => Object.values(meant).some((each) => each !== undefined), {
  error:
    'must have one of kinds, namespaces, names, fields, labels; to ignore a code altogether, leave it out of the policy',
})

const ignoreList = z
  .array(ignoreEntry, { error: 'must be a list, for example [{ reason: "a sandbox", namespaces: [sandbox-*] }]' })
  .transform((written) =>
    written.map(({ id, reason, ...meant }, at): Ignore => ({ id: id ?? `ignore-${at + 1}`, reason, ...given(meant) })),
  )
  .superRefine(noTwo('ignore', 'id', ({ id }) => id))

export const driftEntry = exact({
  id: stableName().optional().meta({ description: 'Default: every code is a rule of its own name; else <id>.<code>.' }),
  codes: z
    .array(code, { error: codeListProblem })
    .min(1, { error: codeListProblem })
    .optional()
    .meta({ description: 'What is asked for. Default: every code that no other entry of the policy names.' }),
  severity: z
    .enum(severities, { error: `must be one of ${severities.join(', ')}` })
    .optional()
    .meta({ description: 'How bad a difference is. Default: as bad as its code and what differs.' }),
  grace: period('2h')
    .optional()
    .meta({ description: 'How long a difference is tolerated before it fails, for example 2h. Default: by its code.' }),
  ignore: ignoreList.default([]).meta({ description: 'Differences that are nobody’s business, for good.' }),
}).transform(({ grace, ...entry }): DriftEntry => ({ type: 'drift', ...entry, graceMs: grace }))

/** The rules an entry stands for, in the order of `driftCodeNames`. `named`: the codes that other entries name. */
export function rulesOfDrift(
  { id, codes, severity, graceMs, ignore }: DriftEntry,
  named: ReadonlySet<DriftCode> = new Set(),
): readonly Rule[] {
  const isMeant = (each: DriftCode) => codes?.includes(each) ?? !named.has(each)
  return driftCodeNames.filter(isMeant).map((each) => ({
    type: 'drift',
    id: id === undefined ? each : `${id}.${each}`,
    severity: severity ?? driftCodes[each].severity,
    graceMs: graceMs ?? driftCodes[each].graceMs,
    code: each,
    ownSeverity: severity === undefined,
    ignore,
  }))
}
