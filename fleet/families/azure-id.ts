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
