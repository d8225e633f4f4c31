import type { CalendarName } from './calendar.ts'

const own: Readonly<Record<string, CalendarName>> = { aks: 'aks', eks: 'eks', gke: 'gke' }

/** OpenShift has versions and dates of its own, which no calendar here holds. */
const openShift: readonly string[] = ['rosa', 'aro', 'openshift', 'hypershift']

/**
 * Whose calendar a cluster follows, by its provider (`aks`, `eks`, `azure`, `vsphere` …). Whoever runs a control plane himself,
 * on whatever infrastructure, follows upstream: the AKS calendar says nothing of a self-managed cluster in Azure (azure.md 4.4).
 */
export function calendarNameOf(provider: string | null): CalendarName | null {
  const name = provider?.toLowerCase() ?? ''
  if (name === '' || openShift.includes(name)) return null
  return own[name] ?? 'upstream'
}
