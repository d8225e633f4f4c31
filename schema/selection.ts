import {
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import type { Selection } from '../db/read/shape.ts'

type Wanted = Record<string, Selection>

/** The fields a query selects beneath the field being resolved, as `db/read` wants them. */
export function selectionOf(info: GraphQLResolveInfo): Selection {
  const type = getNamedType(info.returnType)
  if (!isObjectType(type)) throw new Error(`${type.name} is abstract: ask selectionOfType`)
  return selectionOfType(info, type)
}

// A document is parsed once and asked often; its nodes are the same objects each time.
const known = new WeakMap<object, Map<string, Selection>>()

/** The same for one of the types an abstract field can answer with. */
export function selectionOfType(info: GraphQLResolveInfo, type: GraphQLObjectType): Selection {
  const [field] = info.fieldNodes
  const cached = info.fieldNodes.length === 1 && field ? known.get(field)?.get(type.name) : undefined
  if (cached) return cached
  const wanted: Wanted = {}
  for (const node of info.fieldNodes) if (node.selectionSet) walk(info, type, node.selectionSet, wanted)
  if (field && info.fieldNodes.length === 1) {
    known.set(field, (known.get(field) ?? new Map<string, Selection>()).set(type.name, wanted))
  }
  return wanted
}

// @skip and @include are ignored: what they leave out is read and not sent.
function walk(
  info: GraphQLResolveInfo,
  type: GraphQLObjectType,
  { selections }: SelectionSetNode,
  wanted: Wanted,
): void {
  for (const one of selections) {
    if (one.kind === Kind.FIELD) {
      const below = getNamedType(type.getFields()[one.name.value]?.type)
      // Two aliases of one field want what both want.
      const prior: Wanted = { ...wanted[one.name.value] }
      if (one.selectionSet && isObjectType(below)) walk(info, below, one.selectionSet, prior)
      wanted[one.name.value] = prior
    } else {
      const part = one.kind === Kind.FRAGMENT_SPREAD ? info.fragments[one.name.value] : one
      const on = part?.typeCondition?.name.value
      if (part && (on === undefined || on === type.name || type.getInterfaces().some(({ name }) => name === on))) {
        walk(info, type, part.selectionSet, wanted)
      }
    }
  }
}
