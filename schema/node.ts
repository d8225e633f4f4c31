import { type GraphQLResolveInfo, isObjectType } from 'graphql'
import { readClustersById } from '../db/read/cluster.ts'
import { readDriftById } from '../db/read/drift.ts'
import { readFindingsById } from '../db/read/finding.ts'
import { readGitopsById } from '../db/read/gitops.ts'
import { idParts, type Noun } from '../db/read/id.ts'
import { readNodePoolsById } from '../db/read/node-pool.ts'
import { readResourcesById } from '../db/read/object.ts'
import type { Selection } from '../db/read/shape.ts'
import { readSourcesById } from '../db/read/source.ts'
import { readWaiversById } from '../db/read/waiver.ts'
import { FleetError } from '../fleet/error.ts'
import { builder, type Context } from './builder.ts'
import { selectionOfType } from './selection.ts'

/** `asked` where it may be found by another id than its own. */
type Found = { readonly id: string; readonly asked?: string }
type Read = (
  db: Context['db'],
  viewer: Context['viewer'],
  keys: readonly string[],
  now: Date,
  selection: Selection,
) => Promise<readonly Found[]>

const reads: Readonly<Record<Noun, Read>> = {
  Cluster: readClustersById,
  NodePool: readNodePoolsById,
  Resource: readResourcesById,
  Source: readSourcesById,
  Finding: readFindingsById,
  Drift: readDriftById,
  GitOpsObject: readGitopsById,
  Waiver: readWaiversById,
}

const idsMax = 100

/** Nodes in the order of their ids, null where there is none: one statement per noun, however many ids. */
async function nodesOf(ids: readonly string[], { db, viewer, now }: Context, info: GraphQLResolveInfo) {
  if (ids.length > idsMax)
    throw new FleetError('invalid', `"ids" holds ${ids.length}; ask for at most ${idsMax} at once.`)
  const keys = new Map<Noun, string[]>()
  for (const id of ids) {
    const parts = idParts(id)
    if (parts) keys.set(parts.noun, [...(keys.get(parts.noun) ?? []), parts.key])
  }
  const found = new Map<string, Found>()
  await Promise.all(
    [...keys].map(async ([noun, wanted]) => {
      const type = info.schema.getType(noun)
      if (!isObjectType(type)) throw new Error(`${noun} is not in the schema`)
      const selection = { ...selectionOfType(info, type), id: {} }
      for (const node of await reads[noun](db, viewer, wanted, now, selection)) {
        found.set(node.asked ?? node.id, { ...node, __typename: noun } as Found) // Tells the Node interface which type it is.
      }
    }),
  )
  return ids.map((id) => found.get(id) ?? null)
}

const Node = builder.nodeInterfaceRef()

builder.queryFields((t) => ({
  node: t.field({
    type: Node,
    nullable: true,
    description: 'Anything by its id; null when there is nothing, or nothing you may see.',
    args: { id: t.arg.id({ required: true, description: 'An id that a field `id` gave.' }) },
    resolve: async (_root, { id }, context, info) => {
      const [node] = await nodesOf([String(id)], context, info)
      return node ?? null
    },
  }),
  nodes: t.field({
    type: [Node],
    nullable: { list: true, items: true },
    description: 'Several things by their ids, in that order.',
    complexity: { field: 5, multiplier: 20 },
    args: { ids: t.arg.idList({ required: true, description: 'At most 100 ids.' }) },
    resolve: (_root, { ids }, context, info) => nodesOf(ids.map(String), context, info),
  }),
}))
