import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterEach, describe, expect, it } from 'vitest'
import { openStore, rowsOf, type Store } from '../../db/client.ts'
import { isMigrated, migrateStore } from '../../db/migrate.ts'
import { engines, openEngine } from '../engine.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

async function opened(store: Promise<Store>): Promise<Store> {
  const made = await store
  open.push(() => made.close())
  return made
}

describe.each(engines)('a store on %s', (engine) => {
  it('is migrated, and migrating it again changes nothing', async () => {
    const store = await opened(openEngine(engine))
    expect(await isMigrated(store.db)).toBe(true)
    const before = await rowsOf(store.db, sql`select * from migration order by step`)
    await migrateStore(store)
    expect(await rowsOf(store.db, sql`select * from migration order by step`)).toEqual(before)
  })
})
