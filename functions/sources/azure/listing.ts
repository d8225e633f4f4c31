import { randomUUID } from 'node:crypto'
import { expectedClusters, recordAbsences } from '../../../db/azure.ts'
import { registerChildren } from '../../../db/found-source.ts'
import { progressOf, recordTrouble } from '../../../db/reading.ts'
import { clusterIdOf } from '../../../fleet/azure/cluster-id.ts'
import { regionKeyOf } from '../../../fleet/azure/kubernetes-versions.ts'
import { managementClusterIn } from '../../../fleet/azure/management-cluster.ts'
import type { Delivery, Trouble } from '../../../fleet/delivery.ts'
import type { Rejection } from '../../../fleet/observation.ts'
import { armClusterKind } from '../../../fleet/reference.ts'
import type { SourceDeclaration } from '../../../fleet/source.ts'
import { recordOf } from '../trouble.ts'
import { type AzurePoll, hand } from './azure-poll.ts'
import { confirm, isDue } from './confirm.ts'
import { outcomeOf, refOf } from './gap.ts'

/** One listing of a subscription's managed clusters on its way into the store, whoever lists them. */
export interface Listing {
  /** Takes what was listed. */
  add(resources: readonly unknown[]): void
  /** Stores what was taken so far: more is to come, or never will. */
  flush(): Promise<void>
  /** All was listed. Gives the trouble that concerns the source as a whole. */
  end(): Promise<Trouble | null>
}

/** `source` is the subscription's; `startedAt` the instant the listing speaks of, before its first request. */
export function openListing(poll: AzurePoll, source: string, subscription: string, startedAt: Date): Listing {
  const { deps } = poll
  const run = { id: randomUUID(), startedAt }
  const listed = new Set<string>()
  const managementClusters: SourceDeclaration[] = []
  let page = 0
  let taken: { objects: unknown[]; rejected: Rejection[] } = { objects: [], rejected: [] }

  const deliveryOf = (proof: Delivery['proof'], found: Pick<Delivery, 'objects' | 'rejected' | 'gone'>): Delivery => ({
    source,
    kind: armClusterKind,
    observedAt: run.startedAt,
    objects: [...taken.objects, ...found.objects],
    rejected: [...taken.rejected, ...found.rejected],
    gone: found.gone,
    proof,
  })

  const add = (resources: readonly unknown[]) => {
    for (const resource of resources) {
      const { id, location } = recordOf(resource)
      const cluster = typeof id === 'string' ? clusterIdOf(id) : null
      if (cluster === null) {
        // Nobody's cluster; what it is, `normalise` says.
        taken.objects.push(resource)
        continue
      }
      listed.add(cluster.key)
      if (cluster.subscription !== subscription) {
        const why = `${cluster.key} was listed among the clusters of subscription ${subscription}, where it is not`
        taken.rejected.push({ ref: refOf(cluster.key), why })
        continue
      }
      taken.objects.push(resource)
      const managementCluster = managementClusterIn(poll.account, resource)
      if (managementCluster !== null) managementClusters.push(managementCluster)
      if (typeof location === 'string' && location !== '') noteRegion(poll, regionKeyOf(location), source, subscription)
    }
  }

  const flush = async () => {
    if (taken.objects.length + taken.rejected.length === 0) return
    // A listing that did not end begins anew: nobody goes on with its token.
    const proof = { as: 'page', run, page, next: { token: '', limit: 0 } } as const
    await hand(poll, deliveryOf(proof, nothing))
    page++
    taken = { objects: [], rejected: [] }
  }

  const end = async (): Promise<Trouble | null> => {
    const expected = await expectedClusters(deps.db, source, subscription)
    const missing = expected.filter(({ key }) => !listed.has(key))
    const due = missing.filter((one) => isDue(one, deps.now()))
    const confirmed = await confirm(poll, source, due, run.id)
    if (poll.budget.signal.aborted) return null
    add(confirmed.present)
    const outcome = outcomeOf({ source, subscription, listed: listed.size, missing, confirmed })
    const found = { objects: [], rejected: outcome.rejected, gone: confirmed.gone.map(refOf) }
    const proof = { as: 'end', run, page, cursor: run.startedAt.toISOString(), consistent: true } as const
    const wasPartial = await isPartial(poll, source)
    await hand(poll, deliveryOf(outcome.proves ? proof : { as: 'delta' }, found))
    if (poll.tally.lost) return null
    if (outcome.proves) await recordPartial(poll, source, outcome.partial, wasPartial)
    const absence = { expected: expected.map(({ key }) => key), present: [...listed], gone: confirmed.gone }
    await recordAbsences(deps.db, source, absence, deps.now())
    // A list with gaps would end the sources of what it lacks.
    if (outcome.partial === null && outcome.trouble === null)
      await registerChildren(deps.db, source, managementClusters, deps.now())
    return outcome.trouble
  }

  return { add, flush, end }
}

/** Whether the last list of a source was said to have gaps; asked before its next one ends, and with it that trouble. */
async function isPartial({ deps: { db } }: AzurePoll, source: string): Promise<boolean> {
  const progress = await progressOf(db, source)
  return progress.some(({ kind, trouble }) => kind === armClusterKind && trouble?.code === 'Partial')
}

/** Says when a list begins to have gaps, and when it has none any more: once each, as of a source that falls into trouble. */
async function recordPartial(
  { deps }: AzurePoll,
  source: string,
  partial: Trouble | null,
  was: boolean,
): Promise<void> {
  const { db, now, log } = deps
  if (partial !== null) await recordTrouble(db, { source, kind: armClusterKind, at: now(), trouble: partial })
  if (partial !== null && !was) log.warn({ source, code: partial.code }, partial.message)
  if (partial === null && was) log.warn({ source }, `source ${source}: its list of managed clusters is whole again`)
}

function noteRegion({ regions }: AzurePoll, region: string, source: string, subscription: string): void {
  regions.set(region, (regions.get(region) ?? new Map()).set(source, subscription))
}

const nothing = { objects: [], rejected: [], gone: [] }
