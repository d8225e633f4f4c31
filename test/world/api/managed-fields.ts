import type { KubeWire } from './object.ts'

/** Objects of one shape share one value: half of an object's bytes are this, and thousands of objects are alike. */
const known = new Map<string, object>()

/** Who wrote which field, as server-side bookkeeping shows it: one manager for the spec, the controller for the status. */
export function managedFieldsOf(
  object: KubeWire,
  time: string,
  managers = { spec: 'manager', status: 'manager' },
): readonly object[] {
  const { apiVersion, kind: _kind, metadata, status, ...spec } = object
  const meta = {
    ...(metadata.labels ? { labels: metadata.labels } : {}),
    ...(metadata.annotations ? { annotations: metadata.annotations } : {}),
    ...(metadata.finalizers
      ? { finalizers: Object.fromEntries(metadata.finalizers.map((name) => [`v:"${name}"`, ''])) }
      : {}),
  }
  const entry = (manager: string, fields: unknown, subresource?: string): object => ({
    apiVersion,
    fieldsType: 'FieldsV1',
    fieldsV1: fieldsOf(fields),
    manager,
    operation: 'Update',
    ...(subresource === undefined ? {} : { subresource }),
    time,
  })
  const first = entry(managers.spec, { ...(Object.keys(meta).length === 0 ? {} : { metadata: meta }), ...spec })
  return status === undefined ? [first] : [first, entry(managers.status, { status }, 'status')]
}

function fieldsOf(value: unknown): object {
  const fields = fieldSet(value)
  const text = JSON.stringify(fields)
  const shared = known.get(text) ?? fields
  known.set(text, shared)
  return shared
}

function fieldSet(value: unknown): object {
  if (typeof value !== 'object' || value === null) return {}
  if (Array.isArray(value)) {
    // Lists of conditions are maps by type; other lists are owned whole.
    const typed = value.every((item) => typeof item === 'object' && item !== null && 'type' in item)
    if (!typed) return {}
    return Object.fromEntries([
      ['.', {}],
      ...value.map((item) => [`k:{"type":"${item.type}"}`, { '.': {}, ...fieldSet(item) }]),
    ])
  }
  const fields = Object.entries(value).map(
    ([key, inner]) => [key.startsWith('v:') ? key : `f:${key}`, fieldSet(inner)] as const,
  )
  return Object.fromEntries(fields)
}
