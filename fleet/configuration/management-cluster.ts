import * as z from 'zod'
import { clusterIdOf } from '../azure/cluster-id.ts'
import { heartbeatMs } from '../push/registration.ts'
import { defaultEveryMs } from '../source.ts'
import { pushSchema } from './push.ts'
import { exact, text, yesOrNo } from './shape.ts'
import { polling, region, sourceLabels, sourceName, staleAfterProblem } from './source-shape.ts'

const kubeconfig = exact({
  path: text('./weu.kubeconfig').optional().meta({ description: 'Relative to the fleet file.' }),
  data: text('"apiVersion: v1 …"').optional().meta({ description: "A kubeconfig's own text, instead of a path." }),
  context: text('weu').optional().meta({ description: "Default: the kubeconfig's current context." }),
  allowExec: yesOrNo().optional().meta({
    description:
      'Lets the kubeconfig run its exec plugin. Default false: a server should not run programs that a file names.',
  }),
  insecureSkipTlsVerify: yesOrNo()
    .optional()
    .meta({ description: 'Accepts a kubeconfig that turns TLS verification off. Default false.' }),
})
  .refine(({ path, data }) => (path === undefined) !== (data === undefined), {
    error: 'must have either "path" or "data", for example { path: ./weu.kubeconfig, context: weu }',
  })
  .meta({ description: 'Where the credentials are, for example { path: ./weu.kubeconfig, context: weu }.' })

const resourceIdProblem =
  'must be the id of an AKS cluster, for example /subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/platform/providers/Microsoft.ContainerService/managedClusters/mgmt-weu'

const aks = exact({
  resourceId: z
    .string({ error: resourceIdProblem })
    .transform((written, context) => {
      const id = clusterIdOf(written)
      if (id !== null) return id
      context.addIssue({ code: 'custom', message: resourceIdProblem })
      return z.NEVER
    })
    .meta({ description: 'The ARM id of the AKS cluster.' }),
  account: text('corp').optional().meta({
    description:
      'The entry of "azure" whose cloud and credential are used. Default: the one that lists the subscription, else the only one; without any, the public cloud and the default credential.',
  }),
}).meta({ description: 'An AKS cluster, reached by its ARM id with tokens of Entra ID: no kubeconfig, no secret.' })

/** One entry of `managementClusters`. */
export const managementClusterSchema = exact({
  name: sourceName(),
  region: region(),
  labels: sourceLabels(),
  kubeconfig: kubeconfig.optional(),
  aks: aks.optional(),
  inCluster: z
    .literal(true, { error: 'must be true, or be left out' })
    .optional()
    .meta({ description: 'Use the service account of the pod that Rollcall runs in.' }),
  push: pushSchema.optional(),
  ...polling('60s'),
}).superRefine((cluster, context) => {
  const ways = (['kubeconfig', 'aks', 'inCluster'] as const).filter((way) => cluster[way] !== undefined)
  const problem = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', message, path })
  if (ways.length === 0 && cluster.push === undefined)
    problem(`does not say how to reach "${cluster.name}"; give kubeconfig: { path: ./weu.kubeconfig }`)
  if (ways.length > 1) problem(`has both "${ways[0]}" and "${ways[1]}"; keep one of them`)
  if (isPushOnly(cluster)) return refusePushOnly(cluster, problem)
  const stale = staleAfterProblem(cluster.every ?? defaultEveryMs, cluster.staleAfter)
  if (stale !== null) problem(stale, 'staleAfter')
})

export type ManagementCluster = z.output<typeof managementClusterSchema>

type Ways = { readonly [Way in 'kubeconfig' | 'aks' | 'inCluster' | 'push']?: unknown }

/** True where nobody polls: all that is known of the cluster is what its own senders say. */
export const isPushOnly = ({ kubeconfig, aks, inCluster, push }: Ways): boolean =>
  push !== undefined && [kubeconfig, aks, inCluster].every((way) => way === undefined)

function refusePushOnly(
  { push, every, staleAfter }: Pick<ManagementCluster, 'push' | 'every' | 'staleAfter'>,
  problem: (message: string, ...path: string[]) => void,
): void {
  if (every !== undefined)
    problem(
      'says how often a cluster is polled, and nothing polls this one; leave it out, or give "kubeconfig"',
      'every',
    )
  if (push?.flux !== undefined && push.issuer === undefined && push.entra === undefined) {
    problem(
      'lets only Flux speak, whose events prove nothing; give the issuer of an agent too, or "kubeconfig"',
      'push',
    )
  }
  const leastMs = 2 * heartbeatMs
  if (staleAfter !== undefined && staleAfter < leastMs) {
    const beat = `${heartbeatMs / 1_000} s`
    problem(
      `must be at least ${leastMs / 60_000}m, because senders give a sign of life every ${beat} and a living one would be stale between two`,
      'staleAfter',
    )
  }
}
