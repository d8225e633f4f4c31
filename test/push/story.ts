import { sql } from 'drizzle-orm'
import { rowsOf, type Store } from '../../db/client.ts'
import { at } from '../db/wire.ts'
import { clear } from '../engine.ts'
import { deployments, FakeCluster, machineSets } from './cluster.ts'
import { declarationOf, FakeClock, openReceiver, storedIn } from './receiver.ts'
import { FakeSender, type Line } from './sender.ts'

export type Story = Awaited<ReturnType<typeof begin>>

/** An empty store with one source, `weu`, in whose cluster a sender has just opened a session. */
export async function begin(store: Store) {
  await clear(store)
  const clock = new FakeClock(at(0))
  const receiver = openReceiver(store, clock)
  const cluster = new FakeCluster('uid-of-weu')
  const sender = new FakeSender('weu', cluster)
  await receiver.register(declarationOf('weu'))
  for (const name of ['a', 'b', 'c']) cluster.put(deployments, name, 3, clock.now())
  cluster.put(machineSets, 'a-1', 3, clock.now())
  const opened = await receiver.open(sender)
  const say = (lines: readonly Line[]) => receiver.say(sender, lines)
  return {
    clock,
    receiver,
    cluster,
    sender,
    opened,
    say,
    readAll: () => say(cluster.kinds.flatMap((kind) => sender.reading(kind, clock.now()).flat())),
    deliver: (text: string) => receiver.deliver('weu', text),
    stored: () => storedIn(store, 'weu'),
    sourceOf: async () =>
      (
        await rowsOf<Record<string, unknown>>(
          store.db,
          sql`select trouble_code, trouble_message, trouble_at, last_success_at, consecutive_failures as failures from source where id = 'weu'`,
        )
      )[0],
    readingOf: async (kind: string): Promise<Readonly<Record<string, unknown>>> => {
      const reading = sql`select * from reading where source_id = 'weu' and kind = ${kind}`
      return (await rowsOf<Record<string, unknown>>(store.db, reading))[0] ?? {}
    },
  }
}
