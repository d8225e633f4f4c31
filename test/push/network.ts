import type { Db, Store } from '../../db/client.ts'
import { openSession } from '../../db/push/session.ts'
import { FleetError } from '../../fleet/error.ts'
import { BodyReader } from '../../fleet/push/body.ts'
import { Refusal } from '../../functions/http/problem.ts'
import { type Received, receive, takeServer } from '../../functions/push/receive.ts'
import { type Declared, declarations } from './declared.ts'
import type { FakeClock } from './receiver.ts'
import type { FakeSender, Line } from './sender.ts'
import { type Said, saidIn, type Truth } from './truth.ts'

/** What becomes of a request on its way. A number: the process that takes it dies before it asks the database so many things. */
export type Fate = 'taken' | 'lost' | 'twice' | 'unheard' | 'late' | 'again' | 'cut' | 'garbled' | number

type Heard = Received['answer']

/** For so long at most a process that died keeps the turn of a source. */
const turnSeconds = 31

/** The way between the senders of a source and its receiver, which may be another process for every request. */
export class Network {
  /** Which fleet file the receiver runs with. */
  declared: Declared = declarations[0]
  readonly #store: Store
  readonly #clock: FakeClock
  readonly #truth: Truth
  readonly #underWay: (() => Promise<unknown>)[] = []
  #pollsUnderWay = new Set<() => Promise<unknown>>()

  constructor(store: Store, clock: FakeClock, truth: Truth) {
    this.#store = store
    this.#clock = clock
    this.#truth = truth
  }

  /** Starts the receiver anew with the other fleet file. What its polls were about to store is lost with it. */
  redeclare(): void {
    this.declared = declarations[this.declared === declarations[0] ? 1 : 0]
    this.#pollsUnderWay = new Set()
  }

  /** Gives out a session; the sender may not hear of it. */
  async open(sender: FakeSender, isHeard = true): Promise<void> {
    const { kinds } = this.declared
    await takeServer({ db: this.#store.db, now: this.#clock.now, kinds }, sender.source, sender.server())
    const epoch = await openSession(this.#store.db, sender, this.#clock.now())
    if (isHeard) sender.opened(epoch, kinds)
  }

  /** Sends a request; null when no answer comes back, or one that ended the session. */
  async send(sender: FakeSender, lines: readonly Line[], fate: Fate): Promise<Heard | null> {
    const said = fate === 'garbled' ? [] : saidIn(sender, lines)
    const whole = sender.request(this.#clock.now(), lines)
    const text = fate === 'garbled' ? garbled(whole) : whole
    const arrive = (db?: Db) => this.#arrive(sender.source, text, said, db)
    if (fate === 'lost') return null
    if (fate === 'late' || fate === 'again') this.#underWay.push(() => arrive().catch(heard))
    if (fate === 'late') return null
    if (fate === 'cut')
      for (const part of cuts(text)) await this.#arrive(sender.source, part, []).then(neverTaken, cutOff)
    if (typeof fate === 'number') {
      const died = await arrive(dyingDb(this.#store.db, fate)).then(() => false, hasDied)
      if (died) this.#clock.pass(turnSeconds)
    }
    try {
      if (fate === 'unheard') await arrive()
      const answer = await arrive()
      // Also where it was heard before: then all of it is on disk.
      this.#truth.accepted(said)
      if (fate === 'twice') await arrive()
      // What the receiver reads by now is told with the next session.
      if (sender.kinds !== this.declared.kinds) await this.open(sender)
      return answer
    } catch (error) {
      heard(error)
      await this.open(sender)
      return null
    }
  }

  /** A poll's delivery that is stored when something late comes. */
  delay(store: () => Promise<unknown>): void {
    this.#pollsUnderWay.add(store)
    const polls = this.#pollsUnderWay
    this.#underWay.push(async () => {
      if (polls === this.#pollsUnderWay) await store()
    })
  }

  /** Takes what was sent last off the way: call it for it to come. */
  latest = (): (() => Promise<unknown>) | undefined => this.#underWay.pop()

  async arrival(newest: boolean): Promise<void> {
    await (newest ? this.latest() : this.#underWay.shift())?.()
  }

  async arriveAll(): Promise<void> {
    for (const arrive of this.#underWay.splice(0)) await arrive()
  }

  async #arrive(source: string, text: string, said: readonly Said[], db: Db = this.#store.db): Promise<Heard> {
    const reader = new BodyReader()
    for (const line of text.split('\n').filter((one) => one !== '')) reader.take(Buffer.from(line))
    const { answer } = await receive({ db, now: this.#clock.now, kinds: this.declared.kinds }, source, reader.end())
    if (!answer.duplicate) this.#truth.accepted(said)
    return answer
  }
}

/** With one object spoilt on the way, if it has any. */
const garbled = (text: string): string => text.replace(/\n\{"type":"object",.*\n/, '\n{"type":"object","obj\n')

/** Early, in the middle, and with nothing missing but the tail. */
const cuts = (text: string): string[] => [
  text.slice(0, 20),
  text.slice(0, text.length * 0.7),
  text.slice(0, text.lastIndexOf('\n{"type":"tail"') + 1),
]

class Died extends Error {}

/** A database as a process sees it that dies before it asks so many things of it. What it did until then is done. */
function dyingDb(db: Db, after: number): Db {
  let left = after
  return new Proxy(db, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...given: readonly unknown[]) => {
        if (left-- <= 0) throw new Died()
        return Reflect.apply(member, target, given)
      }
    },
  })
}

/** Whether it was death, and not an answer. */
function hasDied(error: unknown): boolean {
  if (error instanceof Died) return true
  heard(error)
  return false
}

/** A session that is over is an answer like any other. */
function heard(error: unknown): void {
  if (!(error instanceof Refusal) || error.status !== 409) throw error
}

function neverTaken(): never {
  throw new Error('a request that was cut off was taken')
}

function cutOff(error: unknown): void {
  if (!(error instanceof FleetError) || error.code !== 'invalid') throw error
}
