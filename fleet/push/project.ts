import { imprintsBy } from '../imprint.ts'
import type { Kind, KubeObject } from '../kinds/kind.ts'
import { withoutSecrets } from '../message.ts'
import { cleaned, isStorable, read } from '../normalise.ts'
import { isRecord } from '../wire.ts'

/**
 * What of a wire object its reader looks at, and nothing else: `normalise` makes the same of it as of the whole object. Values of Helm
 * releases, variables, files, annotations that repeat the object, inventories: what nobody reads never leaves the cluster, and a kind
 * that learns to read one field more sends it without a line here. A list keeps its length, unread members are null; texts are without
 * the secrets that messages and URLs repeat (message.ts).
 */
export function project(wire: unknown, kind: Kind): unknown {
  const { projection, serialised } = readOf(wire, kind)
  // What is not storable is read again once it is cleaned, and may then be read by another way.
  return isStorable(serialised) ? projection : readOf(cleaned(wire), kind).projection
}

function readOf(wire: unknown, kind: Kind): { readonly projection: unknown; readonly serialised: string } {
  const trace = traceOf(isRecord(wire) && kind.seal ? kind.seal(wire) : wire)
  imprintsBy({})(trace.shown)
  const heeding = { ...kind, normalise: (object: KubeObject) => kind.normalise(unheeded(object, trace)) }
  const { serialised } = read('', trace.shown, heeding)
  return { projection: kept(trace), serialised }
}

/**
 * The envelope looks at every annotation, to give them to the kind: only what the kind itself reads from now on is kept. (The copy that
 * the envelope makes of odd ones, which no API server gives out, is traced through the names in it.)
 */
function unheeded(object: KubeObject, trace: Trace): KubeObject {
  const annotations = trace.members.get('metadata')?.members.get('annotations')
  if (annotations === undefined) return object
  annotations.members.clear()
  if (annotations.shown === object.annotations) return object
  const through = traceOf(object.annotations, annotations.members)
  // A trace shows a value as what it is.
  return { ...object, annotations: through.shown as KubeObject['annotations'] }
}

/** A value, and which of its members were looked at. */
interface Trace {
  readonly value: unknown
  /** What a reader is given instead of the value: looks alike, and takes note. */
  readonly shown: unknown
  readonly members: Map<string, Trace>
  /** False: at most that it is there was asked. */
  isRead: boolean
}

function traceOf(value: unknown, members = new Map<string, Trace>()): Trace {
  if (typeof value !== 'object' || value === null) return { value, shown: value, members, isRead: false }
  const memberOf = (target: object, key: string): Trace => {
    const before = members.get(key)
    // Read through a copy as well, whose member is another value.
    if (before !== undefined && before.value === Reflect.get(target, key)) return before
    const member = traceOf(Reflect.get(target, key))
    members.set(key, member)
    return member
  }
  const isMember = (target: object, key: PropertyKey): key is string =>
    typeof key === 'string' && Object.hasOwn(target, key) && !(key === 'length' && Array.isArray(target))
  const shown = new Proxy(value, {
    get: (target, key) => {
      if (!isMember(target, key)) return Reflect.get(target, key)
      const member = memberOf(target, key)
      member.isRead = true
      return member.shown
    },
    has: (target, key) => {
      if (isMember(target, key)) memberOf(target, key)
      return Reflect.has(target, key)
    },
    ownKeys: (target) => {
      const keys = Reflect.ownKeys(target)
      for (const key of keys) if (isMember(target, key)) memberOf(target, key)
      return keys
    },
  })
  return { value, shown, members, isRead: false }
}

/** The value with the members that were looked at; null for a text or number that was only seen to be there. */
function kept({ value, members, isRead }: Trace): unknown {
  if (typeof value === 'string') return isRead ? withoutSecrets(value) : null
  if (typeof value !== 'object' || value === null) return isRead ? value : null
  if (Array.isArray(value)) {
    return value.map((_, at) => {
      const member = members.get(String(at))
      return member === undefined ? null : kept(member)
    })
  }
  // In the order of the object, which label maps must keep.
  const entries = Object.keys(value).flatMap((key) => {
    const member = members.get(key)
    return member === undefined ? [] : [[key, kept(member)] as const]
  })
  return Object.fromEntries(entries)
}
