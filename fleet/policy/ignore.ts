import type { Difference } from '../drift/difference.ts'
import { type ObjectRef, shortNameOf } from '../reference.ts'
import { compileGlob } from './glob.ts'
import type { Ignore } from './policy.ts'
import { compileSelector } from './selector.ts'
import type { Subject } from './subject.ts'

/** Whether a difference of a subject is nobody's business. */
export type Ignores = (subject: Subject, difference: Difference) => boolean

/**
 * Reads an entry of `ignore` once. An ARM resource is meant by the last word of its id or by the whole of it; what is about the
 * cluster as a whole, by the cluster's own name.
 * @throws FleetError invalid where the label selector cannot be read.
 */
export function compileIgnore({ kinds, namespaces, names, fields, labels }: Ignore): Ignores {
  const isKind = compileGlobs(kinds)
  const isNamespace = compileGlobs(namespaces)
  const isName = compileGlobs(names)
  const isField = compileGlobs(fields)
  const selects = compileSelector(labels === undefined ? {} : { labels })
  return (subject, { about, field }) => {
    const ref = about?.ref ?? wholeOf(subject)
    return (
      isKind(ref.kind) &&
      isNamespace(ref.namespace) &&
      (isName(shortNameOf(ref)) || isName(ref.name)) &&
      isField(field) &&
      selects(subject)
    )
  }
}

function compileGlobs(patterns: readonly string[] | undefined): (text: string) => boolean {
  if (patterns === undefined) return () => true
  const globs = patterns.map(compileGlob)
  return (text) => globs.some((matches) => matches(text))
}

/** What a person calls the subject itself. A management cluster is no object that anybody lists. */
const wholeOf = ({ scope, namespace, name }: Subject): ObjectRef => ({
  group: '',
  kind: scope === 'cluster' ? 'Cluster' : '',
  namespace,
  name,
})
