import type {
  OrphanDirection as Direction,
  Disagreement as DisagreementView,
  Orphan as OrphanView,
  OwnershipSource as Told,
} from '../db/read/witness.ts'
import { builder } from './builder.ts'
import { enumOf } from './enums.ts'
import { enumFilterOf } from './filters.ts'
import { SourceName } from './freshness.ts'

const ResourceName = builder.objectRef<DisagreementView['values'][number]['resource']>('ResourceName').implement({
  description: 'An observed object, by name only.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'What `node` finds it by.' }),
    kind: t.exposeString('kind', { description: 'Its kind.' }),
    namespace: t.exposeString('namespace', { description: 'Its namespace; empty when it has none.' }),
    name: t.exposeString('name', { description: 'Its name.' }),
  }),
})

const Testimony = builder.objectRef<DisagreementView['values'][number]>('Testimony').implement({
  description: 'What one witness says.',
  fields: (t) => ({
    source: t.expose('source', { type: SourceName, description: 'Who says it.' }),
    kind: t.exposeString('kind', { description: 'The kind of the object that says it.' }),
    resource: t.expose('resource', { type: ResourceName, description: 'The object that says it.' }),
    value: t.exposeString('value', { nullable: true, description: 'What it says; null: that there is none.' }),
    observedAt: t.expose('observedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its source last confirmed it, by our clock.',
    }),
  }),
})

export const Disagreement = builder.objectRef<DisagreementView>('Disagreement').implement({
  description: 'A field on which witnesses of one cluster say different things.',
  fields: (t) => ({
    field: t.exposeString('field', {
      description: 'Which field: `kubernetes.observed`, `nodePools.batch.replicas`, …',
    }),
    values: t.expose('values', {
      type: [Testimony],
      description: 'What each says.',
      complexity: { field: 1, multiplier: 2 },
    }),
  }),
})

const OrphanDirection = enumOf<Direction>('OrphanDirection', 'How a cluster stands alone.', {
  UNDECLARED:
    'Azure has it, and nothing declares it: no Cluster API object, nor the fleet file as a management cluster.',
  MISSING: 'It is declared, and Azure, asked for it by id, does not have it.',
})
export const OrphanDirectionFilter = enumFilterOf<Direction>('OrphanDirectionFilter', OrphanDirection)

const ConfirmationMethod = enumOf<OrphanView['confirmationMethod']>(
  'ConfirmationMethod',
  'How Azure confirmed what it has.',
  { LISTING: 'By a complete list of the subscription.', GET: 'By its answer to a request for this one id.' },
)

export const Orphan = builder.objectRef<OrphanView>('Orphan').implement({
  description: 'A cluster that only Azure knows, or that Azure alone does not know.',
  fields: (t) => ({
    direction: t.expose('direction', {
      type: OrphanDirection,
      description: 'Whether only Azure has it, or Azure alone does not.',
    }),
    armId: t.exposeString('armId', { nullable: true, description: 'Its id in Azure.' }),
    lastConfirmedAt: t.expose('lastConfirmedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When Azure last confirmed it, by our clock.',
    }),
    confirmationMethod: t.expose('confirmationMethod', {
      type: ConfirmationMethod,
      description: 'How Azure last confirmed it.',
    }),
    createdBy: t.exposeString('createdBy', {
      nullable: true,
      description: 'Who created it, as Azure tells; often it does not.',
    }),
    declaredUntil: t.expose('declaredUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'When the Cluster object that declared it was last seen; null when there never was one.',
    }),
    nodeResourceGroup: t.exposeString('nodeResourceGroup', {
      nullable: true,
      description: 'The resource group that its nodes are in.',
    }),
  }),
})

export const OwnershipSource = enumOf<Told>('OwnershipSource', 'Whose word names the owner.', {
  clusterLabel: 'A label of the Cluster object.',
  azureTag: 'A tag of the cluster in Azure.',
  sourceLabel: 'A label that the fleet file gives the source.',
})
