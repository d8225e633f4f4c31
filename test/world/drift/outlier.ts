import type { FleetCluster } from '../azure/truth.ts'

/** What most clusters of a ring or environment have of something, and who has another. */
export interface TrueOutliers {
  readonly cohort: string
  readonly component: { readonly type: 'CHART' | 'APP'; readonly name: string }
  /** The version or revision that most have. */
  readonly mode: string
  readonly size: number
  readonly deviants: readonly { readonly cluster: FleetCluster; readonly version: string }[]
}

/** By ring or environment, for every chart and app of which most have the same; where no one version leads, nobody deviates from it. */
export function outliersOf(fleet: readonly FleetCluster[], by: 'ring' | 'environment'): readonly TrueOutliers[] {
  const run = fleet.flatMap((cluster) => {
    const { declared } = cluster
    if (declared === null) return []
    return declared.reconcilers.flatMap(({ chart, app, applied, tool }) => {
      if (applied === null || tool === 'argocd') return []
      const type = chart === null ? ('APP' as const) : ('CHART' as const)
      return [{ cluster, cohort: declared[by], type, name: chart ?? app, version: applied }]
    })
  })
  return [...Map.groupBy(run, ({ cohort, type, name }) => JSON.stringify([cohort, type, name])).values()].flatMap(
    (members): readonly TrueOutliers[] => {
      const [first] = members
      const counts = [...Map.groupBy(members, ({ version }) => version)].sort(([, a], [, b]) => b.length - a.length)
      const [most, next] = counts
      if (first === undefined || most === undefined || most[1].length === next?.[1].length) return []
      const [mode] = most
      const deviants = members.filter(({ version }) => version !== mode)
      return [
        {
          ...{ cohort: first.cohort, component: { type: first.type, name: first.name }, mode, size: members.length },
          deviants: deviants.map(({ cluster, version }) => ({ cluster, version })),
        },
      ]
    },
  )
}

/** How far an app has come, in one of the environments it is promoted through. */
export interface TrueStage {
  readonly stage: string
  /** What most clusters run, and since when. */
  readonly revision: string
  readonly since: Date
  readonly clusters: number
  /** For how long the stage before has run another; 0: it runs the same, or there is none before. */
  readonly lagSeconds: number
}

/** An app through its environments, in their order; those where nobody runs it are left out. */
export function promotionOf(
  fleet: readonly FleetCluster[],
  app: string,
  stages: readonly string[],
  now: Date,
): readonly TrueStage[] {
  const found: TrueStage[] = []
  for (const stage of stages) {
    const there = fleet.filter(({ declared }) => declared?.environment === stage)
    const running = there.flatMap(({ declared }) => declared?.reconcilers.filter((one) => one.app === app) ?? [])
    const [most] = [...Map.groupBy(running, ({ applied }) => applied)].sort(([, a], [, b]) => b.length - a.length)
    const [revision, members] = most ?? [null, []]
    const since = members.find(({ appliedAt }) => appliedAt !== null)?.appliedAt
    if (revision === null || !since) continue
    const before = found.at(-1)
    const lags = before !== undefined && digestOf(before.revision) !== digestOf(revision)
    const lagSeconds = lags ? Math.round((now.getTime() - before.since.getTime()) / 1000) : 0
    found.push({ stage, revision, since, clusters: running.length, lagSeconds })
  }
  return found
}

/** One revision has another name wherever another branch or tag leads to it. */
const digestOf = (revision: string): string => revision.slice(revision.lastIndexOf('@') + 1)
