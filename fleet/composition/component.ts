import type { Component } from '../policy/subject.ts'
import { type KindKey, kindKeyOf } from '../reference.ts'
import type { Family } from './family.ts'
import { chartOf } from './reconcilers.ts'

const releaseKinds: ReadonlySet<KindKey> = new Set([
  'helm.toolkit.fluxcd.io/HelmRelease',
  'addons.cluster.x-k8s.io/HelmReleaseProxy',
])

/** Charts that Flux and Cluster API's Helm add-ons install on the cluster, by name; of a release that nothing was installed of yet, no version is known. */
export function componentsOf({ members }: Family): readonly Component[] {
  const components = new Map<string, Component>()
  for (const { ref, facts } of members) {
    if (!releaseKinds.has(kindKeyOf(ref)) || !facts.actsOn) continue
    const name = chartOf({ facts })
    if (name === null) continue
    const version = facts.revision?.applied ?? null
    components.set(`${name}\0${version ?? ''}`, { type: 'chart', name, version })
  }
  return [...components.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, component]) => component)
}
