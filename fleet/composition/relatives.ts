import type { Member } from '../cluster.ts'
import type { Health, State } from '../health.ts'
import type { Family } from './family.ts'

/**
 * The health of kinds that do not know all their own trouble, for every one of them. AzureASOManaged* report only "not
 * ready", so an unready child's Failed or Degraded becomes theirs, and the Cluster's pause is theirs too; an Azure Service
 * Operator object that CAPZ paused is not one that its user only observes (domain.md 3.4).
 */
export function judgeRelatives(family: Family): ReadonlyMap<string, Health> {
  const judgements = new Map<string, Health>()
  const isPaused = family.cluster?.health.state === 'Suspended'
  for (const member of family.members) {
    if (!family.kindOf(member).judgedWithRelatives) continue
    judgements.set(member.id, isAso(member) ? pausedBy(isPaused, member.health) : judge(family, member))
  }
  return judgements
}

const isAso = ({ ref }: Member): boolean => ref.group.endsWith('.azure.com')

function pausedBy(isPaused: boolean, health: Health): Health {
  if (!isPaused || !health.flags.includes('observeOnly')) return health
  return { ...health, flags: health.flags.filter((flag) => flag !== 'observeOnly') }
}

function judge(family: Family, member: Member): Health {
  const { health } = member
  if (health.state === 'Deleting' || health.state === 'Stale') return health
  const child = worstChild(family, member)
  const ill = child ? inherited(health, child) : health
  if (family.cluster?.health.state !== 'Suspended' || health.state === 'Suspended') return ill
  const { reason, message, since } = family.cluster.health
  return { ...ill, state: 'Suspended', reason, message, since, underlying: ill.state }
}

function inherited(health: Health, child: Member): Health {
  const state = trouble(child)
  if (state === null) return health
  const { reason, message, since, holdsUntil } = child.health
  const own = { ...health, reason, since, holdsUntil, message: `${child.ref.kind}/${child.ref.name}: ${message}` }
  return health.state === 'Suspended' ? { ...health, underlying: state } : { ...own, state }
}

/** Failed or Degraded, also where a pause hides it. */
function trouble({ health }: Member): State | null {
  const state = health.state === 'Suspended' ? health.underlying : health.state
  return state === 'Failed' || state === 'Degraded' ? state : null
}

/** The child that makes its parent ill: one that failed, whatever the list says of it; a Degraded one where it is not ready. */
function worstChild(family: Family, member: Member): Member | null {
  let degraded: Member | null = null
  for (const { group, kind, name, ready } of member.facts.children ?? []) {
    const child = family.named({ group, kind, namespace: member.ref.namespace, name })
    if (!child?.fresh) continue
    const state = trouble(child)
    if (state === 'Failed') return child
    if (state === 'Degraded' && !ready) degraded ??= child
  }
  return degraded
}
