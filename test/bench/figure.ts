/** One line of `npm run bench`. A ratio of two things measured in turn in one run: absolute times of a shared machine say little. */
export interface Figure {
  readonly what: string
  /** Median over the rounds. */
  readonly ratio: number
  /** What the project promises, as shown to a person: `≤ 1.0`, `≥ 0.6`. */
  readonly bar: string
  readonly detail: string
}

export const medianOf = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)]
  if (middle === undefined) throw new Error('nothing was measured')
  return sorted.length % 2 === 1 ? middle : (middle + (sorted[sorted.length / 2 - 1] ?? middle)) / 2
}

/** What `npm run bench` shows of a benchmark. */
export function show(figures: readonly Figure[]): void {
  for (const { what, ratio, bar, detail } of figures) {
    console.info(`${what}: ${ratio < 0.1 ? ratio.toFixed(4) : ratio.toFixed(2)} (${bar}; ${detail})`)
  }
}
