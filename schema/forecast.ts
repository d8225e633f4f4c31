import { type ForecastFinding as FindingView, readForecast, type Forecast as View } from '../db/read/forecast.ts'
import { builder } from './builder.ts'
import { ClusterFilter } from './cluster-filter.ts'
import { Cluster } from './cluster-ref.ts'
import { ComplianceTotal } from './compliance.ts'
import { Coverage } from './coverage.ts'
import { selectionOf } from './selection.ts'
import { Evidence, Outcome, PolicyName, RuleType, Severity, Waiver } from './verdict.ts'

const ForecastFinding = builder.objectRef<FindingView>('ForecastFinding').implement({
  description: 'A finding that time alone turns into another.',
  fields: (t) => ({
    cluster: t.expose('cluster', { type: Cluster, description: 'Of which cluster.' }),
    policy: t.expose('policy', { type: PolicyName, description: 'By which policy.' }),
    rule: t.exposeString('rule', { description: 'By which rule of the policy, by its id.' }),
    type: t.expose('type', { type: RuleType, description: 'What the rule asks.' }),
    severity: t.expose('severity', { type: Severity, description: 'How bad a violation is.' }),
    outcomeNow: t.expose('outcomeNow', { type: Outcome, description: 'What the rule says now.' }),
    outcomeThen: t.expose('outcomeThen', {
      type: Outcome,
      description: 'What the rule will say at the instant of the forecast.',
    }),
    changesAt: t.expose('changesAt', {
      type: 'DateTime',
      description: 'When it first will say something else than now.',
    }),
    message: t.exposeString('message', {
      description: 'What the rule will say at the instant of the forecast, in a sentence for people.',
    }),
    evidence: t.expose('evidence', {
      type: [Evidence],
      description: 'What the outcome at the instant of the forecast will rest on.',
      complexity: { field: 1, multiplier: 3 },
    }),
    waiver: t.expose('waiver', {
      type: Waiver,
      nullable: true,
      description:
        'The waiver that excuses it now, else the one that will at the instant of the forecast; null without one.',
    }),
  }),
})

const ForecastCounts = builder.objectRef<View['counts']>('ForecastCounts').implement({
  description: 'The clusters in question, counted now and at the instant of the forecast.',
  fields: (t) => ({
    now: t.expose('now', { type: ComplianceTotal, description: 'As they stand now.' }),
    later: t.expose('later', {
      type: ComplianceTotal,
      description: 'As they will stand at the instant of the forecast.',
    }),
    changes: t.exposeInt('changes', {
      description: 'Findings that will be others, of those that `outcomeNow` and `outcomeThen` leave.',
    }),
  }),
})

const Forecast = builder.objectRef<View>('Forecast').implement({
  description: 'What the policies of now will say of the facts of now at a later instant.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'The instant of the forecast.' }),
    counts: t.expose('counts', { type: ForecastCounts, description: 'The clusters in question, counted.' }),
    findings: t.expose('findings', {
      type: [ForecastFinding],
      description: 'What changes until the instant of the forecast, the first to change first.',
      complexity: { field: 5, multiplier: 20 },
    }),
    truncated: t.exposeBoolean('truncated', { description: 'Whether more findings change than `first`.' }),
    coverage: t.expose('coverage', { type: Coverage, description: 'Which sources this answer rests on.' }),
  }),
})

builder.queryField('forecast', (t) =>
  t.field({
    type: Forecast,
    nullable: true,
    description:
      'Which findings time alone will turn into others: ends of support, images that age, graces and waivers that run out. It looks at 5000 clusters at most.',
    complexity: 1000,
    args: {
      at: t.arg({ type: 'DateTime', required: true, description: 'An instant to come.' }),
      policy: t.arg.string({ description: 'One policy, by name; all of them when nothing is said.' }),
      filter: t.arg({ type: ClusterFilter, description: 'Which clusters; all when nothing is said.' }),
      outcomeNow: t.arg({ type: [Outcome], description: 'Only findings that say one of these now.' }),
      outcomeThen: t.arg({
        type: [Outcome],
        description: 'Only findings that will say one of these at the instant of the forecast.',
      }),
      first: t.arg.int({ description: 'How many findings, at most 100; 20 when nothing is said.' }),
    },
    resolve: (_root, args, { db, viewer, now }, info) =>
      readForecast(db, viewer, { ...args, now, selection: selectionOf(info) }),
  }),
)
