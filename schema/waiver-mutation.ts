import { bareIdOf } from '../db/read/id.ts'
import { readWaiversById } from '../db/read/waiver.ts'
import { createWaiver, revokeWaiver } from '../db/waiver.ts'
import type { Waiver as Excuse } from '../fleet/policy/policy.ts'
import { builder, type Context } from './builder.ts'
import { selectionOf } from './selection.ts'
import { Waiver } from './verdict.ts'
import { selectorDoc } from './waiver.ts'

const SelectorInput = builder.inputType('ClusterSelectorInput', {
  description: 'Which clusters to excuse: all that is given must hold, and what is left out does not narrow.',
  fields: (t) => ({
    labels: t.string({ description: selectorDoc.labels }),
    environment: t.stringList({ description: selectorDoc.environment }),
    ring: t.stringList({ description: selectorDoc.ring }),
    owner: t.stringList({ description: selectorDoc.owner }),
    provider: t.stringList({ description: selectorDoc.provider }),
    region: t.stringList({ description: selectorDoc.region }),
    country: t.stringList({ description: selectorDoc.country }),
    geography: t.stringList({ description: selectorDoc.geography }),
    source: t.stringList({ description: selectorDoc.source }),
    name: t.stringList({ description: selectorDoc.name }),
    cluster: t.id({ description: selectorDoc.cluster }),
  }),
})

const CreateWaiverInput = builder.inputType('CreateWaiverInput', {
  description: 'Who is to be excused from what.',
  fields: (t) => ({
    policy: t.string({ description: 'The policy it is about; every one when nothing is said.' }),
    rule: t.string({ description: 'The id of the rule; every one when nothing is said.' }),
    selector: t.field({ type: SelectorInput, required: true, description: 'Which clusters.' }),
    owner: t.string({ required: true, description: 'Who answers for it.' }),
    reason: t.string({ required: true, description: 'Why. For whoever meets it in half a year.' }),
    approvedBy: t.string({ description: 'Who granted it; you, when nothing is said.' }),
    expiresAt: t.field({
      type: 'DateTime',
      required: true,
      description: 'The first instant at which it no longer excuses.',
    }),
  }),
})

builder.mutationFields((t) => ({
  createWaiver: t.field({
    type: Waiver,
    nullable: true,
    description:
      'Excuses clusters from a rule for a time; findings tell it within a minute. The same input again is the same waiver.',
    complexity: 10,
    args: { input: t.arg({ type: CreateWaiverInput, required: true, description: 'Who is excused from what.' }) },
    resolve: async (_root, { input }, context, info) => {
      const { policy, rule, selector, owner, reason, approvedBy, expiresAt } = input
      const request = {
        ...{ policy: policy ?? null, rule: rule ?? null, owner, reason },
        selector: selectorOf(selector),
        approvedBy: approvedBy ?? context.viewer.name,
        expiresAt: new Date(expiresAt),
      }
      const { id } = await createWaiver(context.db, request, context.now)
      return readBack(id, context, selectionOf(info))
    },
  }),
  revokeWaiver: t.field({
    type: Waiver,
    nullable: true,
    description: 'Ends a waiver now; findings tell it within a minute. One of the fleet file is ended there.',
    complexity: 10,
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: async (_root, { id }, context, info) => {
      const { db, viewer, now } = context
      const revoked = await revokeWaiver(db, bareIdOf('Waiver')(String(id)), viewer.name, now)
      return readBack(revoked.id, context, selectionOf(info))
    },
  }),
}))

async function readBack(id: string, { db, viewer, now }: Context, selection: ReturnType<typeof selectionOf>) {
  const [waiver] = await readWaiversById(db, viewer, [id], now, selection)
  return waiver ?? null
}

type Given = typeof SelectorInput.$inferInput

/** As the store keeps it: what is not given is not there. */
function selectorOf({ cluster, ...given }: Given): Excuse['selector'] {
  const kept = Object.entries(given).filter(([, value]) => value != null)
  const id = cluster == null ? {} : { clusterId: bareIdOf('Cluster')(String(cluster)) }
  return { ...Object.fromEntries(kept), ...id }
}
