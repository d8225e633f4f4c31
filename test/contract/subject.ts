import type { Answer, Client } from './client.ts'

/** An API server under test, real or pretended. It serves clusters.cluster.x-k8s.io in v1beta2 (stored) and v1beta1 (deprecated). */
export interface Subject {
  readonly admin: Client
  /** Known, and without any rights. */
  readonly nobody: Client
  /** A token the server does not know. */
  readonly stranger: Client
  /** Continue tokens of before die. */
  compact(): Promise<void>
  /** The watch cache forgets every older resourceVersion. */
  restart(): Promise<void>
}

export const group = '/apis/cluster.x-k8s.io'
export const everywhere = `${group}/v1beta2/clusters`

/** A namespace of its own for each test, so that none sees another's objects. */
export class Room {
  readonly path: string
  readonly #admin: Client

  constructor(admin: Client, namespace: string) {
    this.#admin = admin
    this.path = `${group}/v1beta2/namespaces/${namespace}/clusters`
  }

  static async open(subject: Subject, namespace: string): Promise<Room> {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
    await subject.admin.call('POST', '/api/v1/namespaces', { body })
    return new Room(subject.admin, namespace)
  }

  create(name: string, metadata: object = {}): Promise<Answer> {
    const spec = { paused: false, controlPlaneEndpoint: { host: `${name}.example`, port: 6443 } }
    const body = { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', metadata: { name, ...metadata }, spec }
    return this.#admin.call('POST', this.path, { body })
  }

  patch(name: string, body: object, subresource = ''): Promise<Answer> {
    return this.#admin.call('PATCH', `${this.path}/${name}${subresource}`, {
      body,
      type: 'application/merge-patch+json',
    })
  }

  delete(name: string): Promise<Answer> {
    return this.#admin.call('DELETE', `${this.path}/${name}`)
  }

  list(query: Readonly<Record<string, string | number>> = {}, client = this.#admin): Promise<Answer> {
    return client.get(`${this.path}${queryOf(query)}`)
  }

  watch(query: Readonly<Record<string, string | number | boolean>>, begun?: () => void) {
    return this.#admin.watch(`${this.path}${queryOf({ watch: 1, ...query })}`, begun)
  }

  /** The resourceVersion of a LIST: a cursor to watch from. */
  async cursor(): Promise<string> {
    return (await this.list()).json.metadata.resourceVersion
  }
}

function queryOf(query: Readonly<Record<string, string | number | boolean>>): string {
  const entries = Object.entries(query).map(([key, value]) => [key, String(value)])
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries)}`
}

export const namesOf = (answer: Answer): readonly string[] =>
  answer.json.items.map((item: { metadata: { name: string } }) => item.metadata.name)
