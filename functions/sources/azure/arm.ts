import type { ContainerServiceClient } from '@azure/arm-containerservice'
import { type ClusterId, keyOfId } from '../../../fleet/azure/cluster-id.ts'
import type { Trouble } from '../../../fleet/delivery.ts'
import { type Result, recordOf } from '../trouble.ts'
import { type Answer, type AzureLine, call, type Reply, type Wanted } from './line.ts'
import { badAnswer, isGone } from './trouble.ts'

/** Azure Resource Manager, for one subscription in one poll. Nothing here throws but bugs. */
export interface Arm {
  /** The managed clusters, page by page; after a trouble there is nothing more. */
  listManagedClusters(): AsyncGenerator<Result<ArmPage>>
  /** One managed cluster; null when Azure says that there is none. */
  getManagedCluster(id: ClusterId): Promise<Result<Resource | null>>
  /** The answer of `listKubernetesVersions`, which fleet/azure/kubernetes-versions.ts reads. Out of a scarce bucket (azure.md 1.6). */
  listKubernetesVersions(region: string): Promise<Result<unknown>>
  /** The text of a user's kubeconfig in its exec form: server and CA are to be taken from it, nothing to be run (azure.md 5.1). */
  userKubeconfig(id: ClusterId): Promise<Result<string>>
}

/** A resource as it travels: wire names, everything in it (azure.md 1.2). */
export type Resource = Readonly<Record<string, unknown>>

export interface ArmPage {
  readonly resources: readonly unknown[]
  /** Another page follows. */
  readonly more: boolean
}

/** A list with more pages has no end: Azure allows 5 000 clusters in a subscription. */
const pagesMax = 200

/** `subscription` is an id in lower case. The library is loaded at the first request. */
export function openArm(line: AzureLine, subscription: string): Arm {
  return {
    listManagedClusters: () => listManagedClusters(line, subscription),
    getManagedCluster: (id) => getManagedCluster(line, id),
    listKubernetesVersions: async (region) => {
      const what = `the Kubernetes versions of ${region} for subscription ${subscription}`
      const { answer, trouble } = await ask(line, { what, subscription, role: 'Reader' }, (clusters, options) =>
        clusters.listKubernetesVersions(region, options),
      )
      return trouble === undefined ? { value: answer.body } : { trouble }
    },
    userKubeconfig: (id) => userKubeconfig(line, id),
  }
}

/** One operation, by a client of its own: they are cheap, and what it brings is then this operation's alone. */
function ask(
  line: AzureLine,
  wanted: Wanted & { readonly subscription: string },
  act: (clusters: ContainerServiceClient['managedClusters'], options: { abortSignal: AbortSignal }) => Promise<unknown>,
): Promise<Reply> {
  return call(line, wanted, async ({ credential, options, abortSignal }) => {
    const sdk = await import('@azure/arm-containerservice')
    const client = new sdk.ContainerServiceClient(credential, wanted.subscription, options)
    await act(client.managedClusters, { abortSignal })
  })
}

async function* listManagedClusters(line: AzureLine, subscription: string): AsyncGenerator<Result<ArmPage>> {
  const wanted = { what: `the list of managed clusters of subscription ${subscription}`, subscription, role: 'Reader' }
  const bad = (why: string) => ({ trouble: badAnswer(line.source, wanted.what, why) })
  const links = new Set<string>()
  let from: { readonly continuationToken?: string } = {}
  for (let page = 1; ; page++) {
    const { answer, trouble } = await ask(line, wanted, (clusters, options) =>
      clusters.list(options).byPage(from).next(),
    )
    if (trouble !== undefined) return yield { trouble }
    const { value, nextLink } = recordOf(answer.body)
    const next = nextLink == null || nextLink === '' ? null : nextLink
    if (!Array.isArray(value) || (next !== null && typeof next !== 'string')) return yield bad('a page that is no list')
    if (next !== null && (links.has(next) || page === pagesMax)) return yield bad(`a list without end (${page} pages)`)
    yield { value: { resources: value, more: next !== null } }
    if (next === null) return
    links.add(next)
    from = { continuationToken: next }
  }
}

async function getManagedCluster(line: AzureLine, id: ClusterId): Promise<Result<Resource | null>> {
  const { key, subscription, group, name } = id
  const what = `managed cluster ${name} of resource group ${group} in subscription ${subscription}`
  const { answer, trouble } = await ask(line, { what, subscription, role: 'Reader' }, (clusters, options) =>
    clusters.get(group, name, options),
  )
  if (answer !== null && isGone(answer)) return { value: null }
  if (trouble !== undefined) return { trouble }
  const resource = recordOf(answer.body)
  if (typeof resource.id === 'string' && keyOfId(resource.id) === key) return { value: resource }
  return { trouble: badAnswer(line.source, what, 'something that is not this cluster') }
}

async function userKubeconfig(line: AzureLine, { subscription, group, name }: ClusterId): Promise<Result<string>> {
  const what = `the kubeconfig of managed cluster ${name} of resource group ${group} in subscription ${subscription}`
  const wanted = { what, subscription, role: 'Azure Kubernetes Service Cluster User Role' }
  const { answer, trouble } = await ask(line, wanted, (clusters, options) =>
    clusters.listClusterUserCredentials(group, name, { ...options, format: 'exec' }),
  )
  if (trouble !== undefined) return { trouble: (answer && noKubeconfig(line, what, answer)) ?? trouble }
  const { kubeconfigs } = recordOf(answer.body)
  const [first] = Array.isArray(kubeconfigs) ? kubeconfigs : []
  const { value } = recordOf(first)
  if (typeof value === 'string' && value !== '') return { value: Buffer.from(value, 'base64').toString('utf8') }
  return { trouble: badAnswer(line.source, what, 'no kubeconfig') }
}

/** Refusals that somebody must mend at the cluster, or in what names it; null for all others. */
function noKubeconfig({ source }: AzureLine, what: string, answer: Answer): Trouble | null {
  const misconfigured = (why: string): Trouble => ({
    code: 'Misconfigured',
    message: `source ${source}: Azure does not give ${what}: ${why}`,
  })
  if (isGone(answer)) return misconfigured('Azure has no such cluster; correct its id in the fleet file')
  // Local accounts are off, and there is no Entra to log in by either (azure.md 5.1).
  const { message } = recordOf(recordOf(answer.body).error)
  if (answer.status !== 400 || typeof message !== 'string' || !/static credential/i.test(message)) return null
  return misconfigured('it has neither local accounts nor Entra ID; enable Entra ID on it (az aks update --enable-aad)')
}
