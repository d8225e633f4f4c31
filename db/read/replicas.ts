import type { Counts } from '../../fleet/cluster.ts'
import { as, type Shape } from './shape.ts'

/** Replica counters kept as `<prefix>_desired` and so on. Null means "not reported", never 0. */
export const countsShape = (row: string, prefix: string): Shape<keyof Counts> => ({
  desired: as(`${row}.${prefix}_desired`),
  current: as(`${row}.${prefix}_current`),
  ready: as(`${row}.${prefix}_ready`),
  available: as(`${row}.${prefix}_available`),
  upToDate: as(`${row}.${prefix}_up_to_date`),
})
