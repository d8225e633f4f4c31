import type { Cluster as ClusterView } from '../db/read/noun.ts'
import { builder } from './builder.ts'

/** Named apart from its fields, because pools and objects name their cluster, and it names them. */
export const Cluster = builder.objectRef<ClusterView>('Cluster')
