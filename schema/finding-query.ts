import { type FindingFilter as Filter, type FindingOrder, readFindings } from '../db/read/finding.ts'
import type { Outcome as Said, RuleType as Type, Severity as Weight, Cause as Why } from '../fleet/policy/policy.ts'
import { builder } from './builder.ts'
import { ClusterFilter } from './cluster-filter.ts'
import { connectionOf, orderOf, pageCost } from './connection.ts'
import { DateTimeFilter, enumFilterOf, logicDoc, StringFilter } from './filters.ts'
import { Cause, Finding, Outcome, RuleType, Severity } from './finding.ts'
import { selectionOf } from './selection.ts'

const FindingFilter = builder.inputRef<Filter>('FindingFilter')
FindingFilter.implement({
  description: 'Which findings. All fields must hold.',
  fields: (t) => ({
    and: t.field({ type: [FindingFilter], description: logicDoc.and }),
    or: t.field({ type: [FindingFilter], description: logicDoc.or }),
    not: t.field({ type: FindingFilter, description: logicDoc.not }),
    cluster: t.field({
      type: ClusterFilter,
      description: 'Of which clusters. Its top-level `source` narrows `coverage` too.',
    }),
    policy: t.field({ type: StringFilter, description: 'The name of the policy.' }),
    rule: t.field({ type: StringFilter, description: 'The id of the rule within its policy.' }),
    type: t.field({ type: enumFilterOf<Type>('RuleTypeFilter', RuleType), description: 'What the rule asks.' }),
    severity: t.field({
      type: enumFilterOf<Weight>('SeverityFilter', Severity),
      description: 'How bad a violation is.',
    }),
    outcome: t.field({ type: enumFilterOf<Said>('OutcomeFilter', Outcome), description: 'What the rule says.' }),
    cause: t.field({ type: enumFilterOf<Why>('CauseFilter', Cause), description: 'Why the outcome is what it is.' }),
    since: t.field({ type: DateTimeFilter, description: 'When the outcome became what it is.' }),
    violatedSince: t.field({ type: DateTimeFilter, description: 'When the violation began.' }),
    graceUntil: t.field({ type: DateTimeFilter, description: 'Until when the violation is tolerated.' }),
    holdsUntil: t.field({ type: DateTimeFilter, description: 'When the clock alone changes it.' }),
    waived: t.boolean({ description: 'Whether a waiver excuses it.' }),
    stale: t.boolean({ description: 'Whether a source that it rests on is no longer heard of.' }),
  }),
})

const FindingConnection = connectionOf(Finding, 'findings')
const Order = orderOf<FindingOrder>('Finding', {
  since: 'By when the outcome became what it is.',
  severity: 'By severity, the worst first, and then by `since`.',
})

builder.queryField('findings', (t) =>
  t.field({
    type: FindingConnection,
    nullable: true,
    description: 'What the policies find on living clusters: one for each rule that applies, those that pass included.',
    complexity: pageCost,
    args: {
      ...t.arg.connectionArgs(),
      filter: t.arg({ type: FindingFilter, description: 'Which ones; all when nothing is said.' }),
      orderBy: t.arg({ type: Order, description: 'By when the outcome became what it is, when nothing is said.' }),
    },
    resolve: (_root, { filter, orderBy, ...page }, { db, viewer, now }, info) =>
      readFindings(db, viewer, { filter, orderBy, page, now, selection: selectionOf(info) }),
  }),
)
