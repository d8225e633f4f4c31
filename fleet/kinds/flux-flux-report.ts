import { readFlux } from '../families/flux.ts'
import { bool, defined, definedOrNone, int, list, record, text } from '../wire.ts'
import type { Kind, KubeObject } from './kind.ts'

/** One object per cluster; what it reports stands in its spec (domain.md 2.5). */
export const fluxFluxReport: Kind = {
  group: 'fluxcd.controlplane.io',
  kind: 'FluxReport',
  reach: { by: 'kube', plural: 'fluxreports', versions: ['v1'] },
  part: 'gitops',
  normalise: (object) => readFlux(object, { facts: factsOf }),
}

function factsOf({ spec }: KubeObject): ReturnType<Kind['normalise']>['facts'] {
  const distribution = record(spec.distribution)
  const cluster = record(spec.cluster)
  const reconcilers = list(spec.reconcilers).map((item) => record(record(item).stats))
  const sumOf = (field: string) => reconcilers.reduce((sum, stats) => sum + (int(stats[field]) ?? 0), 0)
  const counted = reconcilers.length > 0
  return defined({
    versionObserved: text(cluster.serverVersion),
    more: definedOrNone({
      distribution: text(distribution.version),
      distributionStatus: text(distribution.status),
      platform: text(cluster.platform),
      nodes: int(cluster.nodes),
      running: counted ? sumOf('running') : undefined,
      failing: counted ? sumOf('failing') : undefined,
      suspended: counted ? sumOf('suspended') : undefined,
      syncReady: bool(record(spec.sync).ready),
    }),
  })
}
