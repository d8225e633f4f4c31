// A fake cluster, a fake Rollcall and an agent between them, for stories.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAgent } from '../../../functions/agent/agent.ts'
import { parseConfig } from '../../../functions/agent/config.ts'
import type { AgentLimits } from '../../../functions/agent/limits.ts'

/** Everything quickly: pauses of a story are pauses of the agent. */
const quick: Partial<AgentLimits> = {
  flushMs: 10,
  backoffFirstMs: 20,
  backoffMaxMs: 100,
  heartbeatMinMs: 10,
  supersededFirstMs: 100,
  steadyMs: 50,
  patienceMs: 0,
  requestMs: 2_000,
  watchGraceMs: 300,
}

export interface RunningAgent {
  readonly folder: string
  readonly logged: { readonly level: string; readonly message: string }[]
  stop(): Promise<void>
}

export interface Story {
  readonly url: string
  readonly kubeconfig: string
  readonly limits?: Partial<AgentLimits>
  /** Lines of the configuration beyond where things are. */
  readonly more?: object
  /** Further files beside the configuration, by name. */
  readonly files?: Readonly<Record<string, string>>
  readonly heartbeatMs?: number
}

/** Runs an agent in this process until `stop`. */
export async function startAgent({
  url,
  kubeconfig,
  limits = {},
  more = {},
  files = {},
  heartbeatMs = 100,
}: Story): Promise<RunningAgent> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-agent-'))
  for (const [name, content] of Object.entries({ kubeconfig, token: 'first-token\n', ...files }))
    await writeFile(join(folder, name), content)
  const text = JSON.stringify({ server: url, tokenFile: 'token', kubeconfig: { path: 'kubeconfig' }, ...more })
  const control = new AbortController()
  const logged: { level: string; message: string }[] = []
  const say = (level: string) => (_: object, message: string) => void logged.push({ level, message })
  const log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }
  const done = runAgent(parseConfig(text, join(folder, 'agent.yaml')), {
    log,
    signal: control.signal,
    limits: { ...quick, heartbeatMaxMs: heartbeatMs, ...limits },
  })
  const stop = async () => {
    control.abort()
    await done
    await rm(folder, { recursive: true })
  }
  return { folder, logged, stop }
}
