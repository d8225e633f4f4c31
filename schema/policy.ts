import { readPolicies } from '../db/judge/rules.ts'
import type { Ignore, Policy as PolicyView, Rule as RuleView } from '../fleet/policy/policy.ts'
import { spanText } from '../fleet/policy/span.ts'
import { builder } from './builder.ts'
import { RuleType, Severity } from './verdict.ts'
import { ClusterSelector } from './waiver.ts'

interface Parameter {
  readonly name: string
  readonly value: string
}

const RuleParameter = builder.objectRef<Parameter>('RuleParameter').implement({
  description: 'What a rule is told beside its severity and grace.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name in the fleet file.' }),
    value: t.exposeString('value', { description: 'The value of the parameter, as a person reads it.' }),
  }),
})

const Rule = builder.objectRef<RuleView>('Rule').implement({
  description: 'What a policy asks of a cluster.',
  fields: (t) => ({
    id: t.exposeString('id', { description: 'Unique within its policy: findings and waivers name it.' }),
    type: t.expose('type', { type: RuleType, description: 'What it asks.' }),
    severity: t.expose('severity', { type: Severity, description: 'How bad a violation is.' }),
    grace: t.int({
      description: 'Seconds for which a violation is tolerated.',
      resolve: ({ graceMs }) => Math.round(graceMs / 1000),
    }),
    parameters: t.field({
      type: [RuleParameter],
      description: 'What the rule is told beside its severity and grace.',
      complexity: { field: 1, multiplier: 3 },
      resolve: parametersOf,
    }),
  }),
})

export const Policy = builder.objectRef<PolicyView>('Policy').implement({
  description: 'A set of rules over the clusters that its selector takes; comes from the fleet file.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique and stable.' }),
    version: t.exposeString('version', {
      description: 'Another one as soon as anything in it is another: the operator’s own, else a digest.',
    }),
    description: t.exposeString('description', { description: 'What it is for.' }),
    selector: t.expose('selector', { type: ClusterSelector, description: 'Which clusters it is for.' }),
    rules: t.expose('rules', {
      type: [Rule],
      description: 'What it asks, in the order of the fleet file.',
      complexity: { field: 1, multiplier: 8 },
    }),
  }),
})

builder.queryField('policies', (t) =>
  t.field({
    type: [Policy],
    nullable: { list: true, items: false },
    description: 'What clusters are judged by, in the order of the fleet file.',
    complexity: { field: 5, multiplier: 5 },
    resolve: (_root, _args, { db }) => readPolicies(db),
  }),
)

function parametersOf({ id: _id, type: _type, severity: _severity, graceMs: _grace, ...rest }: RuleView): Parameter[] {
  return Object.entries(rest).flatMap(([key, value]) => {
    // Whether the severity is the author's own is told by the findings that have another.
    if (key === 'ownSeverity') return []
    if (key === 'ignore') return (value as readonly Ignore[]).map(ignored) // Of a rule over drift, the only one that has it.
    // Spans carry their unit in their name, which the fleet file does not.
    if (typeof value === 'number' && key.endsWith('Ms')) return { name: key.slice(0, -2), value: spanText(value) }
    if (Array.isArray(value)) return value.length === 0 ? [] : { name: key, value: value.join(', ') }
    return { name: key, value: String(value) }
  })
}

function ignored({ id, reason, ...what }: Ignore): Parameter {
  const meant = Object.entries(what).map(([key, value]) => `${key}: ${Array.isArray(value) ? value.join(', ') : value}`)
  return { name: `ignore.${id}`, value: `${meant.join('; ') || 'everything'} (${reason})` }
}
