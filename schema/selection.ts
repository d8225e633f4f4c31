import {
  type FieldNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  getNamedType,
  isObjectType,
  Kind,
  type SelectionNode,
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
const known = new WeakMap<FieldNode, Map<string, Selection>>()

/** The same for one of the types an abstract field can answer with. */
export function selectionOfType(info: GraphQLResolveInfo, type: GraphQLObjectType): Selection {
  const [field, ...others] = info.fieldNodes
  const cached = field && others.length === 0 ? known.get(field)?.get(type.name) : undefined
  if (cached) return cached
  const wanted: Wanted = {}
  const walk: Walk = { info, conditional: others.length > 0 }
  for (const node of info.fieldNodes) if (node.selectionSet) gather(walk, type, node.selectionSet, wanted)
  if (field && !walk.conditional)
    known.set(field, (known.get(field) ?? new Map<string, Selection>()).set(type.name, wanted))
  return wanted
}

interface Walk {
  readonly info: GraphQLResolveInfo
  /** Whether this selection is good for this request only: variables decide what is in it. */
  conditional: boolean
}

function gather(walk: Walk, type: GraphQLObjectType, { selections }: SelectionSetNode, wanted: Wanted): void {
  for (const one of selections) {
    if (!isIncluded(walk, one)) continue
    if (one.kind === Kind.FIELD) {
      const below = getNamedType(type.getFields()[one.name.value]?.type)
      // Two aliases of one field want what both want.
      const both: Wanted = { ...wanted[one.name.value] }
      if (one.selectionSet && isObjectType(below)) gather(walk, below, one.selectionSet, both)
      wanted[one.name.value] = both
    } else {
      const part = one.kind === Kind.FRAGMENT_SPREAD ? walk.info.fragments[one.name.value] : one
      const on = part?.typeCondition?.name.value
      if (part && (on === undefined || on === type.name || type.getInterfaces().some(({ name }) => name === on))) {
        gather(walk, type, part.selectionSet, wanted)
      }
    }
  }
}

function isIncluded(walk: Walk, node: SelectionNode): boolean {
  if (node.directives === undefined || node.directives.length === 0) return true
  walk.conditional = true
  const { variableValues } = walk.info
  return (
    getDirectiveValues(GraphQLSkipDirective, node, variableValues)?.if !== true &&
    getDirectiveValues(GraphQLIncludeDirective, node, variableValues)?.if !== false
  )
}
