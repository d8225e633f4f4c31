import type { Counts } from '../../fleet/cluster.ts'
import type { Health } from '../../fleet/health.ts'
import type { Condition, Facts, Replicas } from '../../fleet/observation.ts'
import { type ObjectRef, objectIdOf } from '../../fleet/reference.ts'
import { parseVersion } from '../../fleet/version.ts'
import type { Row } from '../recordset.ts'
import type { condition, object } from '../tables.ts'
import { type Judged, mustKeep } from './judge.ts'
import type { Owned } from './owner.ts'
import type { Known } from './probe.ts'
import type { Read } from './read.ts'

export type ObjectRow = Row<typeof object>
export type ConditionRow = Row<typeof condition>

/** The row of a new or changed object. */
export function objectRow(
  { observation: o, owner, known }: Owned,
  judged: Judged,
  { delivery, kind, at, receivedAt, imprints, prints }: Read,
): ObjectRow {
  const { versionDeclared, versionObserved, replicas, revision, ...facts } = o.facts
  return {
    sourceId: delivery.source,
    id: o.id,
    kind: o.kind,
    namespace: o.ref.namespace,
    name: o.ref.name,
    apiVersion: o.apiVersion,
    uid: o.uid,
    generation: whole(o.generation),
    observedGeneration: whole(o.observedGeneration),
    labels: o.labels,
    ownerNamespace: owner?.name.namespace ?? null,
    ownerName: owner?.name.name ?? null,
    ownerNamed: o.owner !== null,
    parentId: o.parentId,
    clusterId: owner?.clusterId ?? null,
    ...healthCells(judged.health),
    stateSince: judged.stateSince,
    reading: mustKeep(o.reading, kind) ? o.reading : null,
    generationSeenAt: judged.generationSeenAt,
    shortSince: judged.shortSince,
    ...versionCells(versionDeclared, versionObserved),
    ...replicaCells(replicas),
    revisionDesired: revision?.desired ?? null,
    revisionAttempted: revision?.attempted ?? null,
    revisionApplied: revision?.applied ?? null,
    ...sinceCells(o.facts, known, at),
    actsAt: actsAtOf(o.facts),
    reliesOn: reliesOnOf(delivery.source, o.facts),
    facts,
    createdAt: o.createdAt,
    deletingSince: o.deletingSince,
    changedAt: o.changedAt,
    observedAt: at.toISOString(),
    receivedAt: receivedAt.toISOString(),
    digest: o.digest,
    imprint: imprints.get(o.id) ?? null,
    print: prints.get(o.id) ?? null,
  }
}

/** What the object dates itself; else our first sight, kept while it lasts. */
function sinceCells({ revision, gitops, pause }: Facts, known: Known | null, at: Date) {
  const before = known && known.goneAt === null ? known : null
  const applied = revision?.applied
  const same = applied !== undefined && before?.revisionApplied === applied ? before.revisionSince : null
  return {
    revisionSince: gitops?.revisionAt ?? (applied === undefined ? null : (same ?? at.toISOString())),
    pausedSince: pause ? (pause.since ?? before?.pausedSince ?? at.toISOString()) : null,
  }
}

/** Where an object acts, as text: hosts are compared in lower case. */
export function actsAtOf({ actsAt }: Facts): string | null {
  if (!actsAt) return null
  const { by, value } = actsAt
  return `${by}:${by === 'server' ? value.toLowerCase() : value}`
}

/** What its own drift hangs on, first what it applies from. */
export function reliedOn({ appliesFrom, reliesOn }: Facts): readonly ObjectRef[] {
  if (!appliesFrom) return reliesOn ?? none
  return reliesOn ? [appliesFrom, ...reliesOn] : [appliesFrom]
}

const none: readonly ObjectRef[] = []

function reliesOnOf(source: string, facts: Facts): string[] | null {
  const refs = reliedOn(facts)
  return refs.length === 0 ? null : [...new Set(refs.map((ref) => objectIdOf(source, ref)))]
}

/** Longer type names would not fit an index entry; Kubernetes allows 316 characters. */
const typeCharsMax = 512

/** Conditions in the object's own order; of two with one type the first counts, as in Kubernetes' own lookups. */
export function conditionRows(source: string, objectId: string, conditions: readonly Condition[]): ConditionRow[] {
  const rows: ConditionRow[] = []
  for (const [position, given] of conditions.entries()) {
    const type = given.type.slice(0, typeCharsMax)
    if (rows.some((row) => row.type === type && row.legacy === given.legacy)) continue
    const observedGeneration = whole(given.observedGeneration)
    rows.push({ ...given, sourceId: source, objectId, type, observedGeneration, position })
  }
  return rows
}

export function healthCells({ state, reason, message, since, underlying, flags, holdsUntil }: Health) {
  return { state, reason, message, since, underlying, flags: [...flags], holdsUntil }
}

export function versionCells(declared: string | null | undefined, observed: string | null | undefined) {
  const d = declared ? parseVersion(declared) : null
  const o = observed ? parseVersion(observed) : null
  return {
    versionDeclared: declared ?? null,
    declaredMajor: count(d?.major),
    declaredMinor: count(d?.minor),
    declaredPatch: count(d?.patch),
    versionObserved: observed ?? null,
    observedMajor: count(o?.major),
    observedMinor: count(o?.minor),
    observedPatch: count(o?.patch),
  }
}

export function replicaCells(counts: Replicas | Counts | undefined) {
  return {
    replicasDesired: count(counts?.desired),
    replicasCurrent: count(counts?.current),
    replicasReady: count(counts?.ready),
    replicasAvailable: count(counts?.available),
    replicasUpToDate: count(counts?.upToDate),
  }
}

const int4Max = 2 ** 31 - 1

/** A number no column can hold must not fail the whole delivery; it is then not reported. */
export const count = (n: number | null | undefined): number | null =>
  n !== null && n !== undefined && Number.isInteger(n) && Math.abs(n) <= int4Max ? n : null

const whole = (n: number | null): number | null => (n !== null && Number.isSafeInteger(n) ? n : null)
