import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { deliveryType } from '../../../fleet/push/protocol.ts'
import { emptyDatabase } from '../../engine.ts'
import { makePair, type Pair, sign, startIssuer } from '../../functions/push/caller/issuer-server.ts'
import { deployments, FakeCluster, machineSets } from '../cluster.ts'
import { FakeSender } from '../sender.ts'
import { type Answer, send } from './client.ts'
import type { Given, Looked } from './server.ts'

/** No answer and no line of the log may ever show one of these. */
export const secrets = {
  hmac: 'geheim-hmac-key-of-mine',
  bearer: 'geheim-bearer-key-of-mine',
  otherHmac: 'geheim-hmac-key-of-the-other',
  grid: 'geheim-key-of-event-grid',
  content: 'geheim-inhalt',
} as const

export const subscription = '11111111-2222-3333-4444-555555555555'
const tenant = '22222222-bbbb-4000-8000-000000000002'
const rollcallApp = '11111111-aaaa-4000-8000-000000000001'
const pusherApp = '33333333-cccc-4000-8000-000000000001'
const pusherObject = '44444444-dddd-4000-8000-000000000001'
const uidOf = (name: string) =>
  `${Buffer.from(name.padEnd(4, '-')).toString('hex').slice(0, 8)}-aaaa-4000-8000-000000000001`
const privateIssuer = 'https://kubernetes.default.svc.cluster.local'

export const subjectOf = (name: string) => `system:serviceaccount:${name}:agent`

/** The heap that the process of the app is given, in MiB: an app that held what it is sent would die of it. */
const heapMax = 256

/** One who holds a good token, for one source. */
export interface Pusher {
  readonly name: string
  readonly sender: FakeSender
}

/**
 * The app with sources whose callers are real: `mine` are what an attacker holds good credentials of, `other` is another cluster's, which
 * has said all it has to say, and `app` is one of Entra ID's.
 */
export async function openWorld(mineCount: number) {
  const issuer = await startIssuer((url) => ({ '/weu': `${url}/weu/`, [`/${tenant}/v2.0`]: `${url}/${tenant}/v2.0` }))
  const [pair, stranger, other] = await Promise.all([
    makePair('key-1'),
    makePair('key-1'),
    makePair('private', 'ES256'),
  ])
  issuer.publish(pair)
  const names = Array.from({ length: mineCount }, (_, at) => `mine-${at}`)
  const account = (name: string) => ({ audience: 'rollcall', subject: subjectOf(name), serviceAccountUid: uidOf(name) })
  const flux = (key: string) => ({
    hmacKey: { env: `ROLLCALL_KEY_${key}` },
    bearerToken: { env: `ROLLCALL_KEY_${key}_BEARER` },
  })
  const cloud = { authority: issuer.url, ca: issuer.ca }
  const entra = { tenant, audience: [rollcallApp], appId: pusherApp, objectId: pusherObject, cloud }
  const fleet = {
    managementClusters: [
      ...names.map((name, at) => ({
        name,
        push: { ...account(name), issuer: `${issuer.url}/weu/`, ca: issuer.ca, flux: flux(`MINE_${at}`) },
      })),
      {
        name: 'other',
        push: { ...account('other'), issuer: privateIssuer, jwks: { keys: [other.publicJwk] }, flux: flux('OTHER') },
      },
      { name: 'app', push: { entra } },
    ],
    azure: [{ name: 'corp', subscriptions: [subscription] }],
  }
  const keys = Object.fromEntries(
    names.flatMap((_, at) => [
      [`ROLLCALL_KEY_MINE_${at}`, `${secrets.hmac}-${at}`],
      [`ROLLCALL_KEY_MINE_${at}_BEARER`, `${secrets.bearer}-${at}`],
    ]),
  )
  const database = await emptyDatabase()
  const environment = {
    ...keys,
    ROLLCALL_KEY_OTHER: secrets.otherHmac,
    ROLLCALL_KEY_OTHER_BEARER: `${secrets.otherHmac}-bearer`,
    ROLLCALL_KEY_EVENT_GRID: secrets.grid,
    ...{ ROLLCALL_LOG: 'info', DATABASE_URL: database.url },
  }
  const app = await startApp({ fleet, environment })

  const tokens = new Map<string, { readonly token: string; readonly until: number }>()
  /** Of these claims, and what a good token has beside them. */
  const tokenOf = (
    name: string,
    over: object = {},
    by: Pair = name === 'other' ? other : pair,
    header: object = {},
  ) => {
    const now = Math.floor(Date.now() / 1000)
    const iss = name === 'other' ? privateIssuer : `${issuer.url}/weu/`
    const claims = { iss, sub: subjectOf(name), aud: ['rollcall'], iat: now - 60, nbf: now - 60, exp: now + 3540 }
    const own = { 'kubernetes.io': { namespace: name, serviceaccount: { name: 'agent', uid: uidOf(name) } } }
    return sign({ ...claims, ...own, ...over }, by, header)
  }
  const goodToken = async (name: string): Promise<string> => {
    const held = tokens.get(name)
    if (held !== undefined && held.until > Date.now()) return held.token
    const token = await tokenOf(name)
    tokens.set(name, { token, until: Date.now() + 600_000 })
    return token
  }
  const post = async (path: string, name: string, body: string, type: string): Promise<Answer> => {
    const headers = { authorization: `Bearer ${await goodToken(name)}`, 'content-type': type }
    return send(app.url, { path, headers, body: Buffer.from(body) })
  }

  async function reopen({ name, sender }: Pusher): Promise<void> {
    const opened = await post('/deliveries/sessions', name, JSON.stringify(sender.opening()), 'application/json')
    if (opened.status !== 201) throw new Error(`no session: ${opened.status} ${opened.text}`)
    sender.opened(Number(JSON.parse(opened.text).epoch))
  }

  /** Opens a session and says all that there is. */
  async function begin(name: string): Promise<Pusher> {
    const cluster = new FakeCluster(`uid-of-${name}`)
    for (const one of ['a', 'b', 'c']) cluster.put(deployments, one, 3, new Date())
    cluster.put(machineSets, 'a-1', 3, new Date())
    const sender = new FakeSender(name, cluster)
    await reopen({ name, sender })
    const lines = cluster.kinds.flatMap((kind) => sender.reading(kind, new Date()).flat())
    const read = await post('/deliveries', name, sender.request(new Date(), lines), deliveryType)
    if (read.status !== 202) throw new Error(`not taken: ${read.status} ${read.text}`)
    return { name, sender }
  }

  const mine = await Promise.all(names.map(begin))
  await begin('other')
  return {
    ...{ ...app, issuer, pair, stranger, mine, reopen, tokenOf, goodToken, databaseUrl: database.url },
    hmacOf: (name: string) => `${secrets.hmac}-${name.slice('mine-'.length)}`,
    bearerOf: (name: string) => `${secrets.bearer}-${name.slice('mine-'.length)}`,
    /** Of an Entra ID application, version 2. */
    entraToken: (over: object = {}) => {
      const now = Math.floor(Date.now() / 1000)
      const times = { iat: now - 60, nbf: now - 60, exp: now + 3540 }
      const who = { azp: pusherApp, oid: pusherObject, sub: pusherObject, tid: tenant, roles: ['Fleet.Push'] }
      return sign(
        { iss: `${issuer.url}/${tenant}/v2.0`, ver: '2.0', aud: rollcallApp, ...times, ...who, ...over },
        pair,
      )
    },
    close: async () => {
      await app.stop()
      await issuer.close()
      await database.drop()
    },
  }
}

export type World = Awaited<ReturnType<typeof openWorld>>

async function startApp(given: Given) {
  const execArgv = ['--expose-gc', `--max-old-space-size=${heapMax}`, '--max-http-header-size=131072']
  const child: ChildProcess = fork(join(import.meta.dirname, 'server.ts'), {
    execArgv,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let logged = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    logged += text
  })
  const told = async (message: unknown): Promise<unknown> => {
    const died = new AbortController()
    const exit = once(child, 'exit', { signal: died.signal }).then(() => {
      throw new Error(`the app has died: ${logged.slice(-2_000)}`)
    })
    try {
      const answer = once(child, 'message', { signal: died.signal })
      child.send(message as object)
      return (await Promise.race([answer, exit]))[0]
    } finally {
      died.abort()
      exit.catch(() => undefined)
    }
  }
  const url = String(await told(given))
  return {
    url,
    // What this process sends by itself is what was asked for.
    look: async () => (await told({})) as Looked,
    /** What was logged since the last time. */
    takeLog: (): string => {
      const text = logged
      logged = ''
      return text
    },
    stop: async () => {
      if (child.exitCode !== null) return
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
    },
  }
}
