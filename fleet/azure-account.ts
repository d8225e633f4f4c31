/** Where one Azure cloud answers, and what its tokens are asked for. */
export interface AzureCloud {
  /** `public`, `usgov`, `china`, or `custom`. */
  readonly name: string
  /** Origin of Azure Resource Manager; no request, not even a next page, may go elsewhere (azure.md 1.3). */
  readonly endpoint: string
  /** Of tokens for Resource Manager. */
  readonly scope: string
  /** Origin of Entra ID, where tokens are asked for. */
  readonly authority: string
  /** Path of a PEM file that vouches for `endpoint` and `authority`; null: the public authorities do. */
  readonly ca: string | null
  /** Of tokens for the API servers of AKS clusters. */
  readonly aksScope: string
}

/** Who Rollcall is to Azure. No secret: each way finds its own in the surroundings. */
export interface AzureCredential {
  readonly by: 'default' | 'managedIdentity' | 'workloadIdentity' | 'environment' | 'azureCli'
  /** Of a user-assigned managed identity. */
  readonly clientId?: string
}

/** One `azure` entry of the fleet file: what to read of Azure, where, and as whom. */
export interface AzureAccount {
  readonly name: string
  /** Ids, lower case. */
  readonly subscriptions: readonly string[]
  readonly managementGroups: readonly string[]
  readonly cloud: AzureCloud
  readonly credential: AzureCredential
  readonly labels: Readonly<Record<string, string>>
  readonly everyMs: number
  readonly staleAfterMs: number
  /** The tag by which AKS clusters say that they are management clusters; null: none does. `value` null: any value. */
  readonly discover: { readonly tag: string; readonly value: string | null } | null
}

/** The AKS Entra server application has one id in every cloud (azure.md 5.1; kubelogin says the same). */
const aksScope = '6dae42f8-4368-4678-94ff-3960e28e3630/.default'

/** The clouds a fleet file may name. Scopes are those the SDKs of each cloud ask for (azure.md 1.5: the client's own default is the public one). */
export const azureClouds: Readonly<Record<'public' | 'usgov' | 'china', AzureCloud>> = {
  public: {
    name: 'public',
    endpoint: 'https://management.azure.com',
    scope: 'https://management.azure.com/.default',
    authority: 'https://login.microsoftonline.com',
    ca: null,
    aksScope,
  },
  usgov: {
    name: 'usgov',
    endpoint: 'https://management.usgovcloudapi.net',
    scope: 'https://management.core.usgovcloudapi.net/.default',
    authority: 'https://login.microsoftonline.us',
    ca: null,
    aksScope,
  },
  china: {
    name: 'china',
    endpoint: 'https://management.chinacloudapi.cn',
    scope: 'https://management.core.chinacloudapi.cn/.default',
    authority: 'https://login.chinacloudapi.cn',
    ca: null,
    aksScope,
  },
}
