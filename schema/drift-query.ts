import { type DriftFilter as Filter, readDrift } from '../db/read/drift.ts'
import type { FindingOrder } from '../db/read/finding.ts'
import type { Dimension } from '../fleet/drift/code.ts'
import { builder } from './builder.ts'
import { ClusterFilter } from './cluster-filter.ts'
import { connectionOf, orderOf, pageCost } from './connection.ts'
import { Drift } from './drift.ts'
import { enumFilterOf, IdFilter, logicDoc, StringFilter } from './filters.ts'
import { selectionOf } from './selection.ts'
import { DriftDimension } from './verdict.ts'
import { verdictFilterFields, verdictOrderDoc } from './verdict-filter.ts'

export const DriftFilter = builder.inputRef<Filter>('DriftFilter')
DriftFilter.implement({
  description: 'Which drift. All fields must hold. Lists and aggregates share it.',
  fields: (t) => ({
    and: t.field({ type: [DriftFilter], description: logicDoc.and }),
    or: t.field({ type: [DriftFilter], description: logicDoc.or }),
    not: t.field({ type: DriftFilter, description: logicDoc.not }),
    cluster: t.field({
      type: ClusterFilter,
      description:
        'Of which clusters; `{}` for all of them, without what is of a management cluster itself. Its top-level `source` narrows `coverage` too.',
    }),
    source: t.field({
      type: IdFilter,
      description: 'Of which management clusters and what they hold. At the top level it narrows `coverage` too.',
    }),
    dimension: t.field({
      type: enumFilterOf<Dimension>('DriftDimensionFilter', DriftDimension),
      description: 'What the difference is between. GITOPS alone, at the top level, narrows `coverage` too.',
    }),
    subjectKind: t.field({ type: StringFilter, description: 'The kind of the object that differs: `Kustomization`.' }),
    subjectNamespace: t.field({ type: StringFilter, description: 'The namespace of the object that differs.' }),
    subjectName: t.field({ type: StringFilter, description: 'The name of the object that differs.' }),
    field: t.field({ type: StringFilter, description: 'The path of the field that differs.' }),
    suppressed: t.boolean({ description: 'Whether a policy’s `ignore` excuses it for good.' }),
    tolerated: t.boolean({ description: 'Whether it is tolerated still: `graceUntil` says how long.' }),
    ...verdictFilterFields(t),
  }),
})

const DriftConnection = connectionOf(Drift, 'differences')
const Order = orderOf<FindingOrder>('Drift', verdictOrderDoc)

builder.queryField('drift', (t) =>
  t.field({
    type: DriftConnection,
    nullable: true,
    description:
      'How what runs differs from what was declared and applied, of living clusters and of management clusters themselves: also what is tolerated still, excused, or cannot be told. What nobody looks at is UNKNOWN, and not clean.',
    complexity: pageCost,
    args: {
      ...t.arg.connectionArgs(),
      filter: t.arg({ type: DriftFilter, description: 'Which of it; all when nothing is said.' }),
      orderBy: t.arg({ type: Order, description: 'By when the outcome became what it is, when nothing is said.' }),
    },
    resolve: (_root, { filter, orderBy, ...page }, { db, viewer, now }, info) =>
      readDrift(db, viewer, { filter, orderBy, page, now, selection: selectionOf(info) }),
  }),
)
