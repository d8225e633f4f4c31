/**
 * Ways in which a server can go wrong, on demand. `on` limits a fault to one kind (`clusters.cluster.x-k8s.io`),
 * `times` to so many requests.
 */
export type Fault = { readonly on?: string; readonly times?: number } & (
  | /** Takes requests and never answers. */ { readonly fault: 'silent' }
  | /** Nobody listens: connection refused. */ { readonly fault: 'refused' }
  | { readonly fault: 'slow'; readonly ms: number }
  | /** The connection drops in the middle of an answer. */ { readonly fault: 'reset' }
  | /** The answer ends early, as if it were whole. */ { readonly fault: 'truncated' }
  | /** Every page of a list names a further one. */ { readonly fault: 'endless' }
  | /** One object of every list is this large. */ { readonly fault: 'huge'; readonly bytes: number }
  | /** A proxy's login page instead of JSON. */ { readonly fault: 'wrong' }
  | /** The credential is no longer taken. */ { readonly fault: 'expired' }
  | { readonly fault: 'throttled'; readonly retryAfterSeconds: number }
  | { readonly fault: 'error'; readonly code: 500 | 502 | 503; readonly message?: string }
  | /** The provider that converts this kind's versions is down. */ { readonly fault: 'conversion' }
  | { readonly fault: 'forbidden'; readonly verbs?: readonly string[] }
  | /** The past is gone: as HTTP 410, or (watch) as an ERROR event in an answer of 200. */ {
      readonly fault: 'gone'
      readonly as: 'http' | 'event'
    }
)

/** The faults of one server. */
export class Faults<F extends AnyFault = Fault> {
  readonly #faults = new Map<F, number>()

  add(fault: F): void {
    this.#faults.set(fault, fault.times ?? Number.POSITIVE_INFINITY)
  }

  /** Removes what matches; without an argument, everything. */
  clear(matches: (fault: F) => boolean = () => true): void {
    for (const fault of [...this.#faults.keys()]) if (matches(fault)) this.#faults.delete(fault)
  }

  has(name: F['fault']): boolean {
    return [...this.#faults.keys()].some((fault) => fault.fault === name)
  }

  /** The first fault of that name that concerns one of `targets`, counted as used. */
  take<N extends F['fault']>(name: N, ...targets: readonly (string | null)[]): Extract<F, { fault: N }> | null {
    for (const [fault, left] of this.#faults) {
      if (fault.fault !== name || (fault.on !== undefined && !targets.includes(fault.on))) continue
      if (left <= 1) this.#faults.delete(fault)
      else this.#faults.set(fault, left - 1)
      // Its name was compared just above.
      return fault as Extract<F, { fault: N }>
    }
    return null
  }
}

interface AnyFault {
  readonly fault: string
  readonly on?: string
  readonly times?: number
}
