import type { Dispatcher } from 'undici'
import { type Connections, openConnections } from '../../functions/sources/connections.ts'

/** Writes to an API server as its administrator. */
export interface Writer {
  create(path: string, object: object): Promise<void>
  /** A JSON merge patch; with `/status` at the end of the path, of the status. */
  patch(path: string, patch: object): Promise<void>
  delete(path: string): Promise<void>
  /** Every object of a list, in one answer. */
  list(path: string): Promise<{ readonly items: readonly unknown[]; readonly resourceVersion: string }>
  close(): Promise<void>
}

export async function openWriter(kubeconfig: string): Promise<Writer> {
  const connections: Connections = openConnections(() => undefined)
  const connection = await connections.connect('admin', { path: kubeconfig })
  if (connection.trouble !== undefined) throw new Error(connection.trouble.message)
  const { pool, credentials } = connection.value
  const ask = async (method: Dispatcher.HttpMethod, path: string, body: object | null, type = 'application/json') => {
    const headers = { ...credentials.headers, 'content-type': type }
    const send = () => pool.request({ method, path, headers, body: body === null ? null : JSON.stringify(body) })
    // A kept connection to a server that was restarted is dead.
    const answer = await send().catch(send)
    const text = await answer.body.text()
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`)
    return text
  }
  return {
    create: async (path, object) => void (await ask('POST', path, object)),
    patch: async (path, patch) => void (await ask('PATCH', path, patch, 'application/merge-patch+json')),
    delete: async (path) => void (await ask('DELETE', path, null)),
    list: async (path) => {
      const list = JSON.parse(await ask('GET', path, null))
      return { items: list.items, resourceVersion: list.metadata.resourceVersion }
    },
    close: () => connections.close(),
  }
}
