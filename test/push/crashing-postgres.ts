import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { startPostgres } from '../postgres.ts'

export interface CrashingPostgres {
  /** Makes a database; gives its URL. */
  made(database: string): Promise<string>
  /** Kills the server and everything of it, as the loss of its machine would, and starts it again. Resolves when it lets clients in. */
  crash(): Promise<void>
  stop(): Promise<void>
}

/** A real server that keeps its promises over a crash. It ends, and its folder with it, when this process does, however it does. */
export async function startCrashingPostgres(): Promise<CrashingPostgres> {
  const server = await startPostgres({ durable: true })
  const [shown] = await asked<{ data_directory: string }>(server.url('postgres'), 'show data_directory')
  const data = shown?.data_directory ?? ''
  let again: ChildProcess | null = null
  const end = async () => {
    if (again === null) return
    const ended = once(again, 'exit')
    again.stdin?.end()
    await ended
  }
  return {
    made: async (database) => {
      await asked(server.url('postgres'), `create database ${database}`)
      return server.url(database)
    },
    crash: async () => {
      const [postmaster = ''] = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
      // Stopped, it makes no more of them: one that outlived it would hold the shared memory, and no server starts beside that.
      process.kill(Number(postmaster), 'SIGSTOP')
      const all = [Number(postmaster), ...childrenOf(Number(postmaster))]
      for (const pid of all) kill(pid)
      await end()
      while (all.some(isAlive)) await setTimeout(againMs)
      again = startAgain(data)
      await lettingIn(server.url('postgres'))
    },
    stop: async () => {
      await end()
      await server.stop()
    },
  }
}

/** With the words and the user that the server was started with, over what the crash left. */
function startAgain(data: string): ChildProcess {
  const words = [...readFileSync(join(data, 'postmaster.opts'), 'utf8').matchAll(/"([^"]*)"|(\S+)/g)]
  const { uid, gid } = statSync(data)
  const user = process.getuid?.() === 0 ? { uid, gid } : {}
  // The shell waits for the end of its input, which comes even when this process is killed, and then ends the server.
  const script = '"$0" "$@" & server=$!; cat >/dev/null; kill -KILL $server; wait $server'
  const argv = words.map(([, quoted, bare]) => quoted ?? bare ?? '')
  return spawn('sh', ['-c', script, ...argv], {
    ...user,
    cwd: dirname(data),
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
}

const patienceMs = 60_000
const againMs = 20

async function lettingIn(url: string): Promise<void> {
  const until = Date.now() + patienceMs
  for (;;) {
    const isUp = await asked(url, 'select 1').then(
      () => true,
      (error: unknown) => {
        if (Date.now() > until) throw error
        return false
      },
    )
    if (isUp) return
    await setTimeout(againMs)
  }
}

async function asked<Row>(url: string, statement: string): Promise<readonly Row[]> {
  const client = new pg.Client(url)
  // Also one that is refused is an event, which nobody hears.
  client.on('error', () => undefined)
  await client.connect()
  try {
    // The statement says what its rows are.
    return (await client.query(statement)).rows as Row[]
  } finally {
    await client.end()
  }
}

/** The state and the parent of a process; null when there is none. */
function statOf(pid: number): { readonly state: string; readonly parent: number } | null {
  try {
    const [state = '', parent = ''] = (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '').split(' ')
    return { state, parent: Number(parent) }
  } catch {
    return null
  }
}

const childrenOf = (parent: number): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && statOf(pid)?.parent === parent)

/** A zombie holds nothing any more. */
const isAlive = (pid: number): boolean => (statOf(pid)?.state ?? 'Z') !== 'Z'

/** One that has ended by itself meanwhile is as dead. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    return
  }
}
