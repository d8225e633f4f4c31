import { hash } from 'node:crypto'
import {
  type RegionReading,
  recordNotifications,
  recordRegion,
  recordRegionTrouble,
  regionReadings,
} from '../../../db/azure.ts'
import { readNotifications } from '../../../fleet/azure/end-of-support.ts'
import { readKubernetesVersions } from '../../../fleet/azure/kubernetes-versions.ts'
import type { Trouble } from '../../../fleet/delivery.ts'
import { openArm } from './arm.ts'
import { type AzurePoll, lineFor } from './azure-poll.ts'
import { endOfSupportEvents, type GraphScope, queryGraph } from './graph.ts'
import { badAnswer } from './trouble.ts'

/** What a region offers changes a few times a month, and asking costs of a scarce bucket (azure.md 1.6, 1.7). */
const readAgainMs = 6 * 60 * 60_000
const tryAgainMs = 30 * 60_000
/**
 * Regions that nobody has asked for yet, in one poll: a usual subscription's all. Each is one request out of a bucket of 60 that a
 * subscription's other tools share (azure.md 1.6). The rest waits for the next polls, and so do those to be read again.
 */
const firstReadsPerPoll = 20
const readsAgainPerPoll = 3

/**
 * Reads what the regions in use offer, where that is old, by one subscription each; and with it the support dates that Azure has
 * announced over `scopes`. What goes wrong is no trouble of the source: what was read before stays, with its age.
 */
export async function readRegions(poll: AzurePoll, source: string, scopes: readonly GraphScope[]): Promise<void> {
  const { deps, regions, budget } = poll
  const places = [...regions.values()].flatMap((seen) => [...seen.keys()])
  if (places.length === 0) return
  const readings = await regionReadings(deps.db, [...new Set(places)])
  const due = [...regions].flatMap(([region, seen]) => {
    const of = readings.filter((reading) => reading.region === region && seen.has(reading.sourceId))
    const reader = readerOf([...seen.keys()].sort(), of, deps.now())
    return reader === null ? [] : [{ region, reader, subscription: seen.get(reader) ?? '', isFirst: of.length === 0 }]
  })
  const now = [
    ...due.filter(({ isFirst }) => isFirst).slice(0, firstReadsPerPoll),
    ...due.filter(({ isFirst }) => !isFirst).slice(0, readsAgainPerPoll),
  ]
  const leftAlone = new Set<string>()
  for (const { region, reader, subscription } of now) {
    if (budget.spent()) return
    if (leftAlone.has(subscription)) continue
    const trouble = await readRegion(poll, region, reader, subscription)
    if (trouble?.code === 'Throttled') leftAlone.add(subscription)
  }
  if (now.length > 0 && !budget.spent()) await readEvents(poll, source, scopes)
}

/** The source by whose subscription a region is to be read now: the one that read it last, while it could. Null: none now. */
function readerOf(sources: readonly string[], readings: readonly RegionReading[], now: Date): string | null {
  const age = ({ attemptAt }: RegionReading) => now.getTime() - attemptAt.getTime()
  const well = readings.filter(({ troubleMessage }) => troubleMessage === null)
  if (well.some((reading) => age(reading) < readAgainMs * spread(reading))) return null
  const tried = new Set(readings.map(({ sourceId }) => sourceId))
  return (
    well[0]?.sourceId ??
    sources.find((id) => !tried.has(id)) ??
    readings.find((reading) => age(reading) >= tryAgainMs)?.sourceId ??
    null
  )
}

/** From three quarters to one, the same for the same place: regions first read together are not read together for ever. */
const spread = ({ sourceId, region }: RegionReading): number =>
  1 - Number.parseInt(hash('sha256', `${sourceId} ${region}`).slice(0, 8), 16) / 2 ** 34

async function readRegion(
  poll: AzurePoll,
  region: string,
  source: string,
  subscription: string,
): Promise<Trouble | null> {
  const { db, now, log } = poll.deps
  const line = lineFor(poll, source)
  const { value, trouble } = await openArm(line, subscription).listKubernetesVersions(region)
  const minors = trouble === undefined ? readKubernetesVersions(value) : null
  if (minors !== null) {
    await recordRegion(db, { source, region, minors }, now())
    return null
  }
  if (poll.budget.signal.aborted) return null
  const failed =
    trouble ?? badAnswer(source, `the Kubernetes versions of ${region}`, 'a list that is empty or cannot be read')
  const { code, message } = failed
  await recordRegionTrouble(db, { source, region, message }, now())
  log.warn({ source, region, code }, message)
  return failed
}

/** End-of-support notifications exist only in the last weeks of a minor, and not in every cloud. */
async function readEvents(poll: AzurePoll, source: string, scopes: readonly GraphScope[]): Promise<void> {
  const { db, now, log } = poll.deps
  for (const scope of scopes) {
    for await (const { value, trouble } of queryGraph(lineFor(poll, source), scope, endOfSupportEvents)) {
      if (value !== undefined) await recordNotifications(db, readNotifications(value.rows, now()), now())
      else log.info({ source, code: trouble.code }, trouble.message)
    }
  }
}
