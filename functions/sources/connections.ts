import { buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici'
import type { ClusterId } from '../../fleet/azure/cluster-id.ts'
import type { Trouble } from '../../fleet/delivery.ts'
import type { KubeTarget } from '../../fleet/target.ts'
import type { ApiServer } from './aks/kubeconfig.ts'
import { aksCredentialsOf, askApiServer } from './aks/login.ts'
import type { AzureLine } from './azure/line.ts'
import { pollLimits } from './budget.ts'
import { credentialsOf, type KubeCredentials, type LoadedConfig, loadKubeConfig, pluginOf } from './kube-config.ts'
import type { Result } from './trouble.ts'

/** Connections that outlive a poll: one pool per source, kept while server and credentials stay the same. */
export interface Connections {
  /** Today's credentials of a source, and its pool. Reads files, refreshes tokens, runs plugins that are allowed. */
  connect(source: string, target: KubeTarget): Promise<Result<Connection>>
  /**
   * The same of an AKS cluster. Where its API server is, ARM is asked once (`anew`: again, because it may have moved or have another
   * CA); a new token needs no new connection.
   */
  connectAks(line: AzureLine, cluster: ClusterId, options?: { readonly anew: boolean }): Promise<Result<Connection>>
  /** Begins anew at the next poll: plugins are asked again (after a 401), connections opened again (after silence). */
  forget(source: string): void
  close(): Promise<void>
}

export interface Connection {
  readonly credentials: KubeCredentials
  readonly pool: Dispatcher
  /** Hears what the server warns of (`Warning: 299`): versions that will go away, mostly. */
  readonly heed: (warning: string) => void
}

interface KeptPool {
  readonly fingerprint: string
  readonly pool: Dispatcher
  /** When a poll last took it, in ms of the monotonic clock. */
  usedAt: number
}

/** With HTTP/2, which every API server offers, one connection carries all of a poll's requests; this many where a proxy speaks HTTP/1 only. */
const connectionsOfPoll = 50
/**
 * Longer than the usual minute between two polls, shorter than the patience with idle connections of API servers (90 s and more)
 * and of the NATs between (minutes): these forget in silence, and a poll would wait on a dead connection.
 */
const keepAliveMs = 80_000

/** Different warnings logged by one process; servers could invent new ones for ever. */
const warningsMax = 1_000

/** `say` hears once per start and source that TLS verification is off (`warn`), and what servers warn of (`info`: it is for their owners). */
export function openConnections(
  say: (message: string, level: 'warn' | 'info') => void,
  credentialsMs: number = pollLimits.credentialsMs,
  connectionsMax: number = connectionsOfPoll,
): Connections {
  const configs = new Map<string, LoadedConfig>()
  const apiServers = new Map<string, ApiServer>()
  const pools = new Map<string, KeptPool>()
  const warned = new Set<string>()

  function sayOnce(message: string, level: 'warn' | 'info'): void {
    if (warned.has(message) || warned.size >= warningsMax) return
    warned.add(message)
    say(message, level)
  }

  function poolOf(source: string, credentials: KubeCredentials): Dispatcher {
    const kept = pools.get(source)
    const idleMs = performance.now() - (kept?.usedAt ?? 0)
    if (kept?.fingerprint === credentials.fingerprint && idleMs < keepAliveMs) {
      kept.usedAt = performance.now()
      return kept.pool
    }
    // Ends when its last request has: another poll may still use it.
    void kept?.pool.close()
    const pool = openPool(credentials, connectionsMax)
    pools.set(source, { fingerprint: credentials.fingerprint, pool, usedAt: performance.now() })
    return pool
  }

  async function connect(source: string, target: KubeTarget): Promise<Result<Connection>> {
    const loaded = await loadKubeConfig(source, target, configs.get(source) ?? null, credentialsMs)
    if (loaded.trouble !== undefined) return loaded
    configs.set(source, loaded.value)
    const credentials = await credentialsOf(source, loaded.value)
    if (credentials.trouble !== undefined) return credentials
    const { server, tls } = credentials.value
    if (!tls.rejectUnauthorized) {
      sayOnce(
        `source ${source}: TLS verification is off (insecureSkipTlsVerify); anyone between here and ${server} can read and change what it says`,
        'warn',
      )
    }
    return { value: connectionOf(source, credentials.value) }
  }

  async function connectAks(
    line: AzureLine,
    cluster: ClusterId,
    { anew } = { anew: false },
  ): Promise<Result<Connection>> {
    const kept = anew ? undefined : apiServers.get(cluster.key)
    const apiServer = kept === undefined ? await askApiServer(line, cluster) : { value: kept }
    if (apiServer.trouble !== undefined) return apiServer
    apiServers.set(cluster.key, apiServer.value)
    const credentials = await aksCredentialsOf(line, apiServer.value)
    if (credentials.trouble !== undefined) return credentials
    return { value: connectionOf(line.source, credentials.value) }
  }

  function connectionOf(source: string, credentials: KubeCredentials): Connection {
    const heed = (warning: string) => sayOnce(`source ${source}: ${credentials.server} warns: ${warning}`, 'info')
    return { credentials, pool: poolOf(source, credentials), heed }
  }

  return {
    connect: async (source, target) => {
      const late = Promise.withResolvers<Result<never>>()
      const timer = setTimeout(
        () => late.resolve({ trouble: lateTrouble(source, configs.get(source) ?? null, credentialsMs) }),
        credentialsMs,
      )
      try {
        return await Promise.race([connect(source, target), late.promise])
      } finally {
        clearTimeout(timer)
      }
    },
    connectAks,
    forget: (source) => {
      configs.delete(source)
      void pools.get(source)?.pool.close()
      pools.delete(source)
    },
    close: async () => {
      await Promise.all([...pools.values()].map(({ pool }) => pool.destroy()))
      pools.clear()
    },
  }
}

/** Of a plugin that asks a person for a password, say, or an identity provider that does not answer. */
function lateTrouble(source: string, loaded: LoadedConfig | null, afterMs: number): Trouble {
  const plugin = loaded === null ? null : pluginOf(loaded)
  const within = `within ${afterMs / 1000} s`
  if (plugin === null) {
    const message = `source ${source}: ${loaded?.where ?? 'its kubeconfig'} gave no credential ${within}; see whether its files and its identity provider can be reached from here`
    return { code: 'Timeout', message }
  }
  const message = `source ${source}: the program ${plugin} of ${loaded?.where} gave no credential ${within}; run it by hand: it may be waiting for an answer`
  return { code: 'Misconfigured', message }
}

function openPool({ server, tls, proxy }: KubeCredentials, connectionsMax: number): Dispatcher {
  const { origin } = new URL(server)
  const timeouts = {
    // Every request has its own deadline; these would only cut watches short.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    connections: connectionsMax,
  }
  if (proxy !== null) {
    // A ProxyAgent routes by origin, so requests are bound to the server here.
    const agent = new ProxyAgent({ uri: proxy, requestTls: tls, ...timeouts })
    return agent.compose((dispatch) => (options, handler) => dispatch({ ...options, origin }, handler))
  }
  return new Pool(origin, {
    ...timeouts,
    connect: buildConnector({ ...tls, preferH2: true, timeout: pollLimits.connectMs }),
  })
}
