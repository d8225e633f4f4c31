/** The ARM id of a managed cluster, taken apart. */
export interface ClusterId {
  /** The whole id in lower case: what ids are compared by (azure.md 3.3). */
  readonly key: string
  /** In lower case. */
  readonly subscription: string
  /** As written. */
  readonly group: string
  readonly name: string
}

// Names become parts of a request's path, and people write them: what Azure does not allow in them (`..`, `?`) is no id.
const form =
  /^\/subscriptions\/([\w-]+)\/resourcegroups\/(?!\.+\/)([\p{L}\p{N}_().-]+)\/providers\/microsoft\.containerservice\/managedclusters\/([\w-]+)$/iu

/** Null for what is no managed cluster's id. */
export function clusterIdOf(text: string): ClusterId | null {
  const id = trimmed(text)
  const [, subscription, group, name] = form.exec(id) ?? []
  if (subscription === undefined || group === undefined || name === undefined) return null
  return { key: id.toLowerCase(), subscription: subscription.toLowerCase(), group, name }
}

/** What an ARM id is compared by, whatever it names. */
export const keyOfId = (text: string): string => trimmed(text).toLowerCase()

const trimmed = (text: string): string => text.trim().replace(/\/$/, '')
