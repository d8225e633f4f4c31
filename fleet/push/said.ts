import { type KindKey, kindKeyOf, type ObjectRef } from '../reference.ts'
import { list, record, text, type Wire } from '../wire.ts'
import { valuesIn } from './json-shape.ts'

/** What an event of a standard sender is worth (domain.md 5). */
export type Said =
  /** Something changed there. It is read again; the event itself changes nothing. */
  | {
      readonly as: 'hint'
      readonly id: string
      readonly about: About
      readonly at: string | null
      readonly why: string
    }
  /** A whole object, as good as a poll of it: as it was `at`, by the sender's clock. */
  | {
      readonly as: 'reading'
      readonly id: string
      readonly about: KubeAbout
      readonly at: string
      readonly object: Wire
      /** Seen deleted; `object` is its last state. */
      readonly isGone: boolean
    }
  /** A good event that says nothing of what is read here. */
  | { readonly as: 'nothing'; readonly why: string }
  /** No event, or one that contradicts itself. The sentence is for the sender, and names no content but types. */
  | { readonly as: 'rejected'; readonly why: string }

/** What an event is about. */
export type About = KubeAbout | ArmAbout

export interface KubeAbout {
  readonly by: 'kube'
  readonly kind: KindKey
  /** Of the API; null where the event does not say. */
  readonly version: string | null
  readonly ref: ObjectRef
  readonly uid: string | null
}

export interface ArmAbout {
  readonly by: 'arm'
  /** In lower case: of a managed cluster, or as much of it as could be read. */
  readonly armId: string
  /** In lower case. */
  readonly subscription: string
}

export const rejected = (why: string): Said => ({ as: 'rejected', why })
export const nothing = (why: string): Said => ({ as: 'nothing', why })

/** Longer ids and types are nobody's: they would only be carried about. */
export const idCharsMax = 1024

/** No object of Kubernetes is nested half as deep. */
const depthMax = 100
/** Of one request; a batch of whole objects has fewer. */
const valuesMax = 500_000

/** A body as JSON, of a shape that costs no more memory than a body of its size may; or a sentence. */
export function jsonOf(body: string): { readonly value: unknown } | { readonly why: string } {
  const values = valuesIn(body, depthMax)
  if (values === null) return { why: `The body is nested deeper than ${depthMax}.` }
  if (values > valuesMax) return { why: `The body has more than ${valuesMax} values.` }
  try {
    return { value: JSON.parse(body) }
  } catch {
    return { why: 'The body is not JSON.' }
  }
}

const nameForm = /^[!-~]{1,253}$/
const kindForm = /^[A-Za-z0-9]{1,63}$/
const groupForm = /^[a-z0-9.-]{1,253}$/

/** Reads a reference `{ apiVersion, kind, namespace, name }`. Null where it names no object that could be. */
export function aboutOf(reference: unknown): KubeAbout | null {
  const { apiVersion, kind, namespace, name, uid } = record(reference)
  const of = text(kind)
  const named = text(name)
  const written = text(apiVersion)
  const within = text(namespace) ?? ''
  if (of === undefined || !kindForm.test(of) || named === undefined || !nameForm.test(named)) return null
  if (written === undefined || (within !== '' && !nameForm.test(within))) return null
  const [head = '', tail, ...more] = written.split('/')
  const group = tail === undefined ? '' : head
  const version = tail ?? head
  if (more.length > 0 || (tail !== undefined && !groupForm.test(group)) || !nameForm.test(version)) return null
  const ref = { group, kind: of, namespace: within, name: named }
  return { by: 'kube', kind: kindKeyOf(ref), version, ref, uid: text(uid) ?? null }
}

/** Reads each of a list's members, or the one value that is no list. */
export const eachOf = <T>(value: unknown, read: (one: unknown) => T): readonly T[] =>
  list(Array.isArray(value) ? value : [value]).map(read)
