import type { Draft } from './draft.ts'
import type { Site } from './site.ts'
import type { Workload } from './workload.ts'
export const fluxDrafts = (_site: Site, _w: readonly Workload[], _now: Date): readonly Draft[] => []
