import { instant, isRecord, list, record, text } from '../wire.ts'
import { type ArmAbout, idCharsMax, nothing, rejected, type Said } from './said.ts'

/** What AKS says of a cluster (azure.md 6.1). Each means: read it again. None tells enough to be believed by itself. */
const aksTypes: ReadonlySet<string> = new Set(
  [
    ...['NewKubernetesVersionAvailable', 'ClusterSupportEnding', 'ClusterSupportEnded'],
    ...['NodePoolRollingStarted', 'NodePoolRollingSucceeded', 'NodePoolRollingFailed'],
  ].map((name) => `microsoft.containerservice.${name.toLowerCase()}`),
)

/** By which Event Grid asks whether an address wants its events. */
const validationType = 'Microsoft.EventGrid.SubscriptionValidationEvent'

/**
 * Reads one event in Event Grid's own schema or as a CloudEvent: both are delivered to the same addresses, and which one a subscription
 * decides. Total. Unknown types are nothing: a refusal would hold up the events behind it.
 */
export function eventGridSaid(value: unknown): Said {
  if (!isRecord(value)) return rejected('An event is not a JSON object.')
  const id = text(value.id)
  const type = text(value.eventType) ?? text(value.type)
  if (id === undefined || id.length > idCharsMax) return rejected('An event has no "id", or one that is too long.')
  if (type === undefined || type.length > idCharsMax) return rejected('An event has no "eventType" or "type".')
  const place = text(value.topic) ?? text(value.source)
  return azureSaid(id, type, place, instant(value.eventTime ?? value.time) ?? null)
}

/** What an event of Azure's is worth, by its type and the ARM id of what sent it. */
export function azureSaid(id: string, type: string, place: string | undefined, at: string | null): Said {
  if (!aksTypes.has(type.toLowerCase())) return nothing('Events of this type are not read.')
  const about = armAboutOf(place ?? '')
  if (about === null)
    return rejected('An event does not say which cluster it is about: no ARM id in its topic or source.')
  return {
    as: 'hint',
    id: `azure ${about.armId} ${id}`,
    about,
    at,
    why: `Azure: ${type.slice(type.lastIndexOf('.') + 1)}`,
  }
}

/** Ids come with slashes missing and in any case; the subscription is all that must be read of one. */
const armIdForm = /^\/?subscriptions\/([^/\s\p{C}]{1,90})(?:\/[^\s\p{C}]*)?$/iu
const armIdCharsMax = 1024

function armAboutOf(place: string): ArmAbout | null {
  if (place.length > armIdCharsMax) return null
  const id = place.trim().replace(/\/$/, '').toLowerCase()
  const subscription = armIdForm.exec(id)?.[1]
  if (subscription === undefined) return null
  return { by: 'arm', armId: id.startsWith('/') ? id : `/${id}`, subscription }
}

/**
 * The code that must be given back when Event Grid asks whether it may send (azure.md 6.2); null when it does not ask. The address it
 * offers beside the code is never called: anybody could name one.
 */
export function validationCodeOf(value: unknown): string | null {
  const [event, ...others] = list(value)
  const { eventType, data } = record(event)
  if (others.length > 0 || eventType !== validationType) return null
  const code = text(record(data).validationCode)
  return code !== undefined && /^[!-~]{1,200}$/.test(code) ? code : null
}
