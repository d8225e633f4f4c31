import { type AzureAccount, azureClouds } from '../azure-account.ts'
import { accountSources, isOneSubscription } from '../azure-source.ts'
import { heartbeatMs } from '../push/registration.ts'
import { defaultEveryMs, defaultStaleAfterMs, type SourceDeclaration } from '../source.ts'
import type { Target } from '../target.ts'
import { isPushOnly, type ManagementCluster } from './management-cluster.ts'
import { nearest } from './shape.ts'

/** One source of the fleet file: what to read, and how to reach it. */
export interface Source {
  readonly declaration: SourceDeclaration
  /** Null: nobody polls it, its own senders push (`Fleet.registrations`). */
  readonly target: Target | null
}

/** Ends the reading with one sentence. */
type Refuse = (sentence: string) => never

/** The sources that a fleet file names, and how each is reached. */
export function sourcesOf(
  managementClusters: readonly ManagementCluster[],
  accounts: readonly AzureAccount[],
  refuse: Refuse,
): readonly Source[] {
  return [
    ...managementClusters.map((cluster, at) => ({
      declaration: declarationOf(cluster),
      target: targetOf(cluster, accounts, (problem) => refuse(`managementClusters[${at}].aks${problem}`)),
    })),
    ...accounts.flatMap(azureSources),
  ]
}

function declarationOf(cluster: ManagementCluster): SourceDeclaration {
  const { name, region, labels, aks, every, staleAfter } = cluster
  const polled = !isPushOnly(cluster)
  const everyMs = polled ? (every ?? defaultEveryMs) : heartbeatMs
  return {
    id: name,
    type: 'managementCluster',
    parentId: null,
    polled,
    armId: aks?.resourceId.key ?? null,
    region: region ?? null,
    labels: labels ?? {},
    everyMs,
    staleAfterMs: staleAfter ?? defaultStaleAfterMs(everyMs),
  }
}

function targetOf(cluster: ManagementCluster, accounts: readonly AzureAccount[], refuse: Refuse): Target | null {
  if (isPushOnly(cluster)) return null
  const { name, kubeconfig, aks } = cluster
  if (aks === undefined) return { by: 'kube', kube: kubeconfig ?? { inCluster: true } }
  return { by: 'aks', cluster: aks.resourceId, account: accountFor(name, aks, accounts, refuse) }
}

/** The account named, else the one that lists the cluster's subscription, else the only one; without any, Azure's own defaults. */
function accountFor(
  name: string,
  { account: wanted, resourceId }: NonNullable<ManagementCluster['aks']>,
  accounts: readonly AzureAccount[],
  refuse: Refuse,
): AzureAccount {
  const names = accounts.map((account) => account.name)
  if (wanted !== undefined) {
    const entries = names.length === 0 ? 'there is none' : nearest(wanted, names)
    return accounts.find((account) => account.name === wanted) ?? refuse(`.account is no entry of "azure"; ${entries}`)
  }
  const listing = accounts.find(({ subscriptions }) => subscriptions.includes(resourceId.subscription))
  if (listing) return listing
  const [only, ...others] = accounts
  if (others.length > 0) refuse(` does not say which entry of "azure" it belongs to; give account: ${names[0]}`)
  return only ?? publicAccount(name)
}

/** The public cloud and the default credential, for an AKS cluster beside which no account is described. */
const publicAccount = (name: string): AzureAccount => ({
  name,
  subscriptions: [],
  managementGroups: [],
  cloud: azureClouds.public,
  credential: { by: 'default' },
  labels: {},
  everyMs: defaultEveryMs,
  staleAfterMs: defaultStaleAfterMs(defaultEveryMs),
  discover: null,
})

function azureSources(account: AzureAccount): readonly Source[] {
  const [only = null] = isOneSubscription(account) ? account.subscriptions : []
  return accountSources(account).map((declaration) => ({
    declaration,
    target: { by: 'azure', account, subscription: only },
  }))
}
