import { builder } from './builder.ts'
import { Cluster } from './cluster-ref.ts'
import { Finding } from './finding.ts'
import { Source } from './source.ts'
import { Support } from './support.ts'
import { Disagreement, Orphan, OwnershipSource } from './witness.ts'

// How the witnesses of a cluster agree, and what is made of them.
builder.objectFields(Cluster, (t) => ({
  witnesses: t.exposeStringList('witnesses', {
    description: 'Who testifies to it: `capi` for a Cluster object, `arm` for Azure.',
  }),
  disagreements: t.expose('disagreements', {
    type: [Disagreement],
    description: 'Fields on which they differ.',
    complexity: { field: 1, multiplier: 4 },
  }),
  managementCluster: t.expose('managementCluster', {
    type: Source,
    nullable: true,
    description: 'The source that it is itself, where it is a management cluster of the fleet.',
  }),
  orphan: t.expose('orphan', {
    type: Orphan,
    nullable: true,
    description:
      'How it stands alone: Azure has it undeclared, or it is declared and missing there; null when neither.',
  }),
  ownershipSource: t.expose('ownershipSource', {
    type: OwnershipSource,
    nullable: true,
    description: 'Whose word names the owner; null when nobody does.',
  }),
  missingTags: t.exposeStringList('missingTags', {
    description: 'Labels or tags that a policy demands of it and nobody gives it.',
  }),
  support: t.expose('support', {
    type: Support,
    description: 'How its version stands to its provider’s promises.',
  }),
  upgradeTargets: t.exposeStringList('upgradeTargets', {
    description: 'What it can be upgraded to now, old to new; empty when not known.',
  }),
  skewMinors: t.exposeInt('skewMinors', {
    nullable: true,
    description: 'Minors that its oldest node pool is behind its control plane; below 0: one is ahead.',
  }),
  findings: t.expose('findings', {
    type: [Finding],
    description: 'What the policies find on it, by policy and rule, at most 100; `findings` pages through all.',
    complexity: { field: 2, multiplier: 8 },
  }),
}))
