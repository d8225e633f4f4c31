import type { ClusterFacts } from '../../fleet/cluster.ts'
import { composeCluster } from '../../fleet/compose-cluster.ts'
import { isCluster } from '../../fleet/composition/claimant.ts'
import type { Surroundings } from '../../fleet/composition/surroundings.ts'
import { defaultConventions } from '../../fleet/convention.ts'
import { armClusterKind, clusterKind } from '../../fleet/reference.ts'
import type { Db } from '../client.ts'
import type { ChangeRow } from '../ingest/change.ts'
import { insertedChanges, markUnsettled } from '../ingest/write.ts'
import { dueMarks } from '../judge/due.ts'
import { together } from '../together.ts'
import { absencesOf } from './absence.ts'
import { changeOf } from './change.ts'
import { type ClusterRow, type Composed, clusterRow, declaredUntilOf } from './cluster-row.ts'
import { isPublic } from './destination.ts'
import { type DriftRow, driftRow, type GitopsRow, gitopsRows } from './drift-rows.ts'
import { endpointOf } from './endpoint.ts'
import { type Rejudged, writeHealth } from './health.ts'
import { armKeyOf, type Gathered, type Membership } from './members.ts'
import { partingsOf } from './parting.ts'
import { type PoolRow, poolRows } from './pool-row.ts'
import { incarnationOf, renewalOf } from './renewal.ts'
import type { Identity, Round, Taken } from './round.ts'
import type { Stored, StoredCluster } from './stored.ts'
import { concernedBy, type Moved } from './touch.ts'
import { buryClusters, type Claimant, writeBindings, writeClusters, writePools } from './write.ts'
import { driftNews, gitopsNews, strayNews } from './write-drift.ts'

/** What a round of composing found out. */
export interface Findings {
  /** Who is who. Those clusters stay marked, so that it is found again should nobody act on it. */
  readonly identities: readonly Identity[]
  /** Management clusters that are themselves to be composed again. */
  readonly sources: ReadonlySet<string>
}

/**
 * Composes clusters from their members and writes those whose facts changed, in a constant number of statements, whatever their number.
 * How a cluster drifts is kept apart from it, so that neither is written because the other changed.
 */
export async function compose(
  tx: Db,
  round: Round,
  taken: readonly Taken[],
  { stored, gathered }: { readonly stored: Stored; readonly gathered: Gathered },
): Promise<Findings> {
  if (taken.length === 0) return { identities: [], sources: new Set() }
  const { now, source } = round
  const absences = await absencesOf(tx, gathered.members.values())
  const made: Made = {
    ...{ claimants: [], clusters: [], pools: [], changes: [], buried: [], judged: [], found: [] },
    ...{ drift: [], gitops: [], strays: [], moved: [], composed: new Set() },
  }
  for (const one of taken) {
    const before = stored.clusters.get(one.id) ?? null
    const own = gathered.members.get(one.id) ?? []
    const around = surroundingsOf(round, gathered, own, before, absences)
    composeOne(made, { one, before, own, now, around, settingOf: gathered.ground.settingOf })
  }
  await writeClusters(tx, made.clusters)
  const found = [...made.found, ...(await writeBindings(tx, made.claimants, stored, now))]
  await writePools(tx, made.clusters, made.pools, now)
  await buryClusters(tx, made.buried, now)
  const { drift, gitops, strays } = newsOf(made, stored)
  const due = [...new Set([...made.clusters.map(({ id }) => id), ...drift.drifted])]
  await together(tx, [
    ...[...drift.statements, ...gitops.statements, ...strays.statements],
    ...[insertedChanges(made.changes), ...dueMarks(due, now)],
  ])
  await writeHealth(tx, made.judged, now)
  const open = new Set(found.map(({ id }) => id))
  await markUnsettled(
    tx,
    source,
    taken.flatMap(({ id, name }) =>
      open.has(id) ? [{ clusterId: id, ownerNamespace: name.namespace, ownerName: name.name }] : [],
    ),
  )
  return { identities: found, sources: new Set([...strays.sources, ...(await concernedBy(tx, made.moved, now))]) }
}

/** What is new of clusters beside themselves; of those that are home, and whose identity is settled. */
function newsOf({ drift, gitops, strays, composed }: Made, stored: Stored) {
  const before = {
    drift: stored.drift.filter(({ subjectId }) => composed.has(subjectId)),
    gitops: stored.gitops.filter(({ clusterId }) => clusterId !== null && composed.has(clusterId)),
    strays: stored.strays.filter(({ clusterId }) => composed.has(clusterId)),
  }
  return { drift: driftNews(drift, before), gitops: gitopsNews(gitops, before), strays: strayNews(strays, before) }
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
  readonly drift: DriftRow[]
  readonly gitops: GitopsRow[]
  /** Clusters that no Cluster object stands for, by who holds objects of them. */
  readonly strays: { readonly sourceId: string; readonly clusterId: string }[]
  /** Clusters that came, went, or are found elsewhere now. */
  readonly moved: Moved[]
  /** All but those that are left as they are, until it is settled who they are. */
  readonly composed: Set<string>
}

interface One {
  readonly one: Taken
  readonly before: StoredCluster | null
  readonly own: readonly Membership[]
  readonly now: Date
  readonly around: Surroundings
  readonly settingOf: Gathered['ground']['settingOf']
}

function composeOne(made: Made, { one: { id, name }, before, own, now, around, settingOf }: One): void {
  const members = own.map(({ member }) => member)
  const composed = composeCluster(before ?? name, members, around)
  made.composed.add(id)
  const facts = { ...composed, resourceUid: incarnationOf(before, composed) }
  for (const { row } of own) {
    const health = facts.judgements.get(row.id)
    if (health) made.judged.push({ row, health })
  }
  if (facts.objectId === null)
    for (const sourceId of new Set(members.map(({ source }) => source))) made.strays.push({ sourceId, clusterId: id })
  // Gone with its Cluster object, though parts may linger; a cluster known by its parts alone is gone with the last of them. What
  // merely acts on a cluster makes none.
  if (!isCluster(members, around.kinds) || (before?.objectId && !facts.objectId)) {
    if (before && before.goneAt === null) {
      made.buried.push(before)
      made.moved.push({ before, row: null })
    }
    return
  }
  const identities = [renewalOf(before, facts)].filter((identity) => identity !== null)
  if (identities.length === 0) identities.push(...partingsOf(before ?? { id, armId: null }, facts, own))
  if (identities.length > 0) {
    made.found.push(...identities)
    made.composed.delete(id)
    return
  }
  const row = clusterRow({
    id,
    facts,
    before,
    now,
    ...azureOf(own),
    lastReadAt: lastReadOf(facts, own),
    ...settingOf(facts.source),
  })
  made.claimants.push({ row, host: endpointOf(facts, own) })
  made.drift.push(
    driftRow({ subjectId: id, sourceId: row.sourceId, scope: 'cluster', holdsUntil: null }, facts.drift, now),
  )
  made.gitops.push(...gitopsRows(id, facts.reconcilers, members, now))
  if (before && before.goneAt === null && before.digest === row.digest) return
  made.clusters.push(row)
  made.moved.push({ before, row })
  made.pools.push(...poolRows(row, facts.pools, now))
  made.changes.push(...changeOf(row, before, now))
}

function surroundingsOf(
  { kinds, conventions = defaultConventions, now }: Round,
  { around, ground, managementClusters }: Gathered,
  own: readonly Membership[],
  before: StoredCluster | null,
  absences: Awaited<ReturnType<typeof absencesOf>>,
): Surroundings {
  const armKeys = own.flatMap(({ row }) => armKeyOf(row))
  const isThere = own.some(({ row }) => row.kind === armClusterKind)
  const isDeclared = own.some(({ row }) => row.kind === clusterKind)
  const first = <T>(of: (key: string) => T | null | undefined): T | null =>
    armKeys.map(of).find((value) => value != null) ?? null
  return {
    kinds,
    conventions,
    around,
    readingOf: ground.readingOf,
    declarersUnread: ground.declarersUnread,
    isPublic,
    missing: isThere ? null : first((key) => absences.get(key)),
    declaredUntil: isThere && !isDeclared ? declaredUntilOf(before, now.toISOString()) : null,
    managementCluster: first((key) => managementClusters.get(key)),
  }
}

/** Who reads it in Azure. */
function azureOf(members: readonly Membership[]): Pick<Composed, 'armSourceId' | 'armLastReadAt'> {
  const azure = members.find(({ row }) => row.kind === armClusterKind)?.row
  return { armSourceId: azure?.sourceId ?? null, armLastReadAt: azure?.lastReadAt?.toISOString() ?? null }
}

const lastReadOf = ({ objectId }: ClusterFacts, members: readonly Membership[]): string | null =>
  members.find(({ row }) => row.id === objectId)?.row.lastReadAt?.toISOString() ?? null
