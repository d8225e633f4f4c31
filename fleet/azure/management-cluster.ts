import type { AzureAccount } from '../azure-account.ts'
import { managementClusterSource } from '../azure-source.ts'
import type { SourceDeclaration } from '../source.ts'
import { record, text } from '../wire.ts'
import { clusterIdOf } from './cluster-id.ts'
import { regionKeyOf } from './kubernetes-versions.ts'

/**
 * The source that an AKS cluster, as ARM writes it, makes of itself: it carries the tag that its account has agreed on. Null for
 * all others. Azure keeps no case of a tag's name, but of its value (azure.md 3.2).
 */
export function managementClusterIn(account: AzureAccount, resource: unknown): SourceDeclaration | null {
  const { discover } = account
  if (discover === null) return null
  const { id, location, tags } = record(resource)
  const cluster = clusterIdOf(text(id) ?? '')
  const wanted = discover.tag.toLowerCase()
  const [, value] = Object.entries(record(tags)).find(([name]) => name.toLowerCase() === wanted) ?? []
  if (cluster === null || value === undefined || (discover.value !== null && value !== discover.value)) return null
  const region = text(location)
  return managementClusterSource(account, cluster, region === undefined ? null : regionKeyOf(region))
}
