import type { Db } from '../../db/client.ts'
import { pinServer } from '../../db/source.ts'
import type { Trouble } from '../../fleet/delivery.ts'
import type { Kube } from './kube.ts'
import { recordOf } from './trouble.ts'

const path = '/api/v1/namespaces/kube-system'

/**
 * Makes sure that a source still is the server it was, by the UID of its `kube-system` namespace (design.md 8.6). Trouble
 * where that cannot be told: reading a stranger would bury one cluster's objects under another's.
 */
export async function identify(db: Db, kube: Kube): Promise<Trouble | null> {
  const asked = kube.get('/version')
  const reply = await kube.get(path)
  if (reply.as === 'failure' && reply.status === 404) {
    const message = `${kube.server} has no namespace kube-system, so source ${kube.source} cannot be told from any other: is it a Kubernetes API server?`
    return { code: 'WrongServer', message }
  }
  if (reply.as === 'failure') return reply.trouble
  const uid = reply.as === 'body' ? recordOf(reply.body.metadata).uid : null
  if (typeof uid !== 'string') {
    return { code: 'BadAnswer', message: `${kube.server} answered ${path} with something that is no namespace` }
  }
  const version = await asked
  const gitVersion = version.as === 'body' ? version.body.gitVersion : null
  return pinServer(db, kube.source, uid, typeof gitVersion === 'string' ? gitVersion : null)
}
