// The parts that a cluster and a Rollcall are made of, each a process of its own, for tests from end to end.
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, vi } from 'vitest'
import * as z from 'zod'
import { apiServerAssets } from '../require.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
/** Who the agent is in its container; here only where this process may become another, which can run Node too. */
const nobody = { uid: 65_532, gid: 65_532 }
const canBeNobody = process.getuid?.() === 0 && spawnSync(process.execPath, ['--version'], nobody).status === 0

/** A process, and all that it said. */
export interface Running {
  readonly process: ChildProcess
  said(): string
  /** Ends it. Gives its exit code, null where a signal ended it, and how long it took. */
  end(signal?: NodeJS.Signals): Promise<{ readonly code: number | null; readonly ms: number }>
}

function runningOf(child: ChildProcess): Running {
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  const exit = once(child, 'exit')
  return {
    process: child,
    said: () => said,
    end: async (signal = 'SIGTERM') => {
      const began = performance.now()
      child.kill(signal)
      await exit
      return { code: child.exitCode, ms: performance.now() - began }
    },
  }
}

/** kubectl as administrator. */
export async function kubectl(kubeconfig: string, ...args: string[]): Promise<string> {
  const flags = ['--kubeconfig', kubeconfig, '--cache-dir', join(dirname(kubeconfig), 'kubectl-cache')]
  return (await run(join(apiServerAssets() ?? '', 'kubectl'), [...flags, ...args])).stdout
}

/** The image's folder and command, of its Dockerfile: the files that it copies, built, in a folder that nobody may write to. */
export async function makeImage(folder: string): Promise<readonly string[]> {
  const text = await readFile(join(root, 'infra/agent/Dockerfile'), 'utf8')
  const [, copied = ''] = /^COPY --from=build (.*) \.\/$/m.exec(text) ?? []
  const command = z.array(z.string()).parse(JSON.parse(/^CMD (\[.*\])$/m.exec(text)?.[1] ?? '[]'))
  await run(process.execPath, [join(root, 'functions/local/build.ts'), join(folder, 'dist')])
  await mkdir(join(folder, 'app'))
  for (const path of copied.split(' ')) {
    const from = path.startsWith('/src/dist/') ? join(folder, path.slice('/src/'.length)) : join(root, path.slice(5))
    await copyFile(from, join(folder, 'app', basename(path)))
  }
  await chmod(join(folder, 'app'), 0o555)
  return command
}

/** Runs the agent as its container does, `clockMs`: how far its clock is off. */
export function startAgent(folder: string, command: readonly string[], config: string, clockMs = 0): Running {
  const skewed = `const now = Date.now; Date.now = () => now() + ${clockMs};
    globalThis.Date = class extends Date { constructor(...args) { super(...(args.length ? args : [Date.now()])) } }`
  const clock = clockMs === 0 ? [] : ['--import', `data:text/javascript,${encodeURIComponent(skewed)}`]
  const args = command.map((arg) => (arg === '/etc/rollcall/agent.yaml' ? config : arg))
  const child = spawn(process.execPath, [...clock, ...args], {
    cwd: join(folder, 'app'),
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(canBeNobody ? nobody : {}),
  })
  return runningOf(child)
}

export interface Rollcall extends Running {
  readonly port: number
  ask(query: string): Promise<unknown>
}

/** `npm start` as a process: a store of its own in `folder`, and the fleet that is given. */
export async function startRollcall(folder: string, fleet: object): Promise<Rollcall> {
  const file = join(folder, 'rollcall.yaml')
  await writeFile(file, JSON.stringify(fleet))
  const started = spawn(process.execPath, [join(root, 'functions/local/start.ts'), '--fleet', file, '--port', '0'], {
    env: { PATH: process.env.PATH, ROLLCALL_DATA: join(folder, 'data') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const running = runningOf(started)
  const urlOf = () => /answers at (\S+)\/graphql/.exec(running.said())?.[1] ?? expect.fail(running.said())
  const base = await vi.waitFor(urlOf, { timeout: 60_000, interval: 20 }).catch(async (error: unknown) => {
    await running.end()
    throw error
  })
  const ask = async (query: string): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${base}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) })
    const { data, errors } = z
      .object({ data: z.unknown(), errors: z.unknown() })
      .partial()
      .parse(await answer.json())
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    return data
  }
  return { ...running, port: Number(new URL(base).port), ask }
}

/** Lies between the agent and Rollcall: keeps one address whatever becomes of Rollcall, and counts what goes over the wire. */
export interface Relay {
  readonly url: string
  /** Bytes in both directions, with all headers. */
  bytes(): number
  close(): Promise<void>
}

/** `target` gives the port that is passed on to; null: nobody is there. */
export async function startRelay(target: () => number | null): Promise<Relay> {
  let bytes = 0
  const open = new Set<Socket>()
  const server = createServer((near) => {
    const port = target()
    if (port === null) {
      near.destroy()
      return
    }
    const far = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from)
      from.on('data', (chunk) => {
        bytes += chunk.length
      })
      from.on('error', () => to.destroy())
      from.on('close', () => {
        open.delete(from)
        to.destroy()
      })
      from.pipe(to)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A TCP server's address is an object, never a pipe's name.
  const { port } = server.address() as AddressInfo
  const close = async () => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of open) socket.destroy()
    await closed
  }
  return { url: `http://127.0.0.1:${port}`, bytes: () => bytes, close }
}
