import { FleetError } from '../../fleet/error.ts'

/** What `node` can find. An id names its noun, because a node pool and the object it comes from share a UUID. */
const nouns = ['Cluster', 'NodePool', 'Resource', 'Source', 'Finding', 'Drift', 'GitOpsObject', 'Waiver'] as const
export type Noun = (typeof nouns)[number]

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The store's key in an id of this noun; with or without the noun before it. Throws `invalid` for anything else. */
export const bareIdOf =
  (noun: Noun) =>
  (id: string): string => {
    const bare = id.startsWith(`${noun}:`) ? id.slice(noun.length + 1) : id
    if (noun === 'Source' ? bare.includes('\0') : !uuid.test(bare)) {
      throw new FleetError('invalid', `"${id}" is not the id of a ${noun}; take it from the field "id".`)
    }
    return bare
  }

/** Noun and key of an id, or null for text that is no id at all. */
export function idParts(id: string): { noun: Noun; key: string } | null {
  const noun = nouns.find((one) => id.startsWith(`${one}:`))
  if (noun === undefined) return null
  const key = id.slice(noun.length + 1)
  return (noun === 'Source' && !key.includes('\0')) || uuid.test(key) ? { noun, key } : null
}
