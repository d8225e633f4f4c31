import * as z from 'zod'
import { clusterIdOf } from '../azure/cluster-id.ts'
import { defaultEveryMs } from '../source.ts'
import { exact, text, yesOrNo } from './shape.ts'
import { polling, region, sourceLabels, sourceName, staleAfterProblem } from './source-shape.ts'

/** Settings that design.md part 4 names and a later version brings: refused with that sentence instead of "unknown". */
const later: Readonly<Record<string, string>> = {
  push: 'is not implemented yet; give "kubeconfig" (or "aks", or "inCluster: true") instead',
}

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
export const managementClusterSchema = exact(
  {
    name: sourceName(),
    region: region(),
    labels: sourceLabels(),
    kubeconfig: kubeconfig.optional(),
    aks: aks.optional(),
    inCluster: z
      .literal(true, { error: 'must be true, or be left out' })
      .optional()
      .meta({ description: 'Use the service account of the pod that Rollcall runs in.' }),
    ...polling('60s'),
  },
  later,
).superRefine((cluster, context) => {
  const ways = (['kubeconfig', 'aks', 'inCluster'] as const).filter((way) => cluster[way] !== undefined)
  const problem = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', message, path })
  if (ways.length === 0)
    problem(`does not say how to reach "${cluster.name}"; give kubeconfig: { path: ./weu.kubeconfig }`)
  if (ways.length > 1) problem(`has both "${ways[0]}" and "${ways[1]}"; keep one of them`)
  const stale = staleAfterProblem(cluster.every ?? defaultEveryMs, cluster.staleAfter)
  if (stale !== null) problem(stale, 'staleAfter')
})

export type ManagementCluster = z.output<typeof managementClusterSchema>
