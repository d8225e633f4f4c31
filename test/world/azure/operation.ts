/** What a request asks Azure for, by its path. Counts and faults go by the name. */
export interface Operation {
  readonly name: 'list' | 'get' | 'credential' | 'versions' | 'graph' | 'token' | 'discovery' | 'other'
  /** Lower case; '' where the path names none. */
  readonly subscription: string
  readonly resourceGroup: string
  /** Of the cluster, or the region. */
  readonly subject: string
  /** What a role must allow. */
  readonly action: string
}

const type = 'microsoft\\.containerservice'
const clusters = 'Microsoft.ContainerService/managedClusters'
const routes: readonly [string, RegExp, Operation['name'], string][] = [
  ['GET', route(`/subscriptions/S/providers/${type}/managedclusters`), 'list', `${clusters}/read`],
  ['GET', route(`/subscriptions/S/resourcegroups/G/providers/${type}/managedclusters/N`), 'get', `${clusters}/read`],
  [
    'POST',
    route(`/subscriptions/S/resourcegroups/G/providers/${type}/managedclusters/N/listclusterusercredential`),
    'credential',
    `${clusters}/listClusterUserCredential/action`,
  ],
  [
    'GET',
    route(`/subscriptions/S/providers/${type}/locations/N/kubernetesversions`),
    'versions',
    'Microsoft.ContainerService/locations/kubernetesVersions/read',
  ],
  ['POST', /^\/providers\/microsoft\.resourcegraph\/resources$/i, 'graph', 'Microsoft.ResourceGraph/resources/action'],
  ['POST', /^\/[^/]+\/oauth2\/v2\.0\/token$/i, 'token', ''],
  ['GET', /\/\.well-known\/openid-configuration$|^\/common\/discovery\/instance$/i, 'discovery', ''],
]

/** A path in which S, G and N stand for a subscription, a resource group and a name; ARM reads paths in any case. */
function route(path: string): RegExp {
  const groups = { S: 'subscription', G: 'resourceGroup', N: 'subject' } as const
  return new RegExp(
    `^${path.replace(/\/([SGN])(?=\/|$)/g, (_, key: keyof typeof groups) => `/(?<${groups[key]}>[^/]+)`)}/?$`,
    'i',
  )
}

export function operationOf(method: string, path: string): Operation {
  for (const [verb, pattern, name, action] of routes) {
    const found = verb === method ? pattern.exec(path) : null
    if (found === null) continue
    const { subscription = '', resourceGroup = '', subject = '' } = found.groups ?? {}
    return { name, subscription: subscription.toLowerCase(), resourceGroup, subject, action }
  }
  return { name: 'other', subscription: '', resourceGroup: '', subject: '', action: '' }
}
