import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Receiving {
  readonly child: ChildProcess
  readonly url: string
}

/** A little more than a process that died keeps the turn of a source. */
const turnMs = 31_000

/** Two processes at a time that receive, over one database, behind one name: whoever asks may meet either. */
export class Receivers {
  /** Their clock passes the turn that a dead process holds, and nobody need wait for it (functions/push/receive.ts). */
  aheadMs = 0
  readonly #databaseUrl: string
  /** What one process has compiled, the next need not: they start all the time. */
  readonly #compiled = mkdtempSync(join(tmpdir(), 'rollcall-receivers-'))
  readonly #started = new Set<ChildProcess>()
  #serving: readonly Receiving[] = []
  #asked = 0
  readonly #killed = new Set<ChildProcess>()
  #ended = 0

  constructor(databaseUrl: string) {
    this.#databaseUrl = databaseUrl
  }

  async start(): Promise<void> {
    this.#serving = await Promise.all([this.#start(), this.#start()])
  }

  now = (): number => Date.now() + this.aheadMs
  /** Where to ask next. Throws once a process has ended that nobody killed, or all were stopped. */
  url = (): string => {
    const receiving = this.#serving[this.#asked++ % this.#serving.length]
    if (receiving === undefined || this.#ended > 0) throw new Error('a receiver ended that nobody had killed')
    return receiving.url
  }

  /** Kills the elder one, at this very moment; resolves when another has taken its place. */
  async killOne(): Promise<void> {
    const [elder, ...others] = this.#serving
    this.#serving = others
    if (elder !== undefined) {
      this.#killed.add(elder.child)
      elder.child.kill('SIGKILL')
    }
    await this.pass()
    this.#serving = [...others, await this.#start()]
  }

  /** Lets the turns of requests expire that nobody works on any more. No clock of a receiver is ever behind that of a sender. */
  async pass(): Promise<void> {
    const aheadMs = this.aheadMs + turnMs
    for (const { child } of this.#serving) {
      if (child.exitCode !== null) continue
      const heard = once(child, 'message')
      child.send(aheadMs)
      await heard
    }
    this.aheadMs = aheadMs
  }

  async stop(): Promise<void> {
    this.#serving = []
    const ended = [...this.#started].map((child) => once(child, 'exit'))
    for (const child of this.#started) {
      this.#killed.add(child)
      child.kill('SIGKILL')
    }
    await Promise.all(ended)
    rmSync(this.#compiled, { recursive: true, force: true })
  }

  async #start(): Promise<Receiving> {
    const file = fileURLToPath(new URL('./receiving.ts', import.meta.url))
    const env = { PATH: process.env.PATH, DATABASE_URL: this.#databaseUrl, NODE_COMPILE_CACHE: this.#compiled }
    const child = fork(file, [String(this.aheadMs)], {
      env,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
    })
    this.#started.add(child)
    child.once('exit', () => {
      this.#started.delete(child)
      if (!this.#killed.has(child)) this.#ended++
    })
    const ended = once(child, 'exit').then(() => {
      throw new Error('a receiver ended before it answered')
    })
    const [said] = await Promise.race([once(child, 'message'), ended])
    return { child, url: `http://127.0.0.1:${said.port}` }
  }
}
