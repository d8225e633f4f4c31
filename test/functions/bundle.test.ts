import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { engines } from '../engine.ts'
import { startPostgres } from '../postgres.ts'

const root = join(import.meta.dirname, '../..')
const entryBytesMax = 20_000

describe('the bundle', { timeout: 90_000 }, () => {
  let dir: string
  let url: string

  const hosts: ChildProcess[] = []
  /** Runs the bundle in a process of its own, under these settings. Its log goes to `logged`. */
  const run = async (env: Record<string, string>): Promise<string> => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'bundle-host.ts'), join(dir, 'dist/functions')], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, ...env },
    })
    hosts.push(child)
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      logged += text
    })
    return firstLine(child)
  }
  let logged = ''

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'rollcall-bundle-'))
    execFileSync(process.execPath, [join(root, 'functions/local/build.ts'), join(dir, 'dist')], { stdio: 'inherit' })
    // Only what is external by intention: everything else must be in the bundle.
    writeFileSync(join(dir, 'package.json'), '{ "type": "module" }')
    mkdirSync(join(dir, 'node_modules'))
    symlinkSync(join(root, 'node_modules/@electric-sql'), join(dir, 'node_modules/@electric-sql'))
    url = await run({ ROLLCALL_DATA: join(dir, 'data') })
  })
  afterAll(async () => {
    for (const child of hosts) {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.stdin?.end()
      await ended
    }
    rmSync(dir, { recursive: true, force: true })
  })

  it('has one entry per trigger, and what they share beside them', () => {
    expect(
      readdirSync(join(dir, 'dist/functions'))
        .filter((file) => file.endsWith('.js'))
        .sort(),
    ).toEqual([
      'deliveries.js',
      'event-grid.js',
      'event-hub.js',
      'events.js',
      'graphql.js',
      'health.js',
      'poll.js',
      'tick.js',
    ])
  })

  it('the agent is one file, outside of the glob, and says what it needs', () => {
    const agent = join(dir, 'dist/agent/agent.js')
    const asked = spawnSync(process.execPath, [agent, '--config', join(dir, 'none.yaml')], { encoding: 'utf8' })
    expect([asked.status, asked.stderr]).toEqual([
      1,
      `Configuration ${join(dir, 'none.yaml')} cannot be read (ENOENT).\n`,
    ])
  })

  it('loads next to nothing before a function is called', () => {
    for (const name of ['graphql', 'health', 'poll', 'tick']) {
      const text = readFileSync(join(dir, `dist/functions/${name}.js`), 'utf8')
      expect(text).not.toMatch(/from"drizzle-orm|client-node/)
      expect(statSync(join(dir, `dist/functions/${name}.js`)).size).toBeLessThan(entryBytesMax)
    }
  })

  it('answers /healthz, /readyz and /graphql, its migrations with it', async () => {
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' })
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready' })
    const ask = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ sources(first: 1) { totalCount } }"}',
    }
    expect(await (await fetch(`${url}/graphql`, ask)).json()).toMatchObject({ data: { sources: { totalCount: 0 } } })
  })

  it('answers what is pushed, and who is nobody is told so', async () => {
    const paths = ['deliveries', 'deliveries/sessions', 'events/flux/weu', 'events/cloudevents/weu', 'events/eventgrid']
    for (const path of paths) {
      const answer = await fetch(`${url}/${path}`, { method: 'POST', body: '{}' })
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([path, 401, 'application/problem+json'])
      expect(await answer.json()).toMatchObject({ title: 'Not authorised', requestId: expect.any(String) })
    }
  })

  it('listens to a hub only where one is named, and runs all the same', async () => {
    const hosted = await run({ ROLLCALL_DATA: join(dir, 'other'), EventHubName: 'fleet' })
    expect((await fetch(`${hosted}/healthz`)).status).toBe(200)
  })

  it('in Azure without a database or an issuer it registers, answers 503 with the sentence, and its timers fail loudly', async () => {
    const misconfigured = await run({ WEBSITE_SITE_NAME: 'rollcall', FUNCTIONS_WORKER_RUNTIME: 'node' })
    expect((await fetch(`${misconfigured}/healthz`)).status).toBe(200)
    for (const path of ['/readyz', '/graphql']) {
      const answer = await fetch(misconfigured + path)
      expect([answer.status, answer.headers.get('content-type')]).toEqual([503, 'application/problem+json'])
      expect(await answer.json()).toMatchObject({ detail: expect.stringMatching(/^DATABASE_URL is not set/) })
    }
    await expect.poll(() => logged, { timeout: 10_000 }).toMatch(/timer "tick" FleetError: DATABASE_URL is not set/)
  })

  it.runIf(engines.includes('postgres'))(
    'in Azure it does not migrate, says so, and lets nobody in before tokens are checked',
    async () => {
      const postgres = await startPostgres({ durable: false })
      onTestFinished(() => postgres.stop())
      const hosted = await run({
        WEBSITE_SITE_NAME: 'rollcall',
        DATABASE_URL: postgres.url('postgres'),
        ROLLCALL_ISSUER: 'https://login.example/v2.0',
      })
      const ready = await fetch(`${hosted}/readyz`)
      expect(ready.status).toBe(503)
      expect(await ready.json()).toMatchObject({ detail: expect.stringContaining('npm run migrate') })
      expect((await fetch(`${hosted}/graphql`)).status).toBe(401)

      const said = execFileSync(process.execPath, [join(root, 'functions/local/migrate.ts')], {
        env: { PATH: process.env.PATH, DATABASE_URL: postgres.url('postgres') },
        encoding: 'utf8',
      })
      expect(said).toBe('The database is migrated.\n')
      expect((await fetch(`${hosted}/healthz`)).status).toBe(200)
    },
  )
})

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('no output')
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line).url
  throw new Error(`the host ended with ${child.exitCode}`)
}
