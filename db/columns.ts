import { integer, jsonb, text, timestamp } from 'drizzle-orm/pg-core'
import type { Flag, State } from '../fleet/health.ts'

// Columns that several tables have.

/** Milliseconds, as a JavaScript `Date` has them: a keyset cursor must survive the way there and back. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' })

export const labels = (name: string) => jsonb(name).$type<Readonly<Record<string, string>>>().notNull().default({})

/** `Health` as columns. `stateSince` is ours: when Rollcall first saw the present state. */
export const healthColumns = {
  state: text('state').$type<State>().notNull(),
  reason: text('reason').notNull(),
  message: text('message').notNull(),
  since: instant('since'),
  underlying: text('underlying').$type<State>(),
  flags: text('flags').array().$type<Flag[]>().notNull().default([]),
  holdsUntil: instant('holds_until'),
  stateSince: instant('state_since').notNull(),
}

export const versionColumns = {
  versionDeclared: text('version_declared'),
  declaredMajor: integer('declared_major'),
  declaredMinor: integer('declared_minor'),
  declaredPatch: integer('declared_patch'),
  versionObserved: text('version_observed'),
  observedMajor: integer('observed_major'),
  observedMinor: integer('observed_minor'),
  observedPatch: integer('observed_patch'),
}

export const replicaColumns = {
  replicasDesired: integer('replicas_desired'),
  replicasCurrent: integer('replicas_current'),
  replicasReady: integer('replicas_ready'),
  replicasAvailable: integer('replicas_available'),
  replicasUpToDate: integer('replicas_up_to_date'),
}
