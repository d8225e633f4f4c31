// The functions that agents call, on the local host, in a process of its own (`fork(push-app.ts, [fleet file as JSON])`, DATABASE_URL set): what
// it takes of CPU and memory is the receiver's, and of nobody else. Says where it answers, and then, to every message, what it has used.
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseFleet } from '../../fleet/configuration.ts'
import { installCore } from '../../functions/local/core.ts'
import { startHost } from '../../functions/local/host.ts'
import { readHostJson } from '../../functions/local/host-json.ts'
import { memoryQueues } from '../../functions/local/queue.ts'
import { open, provide } from '../../functions/wiring/dependencies.ts'
import { register } from '../../functions/wiring/register.ts'
import { readSettings } from '../../functions/wiring/settings.ts'

/** What the app has used so far. */
export interface Usage {
  readonly cpuMs: number
  readonly rssBytes: number
  /** The most since the process began. */
  readonly rssMaxBytes: number
  /** The longest time that nothing else could be done, since the question before. */
  readonly delayMaxMs: number
}

/** Whether what is derived follows what is delivered, as it does; `idle`: the answer comes when nothing of it is under way. */
export interface Ask {
  readonly derives: boolean
  readonly idle: boolean
}

const root = join(import.meta.dirname, '../..')

installCore() // Before the first use of @azure/functions, which asks for it once.
const fleet = parseFleet(JSON.parse(process.argv[2] ?? ''))
const ready = await open(readSettings({ DATABASE_URL: process.env.DATABASE_URL, ROLLCALL_LOG: 'warn' }), fleet)
await register(ready.store.db, fleet, ready.now())
const { kinds, kindsDigest, derivation } = await ready.intake.load()
let derives = true
const ask = () => {
  if (derives) derivation.ask()
}
const loaded = Promise.resolve({ kinds, kindsDigest, derivation: { ...derivation, ask } })
provide(async () => ({ ...ready, intake: { ...ready.intake, load: () => loaded } }))

const host = await startHost({
  entries: ['deliveries', 'health'].map((name) => join(root, 'functions', `${name}.ts`)),
  numbers: await readHostJson(join(root, 'host.json')),
  host: '127.0.0.1',
  port: 0,
  openQueue: memoryQueues(),
  log: (level, fn, message) => level === 'error' && console.error(fn, message),
  trouble: (what, error) => console.error(what, error),
})
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()

process.on('message', async (asked: Ask) => {
  derives = asked.derives
  if (asked.idle) await derivation.idle()
  const { user, system } = process.cpuUsage()
  const usage: Usage = {
    cpuMs: (user + system) / 1000,
    rssBytes: process.memoryUsage.rss(),
    rssMaxBytes: process.resourceUsage().maxRSS * 1024,
    delayMaxMs: delay.max / 1e6,
  }
  delay.reset()
  process.send?.(usage)
})
process.once('disconnect', async () => {
  await host.stop()
  process.exit(0)
})
process.send?.(host.url)
