// A cluster and a Rollcall with everything real between them: the manifests of infra/agent as kubectl applies them, the agent as its image
// runs it, tokens that the API server signs, Rollcall as `npm start` runs it, and GraphQL as everybody asks it.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { decodeJwt, decodeProtectedHeader, importPKCS8, SignJWT } from 'jose'
import * as z from 'zod'
import { type ApiServer, startApiServer } from '../api-server.ts'
import {
  kubectl,
  makeImage,
  type Relay,
  type Rollcall,
  type Running,
  startAgent,
  startRelay,
  startRollcall,
} from './agent-parts.ts'
import { openWriter, type Writer } from './writer.ts'

export const manifests = join(import.meta.dirname, '../../infra/agent')
const account = '/api/v1/namespaces/rollcall-agent/serviceaccounts/rollcall-agent'
const subject = 'system:serviceaccount:rollcall-agent:rollcall-agent'

const health = z.object({ state: z.string(), message: z.string() })
const answerShape = z.object({
  clusters: z.object({ nodes: z.array(z.object({ name: z.string(), health })) }),
  nodePools: z.object({ nodes: z.array(z.object({ name: z.string(), health })) }),
  drift: z.object({ nodes: z.array(z.object({ code: z.string() })) }),
  resources: z.object({
    nodes: z.array(z.object({ kind: z.string(), name: z.string(), phase: z.string().nullable() })),
  }),
  source: z.object({
    freshness: z.object({ state: z.string(), observedAt: z.coerce.date() }),
    push: z.object({ openedAt: z.coerce.date() }).nullable(),
    readings: z.array(
      z.object({
        kind: z.string(),
        caughtUpAt: z.coerce.date().nullable(),
        trouble: z.object({ code: z.string(), message: z.string() }).nullable(),
      }),
    ),
  }),
})
const question = `{
  clusters { nodes { name health { state message } } }
  nodePools { nodes { name health { state message } } }
  drift { nodes { code } }
  resources(first: 100) { nodes { kind name phase } }
  source(id: "weu") {
    freshness { state observedAt } push { openedAt } readings { kind caughtUpAt trouble { code message } }
  }
}`
/** What GraphQL says of the fleet. */
export type Answer = z.output<typeof answerShape>

export interface Site {
  readonly server: ApiServer
  readonly writer: Writer
  readonly relay: Relay
  /** Runs an agent, until the site is closed; `clockMs`: how far its clock is off. */
  launch(clockMs?: number): Running
  /** Runs Rollcall on the store of before, with these declared kinds in its fleet file. */
  open(...kinds: object[]): Promise<void>
  /** Ends Rollcall: nobody answers at its address. */
  shut(): Promise<void>
  ask(): Promise<Answer>
  /** Kills the API server, as a node does that dies, and starts it again on what it had stored. */
  killServer(whileAway: () => Promise<void>): Promise<void>
  /** Puts a token into the file of the agent. `ends`: in a moment; the API server gives out none so short, but its key signs. */
  giveToken(how?: { readonly ends: boolean }): Promise<void>
  close(): Promise<void>
}

export async function openSite(): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-end-to-end-'))
  await chmod(folder, 0o755)
  const command = await makeImage(folder)
  const server = await startApiServer({ crds: 'new', only: 'cluster-api/|flux-kustomize|flux-source-watcher' })
  try {
    return await furnish(folder, command, server)
  } catch (error) {
    await server.stop()
    throw error
  }
}

async function furnish(folder: string, command: readonly string[], server: ApiServer): Promise<Site> {
  await kubectl(server.kubeconfig, 'apply', '-k', manifests)
  const push = await registrationAt(server)
  const agents: Running[] = []
  let rollcall: Rollcall | null = null
  const relay = await startRelay(() => rollcall?.port ?? null)
  const shut = async () => {
    const ending = rollcall
    rollcall = null
    await ending?.end()
  }
  const writer = await openWriter(server.kubeconfig)
  const giveToken: Site['giveToken'] = async (how) => {
    const token = await tokenFor(server, folder, ['rollcall'])
    await writeFile(join(folder, 'token'), how?.ends ? await endingSoon(server, token) : token)
  }
  await Promise.all([giveToken(), writeConfig(server, folder, relay)])
  return {
    ...{ server, writer, relay, shut, giveToken },
    launch: (clockMs) => {
      const agent = startAgent(folder, command, join(folder, 'agent.yaml'), clockMs)
      agents.push(agent)
      return agent
    },
    open: async (...kinds) => {
      rollcall = await startRollcall(folder, { managementClusters: [{ name: 'weu', push }], kinds })
    },
    killServer: async (whileAway) => {
      const pid = await readFile(join(dirname(server.kubeconfig), 'apiserver.pid'), 'utf8')
      process.kill(Number(pid), 'SIGKILL')
      const { hostname, port } = new URL(server.url)
      // Its port is free when nobody takes a connection there.
      for (let open = true; open; ) {
        const socket = connect(Number(port), hostname)
        open = await once(socket, 'connect').then(
          () => true,
          () => false,
        )
        socket.destroy()
      }
      await whileAway()
      await server.restart()
    },
    ask: async () => answerShape.parse(await rollcall?.ask(question)),
    close: async () => {
      for (const agent of agents) await agent.end()
      await shut()
      await Promise.all([relay.close(), writer.close(), server.stop()])
      await chmod(join(folder, 'app'), 0o755)
      await rm(folder, { recursive: true })
    },
  }
}

/** `push` of the fleet file, for an API server that Rollcall cannot ask for its keys. */
async function registrationAt({ kubeconfig, url }: ApiServer): Promise<object> {
  const paths = [account, '/openid/v1/jwks']
  const [made, keys] = await Promise.all(paths.map((path) => kubectl(kubeconfig, 'get', '--raw', path)))
  const { metadata } = z.object({ metadata: z.object({ uid: z.string() }) }).parse(JSON.parse(made ?? ''))
  const jwks: unknown = JSON.parse(keys ?? '')
  return { issuer: url, audience: 'rollcall', subject, serviceAccountUid: metadata.uid, jwks }
}

/** As the kubelet asks for a projected volume. Without an audience: for the API server itself. */
async function tokenFor({ kubeconfig }: ApiServer, folder: string, audiences: readonly string[]): Promise<string> {
  const spec = { audiences, expirationSeconds: 3_600 }
  const file = join(folder, `${randomUUID()}.json`)
  await writeFile(file, JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec }))
  const made = await kubectl(kubeconfig, 'create', '--raw', `${account}/token`, '-f', file)
  return tokenShape.parse(JSON.parse(made)).status.token
}
const tokenShape = z.object({ status: z.object({ token: z.string() }) })

async function endingSoon({ kubeconfig }: ApiServer, token: string): Promise<string> {
  const key = await importPKCS8(await readFile(join(dirname(kubeconfig), 'sa.key'), 'utf8'), 'RS256')
  // Rollcall lets clocks differ by 30 s.
  const exp = Math.floor(Date.now() / 1_000) - 28
  const { kid = '' } = decodeProtectedHeader(token)
  const times = { iat: exp - 600, nbf: exp - 600, exp }
  return new SignJWT({ ...decodeJwt(token), ...times }).setProtectedHeader({ alg: 'RS256', kid }).sign(key)
}

/** In a pod the agent would need no kubeconfig; its account, and so its rights, are the same. */
async function writeConfig(server: ApiServer, folder: string, relay: Relay): Promise<void> {
  const view = await kubectl(server.kubeconfig, 'config', 'view', '--raw', '-o', 'json')
  const { clusters } = z.object({ clusters: z.array(z.unknown()) }).parse(JSON.parse(view))
  const kubeconfig = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'pod', clusters },
    contexts: [{ name: 'pod', context: { cluster: 'default', user: 'agent' } }],
    users: [{ name: 'agent', user: { token: await tokenFor(server, folder, []) } }],
  }
  await writeFile(join(folder, 'kubeconfig'), JSON.stringify(kubeconfig))
  const config = { server: relay.url, tokenFile: 'token', kubeconfig: { path: 'kubeconfig' }, heartbeatSeconds: 5 }
  await writeFile(join(folder, 'agent.yaml'), JSON.stringify(config))
}
