import { z } from 'zod'
import type { CalendarEntry, SupportPlan } from '../support/calendar.ts'
import { regionKeyOf } from './kubernetes-versions.ts'

const details = z.object({
  kubernetesVersion: z.string().regex(/^\d+\.\d+/),
  eolDate: z
    .string()
    .transform((text) => text.slice(0, 10))
    .pipe(z.iso.date()),
  supportType: z.enum(['Community', 'LTS']),
  region: z.string().min(1).nullish(),
})

const event = z.object({
  location: z.string().nullish(),
  properties: z.object({ eventSource: z.literal('EOLNotification'), eventDetails: z.unknown() }),
})

const planOf: Readonly<Record<'Community' | 'LTS', SupportPlan>> = { Community: 'standard', LTS: 'lts' }

/**
 * Support dates out of AKS end-of-support notifications, rows of Resource Graph's `containerserviceeventresources` (azure.md 4.3).
 * Every cluster has events of its own; of those that differ on a date the latest counts. Other events, and what cannot be read, say
 * nothing.
 */
export function readNotifications(rows: readonly unknown[], now: Date): CalendarEntry[] {
  const entries = new Map<string, CalendarEntry>()
  for (const row of rows) {
    const entry = entryOf(row, now)
    if (entry === null) continue
    const key = `${entry.minor} ${entry.plan} ${entry.region}`
    if ((entries.get(key)?.endsAt ?? '') < (entry.endsAt ?? '')) entries.set(key, entry)
  }
  return [...entries.values()]
}

function entryOf(row: unknown, now: Date): CalendarEntry | null {
  const { data: told } = event.safeParse(row)
  const { data: end } = details.safeParse(objectOf(told?.properties.eventDetails))
  const region = end?.region ?? told?.location
  if (end === undefined || !region) return null
  const [minor = ''] = /^\d+\.\d+/.exec(end.kubernetesVersion) ?? []
  return {
    calendar: 'aks',
    minor,
    plan: planOf[end.supportType],
    region: regionKeyOf(region),
    availableAt: null,
    endsAt: end.eolDate,
    origin: 'notification',
    source: `Azure end-of-support notification, region ${regionKeyOf(region)}`,
    asOf: now.toISOString().slice(0, 10),
  }
}

/** It may come as JSON in a text. */
function objectOf(value: unknown): unknown {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return null
  }
}
