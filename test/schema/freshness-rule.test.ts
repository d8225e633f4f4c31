import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { freshnessStateOf, readingState } from '../../db/read/freshness.ts'
import { readJson } from '../../db/read/statement.ts'
import { freshnessOf } from '../../fleet/freshness.ts'
import { engines, openEngine } from '../engine.ts'
import { staleAfterMs } from './fill.ts'

describe.each(engines)('the SQL of freshness on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  afterAll(() => store.close())

  it('judges a row as fleet/freshness.ts does, by the newer of its own reading and its kind', async () => {
    const at = new Date('2026-11-22T09:00:00Z')
    const ago = (ms: number | null) => (ms === null ? null : new Date(at.getTime() - ms))
    for (const kindMs of [null, staleAfterMs - 1, staleAfterMs])
      for (const ownMs of [0, staleAfterMs - 1, staleAfterMs])
        for (const failed of [false, true])
          for (const gone of [false, true]) {
            const [read, own] = [ago(kindMs), ago(ownMs)]
            const state = await readJson<string>(
              store.db,
              at,
              sql`select to_json((${sql.raw(freshnessStateOf('o'))})::text) from
              (select 'one' as source_id, 'k' as kind, ${own?.toISOString()}::timestamptz as received_at, ${gone ? at.toISOString() : null}::timestamptz as gone_at) o,
              lateral (select ${sql.raw(readingState)} as state, r.last_success_at, ${failed}::boolean as troubled, s.stale_after_ms * interval '1 millisecond' as patience from
                (select null::timestamptz as removed_at, ${staleAfterMs}::bigint as stale_after_ms, null::timestamptz as last_success_at, null::text as trouble_code) s,
                (select ${read?.toISOString() ?? null}::timestamptz as last_success_at, ${failed ? 'Forbidden' : null}::text as trouble_code, 'x' as source_id) r) f`,
            )
            const lastSuccessAt = own && (read === null || own > read) ? own : read
            expect(state, `${kindMs} ${ownMs} ${failed}`).toBe(
              freshnessOf({ lastSuccessAt, lastAttemptFailed: failed, staleAfterMs, goneAt: gone ? at : null }, at),
            )
          }
  })

  it('judges as fleet/freshness.ts does', async () => {
    const at = new Date('2026-11-22T09:00:00Z')
    for (const agoMs of [null, 0, staleAfterMs - 1, staleAfterMs, staleAfterMs + 1])
      for (const failed of [false, true])
        for (const gone of [false, true]) {
          const lastSuccessAt = agoMs === null ? null : new Date(at.getTime() - agoMs)
          const state = await readJson<string>(
            store.db,
            at,
            sql`select to_json((${sql.raw(readingState)})::text) from
            (select ${gone ? at.toISOString() : null}::timestamptz as removed_at, ${staleAfterMs}::bigint as stale_after_ms, null::timestamptz as last_success_at, null::text as trouble_code) s,
            (select ${lastSuccessAt?.toISOString() ?? null}::timestamptz as last_success_at, ${failed ? 'Forbidden' : null}::text as trouble_code, 'x' as source_id) r`,
          )
          expect(state).toBe(
            freshnessOf({ lastSuccessAt, lastAttemptFailed: failed, staleAfterMs, goneAt: gone ? at : null }, at),
          )
        }
  })
})
