import { hash } from 'node:crypto'
import { clusterIdOf } from './azure/cluster-id.ts'
import { serialise } from './digest.ts'
import { ownPauseOf, pauseOf } from './families/pause.ts'
import type { Reading } from './health.ts'
import type { Kind, KindReading, KubeObject } from './kinds/kind.ts'
import type { ClusterName, Facts, Observation, Rejection } from './observation.ts'
import { type ObjectRef, objectIdOf, uuidOf } from './reference.ts'
import { instant, int, isRecord, list, record, shapeOf, text, type Wire } from './wire.ts'

/** An observation, and what of the object could not be read; or only the latter, when it does not even say who it is. */
export type Normalised =
  | { readonly observation: Observation; readonly rejected: readonly Rejection[] }
  | { readonly observation: null; readonly rejected: readonly Rejection[] }

/**
 * Reads one wire object of a source. Total: whatever comes, it answers. A malformed part is named in `rejected` and the
 * rest is kept; `metadata.managedFields`, `last-applied-configuration` and the spec go no further than this.
 */
export function normalise(source: string, wire: unknown, kind: Kind): Normalised {
  const reading = read(source, wire, kind)
  if (reading.observation === null || isStorable(reading.serialised)) return reading
  return read(source, cleaned(wire), kind)
}

/**
 * PostgreSQL takes neither U+0000 nor half a surrogate pair in JSON, and one would cost a whole page. Looking for their
 * escapes once, in the serialised form, costs less than at every field.
 */
export function isStorable(serialised: string): boolean {
  return !serialised.includes('\\u0000') && !serialised.includes('\\ud')
}

/** As `normalise`, of a wire object whose texts are taken as they are; with the observation as one text. */
export function read(source: string, wire: unknown, kind: Kind): Normalised & { readonly serialised: string } {
  const why: string[] = []
  const object = isRecord(wire) ? envelopeOf(wire, kind, why) : null
  if (object === null || !isRecord(wire)) {
    const what = isRecord(wire) ? (why[0] ?? 'it has no identity') : `the object is ${shapeOf(wire)}`
    return { observation: null, rejected: [{ why: what }], serialised: '' }
  }
  const { ref } = object
  const metadata = record(wire.metadata)
  const found = kind.normalise(object)
  const reading = readable(wire) ? found.reading : unreadable(found.reading, shapeOf(wire.status))
  if (!readable(wire)) why.push(`status is ${shapeOf(wire.status)}, not an object`)
  const owner = found.owner === undefined ? ownerOf(object) : found.owner
  const parent = object.owners.find((candidate) => candidate.controller) ?? object.owners[0]
  const observation = {
    id: objectIdOf(source, ref),
    ref,
    kind: `${ref.group}/${ref.kind}` as const,
    apiVersion: object.apiVersion,
    uid: text(metadata.uid) ?? text(object.status.resourceUID) ?? null,
    resourceVersion: text(metadata.resourceVersion) ?? null,
    generation: object.generation,
    observedGeneration: found.observedGeneration ?? null,
    createdAt: object.createdAt,
    deletingSince: object.deletingSince,
    changedAt: changedAtOf(metadata, object.createdAt, found.conditions),
    labels: object.labels,
    owner,
    parentId: parent && !kind.unowned ? objectIdOf(source, parent.ref) : null,
    reading,
    conditions: found.conditions,
    facts: indexable(withPause(found, object, metadata)),
    digest: '',
  }
  const serialised = serialise(observation)
  observation.digest = uuidOf(hash('sha256', serialised, 'hex'))
  const rejected = [...why, ...(found.rejected ?? [])].map((sentence) => ({ ref, why: sentence }))
  return { observation, rejected, serialised }
}

const readable = ({ status }: Wire): boolean => status === undefined || status === null || isRecord(status)

/** A status that is no object: the deletion and the suspension still hold, every verdict below them is unknown. */
function unreadable(reading: Reading, shape: string): Reading {
  if (reading.rungs.some((rung) => rung.state === 'Deleting')) return reading
  return {
    ...reading,
    rungs: [{ state: 'Unknown', reason: 'MalformedStatus', message: `status is ${shape}, not an object` }],
  }
}

/** The part every object has. Null when it does not say who it is; `why` then tells what is missing. */
function envelopeOf(wire: Wire, kind: Kind, why: string[]): KubeObject | null {
  return kind.reach.by === 'arm' ? armEnvelopeOf(wire, kind, why) : kubeEnvelopeOf(wire, kind, why)
}

function kubeEnvelopeOf(wire: Wire, kind: Kind, why: string[]): KubeObject | null {
  if (!isRecord(wire.metadata)) return missing(why, `metadata is ${shapeOf(wire.metadata)}, not an object`)
  const { metadata } = wire
  const name = text(metadata.name)
  if (name === undefined)
    return missing(why, `metadata.name is ${metadata.name === '' ? 'empty' : shapeOf(metadata.name)}`)
  if (name.length > nameCharsMax) return missing(why, `metadata.name has more than ${nameCharsMax} characters`)
  // Items of a typed list may leave both out; one that names another kind is not ours to read.
  if (wire.kind !== undefined && wire.kind !== kind.kind)
    return missing(why, `kind is ${quoted(wire.kind)}, not ${kind.kind}`)
  if (typeof wire.apiVersion === 'string' && !isOfGroup(wire.apiVersion, kind.group))
    return missing(why, `apiVersion is ${quoted(wire.apiVersion)}, not of the group ${kind.group}`)
  const { namespace } = metadata
  if (namespace !== undefined && namespace !== null && typeof namespace !== 'string') {
    return missing(why, `metadata.namespace is ${shapeOf(namespace)}, not a name`)
  }
  const ref: ObjectRef = { group: kind.group, kind: kind.kind, namespace: namespace ?? '', name }
  return {
    ref,
    apiVersion: text(wire.apiVersion) ?? kind.group,
    generation: wholeOf(metadata.generation, 'metadata.generation', why),
    createdAt: timeOf(metadata.creationTimestamp, 'metadata.creationTimestamp', why),
    deletingSince: timeOf(metadata.deletionTimestamp, 'metadata.deletionTimestamp', why),
    labels: textsOf(metadata.labels, 'metadata.labels', why),
    annotations: textsOf(metadata.annotations, 'metadata.annotations', why, false),
    owners: ownersOf(metadata.ownerReferences, ref.namespace, why),
    spec: kind.specless ? wire : record(wire.spec),
    status: record(wire.status),
  }
}

/** Of no name in Kubernetes; what is longer fits into no index. */
const nameCharsMax = 253

const isOfGroup = (apiVersion: string, group: string): boolean =>
  group === '' ? !apiVersion.includes('/') : apiVersion.startsWith(group) && apiVersion.charCodeAt(group.length) === 47 // "/"

/** A managed cluster's own id is about half as long. */
const idShownMax = 400

/** A managed cluster of Azure, the one resource that is read there, in the same envelope: `spec` is the whole resource, `status` its properties, tags are labels. */
function armEnvelopeOf(wire: Wire, kind: Kind, why: string[]): KubeObject | null {
  const id = text(wire.id)
  if (id === undefined) return missing(why, `id is ${wire.id === '' ? 'empty' : shapeOf(wire.id)}`)
  const cluster = clusterIdOf(id)
  if (cluster === null) return missing(why, `id is ${JSON.stringify(id.slice(0, idShownMax))}, not a managed cluster's`)
  if (!isRecord(wire.properties)) why.push(`properties is ${shapeOf(wire.properties)}, not an object`)
  return {
    ref: { group: kind.group, kind: kind.kind, namespace: '', name: cluster.key },
    apiVersion: kind.group,
    generation: null,
    createdAt: instant(record(wire.systemData).createdAt) ?? null,
    deletingSince: null,
    labels: textsOf(wire.tags, 'tags', why),
    annotations: {},
    owners: [],
    spec: wire,
    status: record(wire.properties),
  }
}

function missing(why: string[], sentence: string): null {
  why.push(sentence)
  return null
}

function wholeOf(value: unknown, place: string, why: string[]): number | null {
  if (value === undefined || value === null) return null
  const whole = int(value)
  if (whole === undefined) why.push(`${place} is ${quoted(value)}, not a whole number`)
  return whole ?? null
}

function timeOf(value: unknown, place: string, why: string[]): string | null {
  if (value === undefined || value === null) return null
  const at = instant(value)
  if (at === undefined) why.push(`${place} is ${quoted(value)}, not a time`)
  return at ?? null
}

const quoted = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : shapeOf(value)

const noTexts: Readonly<Record<string, string>> = Object.freeze({})

/** A map of strings, in the order of its keys where it is kept: equal maps must serialise alike. */
function textsOf(value: unknown, place: string, why: string[], sorted = true): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return noTexts
  if (!isRecord(value)) {
    why.push(`${place} is ${shapeOf(value)}, not an object`)
    return noTexts
  }
  if (isPlainMap(value, sorted)) return value
  const texts: Record<string, string> = {}
  for (const key of Object.keys(value).sort()) {
    const item = value[key]
    const kept = keptText(item, sorted)
    if (kept !== undefined)
      Object.defineProperty(texts, key, { value: kept, enumerable: true, configurable: true, writable: true })
    if (typeof item !== 'string' && item !== null) why.push(`${place}[${quoted(key)}] is ${shapeOf(item)}, not a text`)
  }
  return texts
}

/** Go reads null as the empty text. Of an annotation written without quotes the presence alone may count (paused: true). */
function keptText(item: unknown, isLabel: boolean): string | undefined {
  if (typeof item === 'string') return item
  if (item === null) return ''
  return !isLabel && (typeof item === 'boolean' || typeof item === 'number') ? String(item) : undefined
}

/** True when the map can be kept as it came, as nearly every one can: API servers sort keys and hold only strings. */
function isPlainMap(value: Wire, sorted: boolean): value is Readonly<Record<string, string>> {
  let last = ''
  for (const key in value) {
    if (typeof value[key] !== 'string' || (sorted && key < last)) return false
    last = key
  }
  return true
}

function ownersOf(value: unknown, namespace: string, why: string[]): KubeObject['owners'] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) why.push(`metadata.ownerReferences is ${shapeOf(value)}, not a list`)
  const owners: { ref: ObjectRef; controller: boolean }[] = []
  for (const item of list(value)) {
    const { apiVersion, kind, name, controller } = record(item)
    const of = text(kind)
    const named = text(name)
    if (of === undefined || named === undefined) {
      why.push('metadata.ownerReferences has an entry without kind or name')
      continue
    }
    const version = text(apiVersion) ?? ''
    const group = version.slice(0, Math.max(0, version.lastIndexOf('/')))
    owners.push({ ref: { group, kind: of, namespace, name: named }, controller: controller === true })
  }
  return owners
}

const clusterNameLabel = 'cluster.x-k8s.io/cluster-name'

/** `spec.clusterName`, then the label (which may hold a hash), then an owner reference to a Cluster (domain.md 2). */
function ownerOf({ ref, spec, labels, owners }: KubeObject): ClusterName | null {
  const name =
    text(spec.clusterName) ??
    text(labels[clusterNameLabel]) ??
    owners.find((owner) => owner.ref.kind === 'Cluster' && owner.ref.group === 'cluster.x-k8s.io')?.ref.name
  return name === undefined ? null : { namespace: ref.namespace, name }
}

/**
 * The facts with who paused the object, and since when, where it is paused by itself. That is one walk through `managedFields`,
 * which go no further, and none for the rest of the fleet. A pause that the kind found by its own rule is dated in the same way.
 */
function withPause({ facts, conditions }: KindReading, object: KubeObject, metadata: Wire): Facts {
  const field = facts.pause?.field ?? ownPauseOf(object)?.field
  if (field === undefined) return facts
  const pause = { ...pauseOf(field, metadata.managedFields, conditions), ...facts.pause }
  const { since } = pause
  const drift = facts.drift?.map((own) =>
    own.code === 'suspended' && own.field === field && since !== undefined ? { ...own, since } : own,
  )
  return { ...facts, ...(drift ? { drift } : {}), pause }
}

/** Rows are found by these. No name and no address is so long, and an index entry holds no more. */
const keyCharsMax = 500
const cut = (key: string): string => key.slice(0, keyCharsMax).toWellFormed()

function indexable(facts: Facts): Facts {
  const { endpoint, actsAt, managedBy } = facts
  if ([endpoint, actsAt?.value, managedBy?.name].every((key) => key === undefined || key.length <= keyCharsMax))
    return facts
  return {
    ...facts,
    ...(endpoint === undefined ? {} : { endpoint: cut(endpoint) }),
    ...(actsAt ? { actsAt: { ...actsAt, value: cut(actsAt.value) } } : {}),
    ...(managedBy ? { managedBy: { ...managedBy, name: cut(managedBy.name) } } : {}),
  }
}

/** The newest instant the object itself speaks of; `managedFields` is read for this and for a pause, and then dropped. */
function changedAtOf(metadata: Wire, createdAt: string | null, conditions: KindReading['conditions']): string | null {
  let newest = createdAt
  for (const condition of conditions) newest = newer(newest, condition.lastTransitionAt)
  for (const entry of list(metadata.managedFields)) newest = newer(newest, instant(record(entry).time) ?? null)
  return newest
}

function newer(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b
  // Instants to the second compare as text; only fractions of one need a clock.
  if (a.length === b.length) return a < b ? b : a
  return Date.parse(a) < Date.parse(b) ? b : a
}

const cleanText = (value: string): string => value.replaceAll('\u0000', '').toWellFormed()

/** A value without what PostgreSQL does not take, keys included. */
export function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value)
  if (Array.isArray(value)) return value.map(cleaned)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [cleanText(key), cleaned(item)]))
}
