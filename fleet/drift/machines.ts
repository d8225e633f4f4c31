import type { Member } from '../cluster.ts'
import type { Family } from '../composition/family.ts'
import { type Difference, evidenceMax, type OwnDifference } from './difference.ts'
import { aboutOf, called, type Notes } from './notes.ts'

/** A Machine that shows that it is not as its set asks for. */
export interface Outdated {
  readonly machine: Member
  readonly own: OwnDifference
}

/**
 * Machines that are not as their sets ask for, as one difference for each set: a rollout of five hundred machines is one thing to look
 * at. The set is what a person declares: a MachineDeployment, not the MachineSets it makes.
 */
export function noteMachines(notes: Notes, family: Family, outdated: readonly Outdated[]): void {
  if (outdated.length === 0) return
  const sizes = new Map<Member, number>()
  for (const member of family.members) {
    if (family.partOf(member) !== 'machine') continue
    const set = setOf(family, member)
    sizes.set(set, (sizes.get(set) ?? 0) + 1)
  }
  for (const [set, own] of Map.groupBy(outdated, ({ machine }) => setOf(family, machine)))
    notes.differences.push(differenceOf(set, own, sizes.get(set) ?? 0))
}

function setOf(family: Family, machine: Member): Member {
  const parent = family.parentOf(machine)
  if (!parent || parent === family.cluster) return machine
  const above = family.parentOf(parent)
  return above && family.partOf(above) === 'workers' ? above : parent
}

function differenceOf(set: Member, outdated: readonly Outdated[], size: number): Difference {
  const machines = new Set(outdated.map(({ machine }) => machine))
  const count = machines.size
  const since = set.facts.rollout?.startedAt ?? earliest(outdated)
  const alone = machines.has(set)
  return {
    code: 'machineNotUpToDate',
    about: aboutOf(set),
    field: outdated[0]?.own.field ?? '',
    expected: alone ? (outdated[0]?.own.expected ?? null) : '0',
    actual: alone ? (outdated[0]?.own.actual ?? null) : String(count),
    message: alone
      ? `${called(set.ref)} is not as it should be.`
      : `${count} of ${size} machines of ${called(set.ref)} are not as it asks for.`,
    ...(since === undefined ? undefined : { since }),
    evidence: outdated.slice(0, evidenceMax).map(({ machine, own: { field, expected, actual } }) => ({
      field: `${called(machine.ref)} ${field}`,
      expected,
      actual,
      from: machine.source,
      asOf: null,
    })),
  }
}

function earliest(outdated: readonly Outdated[]): string | undefined {
  let first: string | undefined
  for (const { own } of outdated)
    if (own.since !== undefined && (first === undefined || Date.parse(own.since) < Date.parse(first))) first = own.since
  return first
}
