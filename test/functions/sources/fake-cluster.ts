import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { ServedKind } from '../../../fleet/delivery.ts'
import { openBudget, type PollLimits, pollLimits } from '../../../functions/sources/budget.ts'
import { type Connections, openConnections } from '../../../functions/sources/connections.ts'
import { type Kube, openKube } from '../../../functions/sources/kube.ts'
import type { Profile } from '../../world/api/discovery.ts'
import { Faults } from '../../world/api/fault.ts'
import type { KubeWire, Resource } from '../../world/api/object.ts'
import { type KubeServer, startKubeServer } from '../../world/api/server.ts'
import { Storage } from '../../world/api/storage.ts'

export const clusters: Resource = {
  group: 'cluster.x-k8s.io',
  kind: 'Cluster',
  plural: 'clusters',
  namespaced: true,
  versions: [{ name: 'v1beta2', storage: true }, { name: 'v1beta1' }],
}

export const machines: Resource = { ...clusters, kind: 'Machine', plural: 'machines' }

export const namespaces: Resource = {
  group: '',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
  versions: [{ name: 'v1', storage: true }],
}

/** A small API server with an empty store, for the faults a poll must survive. */
export interface FakeCluster {
  readonly server: KubeServer
  readonly storage: Storage
  readonly faults: Faults
  readonly resources: readonly Resource[]
  put(resource: Resource, name: string, more?: Readonly<Record<string, unknown>>): KubeWire
  kubeconfig(options?: KubeconfigOptions): string
}

interface KubeconfigOptions {
  /** Null leaves the CA out. */
  readonly ca?: string | null
  readonly token?: string
  readonly url?: string
  /** Lines of the cluster beyond server and CA. */
  readonly cluster?: Readonly<Record<string, unknown>>
  readonly user?: Readonly<Record<string, unknown>>
}

export async function startFakeCluster(
  options: { readonly profile?: Profile; readonly resources?: readonly Resource[]; readonly clock?: () => Date } = {},
): Promise<FakeCluster> {
  const storage = new Storage(1000)
  const faults = new Faults()
  const resources = options.resources ?? [namespaces, clusters, machines]
  const server = await startKubeServer({
    resources,
    storage,
    profile: options.profile ?? 'current',
    tokens: new Map([
      ['reader-token', 'reader'],
      ['nobody-token', 'nobody'],
    ]),
    clock: options.clock ?? (() => new Date()),
    faults,
  })
  const put = (resource: Resource, name: string, more: Readonly<Record<string, unknown>> = {}): KubeWire => {
    const version = resource.versions[0]?.name ?? 'v1'
    const before = storage.get(resource, resource.namespaced ? 'default' : '', name)
    return storage.put(resource, {
      apiVersion: resource.group === '' ? version : `${resource.group}/${version}`,
      kind: resource.kind,
      metadata: {
        name,
        ...(resource.namespaced ? { namespace: 'default' } : {}),
        uid: before?.metadata.uid ?? crypto.randomUUID(),
        generation: 1,
        creationTimestamp: '2026-01-01T00:00:00Z',
      },
      ...more,
    })
  }
  put(namespaces, 'kube-system')
  const kubeconfig = ({
    ca,
    token = 'reader-token',
    url = server.url,
    cluster,
    user,
  }: KubeconfigOptions = {}): string => {
    const authority =
      ca === null ? {} : { 'certificate-authority-data': Buffer.from(ca ?? server.certificates.ca).toString('base64') }
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'weu',
      clusters: [{ name: 'one', cluster: { server: url, ...authority, ...cluster } }],
      contexts: [{ name: 'weu', context: { cluster: 'one', user: 'one' } }],
      users: [{ name: 'one', user: user ?? { token } }],
    })
  }
  return { server, storage, faults, resources, put, kubeconfig }
}

/** A front of `cluster` that ignores what a client accepts, as some proxies and fakes do: it always answers in full. */
export async function startDeafFront({ server }: FakeCluster): Promise<{ url: string; close(): Promise<void> }> {
  const { ca, server: own } = server.certificates
  const front = createServer({ cert: own.cert, key: own.key }, (asked, answer) => {
    const headers = { ...asked.headers, accept: 'application/json' }
    const onward = request(server.url + asked.url, { method: asked.method, headers, ca, agent: false }, (given) => {
      answer.writeHead(given.statusCode ?? 502, given.headers)
      given.pipe(answer)
    })
    onward.on('error', () => answer.destroy())
    answer.on('close', () => onward.destroy())
    onward.end()
  })
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  // A TCP server's address is an object, never a pipe's name.
  const { port } = front.address() as AddressInfo
  const close = async () => {
    front.closeAllConnections()
    await new Promise((resolve) => front.close(resolve))
  }
  return { url: `https://127.0.0.1:${port}`, close }
}

export const served = (resource: Resource): ServedKind => ({
  kind: `${resource.group}/${resource.kind}`,
  version: resource.versions[0]?.name ?? 'v1',
  plural: resource.plural,
  namespaced: resource.namespaced,
  otherVersions: resource.versions.slice(1).map(({ name }) => name),
})

/** A way to a fake cluster with a budget of its own. Throws where even the kubeconfig will not do. */
export async function reach(
  connections: Connections,
  data: string,
  limits: Partial<PollLimits> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Kube> {
  const connection = await connections.connect('weu', { data })
  if (connection.trouble !== undefined) throw new Error(connection.trouble.message)
  return openKube('weu', connection.value, openBudget({ ...pollLimits, ...limits }, signal), () => new Date())
}

export const quietConnections = (): Connections => openConnections(() => undefined)

export async function all<T>(pieces: AsyncIterable<T>): Promise<readonly T[]> {
  const got: T[] = []
  for await (const piece of pieces) got.push(piece)
  return got
}
