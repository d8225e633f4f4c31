import type { Label as LabelView } from '../db/read/label.ts'
import type { KubernetesVersion as VersionView } from '../db/read/version.ts'
import type { Counts } from '../fleet/cluster.ts'
import { builder } from './builder.ts'

export const Label = builder.objectRef<LabelView>('Label').implement({
  description: 'A Kubernetes label.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Its key.' }),
    value: t.exposeString('value', { description: 'Its value; may be empty.' }),
  }),
})

export const KubernetesVersion = builder.objectRef<VersionView>('KubernetesVersion').implement({
  description: 'What Kubernetes something runs, and what it was told to run.',
  fields: (t) => ({
    raw: t.exposeString('raw', {
      nullable: true,
      description: 'The observed version, else the declared one, as written.',
    }),
    minor: t.exposeString('minor', { nullable: true, description: 'The minor of `raw`, e.g. `1.33`.' }),
    declared: t.exposeString('declared', { nullable: true, description: 'What it was told to run.' }),
    observed: t.exposeString('observed', { nullable: true, description: 'What runs; the lowest where several do.' }),
  }),
})

export const ReplicaCounts = builder.objectRef<Counts>('ReplicaCounts').implement({
  description: 'Replica counters. Null means not reported, never none; managed control planes report none at all.',
  fields: (t) => ({
    desired: t.exposeInt('desired', { nullable: true, description: 'Asked for.' }),
    current: t.exposeInt('current', { nullable: true, description: 'Existing, in whatever state.' }),
    ready: t.exposeInt('ready', { nullable: true, description: 'Ready.' }),
    available: t.exposeInt('available', { nullable: true, description: 'Ready for long enough.' }),
    upToDate: t.exposeInt('upToDate', { nullable: true, description: 'Made from the present template.' }),
  }),
})
