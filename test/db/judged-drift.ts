import { sql } from 'drizzle-orm'
import { sourceSubjectId } from '../../db/claim.ts'
import type { Db } from '../../db/client.ts'
import { drift } from '../../db/drift-tables.ts'
import { markDue } from '../../db/judge/due.ts'
import { columnsOf, names, recordset, uuids, values } from '../../db/recordset.ts'
import { source } from '../../db/tables.ts'
import type { DriftCode } from '../../fleet/drift/code.ts'
import { type About, type Difference, type Drift, noDrift } from '../../fleet/drift/difference.ts'
import type { RuleOf } from '../../fleet/policy/ruling.ts'
import type { Subject } from '../../fleet/policy/subject.ts'
import { objectIdOf } from '../../fleet/reference.ts'
import { at } from './wire.ts'

/** A reconciler that some source holds. */
export function aboutOf(holder: string, name: string): About {
  const ref = { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', namespace: 'flux-system', name }
  return { id: objectIdOf(holder, ref), ref }
}

/** A reconciler that a source holds is suspended. */
export const suspendedOf = (holder: string, name: string, over: Partial<Difference> = {}): Difference => ({
  code: 'suspended',
  about: aboutOf(holder, name),
  field: 'spec.suspend',
  expected: 'false',
  actual: 'true',
  message: 'it is suspended',
  evidence: [{ field: 'spec.suspend', expected: 'false', actual: 'true', from: holder, asOf: null }],
  ...over,
})

export const driftOf = (differences: readonly Difference[], over: Partial<Drift> = {}): Drift => ({
  ...noDrift,
  differences,
  ...over,
})

export const driftRuleOf = (code: DriftCode, over: Partial<RuleOf<'drift'>> = {}): RuleOf<'drift'> => ({
  ...{ id: code, type: 'drift', code, severity: 'low', graceMs: 0, ownSeverity: true, ignore: [] },
  ...over,
})

/** What differs of subjects, as `settle` would leave it. */
export async function writeDrift(tx: Db, subjects: readonly Subject[]): Promise<void> {
  const ids = subjects.map(({ clusterId }) => clusterId)
  await tx.execute(sql`delete from drift where subject_id = any(${uuids(ids)})`)
  const rows = subjects
    .filter((subject) => subject.scope === 'source' || subject.drift !== noDrift)
    .map(({ clusterId, source, scope, drift }) => ({
      ...drift,
      ...{ subjectId: clusterId, sourceId: source, scope, composedAt: at(0), digest: clusterId },
    }))
  if (rows.length === 0) return
  const columns = columnsOf(drift)
  await tx.execute(
    sql`insert into drift (${names(columns)}) select ${values(columns)} from ${recordset(columns, rows)}`,
  )
}

export interface SourceFacts {
  readonly environment?: string
  readonly region?: 'westeurope' | 'northeurope' | null
  readonly drift?: Drift
}

const places = {
  westeurope: { country: 'NL', geographies: ['EU', 'Europe'] },
  northeurope: { country: 'IE', geographies: ['EU', 'Europe'] },
} as const

/** What rules read of a management cluster itself. */
export function sourceSubjectOf(
  name: string,
  { environment, region = null, drift = noDrift }: SourceFacts = {},
): Subject {
  return {
    scope: 'source',
    clusterId: sourceSubjectId(name),
    source: name,
    namespace: '',
    name,
    labels: environment === undefined ? {} : { environment },
    environment: environment ?? null,
    ...{ ring: null, owner: null, contact: null, provider: null, flavour: null, region },
    ...(region === null ? { country: null, geographies: [] } : places[region]),
    ...{ azure: null, createdAt: null, firstSeenAt: at(0).toISOString() },
    ...{ versionDeclared: null, versionObserved: null, supportPlan: null, tier: null },
    ...{ upgradeChannel: null, nodeOsUpgradeChannel: null },
    ...{ pools: [], components: [], unreadPools: null, readComponents: [], silent: [], drift },
  }
}

/** Puts management clusters into the store, with what was found of them, and marks them. */
export async function putSources(db: Db, subjects: readonly Subject[], now: Date): Promise<void> {
  await db.transaction(async (tx) => {
    for (const { source: id, labels, region } of subjects) {
      const row = { id, labels, region, type: 'managementCluster', everyMs: 60_000, staleAfterMs: 180_000 } as const
      await tx
        .insert(source)
        .values({ ...row, registeredAt: at(0), dueAt: at(0) })
        .onConflictDoUpdate({ target: source.id, set: { ...row, removedAt: null } })
    }
    await writeDrift(tx, subjects)
    const ids = subjects.map(({ clusterId }) => clusterId)
    await markDue(tx, ids, now)
  })
}

/** As when a management cluster leaves the fleet file: what was found of it stays. */
export async function removeSource(db: Db, name: string, now: Date): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`update source set removed_at = ${now.toISOString()} where id = ${name}`)
    await markDue(tx, [sourceSubjectId(name)], now)
  })
}
