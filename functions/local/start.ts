import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Fleet } from '../../fleet/configuration.ts'
import { FleetError } from '../../fleet/error.ts'
import { closeDependencies, dependencies, open, provide } from '../wiring/dependencies.ts'
import { fleetOfKubeconfig, readFleetFile } from '../wiring/fleet-file.ts'
import { readSettings, type Settings } from '../wiring/settings.ts'
import { runCommand } from './command.ts'
import { installCore } from './core.ts'
import { type LocalHost, startHost } from './host.ts'
import { readHostJson } from './host-json.ts'
import { memoryQueues, QueueAway, storageQueues } from './queue.ts'
import { type SimulatedFleet, startSimulatedFleet } from './simulated-fleet.ts'

const root = join(import.meta.dirname, '../..')
const triggers = ['tick', 'poll', 'graphql', 'health', 'deliveries', 'events', 'event-grid', 'event-hub'].map((name) =>
  join(root, 'functions', `${name}.ts`),
)
const sourcesNamedMax = 8
const orphanCheckMs = 1000

const help = `Rollcall on this machine: polls a fleet and answers GraphQL about it.

npm start                          a simulated fleet: four management clusters and an Azure
npm start -- --fleet FILE          the fleet that FILE describes (or set ROLLCALL_FLEET)
npm start -- --kubeconfig FILE     every context of FILE is a management cluster
             --port NUMBER         default 7071 (or set PORT)

Other settings are environment variables: DATABASE_URL, ROLLCALL_DATA, AzureWebJobsStorage, ROLLCALL_LOG (README, "Settings").`

/** Where the fleet comes from, in words for a person. */
interface Chosen {
  readonly fleet: Fleet
  readonly origin: string
  readonly simulated: SimulatedFleet | null
}

await runCommand(async () => {
  const flags = readFlags(process.argv.slice(2))
  if (flags.help) return console.info(help)
  const settings = readSettings({
    ...process.env,
    ...(flags.port && { PORT: flags.port }),
    ...(flags.fleet && { ROLLCALL_FLEET: flags.fleet }),
  })
  const chosen = await chooseFleet(settings, flags.kubeconfig)
  // A store of its own, so that a real fleet never finds simulated clusters in it.
  const dataDir = resolve(settings.dataDir, ...(chosen.simulated ? ['simulated'] : []))
  installCore() // Before the first use of @azure/functions, which asks for it once.
  provide(() => open({ ...settings, dataDir }, chosen.fleet))
  try {
    const { log } = await dependencies()
    const host = await startHost({
      entries: triggers,
      numbers: await readHostJson(join(root, 'host.json')),
      host: settings.host,
      port: settings.port,
      openQueue:
        settings.storage === null ? memoryQueues() : storageQueues(settings.storage, (sentence) => log.warn(sentence)),
      log: (level, fn, message) => log[levelOf(level)]({ function: fn }, message),
      trouble: (what, error) => {
        if (!(error instanceof QueueAway)) log.error({ err: error }, what)
      },
    })
    greet(host, settings, dataDir, chosen)
    stopOnSignal(host, chosen.simulated)
  } catch (error) {
    chosen.simulated?.stop()
    await closeDependencies()
    throw error
  }
})

function readFlags(argv: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args: [...argv],
      options: { fleet: text, kubeconfig: text, port: text, help: { type: 'boolean', short: 'h' } },
    }).values
  } catch (error) {
    const problem = error instanceof Error ? error.message.split('. ')[0] : String(error)
    throw new FleetError(
      'invalid',
      `${problem}; the flags are --fleet FILE, --kubeconfig FILE, --port NUMBER and --help.`,
      { cause: error },
    )
  }
}

async function chooseFleet(settings: Settings, kubeconfig: string | undefined): Promise<Chosen> {
  if (kubeconfig !== undefined && settings.fleetFile !== null) {
    throw new FleetError(
      'invalid',
      'Both a fleet file and --kubeconfig are given; keep one of them (the fleet file comes from --fleet or ROLLCALL_FLEET).',
    )
  }
  if (kubeconfig !== undefined)
    return { fleet: await fleetOfKubeconfig(kubeconfig), origin: kubeconfig, simulated: null }
  if (settings.fleetFile !== null)
    return { fleet: await readFleetFile(settings.fleetFile), origin: settings.fleetFile, simulated: null }
  const simulated = await startSimulatedFleet()
  // Where @azure/identity looks for them; those of the person's own Azure have no business there.
  Object.assign(process.env, simulated.environment)
  return {
    fleet: await readFleetFile(simulated.fleetFile),
    origin: `a simulated fleet, ${simulated.fleetFile} (--fleet FILE or --kubeconfig FILE for yours)`,
    simulated,
  }
}

/** What a person needs to go on. */
function greet(host: LocalHost, settings: Settings, dataDir: string, { fleet, origin }: Chosen): void {
  // What another source reads along with itself is that one's; one that is only pushed to us is a source as well.
  const ids = fleet.sources.flatMap(({ declaration: { id, parentId } }) => (parentId === null ? [id] : []))
  const more = ids.length > sourcesNamedMax ? ` and ${ids.length - sourcesNamedMax} more` : ''
  const whom =
    settings.issuer === null
      ? 'to this machine only'
      : 'to nobody yet: ROLLCALL_ISSUER is set, and this version cannot check its tokens'
  console.info(`Rollcall answers at ${host.url}/graphql (in a browser: GraphiQL), ${whom}.
  sources  ${ids.length}: ${ids.slice(0, sourcesNamedMax).join(', ') || 'none'}${more}
  from     ${origin}
  data     ${settings.databaseUrl === null ? dataDir : 'the database of DATABASE_URL'}
  queue    ${settings.storage === null ? 'in this process' : 'the storage account of AzureWebJobsStorage'}
  stop     Ctrl-C`)
}

/** The first signal ends gracefully; a second one at once. */
function stopOnSignal(host: LocalHost, simulated: SimulatedFleet | null): void {
  let stopping = false
  const end = async () => {
    if (stopping) process.exit(130)
    stopping = true
    await host.stop()
    simulated?.stop()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end())
  // Who ends npm means us, but the shell between does not hand the signal on.
  const { ppid: parent } = process
  const orphaned = () => process.ppid !== parent && !stopping && void end()
  if (process.env.npm_lifecycle_event === 'start') setInterval(orphaned, orphanCheckMs).unref()
}

function levelOf(level: string): 'trace' | 'debug' | 'info' | 'warn' | 'error' {
  if (level === 'information') return 'info'
  if (level === 'warning') return 'warn'
  return level === 'trace' || level === 'debug' ? level : 'error'
}
