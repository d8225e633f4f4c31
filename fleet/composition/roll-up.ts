import type { Member, RootCause } from '../cluster.ts'
import type { Flag, Health, State } from '../health.ts'
import { earliest, rankOf } from '../judge.ts'
import type { Family } from './family.ts'

/** One whose health counts: a member, or a pool that a member lists. */
export type Witness = Pick<Member, 'health' | 'fresh'>

/**
 * What a part's state means for its cluster. Deleting and Suspended are not passed on (`speakerOf` is asked for them): a part that
 * is being deleted is a change of the cluster, and a paused part counts as what it is underneath (domain.md 3.4).
 */
function contribution({ health }: Witness): State {
  if (health.state === 'Deleting') return 'Progressing'
  const state = health.state === 'Suspended' ? (health.underlying ?? 'Unknown') : health.state
  return state === 'Stale' || state === 'Deleting' || state === 'Suspended' ? 'Unknown' : state
}

const testifies = (witness: Witness): boolean => witness.fresh && witness.health.state !== 'Stale'

/** The members whose health is the cluster's: counts of Machines are not (unless nothing else answers for them). */
export function witnessesOf(family: Family): readonly Member[] {
  return family.members.filter((member) => {
    switch (family.partOf(member)) {
      case 'gitops':
        return false
      case 'cluster':
        return member === family.cluster
      case 'workers':
      case 'pool':
        return true
      case 'machine':
        return !isOwned(family, member)
      default:
        return isRole(family, member)
    }
  })
}

/** A set or a control plane answers for the Machine, seen or not; a Machine of the Cluster itself stands alone. */
function isOwned({ cluster, parentOf }: Family, machine: Member): boolean {
  return cluster ? machine.parentId !== null && machine.parentId !== cluster.id : parentOf(machine) !== null
}

/**
 * Control plane and infrastructure by the Cluster's references, or by kind where it has none; what stands behind them
 * (ASO, ARM) by owning no other role.
 */
function isRole(family: Family, member: Member): boolean {
  if (member === family.controlPlane || member === family.infrastructure) return true
  const part = family.partOf(member)
  if (part !== 'controlPlane' && part !== 'infrastructure') return false
  const referred = family.cluster?.facts.refs?.[part]
  return referred === undefined || !member.ref.group.endsWith('cluster.x-k8s.io')
}

/** The worst of the members that testify; Stale when none does. */
export function worstOf(witnesses: readonly Witness[]): Health {
  const fresh = witnesses.filter(testifies)
  const worst = worst_(fresh) ?? worst_(witnesses)
  if (!worst) return { ...unseen }
  const partly: readonly Flag[] = fresh.length > 0 && fresh.length < witnesses.length ? ['partlyStale'] : []
  const flags = [...new Set([...worst.health.flags, ...partly])]
  if (fresh.length === 0) return staleOf(worst, flags)
  const holdsUntil = fresh.reduce<string | null>((until, { health }) => earliest(until, health.holdsUntil), null)
  return { ...worst.health, state: contribution(worst), underlying: null, flags, holdsUntil }
}

const unseen: Health = {
  state: 'Unknown',
  reason: 'NotSeen',
  message: 'no object of this cluster testifies to its health',
  since: null,
  underlying: null,
  flags: [],
  holdsUntil: null,
}

function staleOf({ health }: Witness, flags: readonly Flag[]): Health {
  const { reason, message, since } = health
  if (health.state === 'Stale') return { ...health, flags, holdsUntil: null }
  return {
    state: 'Stale',
    reason: 'Unreachable',
    message: `last known: ${reason} ${message}`.trim(),
    since,
    underlying: health.state,
    flags,
    holdsUntil: null,
  }
}

function worst_(witnesses: readonly Witness[]): Witness | undefined {
  let worst: Witness | undefined
  for (const witness of witnesses) {
    if (!worst || rankOf(contribution(witness)) < rankOf(contribution(worst))) worst = witness
  }
  return worst
}

/**
 * The object that speaks for the whole cluster, while it is deleted or suspended: the Cluster, or Azure's managed cluster, which
 * is no part of the cluster but all of it. One that is stopped in Azure is Suspended whatever else is said (azure.md 2.3, rule 4):
 * that its API server cannot be reached follows from it, and stays visible underneath.
 */
function speakerOf({ cluster, arm }: Family): Member | undefined {
  const whole = [cluster, arm].filter((member) => member !== null).filter(testifies)
  return (
    whole.find(({ health }) => health.state === 'Deleting') ?? whole.find(({ health }) => health.state === 'Suspended')
  )
}

/** The infrastructure state of a cluster: Deleting and Suspended by what speaks for all of it, else its worst fresh witness. */
export function rollUp(family: Family, witnesses: readonly Member[]): Health {
  const worst = worstOf(witnesses)
  const own = speakerOf(family)?.health
  if (!own) return worst
  const flags = [...new Set([...own.flags, ...worst.flags])]
  const holdsUntil = earliest(own.holdsUntil, worst.holdsUntil)
  return { ...own, underlying: own.state === 'Suspended' ? worst.state : null, flags, holdsUntil }
}

/**
 * The deepest failing object under a witness that decided, and the way to it from the Cluster. Below a witness every object
 * counts, Machines too: they name what broke, though they do not make the state.
 */
export function rootCauseOf(family: Family, witnesses: readonly Member[], health: Health): RootCause | null {
  if (health.state === 'Healthy') return null
  const fresh = witnesses.filter(testifies)
  const decided = health.state === 'Stale' ? witnesses : fresh
  const state =
    health.state === 'Suspended' || health.state === 'Deleting' || health.state === 'Stale' ? null : health.state
  const speaker = speakerOf(family) ?? family.centre
  const starts = decided.filter((member) => (state === null ? member === speaker : contribution(member) === state))
  let deepest: readonly Member[] = []
  for (const start of starts.length > 0 ? starts : decided.slice(0, 1)) {
    const path = [
      ...above(family, start),
      ...(state === null ? [start] : below(family, start, rankOf(state), new Set())),
    ]
    if (isDeeper(path, deepest)) deepest = path
  }
  const last = deepest.at(-1)
  if (!last) return null
  return {
    path: deepest.map((member) => ({
      id: member.id,
      ref: member.ref,
      state: member.health.state,
      reason: member.health.reason,
    })),
    message: last.health.message === '' ? last.health.reason : last.health.message,
  }
}

/** Longer first; of equally long ones the one that ends worse. */
function isDeeper(path: readonly Member[], than: readonly Member[]): boolean {
  if (path.length !== than.length) return path.length > than.length
  const [a, b] = [path.at(-1), than.at(-1)]
  return a !== undefined && b !== undefined && rankOf(contribution(a)) < rankOf(contribution(b))
}

/** The ancestors, Cluster first. */
function above(family: Family, member: Member): readonly Member[] {
  const path: Member[] = []
  const seen = new Set([member.id])
  for (let parent = family.parentOf(member); parent && !seen.has(parent.id); parent = family.parentOf(parent)) {
    seen.add(parent.id)
    path.unshift(parent)
  }
  return path
}

/**
 * The longest way down to an object at least as bad as the state that decided; empty where there is none. It may lead through what only
 * waits for such a one (a Machine waits for its virtual machine), and not through what says that all is well.
 */
function below(family: Family, from: Member, rank: number, seen: Set<string>): readonly Member[] {
  seen.add(from.id)
  let longest: readonly Member[] = []
  // The Cluster owns everything; what deserves to start a path of its own does so as a witness.
  const children = from === family.cluster ? [] : family.childrenOf(from)
  for (const child of children) {
    if (seen.has(child.id) || !testifies(child) || contribution(child) === 'Healthy') continue
    if (family.partOf(child) === 'gitops') continue
    const path = below(family, child, rank, seen)
    if (isDeeper(path, longest)) longest = path
  }
  return longest.length > 0 || rankOf(contribution(from)) <= rank ? [from, ...longest] : []
}
