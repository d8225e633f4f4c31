import type { Db } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { recordServed } from '../../db/reading.ts'
import { settle } from '../../db/settle.ts'
import { finishPoll, registerSources, takeLease } from '../../db/source.ts'
import { kindByKey } from '../../fleet/kinds/registry.ts'
import type { KindKey } from '../../fleet/reference.ts'
import { defaultStaleAfterMs, type SourceDeclaration } from '../../fleet/source.ts'
import type { World } from '../world/world.ts'

export const everyMs = 60_000
export const staleAfterMs = defaultStaleAfterMs(everyMs)

/** The management clusters as a fleet file would name them. */
export const siteSources = (world: World): readonly SourceDeclaration[] =>
  world.sites.map(({ name, region, labels }) => ({
    id: name,
    type: 'managementCluster',
    parentId: null,
    polled: true,
    armId: null,
    region,
    labels,
    everyMs,
    staleAfterMs,
  }))

/** What a complete poll of each of these sources would leave in the store, without servers in between. */
export async function fill(db: Db, world: World, now: Date, sources?: readonly string[]): Promise<void> {
  await registerSources(db, siteSources(world), now)
  for (const { name } of world.sites) if (sources?.includes(name) ?? true) await pollOnce(db, world, name, now)
  await settle(db, now)
}

/** One complete reading of one source; `except` are kinds it may not read. */
export async function pollOnce(
  db: Db,
  world: World,
  source: string,
  now: Date,
  except: readonly string[] = [],
): Promise<void> {
  const lease = await takeLease(db, source, `${source} ${now.getTime()}`, now, 60_000)
  if (lease === null) throw new Error(`no lease on ${source}`)
  const served = world.site(source).resources.filter(({ group, kind }) => kindByKey.has(`${group}/${kind}`))
  await recordServed(
    db,
    source,
    served.map(({ group, kind, plural, versions }) => ({
      kind: `${group}/${kind}` as const,
      version: versions[0]?.name ?? 'v1',
      otherVersions: [],
      plural,
      namespaced: true,
    })),
    now,
  )
  for (const { group, kind } of served) {
    const key: KindKey = `${group}/${kind}`
    if (except.includes(key)) continue
    const objects = [...world.site(source).objects()]
      .filter((one) => one.resource.group === group && one.resource.kind === kind)
      .map(({ object }) => object)
    const run = { id: `${source} ${key} ${now.getTime()}`, startedAt: now }
    await ingest(
      db,
      {
        source,
        kind: key,
        observedAt: now,
        objects,
        gone: [],
        rejected: [],
        proof: { as: 'end', run, page: 0, cursor: '1', consistent: true },
      },
      { receivedAt: now },
    )
  }
  await finishPoll(db, lease, { trouble: null, unfinished: false }, now)
}
