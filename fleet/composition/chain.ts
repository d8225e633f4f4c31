import type { Member } from '../cluster.ts'
import type { GitOps } from '../gitops.ts'
import { type ObjectRef, objectIdOf } from '../reference.ts'
import type { Surroundings } from './surroundings.ts'

/** An object that applies something from Git, with what it applies from. */
export interface Applier {
  readonly member: Member
  readonly gitops: GitOps
  /** What it applies from, and what that is made from, near to far, as far as it is seen. */
  readonly chain: readonly Member[]
  /** The first of them, whose revision it applies; null: not seen, or it applies from none. */
  readonly offer: Member | null
  /** What it applies from, where that is not seen. */
  readonly missing: ObjectRef | null
}

/** A chart of a repository is the longest there is; what is longer is a loop. */
const linksMax = 4

/** Those of some objects that apply something, in their order. */
export function appliersOf(members: readonly Member[], { around }: Surroundings): readonly Applier[] {
  let own: ReadonlyMap<string, Member> | undefined
  const find = (source: string, ref: ObjectRef): Member | undefined => {
    const id = objectIdOf(source, ref)
    own ??= new Map(members.map((member) => [member.id, member]))
    return around.get(id) ?? own.get(id)
  }
  return members.flatMap((member) => {
    const { gitops } = member.facts
    return gitops?.role === 'reconciler' ? [applierOf(member, gitops, find)] : []
  })
}

function applierOf(
  member: Member,
  gitops: GitOps,
  find: (source: string, ref: ObjectRef) => Member | undefined,
): Applier {
  const { appliesFrom = null } = member.facts
  const chain: Member[] = []
  for (let ref = appliesFrom; ref && chain.length < linksMax; ) {
    const link = find(member.source, ref)
    if (!link || chain.includes(link)) break
    chain.push(link)
    ref = link.facts.appliesFrom ?? null
  }
  const [offer = null] = chain
  return { member, gitops, chain, offer, missing: offer ? null : appliesFrom }
}
