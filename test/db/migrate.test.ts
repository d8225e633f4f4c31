import { sql } from 'drizzle-orm'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore, rowsOf, type Store } from '../../db/client.ts'
import { isMigrated, migrateStore } from '../../db/migrate.ts'
import { emptyDatabase, engines, openEngine } from '../engine.ts'

async function closing(opened: Promise<Store>): Promise<Store> {
  const store = await opened
  onTestFinished(() => store.close())
  return store
}

describe.each(engines)('migrations on %s', (engine) => {
  it('are applied once', async () => {
    const store = await closing(openEngine(engine))
    expect(await isMigrated(store.db)).toBe(true)
    const applied = () => rowsOf(store.db, sql`select * from migration order by step`)
    const before = await applied()
    expect(before.length).toBeGreaterThan(0)
    await migrateStore(store)
    expect(await applied()).toEqual(before)
  })

  it('refuse a database that a newer Rollcall made', async () => {
    const store = await closing(openEngine(engine))
    await store.db.execute(sql`insert into migration (step, hash) values (9999999999999, 'x')`)
    await expect(migrateStore(store)).rejects.toThrow('migrated by a newer Rollcall')
  })
})

describe.runIf(engines.includes('postgres'))('migrations on a server', () => {
  it('may be started by several processes at once', async () => {
    const { url, drop } = await emptyDatabase()
    onTestFinished(drop)
    const stores = await Promise.all([1, 2, 3].map(() => closing(openStore({ url }))))
    const [first] = stores
    expect(first && (await isMigrated(first.db))).toBe(false)
    await Promise.all(stores.map(migrateStore))
    expect(await Promise.all(stores.map(({ db }) => isMigrated(db)))).toEqual([true, true, true])
  })
})
