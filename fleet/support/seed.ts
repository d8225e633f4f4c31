import type { CalendarEntry } from './calendar.ts'
import { aksSeed } from './seed/aks.ts'
import { eksSeed } from './seed/eks.ts'
import { gkeSeed } from './seed/gke.ts'
import { upstreamSeed } from './seed/upstream.ts'

/** The dates known when this was written; every other origin goes before them (fleet/support/resolve.ts). */
export const seedCalendar: readonly CalendarEntry[] = [...aksSeed, ...eksSeed, ...gkeSeed, ...upstreamSeed]
