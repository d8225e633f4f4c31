import { hash } from 'node:crypto'
import { cloudEventSaid } from '../../../fleet/push/cloud-event.ts'
import { eventGridSaid } from '../../../fleet/push/event-grid.ts'
import { fluxEventOf } from '../../../fleet/push/flux-event.ts'
import { rejected } from '../../../fleet/push/said.ts'
import { isRecord } from '../../../fleet/wire.ts'
import type { Addressed } from './take.ts'

/**
 * The events of a message of a hub: Flux's, or Azure's, one or several. The hub says who may send, not for whom: an event of Flux names its
 * source itself (`eventMetadata: { managementCluster: … }` of the Alert), and whole objects are not taken from there.
 */
export function hubEvents(message: unknown): readonly Addressed[] {
  return (Array.isArray(message) ? message : [message]).map(hubEvent)
}

function hubEvent(event: unknown): Addressed {
  if (!isRecord(event)) return { source: null, said: rejected('A message is neither of Flux nor of Azure.') }
  if (event.involvedObject === undefined) return { source: null, said: azureEventSaid(event) }
  const { said, managementCluster } = fluxEventOf(event, hash('sha256', JSON.stringify(event), 'hex'))
  if (managementCluster === null && said.as === 'hint')
    return {
      source: null,
      said: rejected('An event of Flux does not say whose it is: eventMetadata.managementCluster.'),
    }
  return { source: managementCluster, said }
}

function azureEventSaid(event: unknown) {
  const isCloudEvent = isRecord(event) && (event.specversion ?? event.specVersion) !== undefined
  return isCloudEvent ? cloudEventSaid(event) : eventGridSaid(event)
}
