import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
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
      const others = await asked<{ pid: number }>(server.url('postgres'), 'select pid from pg_stat_activity')
      for (const pid of [Number(postmaster), ...others.map(({ pid }) => pid)]) kill(pid)
      await end()
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

/** One that has ended by itself meanwhile is as dead. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    return
  }
}
