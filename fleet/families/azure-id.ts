import type { ClusterName } from '../observation.ts'
import { text } from '../wire.ts'

/** The ARM id behind a provider id (`azure:///subscriptions/…`), as written; nothing when it is of another provider. */
export function armIdOf(providerId: string | undefined): string | undefined {
  return providerId?.startsWith('azure://') ? providerId.slice('azure://'.length) : undefined
}

/** The id that CAPZ gives a managed cluster (domain.md 2.2). */
export function managedClusterId(
  subscription: string | undefined,
  group: string | undefined,
  name: string,
): string | undefined {
  if (subscription === undefined || group === undefined) return undefined
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/${name}`
}

/**
 * The cluster that a managed cluster stands for: its name in its resource group, whose letter case varies from answer to answer
 * (azure.md 2.1). Read by the names of the id's segments, not by their place.
 */
export function clusterNameOf(armId: string, name: string | undefined): ClusterName {
  const segments = armId.trim().split('/')
  const after = (segment: string): string => {
    const at = segments.findIndex((one) => one.toLowerCase() === segment)
    return at === -1 ? '' : (segments[at + 1] ?? '')
  }
  return { namespace: after('resourcegroups').toLowerCase(), name: name ?? after('managedclusters') }
}

/** An Azure region by its programmatic name; users and old resources write the display name (`West Europe`). */
export function regionOf(value: unknown): string | undefined {
  return text(value)?.toLowerCase().replaceAll(' ', '')
}
