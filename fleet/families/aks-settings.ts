import { isRecord, type Wire } from '../wire.ts'

// Settings of an AKS cluster that are compared with what was declared, by their path in ARM's REST API (domain.md 4.4). An allow-list:
// profiles also hold keys, client ids and addresses that are nobody's business.

const paths = [
  'networkProfile.networkPlugin',
  'networkProfile.networkPluginMode',
  'networkProfile.networkPolicy',
  'networkProfile.networkDataplane',
  'networkProfile.outboundType',
  'networkProfile.loadBalancerSku',
  'networkProfile.podCidr',
  'networkProfile.serviceCidr',
  'networkProfile.dnsServiceIP',
  'oidcIssuerProfile.enabled',
  'securityProfile.workloadIdentity.enabled',
  'disableLocalAccounts',
  'enableRBAC',
  'aadProfile.managed',
  'aadProfile.enableAzureRBAC',
  'apiServerAccessProfile.enablePrivateCluster',
  'dnsPrefix',
  'nodeResourceGroup',
] as const

/** Where CAPZ's classic AzureManagedControlPlane has a setting under another name; what is under the same one is not listed. */
const classicNames: Readonly<Record<string, string>> = {
  'networkProfile.networkPlugin': 'networkPlugin',
  'networkProfile.networkPluginMode': 'networkPluginMode',
  'networkProfile.networkPolicy': 'networkPolicy',
  'networkProfile.networkDataplane': 'networkDataplane',
  'networkProfile.outboundType': 'outboundType',
  'networkProfile.loadBalancerSku': 'loadBalancerSKU',
  'networkProfile.dnsServiceIP': 'dnsServiceIP',
  nodeResourceGroup: 'nodeResourceGroupName',
}

type Settings = Readonly<Record<string, string>>

/** The settings that are there, of ARM's properties, or of Azure Service Operator's spec or status, which have the same names. */
export const settingsOf = (properties: Wire): Settings | undefined => read(properties, (path) => path)

/** The same of a spec of CAPZ's classic control plane. */
export const classicSettingsOf = (spec: Wire): Settings | undefined => read(spec, (path) => classicNames[path] ?? path)

function read(holder: Wire, nameOf: (path: string) => string): Settings | undefined {
  const found: Record<string, string> = {}
  let any = false
  for (const path of paths) {
    const value = wordAt(holder, nameOf(path))
    if (value === undefined) continue
    found[path] = value
    any = true
  }
  return any ? found : undefined
}

function wordAt(holder: Wire, path: string): string | undefined {
  let at: unknown = holder
  for (const name of path.split('.')) at = isRecord(at) ? at[name] : undefined
  if (typeof at === 'boolean') return String(at)
  return typeof at === 'string' && at !== '' ? at : undefined
}
