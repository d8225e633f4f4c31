import { readFileSync } from 'node:fs'
import type { PoolConfig } from 'pg'
import { FleetError } from '../fleet/error.ts'

const connectMs = 10_000
/** Asked of the client, not of the server: a pooler in transaction mode refuses such start parameters (azure.md 9.2). */
const queryMs = 120_000
/** Failovers, revoked roles and new credentials take effect within this time (azure.md 9.1). */
const lifetimeSeconds = 1800

/**
 * Pool settings for a `postgres://` URL. `sslmode` is read here, because the driver's own reading of it is in flux:
 * `disable` = no TLS, `no-verify` = TLS without verification (only where the URL says so), every other mode = verified TLS.
 * @throws FleetError `invalid` for what is no PostgreSQL URL; the message never holds the password.
 */
export function postgresConfig(text: string, max: number): PoolConfig {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !['postgres:', 'postgresql:'].includes(url.protocol)) {
    throw new FleetError(
      'invalid',
      'DATABASE_URL: not a PostgreSQL URL, e.g. postgres://user:password@host:5432/rollcall',
    )
  }
  const ssl = sslOf(url)
  const port = url.port === '' ? 5432 : Number(url.port)
  return {
    host: url.searchParams.get('host') ?? (url.hostname === '' ? 'localhost' : url.hostname.replace(/^\[|\]$/g, '')),
    port,
    ...(url.username === '' ? {} : { user: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    ...(url.pathname.length > 1 ? { database: decodeURIComponent(url.pathname.slice(1)) } : {}),
    ...(ssl === undefined ? {} : { ssl }),
    application_name: url.searchParams.get('application_name') ?? 'rollcall',
    max,
    connectionTimeoutMillis: connectMs,
    query_timeout: queryMs,
    maxLifetimeSeconds: lifetimeSeconds,
    keepAlive: true,
    // A transaction's statements go out without waiting for each other's answers; a failed one fails those after it.
    pipeline: true,
  }
}

function sslOf(url: URL): PoolConfig['ssl'] {
  const mode = url.searchParams.get('sslmode')
  if (mode === null) return undefined
  if (mode === 'disable') return false
  if (mode === 'no-verify') return { rejectUnauthorized: false }
  const ca = url.searchParams.get('sslrootcert')
  return { rejectUnauthorized: true, ...(ca && ca !== 'system' ? { ca: readFileSync(ca, 'utf8') } : {}) }
}

/** `host:port/database`, for messages. */
export const serverOf = ({ host, port, database }: PoolConfig): string =>
  `${host}:${port}${database ? `/${database}` : ''}`
