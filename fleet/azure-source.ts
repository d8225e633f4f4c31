import type { ClusterId } from './azure/cluster-id.ts'
import type { AzureAccount } from './azure-account.ts'
import { defaultEveryMs, defaultStaleAfterMs, type SourceDeclaration } from './source.ts'

/**
 * The sources that an account of the fleet file stands for. One subscription is a source of its own, polled by ARM; more of them, or
 * management groups, are read by the account's own poll (Resource Graph), and each subscription is its child: those that are
 * named here, others once they are found.
 */
export function accountSources(account: AzureAccount): readonly SourceDeclaration[] {
  const { name, labels, everyMs, staleAfterMs } = account
  const children = account.subscriptions.map((id) => subscriptionSource(account, id))
  if (isOneSubscription(account)) return children.map((only) => ({ ...only, parentId: null, polled: true }))
  const parent = { id: name, type: 'azure', parentId: null, polled: true, armId: null, region: null } as const
  return [{ ...parent, labels, everyMs, staleAfterMs }, ...children]
}

/** True when ARM lists the account's one subscription; false when Resource Graph reads what there is. */
export const isOneSubscription = ({ subscriptions, managementGroups }: AzureAccount): boolean =>
  subscriptions.length === 1 && managementGroups.length === 0

/** A subscription that its account's poll reads. */
export function subscriptionSource(account: AzureAccount, subscription: string): SourceDeclaration {
  const { name, labels, everyMs, staleAfterMs } = account
  const id = subscription.toLowerCase()
  return {
    id: `${name}/${id}`,
    type: 'azure',
    parentId: name,
    polled: false,
    armId: `/subscriptions/${id}`,
    region: null,
    labels,
    everyMs,
    staleAfterMs,
  }
}

/**
 * A management cluster that the reading of its subscription found (`discover`). Its name holds subscription and resource group,
 * because a cluster's own is unique within its group only.
 */
export function managementClusterSource(
  account: AzureAccount,
  { key, subscription, group, name }: ClusterId,
  region: string | null,
): SourceDeclaration {
  const parentId = `${account.name}/${subscription}`
  return {
    id: `${parentId}/${group.toLowerCase()}/${name.toLowerCase()}`,
    type: 'managementCluster',
    parentId,
    polled: true,
    armId: key,
    region,
    labels: account.labels,
    everyMs: defaultEveryMs,
    staleAfterMs: defaultStaleAfterMs(defaultEveryMs),
  }
}

/** The account that found a source, by the id of its parent. */
export const accountOf = (accounts: readonly AzureAccount[], parentId: string): AzureAccount | null =>
  accounts.find(({ name }) => name === parentId.split('/', 1).join('')) ?? null
