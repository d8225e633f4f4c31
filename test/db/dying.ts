import type { Db } from '../../db/client.ts'

class Killed extends Error {}

/** A process that is killed before it begins another transaction. */
export function dying(db: Db, transactions: number): Db {
  let left = transactions
  return new Proxy(db, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      if (name === 'transaction' && left-- <= 0) throw new Killed()
      return value.bind(target)
    },
  })
}

export async function survives(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (error instanceof Killed) return false
    throw error
  }
}
