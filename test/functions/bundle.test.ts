import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
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
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const entryBytesMax = 20_000

describe('the bundle', () => {
  let dir: string
  let child: ChildProcess
  let url: string

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'rollcall-bundle-'))
    execFileSync(process.execPath, [join(root, 'functions/local/build.ts'), join(dir, 'dist')], { stdio: 'inherit' })
    // Only what is external by intention: everything else must be in the bundle.
    writeFileSync(join(dir, 'package.json'), '{ "type": "module" }')
    symlinkSync(join(root, 'node_modules/@electric-sql'), join(mkdir(join(dir, 'node_modules')), '@electric-sql'))
    child = spawn(process.execPath, [join(import.meta.dirname, 'bundle-host.ts'), join(dir, 'dist/functions')], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, ROLLCALL_DATA: join(dir, 'data') },
    })
    url = await firstLine(child)
  })
  afterAll(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.stdin?.end()
    await ended
    rmSync(dir, { recursive: true, force: true })
  })

  it('has one entry per trigger, and what they share beside them', () => {
    expect(
      readdirSync(join(dir, 'dist/functions'))
        .filter((file) => file.endsWith('.js'))
        .sort(),
    ).toEqual(['graphql.js', 'health.js', 'poll.js', 'tick.js'])
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
    expect(await (await fetch(`${url}/graphql`, ask)).json()).toEqual({ data: { sources: { totalCount: 0 } } })
  })
})

function mkdir(path: string): string {
  mkdirSync(path)
  return path
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('no output')
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line).url
  throw new Error(`the host ended with ${child.exitCode}`)
}
