import {
  type ComplianceCounts as CountsView,
  type ComplianceDimension as Dimension,
  type ComplianceGroup as GroupView,
  readCompliance,
  type Compliance as View,
} from '../db/read/compliance.ts'
import { builder } from './builder.ts'
import { dimensions, wordOf } from './cluster-aggregate.ts'
import { ClusterFilter } from './cluster-filter.ts'
import { Coverage } from './coverage.ts'
import { enumOf } from './enums.ts'
import { Policy } from './policy.ts'
import { selectionOf } from './selection.ts'

const { health: _health, lifecycle: _lifecycle, ...ofClusters } = dimensions

const ComplianceDimension = enumOf<Dimension>('ComplianceDimension', 'What compliance can be grouped by.', {
  ...ofClusters,
  policy: 'The policy. A cluster counts in each that applies to it.',
  rule: 'The id of the rule. A cluster counts in each that applies to it.',
  severity: 'The severity of the rules, by the words of Severity. A cluster counts in each that applies to it.',
})

const ComplianceCounts = builder.interfaceRef<CountsView>('ComplianceCounts').implement({
  description:
    'Clusters by the worst of their findings: failing before unknown, before waived, before compliant. What is not known is never compliant.',
  fields: (t) => ({
    clusters: t.exposeInt('clusters', {
      description: 'How many: all that a rule applies to, and those not judged yet, which are unknown.',
    }),
    compliant: t.exposeInt('compliant', { description: 'Those where every rule passes.' }),
    failing: t.exposeInt('failing', { description: 'Those with a violation.' }),
    waived: t.exposeInt('waived', { description: 'Those whose violations are all excused.' }),
    unknown: t.exposeInt('unknown', { description: 'Those of which a rule cannot tell, and none is violated.' }),
    notApplicable: t.exposeInt('notApplicable', {
      description: 'Clusters beside these, as far as they were judged, that none of the rules in question applies to.',
    }),
    ratio: t.exposeFloat('ratio', {
      nullable: true,
      description: 'The compliant share of `clusters`, 0 to 1. Null of none.',
    }),
  }),
})

export const ComplianceTotal = builder.objectRef<CountsView>('ComplianceTotal').implement({
  description: 'All clusters in question.',
  interfaces: [ComplianceCounts],
})

const ComplianceKey = builder.objectRef<GroupView['keys'][number]>('ComplianceKey').implement({
  description: 'One dimension of a group.',
  fields: (t) => ({
    dimension: t.expose('dimension', { type: ComplianceDimension, description: 'Which dimension.' }),
    value: t.string({
      nullable: true,
      description:
        'The value of the dimension; null for clusters that do not say. Severities and phases are written as in their enums.',
      resolve: ({ dimension, value }) => wordOf(dimension, value),
    }),
  }),
})

const ComplianceGroup = builder.objectRef<GroupView>('ComplianceGroup').implement({
  description: 'Clusters that agree in every dimension asked.',
  interfaces: [ComplianceCounts],
  fields: (t) => ({
    keys: t.expose('keys', {
      type: [ComplianceKey],
      description: 'In the order of `groupBy`.',
      complexity: { field: 1, multiplier: 1 },
    }),
  }),
})

const Compliance = builder.objectRef<View>('Compliance').implement({
  description: 'How clusters stand to policies at an instant.',
  fields: (t) => ({
    asOf: t.expose('asOf', { type: 'DateTime', description: 'The instant.' }),
    policies: t.expose('policies', {
      type: [Policy],
      description: 'The policies that were judged by, as they are now.',
      complexity: { field: 1, multiplier: 3 },
    }),
    total: t.expose('total', { type: ComplianceTotal, description: 'All clusters in question; each counts once.' }),
    groups: t.expose('groups', {
      type: [ComplianceGroup],
      description: 'The clusters in question by `groupBy`, the largest group first.',
      complexity: { field: 10, multiplier: 20 },
    }),
    truncated: t.exposeBoolean('truncated', { description: 'Whether there are more groups than `first`.' }),
    coverage: t.expose('coverage', {
      type: Coverage,
      description: 'Which sources this answer rests on, as they are now.',
    }),
  }),
})

builder.queryField('compliance', (t) =>
  t.field({
    type: Compliance,
    nullable: true,
    description:
      'Counts clusters by how they stand to the policies, now or at an instant in the past. Of the past the outcomes are those of then; clusters are filtered and grouped by what is known of them now.',
    complexity: 10,
    args: {
      policy: t.arg.string({ description: 'One policy, by name; all of them when nothing is said.' }),
      groupBy: t.arg({
        type: [ComplianceDimension],
        description: 'By what, at most five; one group when nothing is said.',
      }),
      filter: t.arg({ type: ClusterFilter, description: 'Which clusters; all when nothing is said.' }),
      asOf: t.arg({ type: 'DateTime', description: 'An instant in the past; now when nothing is said.' }),
      first: t.arg.int({ description: 'How many groups, at most and by default 1000.' }),
    },
    resolve: (_root, { policy, groupBy, filter, asOf, first }, { db, viewer, now }, info) =>
      readCompliance(db, viewer, { policy, groupBy, filter, asOf, first, now, selection: selectionOf(info) }),
  }),
)
