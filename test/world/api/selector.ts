import { badRequest } from './answer.ts'
import type { KubeWire } from './object.ts'

export type Matcher = (object: KubeWire) => boolean

/** Label and field selectors of a list or watch; refuses what a real server refuses. Null when there are none. */
export function matcherOf(query: URLSearchParams): Matcher | null {
  const matchers = [
    ...labelMatchers(query.get('labelSelector') ?? ''),
    ...fieldMatchers(query.get('fieldSelector') ?? ''),
  ]
  return matchers.length === 0 ? null : (object) => matchers.every((matches) => matches(object))
}

function labelMatchers(selector: string): Matcher[] {
  // Commas inside `in (a,b)` do not separate requirements.
  const parts = selector.match(/[^,(]+(\([^)]*\))?/g) ?? []
  return parts
    .map((part) => part.trim())
    .filter(Boolean)
    .map(labelMatcher)
}

function labelMatcher(text: string): Matcher {
  const label = (object: KubeWire, key: string) => object.metadata.labels?.[key]
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(text)
  if (set) {
    const [, key = '', operator, list = ''] = set
    const values = list.split(',').map((value) => value.trim())
    return (object) => values.includes(label(object, key) ?? '\0') === (operator === 'in')
  }
  const equal = /^(\S+?)\s*(==|!=|=)\s*(\S*)$/.exec(text)
  if (equal) {
    const [, key = '', operator, value] = equal
    return (object) => (label(object, key) === value) === (operator !== '!=')
  }
  const exists = /^(!?)\s*(\S+)$/.exec(text)
  if (exists) {
    const [, not, key = ''] = exists
    return (object) => (label(object, key) !== undefined) === (not === '')
  }
  const found = text.split(/\s+/)[1]
  throw badRequest(`unable to parse requirement: found '${found}', expected: '=', '!=', '==', 'in', notin'`)
}

function fieldMatchers(selector: string): Matcher[] {
  return selector
    .split(',')
    .filter(Boolean)
    .map((part) => {
      const [, field = '', operator, value] = /^(.*?)(==|!=|=)(.*)$/.exec(part) ?? []
      if (field !== 'metadata.name' && field !== 'metadata.namespace')
        throw badRequest(`field label not supported: ${field}`)
      const read = (object: KubeWire) =>
        field === 'metadata.name' ? object.metadata.name : (object.metadata.namespace ?? '')
      return (object: KubeWire) => (read(object) === value) === (operator !== '!=')
    })
}
