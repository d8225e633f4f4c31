import * as z from 'zod'
import { kindsSchema } from '../../fleet/configuration/kinds.ts'
import type { Trouble } from '../../fleet/delivery.ts'
import { type Kinds, kindsOf } from '../../fleet/kinds/declared.ts'
import { protocolVersion, type SessionAnswer, type SessionRequest, sessionAnswer } from '../../fleet/push/protocol.ts'
import { type Connections, openConnections } from '../sources/connections.ts'
import { FleetClock } from './clock.ts'
import { type Cluster, meetCluster, readCluster, serverOf } from './cluster.ts'
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
  let before: End | null = null
  let strangers = ''
  for (let times = 0; !signal.aborted; ) {
    const { kinds } = declared
    const begun = await persist(running, () => begin(running, kinds))
    if (begun === null) return
    const { opened, cluster } = begun
    if (opened.kindsDigest !== declared.digest) {
      declared = { kinds: declaredIn(opened, log), digest: opened.kindsDigest }
      // Which of them the API server serves is part of what opens a session.
      if (opened.kinds.length > 0 || kinds.list.length > declared.kinds.list.length) continue
    }
    // Only now are the names known that operators declared.
    if (String(cluster.strangers) !== strangers) for (const sentence of cluster.strangers) log.error({}, sentence)
    strangers = String(cluster.strangers)
    const began = performance.now()
    log.info({ source: opened.source, epoch: opened.epoch, kinds: cluster.served.length }, 'session opened')
    const end = await new Session({ ...running, ...begun, kinds: declared.kinds }).run()
    if (signal.aborted) return
    const isAgain: boolean = end === before && performance.now() - began <= limits.supersededMaxMs
    times = isAgain ? times + 1 : 0
    before = end
    await afterwards(running, end, times)
    if (!(await pause(limits.backoffFirstMs * random(), signal))) return
  }
}

/** Waits as long as the end of a session asks for, and longer where sessions before it ended so as well, `times` in a row. */
async function afterwards({ limits, random, signal, log }: Running, end: End, times: number): Promise<void> {
  if (end === 'otherServer' || end === 'stopped') return
  if (end === 'otherKinds' || end === 'otherClock') {
    // Two instances of Rollcall may have different fleet files, or clocks, for a while.
    await pause(backoffMs(times + 1, limits.backoffFirstMs, limits.backoffMaxMs, random), signal)
    return
  }
  const waitMs = backoffMs(times + 1, limits.supersededFirstMs, limits.supersededMaxMs, random)
  // Once: two that are meant to be one would fill two logs.
  if (times === 0 && end === 'superseded') {
    const sentence =
      'another sender opened a session for this source: it goes first, and this one tries again later; run only one'
    log.warn({ waitSeconds: Math.round(waitMs / 1_000) }, sentence)
  }
  await pause(waitMs, signal)
}

type Attempt<T> = { readonly value: T } | { readonly why: string; readonly retryAfterMs: number | null }

/** Tries until it succeeds; null when the agent is ended first. Says why it does not, when the reason changes. */
async function persist<T>(
  { limits, random, signal, log }: Running,
  attempt: () => Promise<Attempt<T>>,
): Promise<T | null> {
  let said = ''
  for (let n = 1; !signal.aborted; n++) {
    const result = await attempt()
    if ('value' in result) return result.value
    if (signal.aborted) break
    if (result.why !== said) log.warn({}, result.why)
    said = result.why
    const backoff = backoffMs(n, limits.backoffFirstMs, limits.backoffMaxMs, random)
    await pause(Math.max(result.retryAfterMs ?? 0, backoff), signal)
  }
  return null
}

interface Begun {
  readonly cluster: Cluster
  readonly opened: SessionAnswer
  /** Of this session alone: Rollcall's clock may have been set since the last. */
  readonly clock: FleetClock
}

/** Asks the API server who it is and what it serves, and Rollcall for a session. Both each time: an address may lead elsewhere by now. */
async function begin(running: Running, kinds: Kinds): Promise<Attempt<Begun>> {
  const learnt = await learn(running, kinds)
  if (!('value' in learnt)) return { ...learnt, why: `the API server cannot be read: ${learnt.why}` }
  const cluster = learnt.value
  const opened = await open(running, cluster)
  if (!('value' in opened)) return { ...opened, why: `no session with Rollcall: ${opened.why}` }
  return { value: { cluster, ...opened.value } }
}

async function learn({ config, limits, connections, signal }: Running, kinds: Kinds): Promise<Attempt<Cluster>> {
  // Rollcall's clock is not known yet, and nothing that is read here is dated.
  const options = { source: 'agent', limits, now: () => new Date(), signal }
  const met = await meetCluster(connections, config, options)
  if (met.trouble !== undefined) return failed(met.trouble)
  const { kube, uid } = met.value
  const cluster = await readCluster(kube, kinds, config, { uid, known: null, version: '' })
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

async function open({ receiver, agent, signal }: Running, cluster: Cluster): Promise<Attempt<Omit<Begun, 'cluster'>>> {
  const request: SessionRequest = { version: protocolVersion, agent, server: serverOf(cluster) }
  const reply = await receiver.post('/deliveries/sessions', request, signal)
  if (reply.as !== 'taken') return { why: reply.why, retryAfterMs: reply.as === 'later' ? reply.retryAfterMs : null }
  const { success, data } = openedShape.safeParse(reply.body)
  if (!success) return { why: 'it answered something else', retryAfterMs: null }
  const clock = new FleetClock()
  clock.hear(new Date(data.now))
  return { value: { opened: data, clock } }
}
