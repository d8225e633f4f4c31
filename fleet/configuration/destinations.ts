import * as z from 'zod'
import { clusterIdOf } from '../azure/cluster-id.ts'
import type { AzureAccount } from '../azure-account.ts'
import { argoDestination } from '../families/destination.ts'
import type { Destination } from '../gitops.ts'
import { exact, nearest, text } from './shape.ts'

/** What an operator says of a destination that no API resolves: which cluster it is. */
export interface DeclaredDestination {
  /** As `Facts.actsAt` is stored: `name:prod-weu-1`, `server:10.0.0.4:6443`. */
  readonly actsAt: string
  /** The management cluster whose objects call it so; null: any. */
  readonly source: string | null
  /** The claim of the cluster it is, in the words of db/claim.ts. */
  readonly claim: string
}

const ways = ['server', 'name', 'secret', 'configMap'] as const satisfies readonly Destination['by'][]

const serverProblem =
  'must be the address of an API server, other than that of the cluster it is used in, for example https://10.0.0.4:6443'

/** `host:port`, as objects' own addresses are read. */
const server = z.string({ error: serverProblem }).transform((written, context) => {
  const found = argoDestination({ server: written })
  if (found) return found.value
  context.addIssue({ code: 'custom', message: serverProblem })
  return z.NEVER
})

const nameProblem = 'is what Argo CD calls the cluster it runs in; name another one, for example prod-weu-1'

const namespaced = (example: string) => {
  const error = `must be namespace/name, for example ${example}`
  return z.string({ error }).regex(/^[a-z0-9][a-z0-9.-]*\/[a-z0-9][a-z0-9.-]*$/, { error })
}

const armIdProblem =
  'must be the id of an AKS cluster, for example /subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/apps/providers/Microsoft.ContainerService/managedClusters/prod-weu-1'

const armId = z.string({ error: armIdProblem }).transform((written, context) => {
  const id = clusterIdOf(written)
  if (id !== null) return id.key
  context.addIssue({ code: 'custom', message: armIdProblem })
  return z.NEVER
})

const clusterProblem = 'must be { source, namespace, name } of a Cluster object, or { armId } of an AKS cluster'

const meant = exact({
  source: text('weu-prod').optional().meta({ description: 'The management cluster that holds the Cluster object.' }),
  namespace: text('team-a').optional().meta({ description: 'Of the Cluster object.' }),
  name: text('prod-weu-1').optional().meta({ description: 'Of the Cluster object.' }),
  armId: armId.optional().meta({ description: 'Of an AKS cluster, instead.' }),
}).refine(
  ({ source, namespace, name, armId: id }) => {
    const given = [source, namespace, name].filter((part) => part !== undefined).length
    return id === undefined ? given === 3 : given === 0
  },
  { error: clusterProblem },
)

const destination = exact({
  server: server.optional().meta({ description: 'The address of its API server, as the GitOps tool knows it.' }),
  name: text('prod-weu-1')
    .refine((name) => argoDestination({ name }) !== undefined, { error: nameProblem })
    .optional()
    .meta({ description: 'What Argo CD calls it.' }),
  secret: namespaced('flux-system/prod-weu-1-kubeconfig')
    .optional()
    .meta({ description: 'The Secret with its kubeconfig; it is never read.' }),
  configMap: namespaced('flux-system/prod-weu-1').optional().meta({ description: 'The ConfigMap with its address.' }),
  source: text('weu-prod').optional().meta({
    description: 'The management cluster whose objects call it so. Default: any.',
  }),
  cluster: meant.meta({ description: 'The cluster it is.' }),
}).superRefine((written, context) => {
  const said = ways.filter((way) => written[way] !== undefined)
  if (said.length === 1) return
  const message =
    said.length === 0
      ? `does not say what is meant; give one of ${ways.join(', ')}`
      : `has both "${said[0]}" and "${said[1]}"; give each an entry of its own`
  context.addIssue({ code: 'custom', message })
})

/** `destinations` of the fleet file, as written. */
export const destinationsSchema = z
  .array(destination, { error: 'must be a list, for example [{ name: prod-weu-1, cluster: { armId: … } }]' })
  .meta({
    description:
      'Which clusters GitOps objects act on, where their API does not tell: by address, name, Secret or ConfigMap.',
  })

type Written = z.output<typeof destinationsSchema>[number]

/** Ends the reading with one sentence. */
type Refuse = (sentence: string) => never

/** The destinations, once the sources they name are known to be there. `sources` are the names of management clusters. */
export function destinationsOf(
  written: readonly Written[],
  sources: readonly string[],
  accounts: readonly AzureAccount[],
  refuse: Refuse,
): readonly DeclaredDestination[] {
  // Management clusters that are found in Azure have names that nobody knows beforehand.
  const open = accounts.some(({ discover }) => discover !== null)
  const check = (name: string | undefined, place: string) => {
    if (name === undefined || open || sources.includes(name)) return
    const known = sources.length === 0 ? 'there is none' : nearest(name, sources)
    refuse(`${place} is no management cluster of this fleet; ${known}`)
  }
  const seen = new Map<string, number>()
  return written.map((one, at) => {
    check(one.source, `destinations[${at}].source`)
    check(one.cluster.source, `destinations[${at}].cluster.source`)
    const by = ways.find((way) => one[way] !== undefined) ?? 'name'
    const actsAt = `${by}:${one[by]}`
    const key = `${one.source ?? ''}\0${actsAt}`
    const first = seen.get(key)
    if (first !== undefined)
      refuse(`destinations[${at}].${by} repeats destinations[${first}].${by}; it can be one cluster only`)
    seen.set(key, at)
    return { actsAt, source: one.source ?? null, claim: claimOf(one.cluster) }
  })
}

/** As db/claim.ts writes claims; a test holds the two together. */
const claimOf = ({ source, namespace, name, armId }: Written['cluster']): string =>
  armId === undefined ? `capi:${source}/${namespace}/${name}` : `arm:${armId}`
