import { instant, isRecord, record, text, type Wire } from '../wire.ts'
import { azureSaid } from './event-grid.ts'
import { aboutOf, eachOf, idCharsMax, jsonOf, rejected, type Said } from './said.ts'

// CloudEvents 1.0 over HTTP, and what Knative's ApiServerSource says with them (domain.md 5.2).

/** A request that brings events. */
export interface EventRequest {
  /** By name in lower case. */
  readonly header: (name: string) => string | null
  readonly body: string
}

/** Events of one request at most: each whole object is a transaction. */
const cloudEventsMax = 500

/** `add` of a full object, `update` of a reference … */
const knativeForm = /^dev\.knative\.apiserver\.(resource|ref)\.(add|update|delete)$/

/**
 * Reads the events of a request: binary (in headers and body), structured, or a batch. Total.
 * @returns a sentence where the request as a whole is of no use.
 */
export function cloudEventsSaid({ header, body }: EventRequest): readonly Said[] | string {
  const type = header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (!type.startsWith('application/cloudevents')) return binarySaid(type, header, body)
  if (type !== 'application/cloudevents+json' && type !== 'application/cloudevents-batch+json')
    return 'CloudEvents are read as JSON: application/cloudevents+json, application/cloudevents-batch+json.'
  const read = jsonOf(body)
  if ('why' in read) return read.why
  const isBatch = type === 'application/cloudevents-batch+json'
  if (isBatch !== Array.isArray(read.value))
    return isBatch ? 'A batch of CloudEvents is a JSON list.' : 'A structured CloudEvent is a JSON object.'
  if (Array.isArray(read.value) && read.value.length > cloudEventsMax)
    return `A batch has at most ${cloudEventsMax} events.`
  return eachOf(read.value, cloudEventSaid)
}

/** Reads one event in the JSON format. Total. */
export function cloudEventSaid(value: unknown): Said {
  if (!isRecord(value)) return rejected('An event is not a JSON object.')
  // Azure's own documentation writes one of the two in two ways.
  const attributes = { ...value, specversion: value.specversion ?? value.specVersion }
  return saidOf(attributes, value.data ?? decoded(value.data_base64))
}

function decoded(base64: unknown): unknown {
  const bytes = text(base64)
  if (bytes === undefined) return undefined
  const read = jsonOf(Buffer.from(bytes, 'base64').toString('utf8'))
  return 'why' in read ? undefined : read.value
}

const attributeNames = ['specversion', 'id', 'type', 'source', 'time', 'kind', 'name', 'namespace', 'apiversion']

function binarySaid(type: string, header: EventRequest['header'], body: string): readonly Said[] | string {
  if (header('ce-specversion') === null)
    return 'This is no CloudEvent: neither its content type nor a header ce-specversion says so.'
  const attributes: Record<string, unknown> = {}
  for (const name of attributeNames) attributes[name] = percentDecoded(header(`ce-${name}`))
  const isJson = type === '' || type === 'application/json' || type.endsWith('+json')
  if (!isJson || body === '') return [saidOf(attributes, undefined)]
  const read = jsonOf(body)
  return 'why' in read ? read.why : [saidOf(attributes, read.value)]
}

/** Headers carry what is not printable ASCII percent-encoded. */
function percentDecoded(value: string | null): string | undefined {
  if (!value?.includes('%')) return value ?? undefined
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

function saidOf(attributes: Wire, data: unknown): Said {
  const [id, type, source] = [attributes.id, attributes.type, attributes.source].map(text)
  if (!/^1\./.test(text(attributes.specversion) ?? '')) return rejected('An event is not of specversion 1.0.')
  if (id === undefined || type === undefined || source === undefined)
    return rejected('An event lacks "id", "source" or "type".')
  if ([id, type, source].some(({ length }) => length > idCharsMax))
    return rejected(`The "id", "source" or "type" of an event is longer than ${idCharsMax} characters.`)
  const at = instant(attributes.time) ?? null
  const [, mode, verb] = knativeForm.exec(type) ?? []
  // One schema of Event Grid's; who sends which to where is its subscription's business.
  if (mode === undefined) return azureSaid(id, type, source, at)
  return knativeSaid({ id: `${source} ${id}`, at, isWhole: mode === 'resource', verb: verb ?? '' }, attributes, data)
}

interface Knative {
  readonly id: string
  readonly at: string | null
  readonly isWhole: boolean
  readonly verb: string
}

/**
 * The extensions say what an event is about. Its subject does not: it guesses plurals. A whole object without a time is a hint, since
 * nobody could tell what it is older than.
 */
function knativeSaid({ id, at, isWhole, verb }: Knative, attributes: Wire, data: unknown): Said {
  const wire = record(data)
  const metadata = record(wire.metadata)
  const { kind = wire.kind, name = wire.name, namespace = wire.namespace } = attributes
  const { apiversion: apiVersion = wire.apiVersion } = attributes
  const hinted = aboutOf({ apiVersion, kind, name, namespace })
  const whole = isWhole ? aboutOf({ apiVersion: wire.apiVersion, kind: wire.kind, ...nameOf(metadata) }) : null
  const about = whole ?? hinted
  if (about === null) return rejected('An event does not say which object it is about: apiversion, kind, name.')
  if (whole !== null && contradicts(attributes, whole.ref))
    return rejected('The extensions of an event name another object than its data.')
  if (whole === null || at === null) return { as: 'hint', id, about, at, why: `Knative: ${verb}` }
  return { as: 'reading', id, about: whole, at, object: wire, isGone: verb === 'delete' }
}

const nameOf = ({ namespace, name, uid }: Wire) => ({ namespace, name, uid })

function contradicts(
  attributes: Wire,
  ref: { readonly kind: string; readonly namespace: string; readonly name: string },
) {
  return (['kind', 'namespace', 'name'] as const).some((key) => (text(attributes[key]) ?? ref[key]) !== ref[key])
}
