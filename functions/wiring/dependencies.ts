import { resolve } from 'node:path'
import { app } from '@azure/functions'
import type { Logger } from 'pino'
import { openStore, type Store } from '../../db/client.ts'
import { type Fleet, parseFleet } from '../../fleet/configuration.ts'
import type { Viewer } from '../../fleet/source.ts'
import { readFleetFile } from './fleet-file.ts'
import { type Intake, openIntake } from './intake.ts'
import { openLog } from './log.ts'
import { openPolls } from './polls.ts'
import { readSettings, refuseMissingKeys, type Settings } from './settings.ts'

/** Everything the triggers need from outside, built once per process. */
export interface Dependencies {
  readonly settings: Settings
  readonly store: Store
  readonly fleet: Fleet
  /** Who asks when no issuer is configured. */
  readonly viewer: Viewer
  readonly now: () => Date
  readonly log: Logger
  /** Reads one source; `unfinished` when work is left for another invocation. */
  readonly poll: (source: string) => Promise<{ readonly unfinished: boolean }>
  readonly intake: Intake
  /** Ends running polls early, then connections and store. */
  close(): Promise<void>
}

let build = async (): Promise<Dependencies> => open(readSettings())
let built: Promise<Dependencies> | null = null

/**
 * The process's dependencies, built at the first call. A failure is not kept: the next call tries again, because a database
 * that was away may be back. Rejects with FleetError where a setting, the fleet file or the store is the trouble.
 */
export function dependencies(): Promise<Dependencies> {
  built ??= build().then(
    (ready) => {
      app.hook.appTerminate(closeDependencies)
      return ready
    },
    (error: unknown) => {
      built = null
      throw error
    },
  )
  return built
}

/** Replaces how dependencies are built: `npm start` has flags besides the environment, tests have fakes. Before the first call. */
export function provide(other: () => Promise<Dependencies>): void {
  build = other
  built = null
}

/** Closes what was built, if anything was. */
export async function closeDependencies(): Promise<void> {
  const open = built
  built = null
  await (await open?.catch(() => null))?.close()
}

/** Opens the store and reads the fleet file. Locally the store is migrated too; in Azure that is a deliberate step (`npm run migrate`). */
export async function open(settings: Settings, fleet?: Fleet): Promise<Dependencies> {
  const log = openLog(settings)
  const read = fleet ?? (settings.fleetFile === null ? parseFleet({}) : await readFleetFile(settings.fleetFile))
  refuseMissingKeys(read.registrations, settings)
  const store = await openStore(
    settings.databaseUrl === null ? { dataDir: resolve(settings.dataDir) } : { url: settings.databaseUrl },
  )
  if (!settings.hosted) {
    await prepare(store).catch(async (error: unknown) => {
      await store.close()
      throw error
    })
  }
  const now = () => new Date()
  const polls = openPolls({ store, fleet: read, now, log })
  const intake = openIntake({ store, fleet: read, now, log })
  const close = async () => {
    await Promise.all([polls.close(), intake.close()])
    await store.close()
  }
  return {
    settings,
    store,
    fleet: read,
    viewer: { name: 'local', scope: 'everything' },
    now,
    log,
    poll: polls.poll,
    intake,
    close,
  }
}

async function prepare(store: Store): Promise<void> {
  const [{ migrateStore }, { forgetPolls }] = await Promise.all([
    import('../../db/migrate.ts'),
    import('../../db/source.ts'),
  ])
  await migrateStore(store)
  // The embedded database's folder is locked to this process, so nobody else polls from it.
  if (store.engine === 'pglite') await forgetPolls(store.db)
}
