import { randomBytes } from 'node:crypto'
import { pushLimits } from '../../fleet/push/protocol.ts'
import type { Figure } from './figure.ts'
import { machine } from './ingest.ts'
import { App, BenchSender, type Registered, registered } from './push-sender.ts'

const sources = ['one', 'two', 'three', 'four']
const deliveriesEach = 3
const everyMs = 5

/** Memory of the app, and how long it answers nobody else, while as many sources as it takes push bodies as large as it takes, all at once. */
export async function benchWeight(databaseUrl: string, dir: string): Promise<readonly Figure[]> {
  const known: Registered = await registered(sources)
  const app = await App.start(known, databaseUrl)
  try {
    const senders: BenchSender[] = []
    for (const source of sources) senders.push(await BenchSender.open(app, known, source, dir))
    const bodies = await Promise.all(
      senders.map(async (sender) => {
        const made: Buffer[] = []
        for (let n = 0; n < deliveriesEach; n++) made.push(await sender.body(largest(), new Date()))
        return made
      }),
    )
    const idle = await app.ask({ derives: true, idle: true })
    const asking = new AbortController()
    const waits = healthz(app.url, asking.signal)
    const start = performance.now()
    await Promise.all(
      senders.map(async (sender, n) => {
        for (const body of bodies[n] ?? []) await sender.deliver(body)
      }),
    )
    const seconds = (performance.now() - start) / 1000
    asking.abort()
    const waited = (await waits).sort((a, b) => a - b)
    const busy = await app.ask({ derives: true, idle: false })
    const mb = Math.round((busy.rssMaxBytes - idle.rssBytes) / 2 ** 20)
    const bytes = bodies.flat().reduce((sum, body) => sum + body.length, 0)
    const worst = waited.at(-1) ?? 0
    await Promise.all(senders.map((sender) => sender.close()))
    return [
      {
        what: `peak memory over idle while ${sources.length} sources push the largest bodies at once, in MB`,
        ratio: mb,
        bar: 'none promised',
        detail: `bodies of ${(bytes / sources.length / deliveriesEach / 2 ** 20).toFixed(1)} MiB, ${seconds.toFixed(1)} s`,
      },
      {
        what: 'the longest that /healthz waited meanwhile, in ms',
        ratio: worst,
        bar: 'none promised',
        detail: `median ${(waited[Math.floor(waited.length / 2)] ?? 0).toFixed(0)} ms; the event loop at most ${busy.delayMaxMs.toFixed(0)} ms`,
      },
    ]
  } finally {
    await app.stop()
  }
}

/** A delta as large as a request may be: as it travels, unpacked and in objects. */
function largest(): readonly string[] {
  const lines = [JSON.stringify({ type: 'kind', kind: 'cluster.x-k8s.io/Machine', proof: 'delta' })]
  const noise = pushLimits.bodyBytes / pushLimits.objects / 1.6
  let plain = 1024
  for (let n = 0; n < pushLimits.objects; n++) {
    const { metadata, status, ...rest } = machine(n)
    const [first, ...conditions] = status.conditions
    // Of random bytes half their hex digits remain when they are packed.
    const message = randomBytes(noise).toString('hex')
    const { managedFields: _, ...kept } = metadata
    const object = {
      ...rest,
      metadata: kept,
      status: { ...status, conditions: [{ ...first, message }, ...conditions] },
    }
    const line = JSON.stringify({ type: 'object', object })
    plain += line.length + 1
    if (plain > pushLimits.plainBytes) break
    lines.push(line)
  }
  return lines
}

/** Asks again and again; gives how long each answer took, in ms. */
async function healthz(url: string, signal: AbortSignal): Promise<number[]> {
  const waits: number[] = []
  while (!signal.aborted) {
    const start = performance.now()
    // A connection of its own each time: one that is kept may be closed just as it is used again.
    await (await fetch(`${url}/healthz`, { headers: { connection: 'close' } })).arrayBuffer()
    waits.push(performance.now() - start)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  return waits
}
