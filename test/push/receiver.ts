import { gzipSync } from 'node:zlib'
import { sql } from 'drizzle-orm'
import { rowsOf, type Store } from '../../db/client.ts'
import { registerSources } from '../../db/source.ts'
import { parseFleet } from '../../fleet/configuration.ts'
import { FleetError } from '../../fleet/error.ts'
import { type DeliveryAnswer, deliveryAnswer, deliveryType } from '../../fleet/push/protocol.ts'
import type { SourceDeclaration } from '../../fleet/source.ts'
import { createApp } from '../../functions/http/app.ts'
import type { Dependencies } from '../../functions/wiring/dependencies.ts'
import { openIntake } from '../../functions/wiring/intake.ts'
import { openLog } from '../../functions/wiring/log.ts'
import { readSettings } from '../../functions/wiring/settings.ts'
import type { FakeSender, Line } from './sender.ts'

/** A clock that a test moves. */
export class FakeClock {
  #now: number

  constructor(start: Date) {
    this.#now = start.getTime()
  }

  now = (): Date => new Date(this.#now)

  pass(seconds: number): Date {
    this.#now += seconds * 1000
    return this.now()
  }
}

export const declarationOf = (id: string, over: Partial<SourceDeclaration> = {}): SourceDeclaration => ({
  id,
  type: 'managementCluster',
  parentId: null,
  polled: false,
  armId: null,
  region: null,
  labels: {},
  everyMs: 30_000,
  staleAfterMs: 90_000,
  ...over,
})

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Readonly<Record<string, unknown>>
}

/** The real app over a store; a caller is who its bearer token says. */
export function openReceiver(store: Store, clock: Pick<FakeClock, 'now'>, fleet = parseFleet({})) {
  const log = openLog({ logLevel: 'error' })
  const dependencies: Dependencies = {
    settings: readSettings({}),
    store,
    fleet,
    viewer: { name: 'local', scope: 'everything' },
    now: clock.now,
    log,
    poll: async () => ({ unfinished: false }),
    intake: openIntake({ store, fleet, now: clock.now, log }),
    close: async () => {},
  }
  const reported: unknown[] = []
  const callerOf = () => async (request: Request) => {
    const [, source] = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '') ?? []
    if (source === undefined) throw new FleetError('unauthorized', 'No token was shown.')
    return { source }
  }
  const app = createApp(async () => dependencies, callerOf)

  const post = async (path: string, body: BodyInit, headers: Readonly<Record<string, string>>): Promise<Answer> => {
    const init = { method: 'POST', body, headers, duplex: 'half' }
    const response = await app.request(path, init, { report: (error: unknown) => reported.push(error) })
    const answered: unknown = await response.json()
    return { status: response.status, headers: response.headers, body: answered as Answer['body'] }
  }
  const as = (source: string) => ({ authorization: `Bearer ${source}` })

  return {
    app,
    /** What the log would say of our own faults. */
    reported,
    post,
    register: (...declarations: readonly SourceDeclaration[]) => registerSources(store.db, declarations, clock.now()),
    open: async (sender: FakeSender): Promise<Answer> => {
      const headers = { ...as(sender.source), 'content-type': 'application/json' }
      const answer = await post('/deliveries/sessions', JSON.stringify(sender.opening()), headers)
      if (answer.status === 201) sender.opened(Number(answer.body.epoch))
      return answer
    },
    /** Posts the text of a request. */
    deliver: (source: string, text: string | Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}) =>
      post('/deliveries', text, { ...as(source), 'content-type': deliveryType, ...headers }),
    /** Says lines in a request of its own, gzip as agents do, and expects it to be taken. */
    say: async (sender: FakeSender, lines: readonly Line[]): Promise<DeliveryAnswer> => {
      const text = sender.request(clock.now(), lines)
      const headers = { ...as(sender.source), 'content-type': deliveryType, 'content-encoding': 'gzip' }
      const { status, body } = await post('/deliveries', Uint8Array.from(gzipSync(text)), headers)
      if (status !== 202) throw new Error(`${status}: ${JSON.stringify(body)}`)
      return deliveryAnswer.parse(body)
    },
    idle: async () => (await dependencies.intake.load()).derivation.idle(),
  }
}

/** Tells digests, and what is asked for, until nothing more is: what a living agent and a working network come to. Gives the requests. */
export async function exchange(
  say: (lines: readonly Line[]) => Promise<Pick<DeliveryAnswer, 'want'>>,
  sender: FakeSender,
  now: () => Date,
): Promise<number> {
  let lines: readonly Line[] = sender.digests()
  for (let requests = 1; requests <= 6; requests++) {
    const { want } = await say(lines)
    if (want.length === 0) return requests
    const repaired = want.filter(({ what }) => what !== 'buckets').map(({ kind }) => kind)
    lines = [...want.flatMap((one) => sender.wanted(one, now())), ...repaired.map((kind) => sender.digest(kind))]
  }
  throw new Error('the two do not come to agree')
}

/** What a source's living objects, if they can be read, are in the store, as `FakeCluster.told` says it. */
export async function storedIn({ db }: Store, source: string): Promise<string[]> {
  const rows = await rowsOf<{ kind: string; name: string; ready: number; uid: string }>(
    db,
    sql`select kind, name, replicas_ready as ready, uid from object where source_id = ${source} and gone_at is null and last_read_at is null`,
  )
  return rows.map(({ kind, name, ready, uid }) => `${kind} ${name} ${ready} ${uid}`).sort()
}

/** Every version of every row that content costs: equal means that nothing was written. */
export const written = ({ db }: Store) =>
  rowsOf(
    db,
    sql`select 'o' as t, id::text || xmin::text as row from object union all
      select 'c', object_id::text || type || xmin::text from condition union all
      select 'h', cursor::text from change order by 1, 2`,
  )
