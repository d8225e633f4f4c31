import type { ClusterFacts } from '../../fleet/cluster.ts'
import { armClusterKind, clusterKind } from '../../fleet/reference.ts'
import type { Membership } from './members.ts'

/** Where AKS names its API servers, in the public cloud, for the US government and in China. Addresses are no names: others reuse them. */
const aksHost = /^(?<host>[a-z0-9.-]+\.(?:azmk8s\.io|aks\.containerservice\.azure\.us|azk8s\.cn))(?::\d+)?$/i

/**
 * The host by which a cluster and its managed cluster find each other where no ARM id does: Azure says what it is called, and a Cluster
 * that knows no ARM id claims it. One that knows its ARM id claims by that alone: its endpoint may be a copy.
 */
export function endpointOf({ armId }: ClusterFacts, members: readonly Membership[]): string | null {
  const teller =
    members.find(({ row }) => row.kind === armClusterKind) ??
    (armId === null ? members.find(({ row }) => row.kind === clusterKind) : undefined)
  return aksHost.exec(teller?.member.facts.endpoint ?? '')?.groups?.host?.toLowerCase() ?? null
}
