import * as z from 'zod'
import { kindsSchema } from '../../fleet/configuration/kinds.ts'
import type { Trouble } from '../../fleet/delivery.ts'
import { type Kinds, kindsOf } from '../../fleet/kinds/declared.ts'
import { protocolVersion, type SessionAnswer, type SessionRequest, sessionAnswer } from '../../fleet/push/protocol.ts'
import { type Connections, openConnections } from '../sources/connections.ts'
import { FleetClock } from './clock.ts'
import { type Cluster, identityOf, reachCluster, readCluster, serverOf } from './cluster.ts'
import type { AgentConfig } from './config.ts'
import { type AgentLimits, agentLimits } from './limits.ts'
import { backoffMs, pause } from './pause.ts'
import { openReceiver, type Receiver } from './receiver.ts'
import type { Log } from './sender.ts'
import { type End, Session } from './session.ts'

export interface AgentOptions {
  readonly log: Log
  /** Ends the agent. */
  readonly signal: AbortSignal
  /** Name and version, as Rollcall shows them. */
  readonly agent?: string
  readonly limits?: Partial<AgentLimits>
  /** From 0 to 1, for jitter. */
  readonly random?: () => number
}

interface Running {
  readonly config: AgentConfig
  readonly limits: AgentLimits
  readonly clock: FleetClock
  readonly receiver: Receiver
  readonly connections: Connections
  readonly agent: string
  readonly log: Log
  readonly random: () => number
  readonly signal: AbortSignal
}

/** Later releases may answer more. */
const openedShape = z.object(sessionAnswer.shape)

/** Reads one API server and pushes what it finds to Rollcall, session after session, until `signal` ends it. */
export async function runAgent(config: AgentConfig, options: AgentOptions): Promise<void> {
  const { log, signal, agent = 'rollcall-agent', random = Math.random } = options
  const limits = { ...agentLimits, ...options.limits }
  const receiver = await openReceiver(config, limits)
  const connections = openConnections(
    (message, level) => log[level]({}, message),
    limits.credentialsMs,
    limits.connections,
  )
  const running: Running = {
    config,
    limits,
    clock: new FleetClock(),
    receiver,
    connections,
    agent,
    log,
    random,
    signal,
  }
  try {
    await runSessions(running)
  } finally {
    await Promise.all([receiver.close(), connections.close()])
  }
}

async function runSessions(running: Running): Promise<void> {
  const { limits, random, signal, log } = running
  let declared = { kinds: kindsOf([]), digest: '' }
  for (let lost = 0; !signal.aborted; ) {
    const { kinds } = declared
    const cluster = await persist(running, 'the API server cannot be read', () => learn(running, kinds))
    if (cluster === null) return
    const opened = await persist(running, 'no session with Rollcall', () => open(running, cluster))
    if (opened === null) return
    if (opened.kindsDigest !== declared.digest) {
      declared = { kinds: declaredIn(opened, log), digest: opened.kindsDigest }
      // Which of them the API server serves is part of what opens a session.
      if (opened.kinds.length > 0 || kinds.list.length > declared.kinds.list.length) continue
    }
    const began = performance.now()
    log.info({ source: opened.source, epoch: opened.epoch, kinds: cluster.served.length }, 'session opened')
    const end = await new Session({ ...running, opened, kinds: declared.kinds, cluster }).run()
    if (signal.aborted) return
    if (performance.now() - began > limits.supersededMaxMs) lost = 0
    lost = await afterwards(running, end, lost)
    if (!(await pause(limits.backoffFirstMs * random(), signal))) return
  }
}

/** Waits as long as the end of a session asks for. Gives how many in a row were lost to another sender, or refused. */
async function afterwards({ limits, random, signal, log }: Running, end: End, lost: number): Promise<number> {
  if (end === 'otherServer' || end === 'otherKinds' || end === 'stopped') return 0
  const waitMs = backoffMs(lost + 1, limits.supersededFirstMs, limits.supersededMaxMs, random)
  // Once: two that are meant to be one would fill two logs.
  if (lost === 0 && end === 'superseded') {
    const sentence =
      'another sender opened a session for this source: it goes first, and this one tries again later; run only one'
    log.warn({ waitSeconds: Math.round(waitMs / 1_000) }, sentence)
  }
  await pause(waitMs, signal)
  return lost + 1
}

/** Tries until it succeeds; null when the agent is ended first. Says why it does not, when the reason changes. */
async function persist<T>(
  { limits, random, signal, log }: Running,
  what: string,
  attempt: () => Promise<{ readonly value: T } | { readonly why: string; readonly retryAfterMs: number | null }>,
): Promise<T | null> {
  let said = ''
  for (let n = 1; !signal.aborted; n++) {
    const result = await attempt()
    if ('value' in result) return result.value
    if (signal.aborted) break
    if (result.why !== said) log.warn({}, `${what}: ${result.why}`)
    said = result.why
    const backoff = backoffMs(n, limits.backoffFirstMs, limits.backoffMaxMs, random)
    await pause(Math.max(result.retryAfterMs ?? 0, backoff), signal)
  }
  return null
}

async function learn({ config, limits, connections, signal }: Running, kinds: Kinds) {
  // Rollcall's clock is not known yet, and nothing that is read here is dated.
  const options = { source: 'agent', limits, now: () => new Date(), signal }
  const kube = await reachCluster(connections, config, options)
  if (kube.trouble !== undefined) return failed(kube.trouble)
  const uid = await identityOf(kube.value)
  if (uid.trouble !== undefined) return failed(uid.trouble)
  const cluster = await readCluster(kube.value, kinds, config, { uid: uid.value, known: null })
  // Its age is by our own clock, which says nothing by Rollcall's.
  return cluster.trouble === undefined ? { value: { ...cluster.value, known: null } } : failed(cluster.trouble)
}

/** Rollcall's own kinds and those that operators declared there. One that a newer Rollcall would understand is left out. */
function declaredIn({ kinds }: SessionAnswer, log: Log): Kinds {
  const understood = kinds.flatMap((one, at) => {
    const { success, data, error } = kindsSchema.safeParse([one])
    if (!success) log.warn({ issue: error.issues[0]?.message }, `kinds[${at}] of the fleet file is not understood here`)
    return data ?? []
  })
  return kindsOf(understood)
}

const failed = ({ message, retryAfterMs }: Trouble) => ({ why: message, retryAfterMs: retryAfterMs ?? null })

async function open({ receiver, clock, agent, signal }: Running, cluster: Cluster) {
  const request: SessionRequest = { version: protocolVersion, agent, server: serverOf(cluster) }
  const reply = await receiver.post('/deliveries/sessions', request, signal)
  if (reply.as !== 'taken') return { why: reply.why, retryAfterMs: reply.as === 'later' ? reply.retryAfterMs : null }
  const { success, data } = openedShape.safeParse(reply.body)
  if (!success) return { why: 'it answered something else', retryAfterMs: null }
  clock.hear(new Date(data.now))
  const value: SessionAnswer = data
  return { value }
}
