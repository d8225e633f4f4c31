import type { Trouble } from '../../fleet/delivery.ts'

/** Trouble of the world is a value; only bugs throw (style.md 2.5). */
export type Result<T> =
  | { readonly value: T; readonly trouble?: undefined }
  | { readonly value?: undefined; readonly trouble: Trouble }

/** What is said of a request besides its status: enough for a sentence, nothing of its body or credentials. */
export interface Asked {
  /** `weu-prod`, the source's id. */
  readonly source: string
  /** `https://10.0.0.1:6443`. */
  readonly server: string
  /** The path, without its query: continue tokens are long and tell nobody anything. */
  readonly path: string
  /** When the credential ends, where it says so (a JWT's `exp`, a client certificate's `notAfter`). */
  readonly expiresAt: Date | null
  /** The kubeconfig, where its lack of a CA explains that the server is not trusted. */
  readonly withoutCa: string | null
}

/** The few fields of a Kubernetes `Status` that we heed. */
export interface StatusBody {
  readonly reason: string
  /** 410 only: a token that goes on in a newer snapshot. */
  readonly continue: string | null
  /** `cluster.x-k8s.io/v1beta1, Kind=Cluster`, when its conversion webhook failed: the provider is down, not the API server. */
  readonly conversion: string | null
  /** 504 or 429 after etcd was restored, or from another server: our resourceVersion lies in its future. */
  readonly fromTheFuture: boolean
}

/** Reads an error's body, which may be anything. Only words of ours leave here, and one kind's name. */
export function statusBodyOf(body: unknown): StatusBody {
  const { reason, message, metadata } = recordOf(body)
  const text = typeof message === 'string' ? message : ''
  const token = recordOf(metadata).continue
  return {
    reason: typeof reason === 'string' && /^[A-Za-z]{1,40}$/.test(reason) ? reason : '',
    continue: typeof token === 'string' && token !== '' ? token : null,
    conversion: /conversion webhook for ([\w./-]{1,120}, Kind=\w{1,80})/.exec(text)?.[1] ?? null,
    fromTheFuture: /too large resource version/i.test(text),
  }
}

/** An answer that is not 200, as what it is (design.md 8, domain.md 6). */
export function troubleOfStatus(asked: Asked, status: number, body: StatusBody, retryAfterMs: number | null): Trouble {
  const at = `${asked.server} answered ${status}${body.reason === '' ? '' : ` ${body.reason}`} to ${asked.path}`
  const later = retryAfterMs === null ? {} : { retryAfterMs }
  if (status === 401) {
    return {
      code: 'Unauthorized',
      message: `${at}: the credential of source ${asked.source} ${expiryOf(asked)}; renew it`,
    }
  }
  if (status === 403)
    return { code: 'Forbidden', message: `${at}: grant source ${asked.source} get, list and watch on it` }
  if (status === 404) return { code: 'NotInstalled', message: `${at}: it is not installed there` }
  if (status === 429 || (status === 503 && retryAfterMs !== null)) {
    return { code: 'Throttled', message: `${at}: it asks to be left alone for a while`, ...later }
  }
  if (body.conversion !== null) {
    return {
      code: 'ServerError',
      message: `${at}: the conversion webhook for ${body.conversion} failed; see whether its provider is running`,
      ...later,
    }
  }
  if (status >= 500) return { code: 'ServerError', message: `${at}: see the API server's log`, ...later }
  return { code: 'BadAnswer', message: `${at}, which the Kubernetes API does not promise` }
}

function expiryOf({ expiresAt }: Asked): string {
  return expiresAt === null ? 'is not accepted' : `is not accepted (it ends ${expiresAt.toISOString()})`
}

/** TLS refusals that a missing CA explains. */
const untrusted = new Set([
  'CERT_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** What OpenSSL makes of an answer in plain text: the letters of `HTTP/1.1` taken for a record's version and length. */
const notTls = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_UNKNOWN_PROTOCOL',
])
const notTlsText = /wrong version number|packet length too long|http request|unknown protocol/i

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name does not resolve',
  EAI_AGAIN: 'its name does not resolve at present',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_CLOSED: 'the connection was closed',
  UND_ERR_DESTROYED: 'the connection was closed',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  CERT_HAS_EXPIRED: 'TLS: its certificate has expired',
  CERT_NOT_YET_VALID: 'TLS: its certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'TLS: its certificate is for another name',
  EPROTO: 'TLS: the handshake failed',
}

const timeouts = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'])

/** A failure below HTTP. Throws what no network can cause: those are bugs. */
export function troubleOfError(asked: Asked, error: unknown): Trouble {
  const name = error instanceof Error ? error.name : ''
  const code = codeOf(error)
  if (name === 'TimeoutError' || name === 'AbortError' || timeouts.has(code)) {
    return {
      code: 'Timeout',
      message: `source ${asked.source}: ${asked.server} did not answer ${asked.path} in time; see whether it is up and reachable from here`,
    }
  }
  if (code.startsWith('Z_'))
    return { code: 'BadAnswer', message: `${asked.server} sent broken gzip for ${asked.path} (${code})` }
  if (code === '' || code.startsWith('ERR_INVALID') || code === 'UND_ERR_INVALID_ARG') throw error
  if (untrusted.has(code) && asked.withoutCa !== null) {
    return {
      code: 'Misconfigured',
      message: `source ${asked.source}: the certificate of ${asked.server} is not publicly trusted and certificate-authority-data is missing from ${asked.withoutCa}; add the cluster's CA there`,
    }
  }
  const reason = reasonOf(code, error)
  return {
    code: 'Unreachable',
    message: `source ${asked.source} cannot reach ${asked.server}: ${reason === undefined ? code : `${reason} (${code})`}`,
  }
}

function reasonOf(code: string, error: unknown): string | undefined {
  if (untrusted.has(code)) return 'TLS: its certificate is not signed by the given CA'
  if (notTls.has(code) || (code === 'EPROTO' && notTlsText.test(String(error))))
    return 'it does not speak TLS; see whether its port is one of plain HTTP'
  // Alerts and versions, before any certificate was judged.
  if (code.startsWith('ERR_SSL_')) return reasons.EPROTO
  return (
    reasons[code] ?? (/CERT|TLS|SSL|SIGNATURE/.test(code) ? 'TLS: its certificate could not be verified' : undefined)
  )
}

/** The system's or library's code of an error; the first one's, where several addresses were tried. */
function codeOf(error: unknown): string {
  const { code, cause, errors } = recordOf(error)
  if (typeof code === 'string') return code
  if (Array.isArray(errors)) return codeOf(errors[0])
  return cause === undefined || cause === null ? '' : codeOf(cause)
}

/** `Retry-After`, seconds or an HTTP date, in ms; null when absent or unreadable. */
export function retryAfterOf(header: string | null, now: Date): number | null {
  if (header === null) return null
  if (/^\d{1,6}$/.test(header)) return Number(header) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime())
}

/** An unknown value's fields; none where it is no object. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  // The cast only says that a field of an object may be asked for; each is still unknown.
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}

/** Nobody answered, or not to us: it concerns the server or our credential, not one kind. */
export const isSilence = ({ code }: Pick<Trouble, 'code'>): boolean =>
  code === 'Unreachable' || code === 'Timeout' || code === 'Unauthorized'
