import type { ClusterFacts } from '../../fleet/cluster.ts'
import { composeCluster } from '../../fleet/compose-cluster.ts'
import { defaultConventions, layeredConventions } from '../../fleet/convention.ts'
import { armClusterKind } from '../../fleet/reference.ts'
import type { Db } from '../client.ts'
import { type ChangeRow, difference } from '../ingest/change.ts'
import { writeChanges } from '../ingest/write.ts'
import { markDue } from '../judge/due.ts'
import { source as sourceTable } from '../tables.ts'
import { type ClusterRow, type Composed, clusterRow } from './cluster-row.ts'
import { endpointOf } from './endpoint.ts'
import { type Rejudged, writeHealth } from './health.ts'
import { type Membership, membersOf } from './members.ts'
import { partingsOf } from './parting.ts'
import { type PoolRow, poolRows } from './pool-row.ts'
import type { Identity, Round, Taken } from './round.ts'
import { buryClusters, type StoredCluster, storedClusters, writeBindings, writeClusters, writePools } from './write.ts'

/** Facts of a cluster whose change is history. */
const reported = [
  'state',
  'reason',
  'gitopsState',
  'versionDeclared',
  'versionObserved',
  'phase',
  'region',
  'armId',
  'resourceUid',
  'sourceId',
  'supportPlan',
  'powerState',
  'environment',
  'owner',
  'ring',
  'contact',
  'topologyClass',
  'flavour',
  'provider',
] as const satisfies readonly (keyof StoredCluster & keyof ClusterRow)[]

/**
 * Composes clusters from their members and writes those whose facts changed, in a constant number of statements, whatever their number.
 * Gives what this tells of who is who.
 */
export async function compose(tx: Db, round: Round, taken: readonly Taken[]): Promise<readonly Identity[]> {
  if (taken.length === 0) return []
  const { now } = round
  const members = await membersOf(tx, round, taken)
  const ids = taken.map(({ id }) => id)
  const stored = new Map((await storedClusters(tx, ids)).map((row) => [row.id, row]))
  const setting = await settingOf(tx, round)

  const clusters: ClusterRow[] = []
  const pools: PoolRow[] = []
  const changes: ChangeRow[] = []
  const buried: StoredCluster[] = []
  const judged: Rejudged[] = []
  const found: Identity[] = []
  const hosts = new Map<string, string>()
  for (const { id, name } of taken) {
    const own = members.get(id) ?? []
    const before = stored.get(id) ?? null
    const facts = composeCluster(
      before ?? name,
      own.map(({ member }) => member),
    )
    for (const { row } of own) {
      const health = facts.judgements.get(row.id)
      if (health) judged.push({ row, health })
    }
    // Gone with its Cluster object, though parts may linger; a cluster known by its parts alone is gone with the last of them.
    if (own.length === 0 || (before?.objectId && !facts.objectId)) {
      if (before && before.goneAt === null) buried.push(before)
      continue
    }
    const renewed = renewalOf(before, facts)
    if (renewed) {
      found.push(renewed)
      continue
    }
    const partings = partingsOf(before ?? { id, armId: null }, facts, own)
    if (partings.length > 0) {
      found.push(...partings)
      continue
    }
    const row = clusterRow({
      id,
      facts,
      before,
      now,
      ...azureOf(own),
      lastReadAt: lastReadOf(facts, own),
      ...setting(facts.source),
    })
    if (before && before.goneAt === null && before.digest === row.digest) continue
    clusters.push(row)
    const host = endpointOf(facts, own)
    if (host !== null) hosts.set(id, host)
    pools.push(...poolRows(row, facts.pools, now))
    changes.push(...changeOf(row, before, now))
  }
  await writeClusters(tx, clusters)
  found.push(...(await writeBindings(tx, clusters, hosts, now)))
  await writePools(tx, clusters, pools, now)
  await buryClusters(tx, buried, now)
  await writeChanges(tx, changes)
  await writeHealth(tx, judged, now)
  await markDue(
    tx,
    clusters.map(({ id }) => id),
    now,
  )
  return found
}

/** A cluster that Azure made anew under the same id is another one (azure.md 3.3). */
function renewalOf(before: StoredCluster | null, { armId, resourceUid }: ClusterFacts): Identity | null {
  if (before === null || before.resourceUid === null || resourceUid === null || armId === null) return null
  return before.resourceUid === resourceUid ? null : { as: 'renewed', id: before.id, armId, resourceUid }
}

/** Who reads it in Azure. */
function azureOf(members: readonly Membership[]): Pick<Composed, 'armSourceId' | 'armLastReadAt'> {
  const azure = members.find(({ row }) => row.kind === armClusterKind)?.row
  return { armSourceId: azure?.sourceId ?? null, armLastReadAt: azure?.lastReadAt?.toISOString() ?? null }
}

const lastReadOf = ({ objectId }: ClusterFacts, members: readonly Membership[]): string | null =>
  members.find(({ row }) => row.id === objectId)?.row.lastReadAt?.toISOString() ?? null

/** What sources say of all their clusters: a cluster's own labels and region win. */
async function settingOf(tx: Db, { conventions = defaultConventions }: Round) {
  const rows = await tx.select().from(sourceTable)
  const sources = new Map(rows.map((row) => [row.id, row]))
  return (home: string) => ({
    sourceRegion: sources.get(home)?.region ?? null,
    told: (layers: ClusterFacts['labelLayers']) =>
      layeredConventions([...layers, sources.get(home)?.labels ?? {}], conventions),
  })
}

function changeOf(row: ClusterRow, before: StoredCluster | null, now: Date): ChangeRow[] {
  const living = before && before.goneAt === null ? before : null
  const facts = difference(living, row, reported)
  if (living && Object.keys(facts).length === 0) return []
  return [
    {
      sourceId: row.sourceId,
      subject: 'cluster',
      subjectId: row.id,
      clusterId: row.id,
      what: living ? 'changed' : before ? 'returned' : 'appeared',
      facts,
      observedAt: now,
      receivedAt: now,
    },
  ]
}
