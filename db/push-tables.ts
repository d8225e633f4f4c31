import { bigint, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { KindKey } from '../fleet/reference.ts'
import { instant } from './columns.ts'

// What is remembered of senders. What they say goes where polls put theirs (db/tables.ts).

/** The session of a source that pushes: one row, so that a newer session ends the one before. */
export const pushSession = pgTable('push_session', {
  sourceId: text('source_id').primaryKey(),
  /** Only grows. */
  epoch: integer('epoch').notNull(),
  /** The last request that is on disk. */
  seq: bigint('seq', { mode: 'number' }).notNull(),
  openedAt: instant('opened_at').notNull(),
  /** When that request was taken. */
  lastAt: instant('last_at'),
  agent: text('agent').notNull(),
  // The request at work: one at a time, by whichever process.
  takenBy: uuid('taken_by'),
  takenUntil: instant('taken_until'),
})

/** Messages that were heard before, by their digest: a replay has no effect. */
export const pushSeen = pgTable(
  'push_seen',
  {
    sourceId: text('source_id').notNull(),
    digest: uuid('digest').notNull(),
    seenAt: instant('seen_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.sourceId, t.digest] }), index('push_seen_by_age').on(t.seenAt)],
)

/** Objects that somebody hinted at: the agent is asked for them with its next answer. */
export const pushWant = pgTable(
  'push_want',
  {
    sourceId: text('source_id').notNull(),
    kind: text('kind').$type<KindKey>().notNull(),
    namespace: text('namespace').notNull(),
    name: text('name').notNull(),
    askedAt: instant('asked_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.sourceId, t.kind, t.namespace, t.name] })],
)
