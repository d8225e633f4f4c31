import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { dueSources, registerSources, takeLease } from '../../../db/source.ts'
import { parseFleet } from '../../../fleet/configuration.ts'
import { FleetError } from '../../../fleet/error.ts'
import { installCore } from '../../../functions/local/core.ts'
import {
  closeDependencies,
  type Dependencies,
  dependencies,
  open,
  provide,
} from '../../../functions/wiring/dependencies.ts'
import { openIntake } from '../../../functions/wiring/intake.ts'
import { openLog } from '../../../functions/wiring/log.ts'
import { readSettings } from '../../../functions/wiring/settings.ts'
import { openEngine } from '../../engine.ts'

installCore()
let built = 0
let closed = 0
const make = async (): Promise<Dependencies> => {
  built++
  const store = await openEngine('pglite')
  const parts = { store, fleet: parseFleet({}), now: () => new Date(), log: openLog({ logLevel: 'error' }) }
  return {
    ...parts,
    settings: readSettings({}),
    viewer: { name: 'local', scope: 'everything' },
    intake: openIntake(parts),
    poll: async () => ({ unfinished: false }),
    close: async () => {
      closed++
      await store.close()
    },
  }
}
beforeEach(() => {
  built = closed = 0
})

it('are built at the first call, once, however many ask', async () => {
  provide(make)
  expect(built).toBe(0)
  const [a, b] = await Promise.all([dependencies(), dependencies()])
  expect(a).toBe(b)
  expect(built).toBe(1)
  await closeDependencies()
  await closeDependencies()
  expect(closed).toBe(1)
})

it('are tried again after a failure, so that a database that was away may come back', async () => {
  let away = true
  provide(async () => {
    if (away) throw new FleetError('invalid', 'away')
    return make()
  })
  await expect(dependencies()).rejects.toThrow('away')
  await expect(dependencies()).rejects.toThrow('away')
  away = false
  await expect(dependencies()).resolves.toBeDefined()
  await closeDependencies()
})

it('closing what was never built does nothing', async () => {
  provide(make)
  await closeDependencies()
  expect([built, closed]).toEqual([0, 0])
})

it('open on an embedded store forgets polls that ended with the process before', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'rollcall-open-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const settings = readSettings({ ROLLCALL_DATA: dataDir, ROLLCALL_LOG: 'error' })
  const fleet = parseFleet({ managementClusters: ['asked', 'polled'].map((name) => ({ name, inCluster: true })) })
  const now = new Date()
  const first = await open(settings, fleet)
  await registerSources(
    first.store.db,
    fleet.sources.map(({ declaration }) => declaration),
    now,
  )
  expect(await dueSources(first.store.db, now)).toEqual(['asked', 'polled'])
  expect(await takeLease(first.store.db, 'polled', 'holder', now, 150_000)).not.toBeNull()
  expect(await dueSources(first.store.db, now)).toEqual([])
  await first.close()

  const second = await open(settings, fleet)
  onTestFinished(() => second.close())
  expect(await dueSources(second.store.db, now)).toEqual(['asked', 'polled'])
})

it('are not opened while a key that the fleet file names is missing', async () => {
  const push = { flux: { hmacKey: { env: 'ROLLCALL_KEY_WEU' } } }
  const fleet = parseFleet({ managementClusters: [{ name: 'weu', inCluster: true, push }] })
  await expect(open(readSettings({}), fleet)).rejects.toThrow(
    /^ROLLCALL_KEY_WEU is not set, and the fleet file names it/,
  )
})
