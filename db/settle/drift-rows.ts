import { hash } from 'node:crypto'
import type { Member, Reconciler } from '../../fleet/cluster.ts'
import type { Drift } from '../../fleet/drift/difference.ts'
import { kindKeyOf, uuidOf } from '../../fleet/reference.ts'
import type { drift, gitops } from '../drift-tables.ts'
import type { Row } from '../recordset.ts'

export type DriftRow = Row<typeof drift> & {
  readonly subjectId: string
  readonly sourceId: string
  readonly digest: string
}
export type GitopsRow = Row<typeof gitops> & { readonly id: string; readonly sourceId: string; readonly digest: string }

/** Whose drift it is, and where that is kept. */
export interface Subject {
  readonly subjectId: string
  readonly sourceId: string
  readonly scope: 'cluster' | 'source'
  /** When the clock alone changes it. Null: never. */
  readonly holdsUntil: Date | null
}

export function driftRow(subject: Subject, { differences, gaps, looked }: Drift, now: Date): DriftRow {
  const { holdsUntil } = subject
  const content = { differences, gaps, looked: [...looked], holdsUntil }
  return { ...subject, ...content, composedAt: now, digest: digestOf(content) }
}

/** Rows of what reconciles. `clusterId`: what it acts on; null: the management cluster itself, or nothing we know. */
export function gitopsRows(
  clusterId: string | null,
  reconcilers: readonly Reconciler[],
  members: readonly Member[],
  now: Date,
): GitopsRow[] {
  const sources = new Map(members.map(({ id, source }) => [id, source]))
  return reconcilers.flatMap(({ objectId, ref, ...told }): GitopsRow[] => {
    const sourceId = sources.get(objectId)
    if (sourceId === undefined) return []
    const content = { clusterId, kind: kindKeyOf(ref), namespace: ref.namespace, name: ref.name, ...told }
    const behindSince = told.behind === true ? told.expectedAt : null
    return [{ id: objectId, sourceId, ...content, behindSince, composedAt: now, digest: digestOf(content) }]
  })
}

const digestOf = (content: object): string => uuidOf(hash('sha256', JSON.stringify(content), 'hex'))
