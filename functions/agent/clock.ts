/** An old answer is forgotten after between one and two of these: two clocks run apart, the one by up to 50 ms in that time. */
const windowMs = 300_000

/**
 * Rollcall's clock as far as it is known here: the `now` of an answer plus what passed since, never later than the truth, because
 * answers take their time. The latest of the recent answers counts. Never goes back: an older time would lose to what was said before.
 */
export class FleetClock {
  readonly #monotonic: () => number
  /** How far Rollcall's clock is ahead of the monotonic one, in ms: the most in this window and in the one before. */
  #ahead = Number.NEGATIVE_INFINITY
  #aheadBefore = Number.NEGATIVE_INFINITY
  #windowEnd: number
  #last = Number.NEGATIVE_INFINITY

  /** `monotonic` in ms. */
  constructor(monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic
    this.#windowEnd = monotonic() + windowMs
  }

  /** Takes in the `now` of an answer that has just arrived. */
  hear(now: Date): void {
    const at = this.#monotonic()
    if (at >= this.#windowEnd) {
      this.#aheadBefore = this.#ahead
      this.#ahead = Number.NEGATIVE_INFINITY
      this.#windowEnd = at + windowMs
    }
    this.#ahead = Math.max(this.#ahead, now.getTime() - at)
  }

  /** Rollcall's time. Throws before the first answer was heard: nothing can be dated then. */
  now(): Date {
    const ahead = Math.max(this.#ahead, this.#aheadBefore)
    if (ahead === Number.NEGATIVE_INFINITY) throw new Error('no answer was heard yet')
    this.#last = Math.max(this.#last, Math.floor(this.#monotonic() + ahead))
    return new Date(this.#last)
  }
}
