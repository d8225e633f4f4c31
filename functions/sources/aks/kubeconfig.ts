import { X509Certificate } from 'node:crypto'
import { parse } from 'yaml'
import { recordOf } from '../trouble.ts'

/** Where an API server answers, and who vouches for it. No secret. */
export interface ApiServer {
  readonly server: string
  /** PEM. */
  readonly ca: string
}

/**
 * Server and CA of the kubeconfig that ARM gives a user, and nothing else of it: its user is replaced by an Entra token
 * (azure.md 5.1). Otherwise what is wrong with it, to follow "the kubeconfig of …".
 */
export function apiServerOf(kubeconfig: string): ApiServer | string {
  const config = recordOf(parsed(kubeconfig))
  const named = (list: unknown, name: unknown) =>
    Array.isArray(list) ? list.map(recordOf).find((entry) => entry.name === name) : undefined
  const context = recordOf(named(config.contexts, config['current-context'])?.context)
  const cluster = recordOf(named(config.clusters, context.cluster)?.cluster)
  const user = recordOf(named(config.users, context.user)?.user)
  const { server } = cluster
  if (typeof server !== 'string' || !URL.canParse(server) || new URL(server).protocol !== 'https:')
    return 'names no https server'
  if (cluster['insecure-skip-tls-verify'] === true) return 'turns TLS verification off'
  // With Entra, the user is a program that asks it for a token; anything else is a secret that never ends.
  if (user.exec === undefined && user['auth-provider'] === undefined)
    return 'offers only a static credential, which Rollcall does not use: enable Entra ID on the cluster (az aks update --enable-aad), or give it a "kubeconfig" in the fleet file'
  const ca = certificateOf(cluster['certificate-authority-data'])
  return ca === null ? 'holds no CA' : { server, ca }
}

function parsed(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return null
  }
}

/** PEM of base64 of PEM; null where it is none. */
function certificateOf(data: unknown): string | null {
  const pem = typeof data === 'string' ? Buffer.from(data, 'base64').toString('utf8') : ''
  try {
    new X509Certificate(pem)
    return pem
  } catch {
    return null
  }
}
