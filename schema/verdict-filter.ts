import type { DriftCode as Code } from '../fleet/drift/code.ts'
import type { Outcome as Said, Severity as Weight, Cause as Why } from '../fleet/policy/policy.ts'
import type { Types } from './builder.ts'
import { DateTimeFilter, enumFilterOf, StringFilter } from './filters.ts'
import { Cause, DriftCode, Outcome, Severity } from './verdict.ts'

const SeverityFilter = enumFilterOf<Weight>('SeverityFilter', Severity)
const OutcomeFilter = enumFilterOf<Said>('OutcomeFilter', Outcome)
const CauseFilter = enumFilterOf<Why>('CauseFilter', Cause)
const DriftCodeFilter = enumFilterOf<Code>('DriftCodeFilter', DriftCode)

/** What can be asked of any verdict. */
export const verdictFilterFields = (t: PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>) => ({
  code: t.field({ type: DriftCodeFilter, description: 'In which way something differs.' }),
  policy: t.field({ type: StringFilter, description: 'The name of the policy.' }),
  rule: t.field({ type: StringFilter, description: 'The id of the rule within its policy.' }),
  severity: t.field({ type: SeverityFilter, description: 'How bad a violation is.' }),
  outcome: t.field({ type: OutcomeFilter, description: 'What the rule says.' }),
  cause: t.field({ type: CauseFilter, description: 'Why the outcome is what it is.' }),
  since: t.field({ type: DateTimeFilter, description: 'When the outcome became what it is.' }),
  violatedSince: t.field({ type: DateTimeFilter, description: 'When the violation began.' }),
  graceUntil: t.field({ type: DateTimeFilter, description: 'Until when the violation is tolerated.' }),
  holdsUntil: t.field({ type: DateTimeFilter, description: 'When the clock alone changes it.' }),
  waived: t.boolean({ description: 'Whether a waiver excuses it.' }),
  stale: t.boolean({ description: 'Whether a source that it rests on is no longer heard of.' }),
})

/** What any list of verdicts can be sorted by. */
export const verdictOrderDoc = {
  since: 'By when the outcome became what it is.',
  severity: 'By severity, the worst first, and then by `since`.',
}
