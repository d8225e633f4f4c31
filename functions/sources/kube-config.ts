import { type SpawnOptions, spawn } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import type { RequestOptions } from 'node:https'
import { dirname, isAbsolute, resolve } from 'node:path'
import { createSecureContext } from 'node:tls'
import type { KubeConfig } from '@kubernetes/client-node'
import { LineCounter, parseDocument } from 'yaml'
import type { Trouble } from '../../fleet/delivery.ts'
import type { KubeTarget } from '../../fleet/target.ts'
import { type Result, recordOf } from './trouble.ts'

/** What a connection needs. Secrets: never logged, never in a message. */
export interface KubeCredentials {
  readonly server: string
  readonly tls: {
    readonly ca: string | Buffer | undefined
    readonly cert: string | Buffer | undefined
    readonly key: string | Buffer | undefined
    readonly servername: string | undefined
    readonly rejectUnauthorized: boolean
  }
  readonly proxy: string | null
  readonly headers: Readonly<Record<string, string>>
  /** Equal fingerprints may share connections: server, TLS material, proxy. Bearer tokens travel with each request. */
  readonly fingerprint: string
  readonly expiresAt: Date | null
  /** Names the kubeconfig, when it brings no CA. */
  readonly withoutCa: string | null
}

/** A kubeconfig read once: kept while its text stays, because plugins and OIDC cache their tokens in it. */
export interface LoadedConfig {
  readonly text: string
  readonly config: KubeConfig
  readonly where: string
}

const misconfigured = (message: string): { readonly trouble: Trouble } => ({
  trouble: { code: 'Misconfigured', message },
})

/** Reads and checks a kubeconfig, whose plugins then get `pluginMs`. `before` is given back when nothing changed. */
export async function loadKubeConfig(
  source: string,
  target: KubeTarget,
  before: LoadedConfig | null,
  pluginMs: number,
): Promise<Result<LoadedConfig>> {
  if (target.inCluster === true) return loadServiceAccount(source)
  const where = target.path === undefined ? `the kubeconfig data of source ${source}` : `kubeconfig ${target.path}`
  let text = target.data
  if (target.path !== undefined) {
    try {
      text = await readFile(target.path, 'utf8')
    } catch (error) {
      return misconfigured(`source ${source}: ${where} cannot be read (${String(recordOf(error).code)})`)
    }
  }
  if (text === undefined) return misconfigured(`source ${source}: kubeconfig names neither path, data nor inCluster`)
  const key = createHash('sha256').update(text).digest('hex')
  if (before?.text === key && ownsTokens(before.config)) return { value: before }
  const parsed = parseKubeConfig(text, target.path === undefined ? process.cwd() : dirname(resolve(target.path)))
  if (typeof parsed === 'string') return misconfigured(`source ${source}: ${where} ${parsed}`)
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  try {
    config.loadFromString(JSON.stringify(parsed))
  } catch (error) {
    return misconfigured(`source ${source}: ${where} is not a kubeconfig: ${sentenceOf(error)}`)
  }
  endPluginsAfter(pluginMs, config)
  const context = target.context ?? config.getCurrentContext() ?? ''
  config.setCurrentContext(context)
  const refusal = refuse(config, target, context)
  return refusal === null
    ? { value: { text: key, config, where } }
    : misconfigured(`source ${source}: ${refusal.replaceAll('%', where)}`)
}

async function loadServiceAccount(source: string): Promise<Result<LoadedConfig>> {
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  config.loadFromCluster()
  const tokenFile = String(config.getCurrentUser()?.authProvider?.config?.tokenFile)
  try {
    await access(tokenFile)
  } catch {
    return misconfigured(`source ${source}: inCluster is set, but this is no pod (${tokenFile} does not exist)`)
  }
  return { value: { text: 'inCluster', config, where: 'the service account of this pod' } }
}

const fileFields = ['certificate-authority', 'client-certificate', 'client-key', 'token-file']

/**
 * The kubeconfig as data with absolute paths, or what is wrong with it. Parsed here rather than by client-node, whose
 * messages quote the lines around a mistake (they may be keys) and whose token files are relative to the working folder.
 */
function parseKubeConfig(text: string, folder: string): object | string {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { prettyErrors: false, lineCounter })
  const [wrong] = document.errors
  if (wrong !== undefined) return `is not YAML: ${wrong.code} in line ${lineCounter.linePos(wrong.pos[0]).line}`
  const parsed: unknown = document.toJS()
  if (typeof parsed !== 'object' || parsed === null || !Array.isArray(recordOf(parsed).clusters))
    return 'is not a kubeconfig: it has no list of clusters'
  for (const list of [recordOf(parsed).clusters, recordOf(parsed).users]) {
    for (const entry of Array.isArray(list) ? list : []) {
      const body = recordOf(recordOf(entry).cluster ?? recordOf(entry).user)
      for (const field of fileFields) {
        const file = body[field]
        // Our own copy of the document, so it may be written to.
        if (typeof file === 'string' && !isAbsolute(file))
          (body as Record<string, unknown>)[field] = resolve(folder, file)
      }
    }
  }
  return parsed
}

/** A sentence with `%` for the kubeconfig when it may not or cannot be used, else null. */
function refuse(config: KubeConfig, target: KubeTarget, name: string): string | null {
  const context = config.getContextObject(name)
  if (context === null) {
    const names = config.getContexts().map((one) => one.name)
    const has = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`
    return name === '' ? `% has no current-context; name one (${has})` : `% has no context ${name}; ${has}`
  }
  const cluster = config.getCluster(context.cluster)
  if (cluster === null) return `context ${name} of % names cluster ${context.cluster}, which is not in it`
  const user = config.getCurrentUser()
  if (user === null) return `context ${name} of % names user ${context.user}, which is not in it`
  if (!URL.canParse(cluster.server) || new URL(cluster.server).protocol !== 'https:')
    return `the server of cluster ${cluster.name} in % is not an https URL`
  if (cluster.proxyUrl && !/^https?:/.test(cluster.proxyUrl))
    return `the proxy-url of cluster ${cluster.name} in % is neither http nor https`
  if (cluster.skipTLSVerify && target.insecureSkipTlsVerify !== true) {
    return `% turns TLS verification off (insecure-skip-tls-verify); give the cluster's CA instead, or say insecureSkipTlsVerify: true beside it`
  }
  if ((user.exec || user.authProvider?.config?.exec || user.authProvider?.config?.['cmd-path']) && !target.allowExec) {
    return `user ${user.name} of % runs a program for its token (exec); use a token or certificate, or say allowExec: true beside it`
  }
  return null
}

const ownsTokens = (config: KubeConfig): boolean => {
  const user = config.getCurrentUser()
  return Boolean(user?.exec || user?.authProvider)
}

/**
 * Ends a plugin that takes longer: it would be left running, and the next poll would start another beside it. client-node offers
 * no way to its processes, so the function that starts them is replaced.
 */
function endPluginsAfter(timeout: number, config: KubeConfig): void {
  for (const authenticator of [recordOf(config).authenticators].flat()) {
    if (typeof authenticator !== 'object' || authenticator === null || !('execFn' in authenticator)) continue
    authenticator.execFn = (command: string, args: readonly string[] | undefined, options: SpawnOptions) =>
      spawn(command, args ?? [], { ...options, timeout, killSignal: 'SIGKILL' })
  }
}

/** The program that gives a loaded kubeconfig's token; null where none does. */
export function pluginOf({ config }: LoadedConfig): string | null {
  const { exec, authProvider } = config.getCurrentUser() ?? {}
  const old = recordOf(authProvider?.config)
  const command = recordOf(exec).command ?? recordOf(old.exec).command ?? old['cmd-path']
  return typeof command === 'string' ? command : null
}

/** Today's credentials of a loaded kubeconfig: files are read anew, tokens refreshed, plugins run. */
export async function credentialsOf(source: string, loaded: LoadedConfig): Promise<Result<KubeCredentials>> {
  const options: RequestOptions = { headers: {} }
  try {
    await loaded.config.applyToHTTPSOptions(options)
  } catch (error) {
    const plugin = pluginOf(loaded)
    return misconfigured(
      plugin !== null
        ? `source ${source}: the program ${plugin} of ${loaded.where} gave no credential (${String(recordOf(error).code ?? 'it failed')}); run it by hand to see why`
        : `source ${source}: the credentials of ${loaded.where} cannot be read: ${sentenceOf(error)}`,
    )
  }
  const cluster = loaded.config.getCurrentCluster()
  if (cluster === null) return misconfigured(`source ${source}: ${loaded.where} has no cluster`)
  const headers = headersOf(options)
  if (headers === null) return misconfigured(`source ${source}: the token of ${loaded.where} is not one line of text`)
  const tls = {
    ca: pemOf(options.ca),
    cert: pemOf(options.cert),
    key: pemOf(options.key),
    servername: cluster.tlsServerName,
    // Said explicitly, so that NODE_TLS_REJECT_UNAUTHORIZED cannot turn it off behind our back.
    rejectUnauthorized: !cluster.skipTLSVerify,
  }
  try {
    createSecureContext(tls)
    // Node takes a CA without any certificate in it for an empty list.
    if (tls.ca !== undefined) new X509Certificate(tls.ca)
  } catch (error) {
    const code = String(recordOf(error).code)
    return misconfigured(`source ${source}: the CA or client certificate in ${loaded.where} is not valid (${code})`)
  }
  const proxy = cluster.proxyUrl ?? null
  const identity = [cluster.server, proxy, tls.servername, tls.rejectUnauthorized, tls.ca, tls.cert, tls.key]
  return {
    value: {
      server: cluster.server,
      tls,
      proxy,
      headers,
      fingerprint: createHash('sha256').update(identity.map(String).join('\0')).digest('hex'),
      expiresAt: expiryOf(headers.authorization, tls.cert),
      withoutCa: tls.ca === undefined ? loaded.where : null,
    },
  }
}

/** client-node gives a string or a Buffer; Node's type allows lists and objects as well. */
const pemOf = (value: RequestOptions['ca' | 'cert' | 'key']): string | Buffer | undefined =>
  typeof value === 'string' || Buffer.isBuffer(value) ? value : undefined

/** Lower-case request headers; null when one would not fit in a header. Token files end with a newline, so they are trimmed. */
function headersOf(options: RequestOptions): Record<string, string> | null {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(recordOf(options.headers))) {
    const text = String(value).trim()
    if (/[^\t\x20-\x7e]/.test(text)) return null
    headers[name.toLowerCase()] = text
  }
  if (typeof options.auth === 'string') headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`
  return headers
}

/** When a JWT or a client certificate ends: said beside a 401, so that nobody has to decode it. */
function expiryOf(authorization: string | undefined, cert: string | Buffer | undefined): Date | null {
  const payload = /^Bearer [\w-]+\.([\w-]+)\.[\w-]+$/.exec(authorization ?? '')?.[1]
  if (payload !== undefined) {
    try {
      const exp = recordOf(JSON.parse(Buffer.from(payload, 'base64url').toString())).exp
      return typeof exp === 'number' ? new Date(exp * 1000) : null
    } catch {
      return null // An opaque token that only looks like a JWT.
    }
  }
  return cert === undefined ? null : new Date(new X509Certificate(cert).validTo)
}

/** client-node's and the system's sentences name fields and paths, never values. */
const sentenceOf = (error: unknown): string =>
  error instanceof Error ? error.message.split('\n', 1).join('') : 'unreadable'
