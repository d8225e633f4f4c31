import { Refusal } from './problem.ts'

/** Room for so many at a time. */
export interface Gate {
  /** Throws Refusal 503 where there is no room: whoever sends comes back. */
  admitted<T>(act: () => Promise<T>): Promise<T>
}

const fullSeconds = 2

/** Lets so many requests in at a time: the memory that bodies take, and the connections that storing them takes, are bounded. */
export function openGate(atWorkMax: number): Gate {
  let atWork = 0
  return {
    admitted: async (act) => {
      if (atWork >= atWorkMax)
        throw new Refusal(503, 'Rollcall is busy', `${atWorkMax} requests are at work already.`, {
          retryAfterSeconds: fullSeconds,
        })
      atWork++
      try {
        return await act()
      } finally {
        atWork--
      }
    },
  }
}
