import type { KubeWire } from './object.ts'

/** Objects of one shape share one value: half of an object's bytes are this, and thousands of objects are alike. */
const known = new Map<string, object>()

/** A field with a manager of its own; a manager of null: nobody remembers who wrote it. */
interface Written {
  readonly path: readonly string[]
  readonly manager: string | null
  readonly time: string
}

interface Managers {
  readonly spec: string
  readonly status: string
  readonly others?: readonly Written[]
}

/** Who wrote which field, as server-side bookkeeping shows it: one manager for the spec, the controller for the status, and others. */
export function managedFieldsOf(
  object: KubeWire,
  time: string,
  { spec: owner, status: controller, others = [] }: Managers = { spec: 'manager', status: 'manager' },
): readonly object[] {
  const { apiVersion, kind: _kind, metadata, status, ...spec } = object
  const meta = {
    ...(metadata.labels ? { labels: metadata.labels } : {}),
    ...(metadata.annotations ? { annotations: metadata.annotations } : {}),
    ...(metadata.finalizers
      ? { finalizers: Object.fromEntries(metadata.finalizers.map((name) => [`v:"${name}"`, ''])) }
      : {}),
  }
  const entry = (manager: string, fields: unknown, at: string, subresource?: string): object => ({
    apiVersion,
    fieldsType: 'FieldsV1',
    fieldsV1: fieldsOf(fields),
    manager,
    operation: 'Update',
    ...(subresource === undefined ? {} : { subresource }),
    time: at,
  })
  const mine = others.reduce<unknown>((rest, { path }) => without(rest, path), {
    ...(Object.keys(meta).length === 0 ? {} : { metadata: meta }),
    ...spec,
  })
  return [
    entry(owner, mine, time),
    ...others.flatMap(({ path, manager, time: at }) => (manager === null ? [] : [entry(manager, nested(path), at)])),
    ...(status === undefined ? [] : [entry(controller, { status }, time, 'status')]),
  ]
}

const nested = (path: readonly string[]): object => path.reduceRight<object>((inner, key) => ({ [key]: inner }), {})

/** A copy that lacks one field. */
function without(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || key === undefined || !(key in value)) return value
  const fields = Object.entries(value)
  return Object.fromEntries(
    rest.length === 0
      ? fields.filter(([name]) => name !== key)
      : fields.map(([name, inner]) => [name, name === key ? without(inner, rest) : inner]),
  )
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
