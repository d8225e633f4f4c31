import { hash } from 'node:crypto'
import type { Draft } from '../draft.ts'
import { fluxInstance, reportDraft } from '../flux-operator.ts'
import type { Site } from '../site.ts'
import type { Workload } from '../workload.ts'
import { applications } from './argo-scene.ts'
import { daysBefore, type FluxSite, fluxSiteOf, hoursBefore, minutesBefore, type Pushes } from './flux-site.ts'
import { helmChartProxy, helmReleaseProxy } from './helm-proxy.ts'
import { helmRelease } from './helm-release.ts'
import { kustomization } from './kustomization.ts'
import type { Reconciler, Source } from './reconciler.ts'
import { gitRepository, helmRepository, ociAddress, ociRepository } from './source.ts'
import { terraform } from './terraform.ts'

/** GitOps of one management cluster: what is applied here, and to its workload clusters. */
export interface GitOpsScene {
  readonly sources: readonly Source[]
  readonly reconcilers: readonly Reconciler[]
  readonly drafts: readonly Draft[]
}

/** What every part of a scene is made for. */
export interface Stage {
  readonly flux: FluxSite
  readonly site: Site
  /** Clusters of it that get add-ons: the first few, whatever they are up to, so that it stays readable. */
  readonly chosen: readonly Workload[]
  readonly workloads: readonly Workload[]
  readonly explains: boolean
}

interface Part {
  readonly sources?: readonly Source[]
  readonly reconcilers?: readonly Reconciler[]
  readonly drafts?: readonly Draft[]
}

const chosenMax = 6

/** @param told when the world began, what was pushed since, and whether anybody says what Argo CD's names mean. */
export function gitopsOf(
  site: Site,
  workloads: readonly Workload[],
  told: { readonly begun: Date; readonly pushes: Pushes; readonly explains: boolean },
): GitOpsScene {
  const flux = fluxSiteOf(site, told.begun, told.pushes)
  const stage = { flux, site, workloads, chosen: workloads.slice(0, chosenMax), explains: told.explains }
  const { revision, pushedAt } = flux
  const fleet = gitRepository(flux, {
    ...{ name: 'flux-system', repository: 'fleet', ref: { branch: 'main' }, revision, revisionAt: pushedAt },
  })
  const parts = [
    { sources: [fleet] },
    ownOf(stage, fleet),
    addOnsOf(stage, fleet),
    releasesOf(stage),
    storefrontOf(stage),
    ...(site.tools.includes('argocd') ? [applications(stage)] : []),
    ...(site.tools.includes('tofu') ? [troublesOf(stage, fleet)] : []),
    ...(site.tools.includes('helm') ? [proxiesOf(stage)] : []),
  ] satisfies readonly Part[]
  const all = parts.map((part: Part) => part)
  const sources = all.flatMap((part) => part.sources ?? [])
  const reconcilers = all.flatMap((part) => part.reconcilers ?? [])
  const charts = reconcilers.flatMap(({ source }) => (source?.kind === 'HelmChart' ? [source] : []))
  const count = (kind: string) => reconcilers.filter((one) => one.kind === kind).length
  const drafts = [
    ...[...sources, ...charts, ...reconcilers].map(({ draft }) => draft),
    ...all.flatMap((part) => part.drafts ?? []),
    ociAddress(flux),
    reportDraft(flux, { kustomizations: count('Kustomization'), helmReleases: count('HelmRelease') }),
  ]
  return { sources: [...sources, ...charts], reconcilers, drafts }
}

/** What a management cluster applies to itself. */
function ownOf({ flux }: Stage, fleet: Source): Part {
  const { begun } = flux
  const legacy = gitRepository(flux, {
    ...{ name: 'legacy', repository: 'legacy', ref: { branch: 'main' }, revision: commitOf(flux, 'legacy') },
    revisionAt: daysBefore(begun, 200),
    suspension: { since: daysBefore(begun, 60), by: 'kubectl-edit' },
  })
  const podinfo = ociRepository(flux, {
    ...{ name: 'podinfo', revision: `1.8.2@${flux.digest}`, revisionAt: daysBefore(begun, 30) },
  })
  return {
    sources: [legacy, podinfo],
    reconcilers: [
      fluxInstance(flux),
      kustomization(flux, { name: 'flux-system', path: './clusters', source: fleet }),
      kustomization(flux, { name: 'clusters', path: './workload-clusters', source: fleet }),
      // Switched off for a migration, and forgotten.
      kustomization(flux, {
        ...{ name: 'policies', path: './policies', source: fleet },
        suspension: { since: daysBefore(begun, 23), by: 'flux' },
      }),
      kustomization(flux, { name: 'legacy', path: './', source: legacy }),
    ],
  }
}

/** A Kustomization of add-ons for each: the fifth cannot be applied, the sixth is being applied. */
function addOnsOf({ flux, chosen }: Stage, fleet: Source): Part {
  const { begun } = flux
  const policies = gitRepository(flux, {
    ...{ name: 'policies', repository: 'policies', ref: { branch: 'main' }, revision: commitOf(flux, 'policies 2') },
    revisionAt: minutesBefore(begun, 5),
  })
  const reconcilers = chosen.flatMap((target, i) => {
    const outcome = i === 4 ? ({ is: 'failing' } as const) : i === 5 ? ({ is: 'atWork' } as const) : undefined
    const addOns = { name: `${target.name}-addons`, path: './addons', source: fleet, target }
    const blocked = { is: 'blocked', by: `${target.namespace}/${addOns.name}`, since: hoursBefore(begun, 30) } as const
    return [
      kustomization(flux, { ...addOns, ...(outcome === undefined ? {} : { outcome }) }),
      ...(i === 4
        ? [
            kustomization(flux, {
              ...{ name: `${target.name}-apps`, path: './apps', source: fleet, target, outcome: blocked },
              dependsOn: [addOns.name],
            }),
          ]
        : []),
      // Pushed a moment ago: it has not looked yet, and nobody minds.
      ...(i === 1
        ? [
            kustomization(flux, {
              ...{ name: `${target.name}-policies`, path: './', source: policies, target },
              outcome: { is: 'applied', revision: commitOf(flux, 'policies 1'), at: daysBefore(begun, 6) },
            }),
          ]
        : []),
    ]
  })
  return { sources: [policies], reconcilers }
}

const detections = ['enabled', 'warn', 'disabled', 'enabled', undefined, 'warn'] as const

/** Charts: ingress on the first three, of which the third was rolled back, and cert-manager on all of them. */
function releasesOf({ flux, chosen }: Stage): Part {
  const { begun, digest } = flux
  const repository = (name: string) =>
    helmRepository(flux, { name, revision: digest, revisionAt: daysBefore(begun, 2) })
  const [ingress, certificates] = [repository('ingress-nginx'), repository('jetstack')]
  const ingresses = chosen.slice(0, 3).map((target, i) => {
    const shared = {
      target,
      suffix: 'ingress',
      chart: 'ingress-nginx',
      from: ingress,
      deployedAt: daysBefore(begun, 21),
    }
    return i === 2
      ? helmRelease(flux, {
          ...{ ...shared, wanted: '4.12.x', offered: '4.12.0', runs: '4.11.3', rolledBack: true },
          offeredAt: daysBefore(begun, 1),
        })
      : helmRelease(flux, { ...shared, wanted: '4.11.x', offered: '4.11.3', offeredAt: daysBefore(begun, 22) })
  })
  const managers = chosen.map((target, i) => {
    const { newest, minor, patchBefore, minorBefore } = certManagerOf(target)
    const mode = detections[i]
    const shared = {
      ...{ target, suffix: 'cert-manager', chart: 'cert-manager', from: certificates },
      ...{ ...(mode === undefined ? {} : { driftDetection: mode }), drifted: i === 1 },
    }
    const old = daysBefore(begun, 50)
    // Nobody let it go on from the last patch but one, and one was never asked to leave the last minor.
    if (i === 3)
      return helmRelease(flux, {
        ...{ ...shared, wanted: `${minor}.x`, offered: newest, offeredAt: daysBefore(begun, 12) },
        ...{ runs: patchBefore, deployedAt: old, suspension: { since: daysBefore(begun, 9), by: 'flux' } },
      })
    if (i === 5)
      return helmRelease(flux, {
        ...{ ...shared, wanted: minorBefore, offered: minorBefore, offeredAt: old, deployedAt: old },
      })
    return helmRelease(flux, {
      ...{ ...shared, wanted: `${minor}.x`, offered: newest },
      ...{ offeredAt: daysBefore(begun, 12), deployedAt: daysBefore(begun, 11) },
    })
  })
  return { sources: [ingress, certificates], reconcilers: [...ingresses, ...managers] }
}

/** The ring that comes first has the next minor already. */
const certManagerOf = ({ ring }: Workload) =>
  ring === '0'
    ? { newest: '1.17.1', minor: '1.17', patchBefore: '1.17.0', minorBefore: '1.16.2' }
    : { newest: '1.16.2', minor: '1.16', patchBefore: '1.16.1', minorBefore: '1.15.4' }

const commitOf = (flux: FluxSite, name: string): string => `main@sha1:${hash('sha1', `${flux.name} ${name}`, 'hex')}`

/** How far an app has come: everywhere else than in development it is released by tags. */
const storefronts = [
  { environment: 'dev', release: 3, ref: { branch: 'main' }, name: 'main', days: 1 },
  { environment: 'staging', release: 2, ref: { tag: 'v1.8.0' }, name: 'v1.8.0', days: 3 },
  { environment: 'prod', release: 1, ref: { tag: 'v1.7.2' }, name: 'v1.7.2', days: 20 },
] as const

/** The same everywhere: what is promoted from one environment to the next is one revision. */
const storefrontRevision = (name: string, release: number): string =>
  `${name}@sha1:${hash('sha1', `storefront ${release}`, 'hex')}`

/** An app that is promoted from development to staging to production: a source for each environment that is here. */
function storefrontOf({ flux, workloads }: Stage): Part {
  const parts = storefronts.flatMap(({ environment, release, ref, name, days }): readonly Part[] => {
    const there = workloads.filter((workload) => workload.environment === environment).slice(0, chosenMax)
    if (there.length === 0) return []
    const revisionAt = daysBefore(flux.begun, days)
    const source = gitRepository(flux, {
      ...{ name: `storefront-${environment}`, repository: 'storefront', ref, revisionAt },
      revision: storefrontRevision(name, release),
    })
    const reconcilers = there.map((target, i) => {
      const model = { name: `${target.name}-storefront`, path: './deploy', source, target, app: 'storefront' }
      // One that nobody looked after: it says it is well, and stands still.
      const stuck = environment === 'prod' && i === 1
      const before = {
        is: 'applied',
        revision: storefrontRevision('v1.7.1', 0),
        at: daysBefore(flux.begun, 41),
      } as const
      return kustomization(flux, stuck ? { ...model, outcome: before } : model)
    })
    return [{ sources: [source], reconcilers }]
  })
  return {
    sources: parts.flatMap((part) => part.sources ?? []),
    reconcilers: parts.flatMap((part) => part.reconcilers ?? []),
  }
}

/** Terraform, and much that is wrong. */
function troublesOf({ flux, chosen: [first] }: Stage, fleet: Source): Part {
  const { begun } = flux
  const vendor = gitRepository(flux, {
    ...{ name: 'vendor', repository: 'vendor', ref: { branch: 'main' }, revision: commitOf(flux, 'vendor') },
    ...{ revisionAt: daysBefore(begun, 14), failingSince: hoursBefore(begun, 8) },
  })
  const inCircle = (name: string, other: string) =>
    kustomization(flux, {
      ...{ name, path: `./${name}`, source: fleet, dependsOn: [other] },
      outcome: { is: 'blocked', by: `flux-system/${other}`, since: daysBefore(begun, 2) },
    })
  return {
    sources: [vendor],
    reconcilers: [
      ...(first
        ? [kustomization(flux, { name: `${first.name}-vendor`, path: './', source: vendor, target: first })]
        : []),
      inCircle('ring-a', 'ring-b'),
      inCircle('ring-b', 'ring-a'),
      kustomization(flux, {
        ...{ name: 'ghost-addons', namespace: 'clusters', path: './addons', source: fleet },
        kubeconfig: 'ghost-kubeconfig',
      }),
      terraform(flux, { name: 'network', source: fleet, is: 'applied' }),
      terraform(flux, { name: 'dns', source: fleet, is: 'drifted' }),
      terraform(flux, { name: 'firewall', source: fleet, is: 'planned' }),
      terraform(flux, { name: 'registry', source: fleet, is: 'applied', driftDetection: false }),
    ],
  }
}

/** Cluster API's own add-ons, for clusters of one namespace. */
function proxiesOf({ flux, workloads }: Stage): Part {
  const targets = workloads.filter(({ namespace }) => namespace === 'clusters').slice(0, 3)
  const [chart, version] = ['metrics-server', '3.12.2']
  return {
    reconcilers: targets.map((target, i) => helmReleaseProxy(flux, { target, chart, version, failing: i === 2 })),
    drafts: [helmChartProxy(flux, targets, chart, version)],
  }
}
