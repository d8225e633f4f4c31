// Runs what the README tells a newcomer to run, against the product as `npm start` brings it up, so that it cannot go stale.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.ts'

const root = join(import.meta.dirname, '..')
const readyWithinMs = 180_000

const blocks = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```(graphql|json)\n([\s\S]*?)```/g)]
const [query, ...others] = blocks.flatMap(([, language, text]) => (language === 'graphql' && text ? [text] : []))
const shown = blocks.find(([, language]) => language === 'json')?.[2]
if (!query || !shown) throw new Error('README.md must show one GraphQL query and its answer')

const data = mkdtempSync(join(tmpdir(), 'rollcall-readme-'))
const port = await freePort()
const started = spawn('npm', ['start'], {
  cwd: root,
  env: { ...process.env, PORT: String(port), ROLLCALL_DATA: data },
  stdio: 'inherit',
  detached: true,
})
const ended = once(started, 'exit')
try {
  const answer = await answerWithin(readyWithinMs)
  const missing = missingFrom(answer, JSON.parse(shown), '')
  if (missing.length > 0)
    throw new Error(
      `README.md shows ${missing.join(', ')}, which the answer lacks: ${JSON.stringify(answer).slice(0, 2000)}`,
    )
  for (const other of others) refuseErrors(await ask(other))
  console.info(`README.md: npm start answered its queries as shown. ${1 + others.length} passed, 0 failed`)
} finally {
  if (started.exitCode === null && started.pid) process.kill(-started.pid, 'SIGTERM')
  await ended
  // npm goes before what it started; that still writes into the folder until it has stopped.
  while (isRunning(-(started.pid ?? 0))) await sleep(50)
  rmSync(data, { recursive: true, force: true })
}

function isRunning(group: number): boolean {
  try {
    return group !== 0 && process.kill(group, 0)
  } catch {
    return false
  }
}

async function ask(text: string): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: text }),
  })
  return response.json()
}

function refuseErrors(answer: unknown): void {
  const { errors } = answer as { errors?: unknown }
  if (errors) throw new Error(`A query of README.md failed: ${JSON.stringify(errors)}`)
}

/** Asks until every source has reported; the first answers come before the first poll has ended. */
async function answerWithin(ms: number): Promise<unknown> {
  const until = Date.now() + ms
  let last: unknown
  while (Date.now() < until && started.exitCode === null) {
    await sleep(500)
    last = await ask(query ?? '').catch(() => null)
    if (last === null) continue
    refuseErrors(last)
    const { data } = last as { data?: { clusters: { edges: unknown[]; coverage: { complete: boolean } } } }
    if (data?.clusters.coverage.complete && data.clusters.edges.length > 0) return last
  }
  throw new Error(`No complete answer within ${ms / 1000} s; the last one was ${JSON.stringify(last)}`)
}

/** Paths that the README shows and the answer does not have. Values differ from run to run; the shape must not. */
function missingFrom(actual: unknown, expected: unknown, path: string): string[] {
  if (Array.isArray(expected) && expected.length === 0) return Array.isArray(actual) ? [] : [path]
  if (Array.isArray(expected))
    return missingFrom(Array.isArray(actual) ? actual[0] : undefined, expected[0], `${path}[0]`)
  if (expected === null || typeof expected !== 'object') return actual === undefined ? [path] : []
  const record = (actual ?? {}) as Record<string, unknown>
  return Object.entries(expected).flatMap(([key, value]) =>
    missingFrom(record[key], value, path ? `${path}.${key}` : key),
  )
}
