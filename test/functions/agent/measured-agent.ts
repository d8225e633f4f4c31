// An agent in a process of its own, which tells what its heap holds whenever it is asked.
import { runAgent } from '../../../functions/agent/agent.ts'
import { readConfig } from '../../../functions/agent/config.ts'

const control = new AbortController()
process.on('message', () => {
  globalThis.gc?.()
  process.send?.(process.memoryUsage().heapUsed)
})
process.on('disconnect', () => control.abort())
const log = { debug: () => undefined, info: () => undefined, warn: console.error, error: console.error }
await runAgent(await readConfig(process.argv[2] ?? ''), {
  log,
  signal: control.signal,
  limits: { heartbeatMaxMs: 1_000 },
})
