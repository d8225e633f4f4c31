import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { openStore, rowsOf } from '../../db/client.ts'
import { lockFolder } from '../../db/folder-lock.ts'
import { maintainStore } from '../../db/maintain.ts'
import { migrateStore } from '../../db/migrate.ts'
import { postgresConfig } from '../../db/postgres-config.ts'
import { FleetError } from '../../fleet/error.ts'
import { engines, openEngine } from '../engine.ts'
import { startPostgres } from '../postgres.ts'

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

describe('a data folder that is of no use is named with a remedy', () => {
  const refused = (dataDir: string) => openStore({ dataDir }).catch((error: unknown) => error)
  const sentence = (dataDir: string, why: string) => ({
    code: 'invalid',
    message: expect.stringMatching(
      new RegExp(
        `^The data folder ${dataDir} cannot be used \\(${why}.*\\)\\. Set ROLLCALL_DATA to a folder that .*\\.$`,
      ),
    ),
  })

  it('because it is a file, or lies below one', async () => {
    const file = join(dir, 'file')
    writeFileSync(file, '')
    expect(await refused(file)).toMatchObject(sentence(file, 'EEXIST'))
    expect(await refused(join(file, 'a', 'b'))).toMatchObject(sentence(join(file, 'a', 'b'), 'ENOTDIR'))
  })

  it.runIf(process.platform === 'linux')('because nobody may make it, without trying for ever', async () => {
    expect(await refused('/proc/nope/data')).toMatchObject(sentence('/proc/nope/data', 'ENOENT'))
    expect(await refused('/proc')).toMatchObject(sentence('/proc', 'E(NOENT|ACCES)'))
  })

  it('because the database in it is damaged; and it is given back', async () => {
    const store = await openStore({ dataDir: dir })
    await store.close()
    writeFileSync(join(dir, 'store', 'global', 'pg_control'), 'damaged')
    expect(await refused(dir)).toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(
        /^The embedded database in the data folder \S+ cannot be opened \(.+\)\. Move that folder away, or set ROLLCALL_DATA to another one\.$/,
      ),
    })
    expect(existsSync(join(dir, 'lock'))).toBe(false)
  })

  it('because its tables are not ours', async () => {
    const store = await openStore({ dataDir: dir })
    await store.db.execute(sql`create table source (id int)`)
    const refusal = await migrateStore(store).catch((error: unknown) => error)
    await store.close()
    expect(refusal).toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(
        /^The data folder \S+ cannot be migrated \(relation "source" already exists\)\. Move that folder away, .*$/,
      ),
    })
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

  it.runIf(engines.includes('postgres'))(
    'is told what the server answered, without its password',
    { timeout: 60_000 },
    async () => {
      const postgres = await startPostgres({ durable: false })
      onTestFinished(() => postgres.stop())
      const refusal = async (change: (url: URL) => void) => {
        const url = new URL(postgres.url('postgres'))
        change(url)
        const error: unknown = await openStore({ url: url.href }).catch((error: unknown) => error)
        return error instanceof FleetError ? error.message : error
      }
      const nobody = await refusal((url) => {
        url.username = 'nobody'
        url.password = 's3cret'
      })
      expect(nobody).toMatch(
        /^DATABASE_URL: PostgreSQL at \S+ refuses \(.*"nobody".*\)\. Check user, password and database\.$/,
      )
      expect(nobody).not.toContain('s3cret')
      expect(
        await refusal((url) => {
          url.pathname = '/missing'
        }),
      ).toMatch(/refuses \(database "missing" does not exist\)/)
    },
  )

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
