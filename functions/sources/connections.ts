import { buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici'
import { pollLimits } from './budget.ts'
import type { Catalogues } from './discovery.ts'
import {
  credentialsOf,
  type KubeCredentials,
  type KubeTarget,
  type LoadedConfig,
  loadKubeConfig,
} from './kube-config.ts'
import type { Result } from './trouble.ts'

/** Connections that outlive a poll: one pool per source, kept while server and credentials stay the same. */
export interface Connections {
  /** Today's credentials of a source, and its pool. Reads files, refreshes tokens, runs plugins that are allowed. */
  connect(source: string, target: KubeTarget): Promise<Result<Connection>>
  /** What servers said they serve. */
  readonly catalogues: Catalogues
  /** Begins anew at the next poll: plugins are asked again (after a 401), connections opened again (after silence). */
  forget(source: string): void
  close(): Promise<void>
}

interface Connection {
  readonly credentials: KubeCredentials
  readonly pool: Dispatcher
}

interface KeptPool {
  readonly fingerprint: string
  readonly pool: Dispatcher
  /** When a poll last took it, in ms of the monotonic clock. */
  usedAt: number
}

/** With HTTP/2, which every API server offers, one connection carries all of a poll's requests; this many where a proxy speaks HTTP/1 only. */
const connectionsMax = 50
/**
 * Longer than the usual minute between two polls, shorter than the patience with idle connections of API servers (90 s and more)
 * and of the NATs between (minutes): these forget in silence, and a poll would wait on a dead connection.
 */
const keepAliveMs = 80_000

/** `warn` hears, once per start and source, that TLS verification is off. */
export function openConnections(warn: (message: string) => void): Connections {
  const configs = new Map<string, LoadedConfig>()
  const pools = new Map<string, KeptPool>()
  const warned = new Set<string>()

  function poolOf(source: string, credentials: KubeCredentials): Dispatcher {
    const kept = pools.get(source)
    const idleMs = performance.now() - (kept?.usedAt ?? 0)
    if (kept?.fingerprint === credentials.fingerprint && idleMs < keepAliveMs) {
      kept.usedAt = performance.now()
      return kept.pool
    }
    // Ends when its last request has: another poll may still use it.
    void kept?.pool.close()
    const pool = openPool(credentials)
    pools.set(source, { fingerprint: credentials.fingerprint, pool, usedAt: performance.now() })
    return pool
  }

  return {
    catalogues: new Map(),
    async connect(source, target) {
      const loaded = await loadKubeConfig(source, target, configs.get(source) ?? null)
      if (loaded.trouble !== undefined) return loaded
      configs.set(source, loaded.value)
      const credentials = await credentialsOf(source, loaded.value)
      if (credentials.trouble !== undefined) return credentials
      if (!credentials.value.tls.rejectUnauthorized && !warned.has(source)) {
        warned.add(source)
        warn(
          `source ${source}: TLS verification is off (insecureSkipTlsVerify); anyone between here and ${credentials.value.server} can read and change what it says`,
        )
      }
      return { value: { credentials: credentials.value, pool: poolOf(source, credentials.value) } }
    },
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

function openPool({ server, tls, proxy }: KubeCredentials): Dispatcher {
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
