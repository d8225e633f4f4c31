import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Db, rowsOf, type Store } from '../../db/client.ts'
import { judge } from '../../db/judge.ts'
import { registerPolicies } from '../../db/policy.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { Model } from './judge-model.ts'
import { seed, step } from './judge-step.ts'
import { Fleet } from './judged-fleet.ts'
import { at } from './wire.ts'

/** The name of the test tells it: with `SEED` it asks the same again. */
const runSeed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
/** How long nobody looks in the end: images age, support ends, graces and waivers run out. */
const absenceMs = 90 * 86_400_000

describe.each(engines)('whatever happens on %s,', { timeout: 240_000 }, (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  afterAll(() => store.close())

  const iso = (instant: unknown) => (instant === null ? null : new Date(String(instant)).toISOString())
  const stored = async (db: Db = store.db) => {
    const findings = await rowsOf<Record<string, unknown>>(db, sql`select * from finding`)
    const assessments = await rowsOf<Record<string, unknown>>(
      db,
      sql`select cluster_id, source_id, due_at, calendar, minor, plan, phase, reason, message, ends_at::text, standard_end::text, extended_end::text,
        lts_only, calendar_source, calendar_as_of::text, latest_patch, array_to_json(upgrade_targets) as targets from assessment order by cluster_id`,
    )
    return {
      findings: findings
        .map(({ judged_at: _, id: _id, ...row }) => ({
          ...row,
          since: iso(row.since),
          violated_since: iso(row.violated_since),
          grace_until: iso(row.grace_until),
          holds_until: iso(row.holds_until),
        }))
        .sort(byPlace),
      assessments: assessments.map((row) => ({ ...row, due_at: iso(row.due_at) })),
    }
  }

  const placeOf = (row: object) => {
    const { cluster_id, policy, rule, about_id, field } = row as Record<string, unknown>
    return JSON.stringify([cluster_id, policy, rule, about_id, field])
  }
  const byPlace = (a: object, b: object) => (placeOf(a) < placeOf(b) ? -1 : 1)

  const afresh = (looked: ReturnType<Model['look']>) => ({
    findings: looked
      .flatMap(({ subject, findings }) =>
        [...findings.values()].map(({ verdict, since, cause }) => ({
          source_id: subject.source,
          cluster_id: subject.clusterId,
          scope: subject.scope,
          policy: verdict.policy,
          policy_version: verdict.policyVersion,
          rule: verdict.rule,
          type: verdict.type,
          severity: verdict.severity,
          outcome: verdict.outcome,
          message: verdict.message,
          evidence: verdict.evidence,
          since,
          cause,
          violated_since: verdict.violatedSince,
          grace_until: verdict.graceUntil,
          waiver_id: verdict.waiverId,
          code: verdict.drift?.code ?? null,
          dimension: verdict.drift ? 'gitops' : null,
          about_id: verdict.drift?.about?.id ?? null,
          about: verdict.drift?.about?.ref ?? null,
          field: verdict.drift?.field ?? null,
          expected: verdict.drift?.expected ?? null,
          actual: verdict.drift?.actual ?? null,
          likely: verdict.drift?.likely ?? false,
          suppressed_by: verdict.drift?.suppressedBy ?? null,
          holds_until: verdict.holdsUntil,
        })),
      )
      .sort(byPlace),
    assessments: looked
      .map(({ subject, support, dueAt }) => ({
        cluster_id: subject.clusterId,
        source_id: subject.source,
        due_at: dueAt,
        calendar: support.calendar,
        minor: support.minor,
        plan: support.plan,
        phase: support.phase,
        reason: support.reason,
        message: support.message,
        ends_at: support.endsAt,
        standard_end: support.standardEnd,
        extended_end: support.extendedEnd,
        lts_only: support.ltsOnly,
        calendar_source: support.source,
        calendar_as_of: support.asOf,
        latest_patch: support.latestPatch,
        targets: support.upgradeTargets,
      }))
      .sort((a, b) => (a.cluster_id < b.cluster_id ? -1 : 1)),
  })

  const looksOnTime = async (db: Db, until: Date) => {
    for (;;) {
      const [first] = await rowsOf<{ due: string | null }>(db, sql`select min(due_at) as due from assessment`)
      if (!first?.due || new Date(first.due) > until) return
      await judge(db, new Date(first.due))
    }
  }
  /** What would be stored after that, which leaves nothing behind. */
  const storedAfter = async (act: (tx: Db) => Promise<unknown>) => {
    const undone = new Error('undone')
    let found: unknown
    const done = store.db.transaction(async (tx) => {
      await act(tx)
      found = await stored(tx)
      throw undone
    })
    await expect(done).rejects.toBe(undone)
    return found
  }

  it(`stored verdicts are what would be said afresh, and on time (SEED=${runSeed})`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        await clear(store)
        const fleet = new Fleet(store)
        const model = new Model()
        let now = at(0)
        await registerPolicies(store.db, { policies: [], waivers: [], calendar: [] }, now, seed)
        for (const { hours, actions } of steps) {
          now = new Date(now.getTime() + hours * 3_600_000)
          for (const action of actions) await fleet.take(action, now)
          expect(await judge(store.db, now)).toMatchObject({ left: 0 })
          expect(await stored()).toEqual(afresh(model.look(fleet.situation, now)))
          expect(await judge(store.db, now)).toEqual({ judged: 0, left: 0 })
        }
        const end = new Date(now.getTime() + absenceMs)
        const late = await storedAfter((tx) => judge(tx, end))
        expect(late).toEqual(await storedAfter((tx) => looksOnTime(tx, end)))
      }),
      // Whoever still looks for the smallest history says so far what it found, and with it the seed.
      {
        numRuns: engine === 'pglite' ? 15 : 40,
        seed: runSeed,
        interruptAfterTimeLimit: 200_000,
        markInterruptAsFailure: true,
      },
    )
  })
})
