import { type FindingFilter as Filter, type FindingOrder, readFindings } from '../db/read/finding.ts'
import type { RuleType as Type } from '../fleet/policy/policy.ts'
import { builder } from './builder.ts'
import { ClusterFilter } from './cluster-filter.ts'
import { connectionOf, orderOf, pageCost } from './connection.ts'
import { enumFilterOf, logicDoc } from './filters.ts'
import { Finding } from './finding.ts'
import { selectionOf } from './selection.ts'
import { RuleType } from './verdict.ts'
import { verdictFilterFields, verdictOrderDoc } from './verdict-filter.ts'

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
    type: t.field({ type: enumFilterOf<Type>('RuleTypeFilter', RuleType), description: 'What the rule asks.' }),
    ...verdictFilterFields(t),
  }),
})

const FindingConnection = connectionOf(Finding, 'findings')
const Order = orderOf<FindingOrder>('Finding', verdictOrderDoc)

builder.queryField('findings', (t) =>
  t.field({
    type: FindingConnection,
    nullable: true,
    description:
      'What the policies find on living clusters: one for each rule that applies, those that pass included; of rules over drift, one for each difference.',
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
