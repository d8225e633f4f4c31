import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openStore } from '../../db/client.ts'
import { migrateStore } from '../../db/migrate.ts'
import { startPostgres } from '../postgres.ts'
import { type Figure, medianOf, show } from './figure.ts'

const root = join(import.meta.dirname, '../..')
const rounds = 9

/** An app with one function that answers a constant: what the platform itself costs. */
const emptyApp = `
import { app } from '@azure/functions'
app.setup({ enableHttpStream: true })
app.http('graphql', { route: 'graphql', methods: ['POST'], handler: async () => ({ jsonBody: { data: { __typename: 'Query' } } }) })
`

/** Process start until the first GraphQL answer, Rollcall's bundle against an empty app, on a PostgreSQL that is already there. */
async function benchColdStart(): Promise<Figure> {
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-cold-'))
  const postgres = await startPostgres({ durable: false })
  try {
    const url = postgres.url('postgres')
    const store = await openStore({ url })
    await migrateStore(store)
    await store.close()
    execFileSync(process.execPath, [join(root, 'functions/local/build.ts'), join(dir, 'dist')], { stdio: 'inherit' })
    writeFileSync(join(dir, 'package.json'), '{ "type": "module" }')
    await buildEmpty(dir)
    const times = { rollcall: [] as number[], empty: [] as number[] }
    for (let round = 0; round < rounds; round++) {
      times.empty.push(await startToAnswer(join(dir, 'empty/functions'), url))
      times.rollcall.push(await startToAnswer(join(dir, 'dist/functions'), url))
    }
    const [ours, empty] = [medianOf(times.rollcall), medianOf(times.empty)]
    return {
      what: 'cold start to the first GraphQL answer, against an empty app',
      ratio: medianOf(times.rollcall.map((ms, round) => ms / (times.empty[round] ?? ms))),
      bar: 'none promised',
      detail: `${ours.toFixed(0)} ms against ${empty.toFixed(0)} ms, medians of ${rounds}`,
    }
  } finally {
    await postgres.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

async function buildEmpty(dir: string): Promise<void> {
  const { build } = await import('esbuild')
  mkdirSync(join(dir, 'empty/functions'), { recursive: true })
  await build({
    stdin: { contents: emptyApp, resolveDir: root },
    outfile: join(dir, 'empty/functions/graphql.js'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    external: ['@azure/functions-core'],
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
  })
}

async function startToAnswer(folder: string, databaseUrl: string): Promise<number> {
  const started = performance.now()
  const child = spawn(process.execPath, [join(root, 'test/functions/bundle-host.ts'), folder, '/graphql'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl },
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  for await (const line of createInterface({ input: child.stdout })) {
    const ms = performance.now() - started
    if (!line.includes('Query')) throw new Error(`the app answered ${line}`)
    child.stdin.end()
    await ended
    return ms
  }
  throw new Error(`the app ended with ${child.exitCode} and no answer`)
}

show([await benchColdStart()])
