import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { bodyOf } from '../../functions/agent/body.ts'
import { parseConfig } from '../../functions/agent/config.ts'
import { agentLimits } from '../../functions/agent/limits.ts'
import { openReceiver, type Receiver } from '../../functions/agent/receiver.ts'
import type { Ask, Usage } from './push-app.ts'

const agent = 'bench/1'
const audience = 'rollcall'
const subject = 'system:serviceaccount:rollcall:agent'

/** Sources that push, as the fleet file registers them, and the token of each. */
export interface Registered {
  readonly fleet: object
  readonly tokens: ReadonlyMap<string, string>
}

/** Sources whose agents show real tokens: RS256, as API servers sign them. */
export async function registered(sources: readonly string[]): Promise<Registered> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256', use: 'sig' }] }
  const issuerOf = (source: string) => `https://${source}.example`
  const tokens = new Map<string, string>()
  for (const source of sources) {
    const token = new SignJWT({ 'kubernetes.io': { serviceaccount: { uid: source } } })
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .setIssuer(issuerOf(source))
      .setAudience(audience)
      .setSubject(subject)
      .setIssuedAt()
      .setExpirationTime('2h')
    tokens.set(source, await token.sign(privateKey))
  }
  const push = (source: string) => ({ issuer: issuerOf(source), audience, subject, jwks })
  return { fleet: { managementClusters: sources.map((name) => ({ name, push: push(name) })) }, tokens }
}

/** The app of push-app.ts. */
export class App {
  readonly url: string
  readonly #process: ChildProcess

  private constructor(child: ChildProcess, url: string) {
    this.#process = child
    this.url = url
  }

  static async start({ fleet }: Registered, databaseUrl: string): Promise<App> {
    const child = fork(join(import.meta.dirname, 'push-app.ts'), [JSON.stringify(fleet)], {
      env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl },
    })
    const [url] = await Promise.race([once(child, 'message'), once(child, 'exit')])
    if (typeof url !== 'string') throw new Error('the app did not start')
    return new App(child, url)
  }

  async ask(asked: Ask): Promise<Usage> {
    const answered = once(this.#process, 'message')
    this.#process.send(asked)
    const [usage] = await answered
    return usage as Usage // What push-app.ts sends.
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit')
    this.#process.disconnect()
    await ended
  }
}

/** What an agent does on the wire: its own client, sessions, bodies. */
export class BenchSender {
  readonly source: string
  readonly #receiver: Receiver
  #epoch = 0
  #seq = 0

  private constructor(source: string, receiver: Receiver) {
    this.source = source
    this.#receiver = receiver
  }

  static async open(app: App, { tokens }: Registered, source: string, dir: string): Promise<BenchSender> {
    const tokenFile = join(dir, source)
    writeFileSync(tokenFile, tokens.get(source) ?? '')
    const config = parseConfig(JSON.stringify({ server: app.url, tokenFile }), tokenFile)
    const sender = new BenchSender(source, await openReceiver(config, agentLimits))
    const server = { uid: `uid-of-${source}`, version: 'v1.34.0', kinds: served }
    const { epoch } = await sender.#post('/deliveries/sessions', { version: 1, agent, server })
    sender.#epoch = Number(epoch)
    return sender
  }

  /** A request, made before it is sent: what that takes is the agent's. */
  body(lines: readonly string[], at: Date): Promise<Buffer> {
    return bodyOf({ at, lines }, { epoch: this.#epoch, seq: ++this.#seq, agent })
  }

  deliver(body: Buffer): Promise<Readonly<Record<string, unknown>>> {
    return this.#post('/deliveries', body)
  }

  close(): Promise<void> {
    return this.#receiver.close()
  }

  async #post(path: '/deliveries' | '/deliveries/sessions', body: Buffer | object) {
    const reply = await this.#receiver.post(path, body, new AbortController().signal)
    if (reply.as !== 'taken') throw new Error(`${path}: ${reply.why}`)
    return reply.body
  }
}

const served = ['Cluster', 'Machine'].map((kind) => ({
  kind: `cluster.x-k8s.io/${kind}`,
  version: 'v1beta2',
  plural: `${kind.toLowerCase()}s`,
  namespaced: true,
}))
