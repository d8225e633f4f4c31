import type { Destination } from '../gitops.ts'
import type { KubeObject } from '../kinds/kind.ts'
import { isRecord, record, shapeOf, text } from '../wire.ts'

/** How Cluster API calls the Secret with a cluster's kubeconfig (domain.md 2.1). */
export const kubeconfigSuffix = '-kubeconfig'

/**
 * Where a reconciler of Flux acts, as far as the API does not resolve it: a Secret that Cluster API did not name, or the ConfigMap
 * that stands for a kubeconfig without secrets (domain.md 2.5). Both are in its own namespace; neither is read. A kubeconfig that cannot
 * be read means a Secret without a name, which no cluster has: whatever it means, it is not the cluster where the object lives.
 */
export function kubeConfigDestination(object: KubeObject): Destination | undefined {
  const { ref, spec } = object
  if (kubeConfigTrouble(object) !== undefined) return { by: 'secret', value: `${ref.namespace}/` }
  const { secretRef, configMapRef } = record(spec.kubeConfig)
  const secret = text(record(secretRef).name)
  if (secret !== undefined)
    return isClusterKubeconfig(secret) ? undefined : { by: 'secret', value: `${ref.namespace}/${secret}` }
  const configMap = text(record(configMapRef).name)
  return configMap === undefined ? undefined : { by: 'configMap', value: `${ref.namespace}/${configMap}` }
}

/** Why a reconciler's kubeconfig names neither a Secret nor a ConfigMap; nothing where it does, or where there is none. */
export function kubeConfigTrouble({ spec }: KubeObject): string | undefined {
  const { kubeConfig } = spec
  if (kubeConfig === undefined || kubeConfig === null) return undefined
  if (!isRecord(kubeConfig)) return `spec.kubeConfig is ${shapeOf(kubeConfig)}, not an object`
  const { secretRef, configMapRef } = kubeConfig
  if ([secretRef, configMapRef].some((one) => text(record(one).name) !== undefined)) return undefined
  const [field, named] = configMapRef === undefined ? ['secretRef', secretRef] : ['configMapRef', configMapRef]
  if (named === undefined) return 'spec.kubeConfig names neither a Secret nor a ConfigMap'
  if (!isRecord(named)) return `spec.kubeConfig.${field} is ${shapeOf(named)}, not an object`
  return `spec.kubeConfig.${field}.name is ${named.name === '' ? 'empty' : shapeOf(named.name)}, not a name`
}

export const isClusterKubeconfig = (secret: string): boolean =>
  secret.endsWith(kubeconfigSuffix) && secret !== kubeconfigSuffix

/** Argo CD's name for the cluster it runs in. */
const home = 'in-cluster'

/**
 * Where an Argo CD Application acts; nothing where that is the cluster it lives in, where it does not say (domain.md 2.6), or where what
 * it says cannot be read.
 */
export function argoDestination(destination: unknown): Destination | undefined {
  const { server, name } = record(destination)
  const url = text(server)
  if (url !== undefined) {
    const address = serverAddress(url)
    return address === null || isHome(address) ? undefined : { by: 'server', value: address }
  }
  const named = text(name)
  return named === undefined || named === home ? undefined : { by: 'name', value: named }
}

/** So much of an address that is none is shown. */
const shownMax = 100

/**
 * `argoDestination`, and what of it cannot be read, as one sentence. Whatever an unreadable destination means, it is not the cluster
 * where the Application lives: it is told as it is written, in quotes, so that it is the address of none.
 */
export function readDestination(destination: unknown): { readonly actsAt?: Destination; readonly why?: string } {
  if (destination === undefined || destination === null) return {}
  const { server, name } = record(destination)
  const unreadable = (by: 'server' | 'name', what: string, value: string) => ({
    actsAt: { by, value },
    why: `spec.destination${isRecord(destination) ? `.${by}` : ''} is ${what}`,
  })
  if (!isRecord(destination)) return unreadable('server', `${shapeOf(destination)}, not an object`, '')
  if (text(server) === undefined && !isNothing(server))
    return unreadable('server', `${shapeOf(server)}, not a text`, '')
  const url = text(server)
  if (url !== undefined && serverAddress(url) === null) {
    const shown = quoted(url)
    return unreadable('server', `${shown}, not the address of a server`, shown)
  }
  if (url === undefined && text(name) === undefined && !isNothing(name))
    return unreadable('name', `${shapeOf(name)}, not a text`, '')
  const actsAt = argoDestination(destination)
  return actsAt === undefined ? {} : { actsAt }
}

/** How Go writes "absent". */
const isNothing = (value: unknown): boolean => value === undefined || value === null || value === ''

/** Without what may be credentials: a user before the host, and what comes after the path. */
function quoted(url: string): string {
  const place = url.replace(/^([a-z]+:\/\/)?.*@/is, '$1').replace(/[?#].*$/s, '')
  return JSON.stringify(place.slice(0, shownMax).toWellFormed())
}

/**
 * An API server's address as `host:port`, in lower case, without credentials; 443 where none is written. A path is kept, because
 * behind a proxy it tells one cluster from another. Null: it is no address.
 */
export function serverAddress(url: string): string | null {
  const parsed = URL.parse(url.includes('://') ? url.trim() : `https://${url.trim()}`)
  if (!parsed || parsed.hostname === '') return null
  const host = parsed.hostname.toLowerCase().replace(/\.$/, '')
  const port = parsed.port === '' ? (parsed.protocol === 'http:' ? '80' : '443') : parsed.port
  return `${host}:${port}${parsed.pathname.replace(/\/+$/, '')}`
}

/** Argo CD's own API server, as every cluster calls it: `https://kubernetes.default.svc` and its longer and shorter spellings. */
function isHome(address: string): boolean {
  const host = address.slice(0, address.indexOf(':'))
  return host === 'kubernetes' || host === 'kubernetes.default' || /^kubernetes\.default\.svc(\.|$)/.test(host)
}
