import { builder } from './builder.ts'
import { Cluster } from './cluster-ref.ts'

// Where a cluster is, and what its provider says of it.
builder.objectFields(Cluster, (t) => ({
  armId: t.exposeString('armId', { nullable: true, description: 'Its id in Azure.' }),
  resourceUid: t.exposeString('resourceUid', {
    nullable: true,
    description: 'Azure’s name for this incarnation: one that is made anew under the same id is another.',
  }),
  nodeResourceGroup: t.exposeString('nodeResourceGroup', {
    nullable: true,
    description: 'The Azure resource group that its nodes are in.',
  }),
  supportPlan: t.exposeString('supportPlan', {
    nullable: true,
    description: 'The plan it is bought with, as its provider writes it: `KubernetesOfficial`, `AKSLongTermSupport`.',
  }),
  tier: t.exposeString('tier', { nullable: true, description: 'Its pricing tier: `Free`, `Standard`, `Premium`.' }),
  powerState: t.exposeString('powerState', {
    nullable: true,
    description: '`Running` or `Stopped`, where the provider can stop it.',
  }),
  autoUpgradeChannel: t.exposeString('autoUpgradeChannel', {
    nullable: true,
    description: 'How Azure upgrades it by itself: `patch`, `stable`, …; null when it does not say.',
  }),
  nodeOsUpgradeChannel: t.exposeString('nodeOsUpgradeChannel', {
    nullable: true,
    description: 'How Azure upgrades its node images by itself: `NodeImage`, `SecurityPatch`, …',
  }),
  country: t.exposeString('country', {
    nullable: true,
    description: 'The country of its region, ISO 3166-1 alpha-2.',
  }),
  geographies: t.exposeStringList('geographies', {
    description: 'What the country belongs to: `EU`, `Europe`, …',
  }),
}))
