import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore, rowsOf } from '../../db/client.ts'
import { lockFolder } from '../../db/folder-lock.ts'
import { maintainStore } from '../../db/maintain.ts'
import { migrateStore } from '../../db/migrate.ts'
import { postgresConfig } from '../../db/postgres-config.ts'
import { openEngine } from '../engine.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rollcall-store-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('a store in a folder', () => {
  it('is kept, belongs to one process, and is given back', async () => {
    const store = await openStore({ dataDir: dir })
    await migrateStore(store)
    await store.db.execute(sql`insert into migration (step, hash) values (1, 'kept')`)
    await expect(openStore({ dataDir: dir })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(`data folder ${dir} is in use by process ${process.pid}`),
    })
    await store.close()
    const again = await openStore({ dataDir: dir })
    expect(await rowsOf(again.db, sql`select hash from migration where step = 1`)).toEqual([{ hash: 'kept' }])
    await again.close()
    expect(existsSync(join(dir, 'lock'))).toBe(false)
  })

  it('is taken over from a process that died, even if its id lives again', () => {
    writeFileSync(join(dir, 'lock'), '999999999 1\n')
    lockFolder(dir)()
    writeFileSync(join(dir, 'lock'), `${process.pid} 1\n`)
    if (process.platform === 'linux') lockFolder(dir)()
  })

  it('is given to exactly one of many who find a dead lock', async () => {
    writeFileSync(join(dir, 'lock'), '999999999 1\n')
    const script = `import { lockFolder } from ${JSON.stringify(join(import.meta.dirname, '../../db/folder-lock.ts'))}
      try { lockFolder(${JSON.stringify(dir)}); console.log('mine'); process.stdin.resume() } catch (error) { console.log(error.code) }`
    const children = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ['--input-type=module-typescript', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] }),
    )
    const said = await Promise.all(children.map(async ({ stdout }) => String((await once(stdout, 'data'))[0]).trim()))
    for (const child of children) child.stdin.end()
    expect(said.sort()).toEqual(['conflict', 'conflict', 'conflict', 'conflict', 'conflict', 'mine'])
  })
})

describe('a DATABASE_URL', () => {
  it('that nobody answers is named without its password', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    server.close()
    const failing = openStore({ url: `postgres://someone:s3cret@127.0.0.1:${port}/fleet` })
    await expect(failing).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining(`127.0.0.1:${port}/fleet`),
    })
    await expect(failing).rejects.not.toMatchObject({ message: expect.stringContaining('s3cret') })
  })

  it.each(['nonsense', 'mysql://host/db', ''])('%j is refused with an example', async (url) => {
    await expect(openStore({ url })).rejects.toThrow('DATABASE_URL: not a PostgreSQL URL, e.g. postgres://')
  })

  it('says how TLS is checked, and never loosens it silently', () => {
    const ssl = (query: string) => postgresConfig(`postgres://h/db${query}`, 1).ssl
    expect(ssl('')).toBeUndefined()
    expect(ssl('?sslmode=disable')).toBe(false)
    expect(ssl('?sslmode=require')).toEqual({ rejectUnauthorized: true })
    expect(ssl('?sslmode=verify-full')).toEqual({ rejectUnauthorized: true })
    expect(ssl('?sslmode=no-verify')).toEqual({ rejectUnauthorized: false })
    expect(postgresConfig('postgres://u%40x:p%2F@h:6432/my%20db', 3)).toMatchObject({
      host: 'h',
      port: 6432,
      user: 'u@x',
      password: 'p/',
      database: 'my db',
      max: 3,
      application_name: 'rollcall',
    })
  })
})

describe('the embedded store', () => {
  it('is cleaned after much was written, and left alone otherwise', async () => {
    const store = await openEngine('pglite')
    expect(await maintainStore(store)).toEqual([])
    await store.db.execute(
      sql`insert into binding select 'claim ' || n, gen_random_uuid(), 's', '{}', now() from generate_series(1, 5000) n`,
    )
    expect(await maintainStore(store)).toEqual(['binding'])
    expect(await maintainStore(store)).toEqual([])
    await store.close()
  })
})
