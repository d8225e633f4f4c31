import { chartFacts, helmProxyKind } from '../families/caaph.ts'
import { summedRow } from '../families/summed-row.ts'
import { defined, definedOrNone, list, text } from '../wire.ts'

/** Installs a chart on every Cluster it selects, each by a HelmReleaseProxy: it acts on many, so it belongs to none. */
export const caaphHelmChartProxy = helmProxyKind(
  { kind: 'HelmChartProxy', plural: 'helmchartproxies', role: 'source' },
  {
    row: summedRow(
      ['HelmReleaseProxySpecsUpToDate', 'HelmReleaseProxiesReady'],
      new Set(['HelmReleaseProxySpecsUpdating', 'HelmReleaseProxyReinstalling']),
    ),
    facts: (object) => {
      const { spec, status } = object
      const matching = Array.isArray(status.matchingClusters) ? list(status.matchingClusters).length : undefined
      return defined({
        revision: definedOrNone({ desired: text(spec.version) }),
        more: definedOrNone({ ...chartFacts(object), ...defined({ matchingClusters: matching }) }),
      })
    },
  },
)
