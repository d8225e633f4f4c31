import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { alreadyExists, badRequest, conflict, notFound, Refusal } from './answer.ts'
import { type Exchange, sendJson } from './exchange.ts'
import { managedFieldsOf } from './managed-fields.ts'
import { apiVersionOf, asVersion, type KubeWire, storageVersionOf } from './object.ts'
import type { Target } from './server.ts'

/** Answers POST, PUT, PATCH (merge) and DELETE: as much of writing as the contract suite needs. */
export async function write(exchange: Exchange, target: Target): Promise<void> {
  const { method } = exchange
  if (method === 'DELETE') return remove(exchange, target)
  const type = String(exchange.request.headers['content-type'] ?? '').split(';')[0]
  if (method === 'PATCH' && type !== 'application/merge-patch+json') throw unknownPatch()
  const body = await bodyOf(exchange)
  const [code, object] =
    method === 'POST'
      ? ([201, create(exchange, target, body)] as const)
      : ([200, update(exchange, target, method === 'PUT' ? body : merge(current(target), body))] as const)
  await sendJson(exchange, code, asVersion(target.resource, object, target.version.name))
}

function current(target: Target): KubeWire {
  const object = target.storage.get(target.resource, target.namespace, target.objectName)
  if (object === null) throw notFound(target.resource, target.objectName)
  return asVersion(target.resource, object, target.version.name)
}

function create(exchange: Exchange, target: Target, body: KubeWire): KubeWire {
  const { resource, namespace, storage } = target
  const name = body.metadata?.name
  if (typeof name !== 'string') throw badRequest('name or generateName is required')
  if (storage.get(resource, namespace, name) !== null) throw alreadyExists(resource, name)
  const { status: _status, ...rest } = body
  const object = {
    ...(target.version.status === false ? body : rest),
    metadata: {
      ...body.metadata,
      ...(resource.namespaced ? { namespace } : {}),
      uid: randomUUID(),
      creationTimestamp: timeOf(exchange.now),
      generation: 1,
    },
  }
  return storage.put(resource, stored(exchange, target, object))
}

function update(exchange: Exchange, target: Target, body: KubeWire): KubeWire {
  const before = current(target)
  const { resource, storage } = target
  const asked = body.metadata.resourceVersion
  if (asked !== undefined && asked !== before.metadata.resourceVersion) throw conflict(resource, target.objectName)
  const { status, metadata, ...rest } = body
  const { status: oldStatus, metadata: old, ...oldRest } = before
  const bodyStays = target.subresource === 'status'
  const changed = !bodyStays && !isDeepStrictEqual(rest, oldRest)
  const next: KubeWire = {
    ...(bodyStays ? { ...before } : { ...rest, apiVersion: before.apiVersion, kind: before.kind }),
    metadata: {
      ...(bodyStays ? old : metadata),
      name: old.name,
      ...(old.namespace === undefined ? {} : { namespace: old.namespace }),
      ...(old.uid === undefined ? {} : { uid: old.uid }),
      ...(old.creationTimestamp === undefined ? {} : { creationTimestamp: old.creationTimestamp }),
      ...(old.deletionTimestamp === undefined ? {} : { deletionTimestamp: old.deletionTimestamp }),
      generation: (old.generation ?? 1) + (changed ? 1 : 0),
      ...(old.resourceVersion === undefined ? {} : { resourceVersion: old.resourceVersion }),
      ...(old.managedFields === undefined ? {} : { managedFields: old.managedFields }),
    },
    ...withStatus(bodyStays || target.version.status === false ? status : oldStatus),
  }
  // A write that changes nothing makes no new resourceVersion.
  if (isDeepStrictEqual(next, before)) return before
  const finished = next.metadata.deletionTimestamp !== undefined && (next.metadata.finalizers ?? []).length === 0
  const written = storage.put(resource, stored(exchange, target, next))
  if (finished) storage.delete(resource, target.namespace, target.objectName)
  return written
}

async function remove(exchange: Exchange, target: Target): Promise<void> {
  const { resource, namespace, objectName, storage } = target
  const object = storage.get(resource, namespace, objectName)
  if (object === null) throw notFound(resource, objectName)
  if ((object.metadata.finalizers ?? []).length > 0) {
    const deletionTimestamp = object.metadata.deletionTimestamp ?? timeOf(exchange.now)
    const generation = (object.metadata.generation ?? 1) + (object.metadata.deletionTimestamp === undefined ? 1 : 0)
    const metadata = { ...object.metadata, deletionTimestamp, deletionGracePeriodSeconds: 0, generation }
    const deleting = storage.put(resource, { ...object, metadata })
    return sendJson(exchange, 200, asVersion(resource, deleting, target.version.name))
  }
  storage.delete(resource, namespace, objectName)
  const details = { name: objectName, group: resource.group, kind: resource.plural, uid: object.metadata.uid }
  await sendJson(exchange, 200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details })
}

/** Kept at the storage version, as a server without conversion webhooks keeps it. */
function stored(exchange: Exchange, target: Target, object: KubeWire): KubeWire {
  const { resource } = target
  const whole = { ...object, apiVersion: apiVersionOf(resource.group, storageVersionOf(resource).name) }
  return { ...whole, metadata: { ...whole.metadata, managedFields: managedFieldsOf(whole, timeOf(exchange.now)) } }
}

const withStatus = (status: unknown): object => (status === undefined ? {} : { status })

/** RFC 7396. */
function merge(into: KubeWire, patch: unknown): KubeWire {
  // The merge of an object and a patch of the same shape is an object of that shape.
  return mergeValue(into, patch) as KubeWire
}

function mergeValue(into: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const base = typeof into === 'object' && into !== null && !Array.isArray(into) ? into : {}
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else merged[key] = mergeValue(merged[key], value)
  }
  return merged
}

/** Second precision, as Kubernetes writes it. */
export const timeOf = (date: Date): string => date.toISOString().replace(/\.\d+Z$/, 'Z')

async function bodyOf(exchange: Exchange): Promise<KubeWire> {
  const parts: Buffer[] = []
  for await (const part of exchange.request) parts.push(part)
  try {
    return JSON.parse(Buffer.concat(parts).toString())
  } catch {
    throw badRequest('the object provided is unrecognized (must be of type object)')
  }
}

const unknownPatch = (): Refusal =>
  new Refusal(
    415,
    'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    { reason: 'UnsupportedMediaType' },
  )
