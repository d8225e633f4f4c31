import { selfManagedDrafts } from './cluster-self-managed.ts'
import type { Draft } from './draft.ts'
import type { Remains } from './drift/management.ts'
import { makeWorkload } from './fleet.ts'
import { nameOf } from './gitops/reconciler.ts'
import { randomOf } from './random.ts'
import type { Site } from './site.ts'

/** What is left of a cluster of machines whose Cluster object is gone: its infrastructure, and some of its machines. */
export function remainsOf(site: Site, now: Date): readonly Draft[] {
  const random = randomOf(`${site.seed}/remains ${site.name}`)
  const drawn = makeWorkload(random, site, 0, now)
  const name = `departed-${drawn.environment}`
  const drafts = selfManagedDrafts({ ...drawn, name, namespace: 'clusters', flavour: 'AzureSelfManaged' })
  const machines = drafts.filter(({ kind }) => kind === 'Machine').slice(-2)
  const names = new Set(machines.map((machine) => machine.name))
  return drafts.filter(
    (draft) => draft.kind === 'AzureCluster' || (draft.kind.endsWith('Machine') && names.has(draft.name)),
  )
}

export const trueRemainsOf = (drafts: readonly Draft[]): Remains => ({
  machines: drafts.filter(({ kind }) => kind === 'Machine').map(nameOf),
  infrastructure: drafts.filter(({ kind }) => kind !== 'Machine').map(nameOf),
})
