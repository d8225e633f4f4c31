import type { ClusterId } from './azure/cluster-id.ts'
import type { AzureAccount } from './azure-account.ts'

/** How the shell reaches a source. */
export type Target = { readonly by: 'kube'; readonly kube: KubeTarget } | AksTarget | AzureTarget

/** Where a management cluster's credentials are: one of `path`, `data` and `inCluster` is given. */
export interface KubeTarget {
  /** Of a kubeconfig: in a fleet file relative to it, else absolute or relative to the working folder. */
  readonly path?: string | undefined
  /** The context to read; the kubeconfig's current one when absent. */
  readonly context?: string | undefined
  /** A kubeconfig's own text, instead of a path. */
  readonly data?: string | undefined
  /** The service account of the pod we run in. */
  readonly inCluster?: boolean | undefined
  /** Lets the kubeconfig run programs (`exec`, `auth-provider`): true for a person's own machine, else refused. */
  readonly allowExec?: boolean | undefined
  /** Must repeat what the kubeconfig says: TLS verification is never off silently. */
  readonly insecureSkipTlsVerify?: boolean | undefined
}

/** A management cluster that is an AKS cluster, reached by its ARM id with tokens of Entra ID alone (azure.md 5.1). */
export interface AksTarget {
  readonly by: 'aks'
  readonly account: AzureAccount
  readonly cluster: ClusterId
}

/** What Azure Resource Manager says of AKS clusters. */
export interface AzureTarget {
  readonly by: 'azure'
  readonly account: AzureAccount
  /** Id, lower case. Null: all the account reaches, by Resource Graph. */
  readonly subscription: string | null
}
