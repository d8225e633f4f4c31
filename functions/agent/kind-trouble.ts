import type { Trouble, TroubleCode } from '../../fleet/delivery.ts'
import type { TroubleLine } from '../../fleet/push/protocol.ts'
import type { KindKey } from '../../fleet/reference.ts'
import type { Log } from './sender.ts'

const messageMax = 1_000

interface OfKind {
  readonly kind: KindKey
  readonly trouble: Trouble | null
}

/** The lines of kinds that cannot be read. `ofAll`: why nothing can be proven of any, which holds where a kind has no trouble of its own. */
export function troubleLines(kinds: readonly OfKind[], ofAll: Trouble | null): readonly string[] {
  return kinds.flatMap(({ kind, trouble: own }) => {
    const trouble = own ?? ofAll
    if (trouble === null) return []
    const message = trouble.message.slice(0, messageMax).toWellFormed()
    const line: TroubleLine = { type: 'trouble', kind, code: trouble.code, message }
    return [JSON.stringify(line)]
  })
}

/** What no kind has for itself: the API server, or the way to it, is in trouble. */
const ofServer: ReadonlySet<TroubleCode> = new Set(['Unreachable', 'Timeout', 'Unauthorized', 'Misconfigured'])

/** Logs the trouble of kinds. What is the whole server's is said once, and not by each of fifty kinds. */
export class TroubleLog {
  readonly #log: Log
  /** The kinds that meet trouble of the server's at present. */
  readonly #standing = new Map<KindKey, TroubleCode>()

  constructor(log: Log) {
    this.#log = log
  }

  /** Hears that the trouble of a kind is another one; null: it can be read again. */
  note(kind: KindKey, trouble: Trouble | null): void {
    const isKnown = trouble !== null && [...this.#standing.values()].includes(trouble.code)
    const wasStanding = this.#standing.delete(kind)
    if (trouble !== null) {
      if (ofServer.has(trouble.code)) this.#standing.set(kind, trouble.code)
      this.#log[isKnown ? 'debug' : 'warn']({ kind, code: trouble.code }, trouble.message)
    } else if (!wasStanding) this.#log.info({ kind }, `${kind} can be read again`)
    else if (this.#standing.size === 0) this.#log.info({}, 'the API server can be read again')
  }

  /** Hears that a kind is no longer read. */
  forget(kind: KindKey): void {
    this.#standing.delete(kind)
  }
}
