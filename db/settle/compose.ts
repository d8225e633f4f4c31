import { sql } from 'drizzle-orm'
import type { ClusterFacts } from '../../fleet/cluster.ts'
import { composeCluster } from '../../fleet/compose-cluster.ts'
import { defaultConventions, layeredConventions } from '../../fleet/convention.ts'
import { armClusterKind } from '../../fleet/reference.ts'
import type { Db } from '../client.ts'
import { type ChangeRow, difference } from '../ingest/change.ts'
import { markUnsettled, writeChanges } from '../ingest/write.ts'
import { markDue } from '../judge/due.ts'
import { texts } from '../recordset.ts'
import { source as sourceTable } from '../tables.ts'
import { type ClusterRow, type Composed, clusterRow } from './cluster-row.ts'
import { endpointOf } from './endpoint.ts'
import { type Rejudged, writeHealth } from './health.ts'
import { type Membership, membersOf } from './members.ts'
import { partingsOf } from './parting.ts'
import { type PoolRow, poolRows } from './pool-row.ts'
import type { Identity, Round, Taken } from './round.ts'
import {
  buryClusters,
  type Claimant,
  type StoredCluster,
  storedClusters,
  writeBindings,
  writeClusters,
  writePools,
} from './write.ts'

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
 * Gives what this tells of who is who; those clusters stay marked, so that it is found again should nobody act on it.
 */
export async function compose(tx: Db, round: Round, taken: readonly Taken[]): Promise<readonly Identity[]> {
  if (taken.length === 0) return []
  const { now, source } = round
  const members = await membersOf(tx, round, taken)
  const ids = taken.map(({ id }) => id)
  const stored = new Map((await storedClusters(tx, ids)).map((row) => [row.id, row]))
  const witnesses = [...members.values()].flatMap((own) => own.map(({ row }) => row.sourceId))
  const setting = await settingOf(tx, round, [...new Set(witnesses)])
  const made: Made = { claimants: [], clusters: [], pools: [], changes: [], buried: [], judged: [], found: [] }
  for (const one of taken) composeOne(made, one, stored.get(one.id) ?? null, members.get(one.id) ?? [], now, setting)

  await writeClusters(tx, made.clusters)
  const found = [...made.found, ...(await writeBindings(tx, made.claimants, now))]
  await writePools(tx, made.clusters, made.pools, now)
  await buryClusters(tx, made.buried, now)
  await writeChanges(tx, made.changes)
  await writeHealth(tx, made.judged, now)
  await markDue(
    tx,
    made.clusters.map(({ id }) => id),
    now,
  )
  const open = new Set(found.map(({ id }) => id))
  await markUnsettled(
    tx,
    source,
    taken.flatMap(({ id, name }) =>
      open.has(id) ? [{ clusterId: id, ownerNamespace: name.namespace, ownerName: name.name }] : [],
    ),
  )
  return found
}

/** What a round has composed, and is to write. */
interface Made {
  /** All of them: a claim that another cluster held may have become free since. */
  readonly claimants: Claimant[]
  /** Those that are new or differ. */
  readonly clusters: ClusterRow[]
  readonly pools: PoolRow[]
  readonly changes: ChangeRow[]
  readonly buried: StoredCluster[]
  readonly judged: Rejudged[]
  readonly found: Identity[]
}

function composeOne(
  made: Made,
  { id, name }: Taken,
  before: StoredCluster | null,
  own: readonly Membership[],
  now: Date,
  setting: Setting,
): void {
  const composed = composeCluster(
    before ?? name,
    own.map(({ member }) => member),
  )
  const facts = { ...composed, resourceUid: incarnationOf(before, composed) }
  for (const { row } of own) {
    const health = facts.judgements.get(row.id)
    if (health) made.judged.push({ row, health })
  }
  // Gone with its Cluster object, though parts may linger; a cluster known by its parts alone is gone with the last of them.
  if (own.length === 0 || (before?.objectId && !facts.objectId)) {
    if (before && before.goneAt === null) made.buried.push(before)
    return
  }
  const identities = [renewalOf(before, facts)].filter((one) => one !== null)
  if (identities.length === 0) identities.push(...partingsOf(before ?? { id, armId: null }, facts, own))
  if (identities.length > 0) {
    made.found.push(...identities)
    return
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
  made.claimants.push({ row, host: endpointOf(facts, own) })
  if (before && before.goneAt === null && before.digest === row.digest) return
  made.clusters.push(row)
  made.pools.push(...poolRows(row, facts.pools, now))
  made.changes.push(...changeOf(row, before, now))
}

/** Only Azure's own word makes another incarnation: what an operator repeats of it may be old, and silence says nothing. */
function incarnationOf(before: StoredCluster | null, { armId, resourceUid, witnesses }: ClusterFacts): string | null {
  if (witnesses.includes('arm') && resourceUid !== null) return resourceUid
  const isSame = armId !== null && before?.armId?.toLowerCase() === armId.toLowerCase()
  return (isSame ? before?.resourceUid : null) ?? resourceUid
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

type Setting = (home: string) => Pick<Composed, 'sourceRegion' | 'told'>

/** What sources say of all their clusters: a cluster's own labels and region win. */
async function settingOf(
  tx: Db,
  { conventions = defaultConventions }: Round,
  ids: readonly string[],
): Promise<Setting> {
  const rows = await tx
    .select()
    .from(sourceTable)
    .where(sql`id = any(${texts(ids)})`)
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
