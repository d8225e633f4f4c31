import type { ServedKind, Trouble } from '../../fleet/delivery.ts'
import type { Kinds } from '../../fleet/kinds/declared.ts'
import type { Server } from '../../fleet/push/protocol.ts'
import { type KindKey, kindKeyOf } from '../../fleet/reference.ts'
import { openBudget } from '../sources/budget.ts'
import type { Connections } from '../sources/connections.ts'
import { discover, type Known } from '../sources/discovery.ts'
import { type Kube, openKube } from '../sources/kube.ts'
import { isSilence, type Result, recordOf } from '../sources/trouble.ts'
import type { AgentConfig } from './config.ts'
import { strangersIn } from './kind-names.ts'
import type { AgentLimits } from './limits.ts'

/** What the API server is and serves. */
export interface Cluster {
  readonly uid: string
  readonly version: string
  readonly served: readonly ServedKind[]
  readonly troubled: readonly { readonly kind: KindKey; readonly trouble: Trouble }[]
  /** A sentence for each name in the configuration that no kind has; none while discovery has holes. */
  readonly strangers: readonly string[]
  /** What to ask discovery with the next time. */
  readonly known: Known | null
}

/** The same as Rollcall is told. */
export const serverOf = ({ uid, version, served }: Cluster): Server => ({
  uid,
  version,
  kinds: served.map((one) => ({ ...one, otherVersions: [...one.otherVersions] })),
})

/** Opens the way to the API server, with today's credentials. */
export async function reachCluster(
  connections: Connections,
  { kube }: AgentConfig,
  options: {
    /** Names us in messages. */
    readonly source: string
    readonly limits: AgentLimits
    readonly now: () => Date
    readonly signal: AbortSignal
  },
): Promise<Result<Kube>> {
  const { source, limits, now, signal } = options
  const connection = await connections.connect(source, kube)
  if (connection.trouble !== undefined) return connection
  return { value: openKube(source, connection.value, openBudget(limits, signal), now) }
}

/**
 * The same, and which server answers. An answer also proves that the way to it is open; after silence it is opened anew, and where the
 * credential is not taken, a program that gave it is asked again.
 */
export async function meetCluster(...way: Parameters<typeof reachCluster>): Promise<Result<Met>> {
  const [connections, , { source, signal }] = way
  const kube = await reachCluster(...way)
  if (kube.trouble !== undefined) return kube
  const uid = await identityOf(kube.value)
  if (uid.trouble === undefined) return { value: { kube: kube.value, uid: uid.value } }
  if (isSilence(uid.trouble) && !signal.aborted) connections.forget(source)
  return uid
}

interface Met {
  readonly kube: Kube
  /** Of its namespace kube-system. */
  readonly uid: string
}

const identityPath = '/api/v1/namespaces/kube-system'

async function identityOf(kube: Kube): Promise<Result<string>> {
  const reply = await kube.get(identityPath)
  if (reply.as === 'failure') return { trouble: reply.trouble }
  const uid = reply.as === 'body' ? recordOf(reply.body.metadata).uid : null
  if (typeof uid === 'string' && uid !== '') return { value: uid }
  return {
    trouble: {
      code: 'BadAnswer',
      message: `${kube.server} answered ${identityPath} with something that is no namespace`,
    },
  }
}

/** Asks an API server what it serves of the kinds that are read. `uid` says which server it is; `version` stays where it does not say it. */
export async function readCluster(
  kube: Kube,
  { list }: Kinds,
  { file, kinds }: Pick<AgentConfig, 'file' | 'kinds'>,
  { uid, known, version }: Pick<Cluster, 'uid' | 'known' | 'version'>,
): Promise<Result<Cluster>> {
  const discovered = await discover(kube, list, known, kube.now())
  if (discovered.trouble !== undefined) return discovered
  const asked = await kube.get('/version')
  const gitVersion = asked.as === 'body' ? asked.body.gitVersion : null
  const { served, troubled, discovery } = discovered.value
  const isRead = ({ kind }: { readonly kind: KindKey }) => (kinds.only?.has(kind) ?? true) && !kinds.except.has(kind)
  const named = new Set([...list.map(kindKeyOf), ...served.map(({ kind }) => kind)])
  return {
    value: {
      uid,
      version: typeof gitVersion === 'string' ? gitVersion : version,
      served: served.filter(isRead),
      troubled: troubled.filter(isRead),
      strangers: discovery === null ? [] : strangersIn({ file, kinds }, named),
      known: discovery === null ? null : { discovery, served },
    },
  }
}
