import type { Member } from '../cluster.ts'
import type { ObjectRef } from '../reference.ts'

const keyOf = (source: string, { group, kind, namespace, name }: ObjectRef): string =>
  `${source}\0${group}\0${kind}\0${namespace}\0${name}`

const nameOf = ({ ref }: Member): string => `${ref.namespace}/${ref.name}`

/**
 * Circles among objects that wait for each other (`dependsOn`), by the id of each object that one of them holds up: `a → b → a`,
 * from the first of their names on.
 */
export function circlesOf(members: readonly Member[]): ReadonlyMap<string, string> {
  const byKey = new Map(members.map((member) => [keyOf(member.source, member.ref), member]))
  const waitsFor: Waits = new Map(
    members.map((member) => [
      member,
      (member.facts.gitops?.dependsOn ?? []).flatMap((ref) => byKey.get(keyOf(member.source, ref)) ?? []),
    ]),
  )
  const circles = new Map<string, string>()
  const stuck = heldUp(waitsFor)
  for (const member of stuck) if (!circles.has(member.id)) walk(member, stuck, waitsFor, circles)
  return circles
}

type Waits = ReadonlyMap<Member, readonly Member[]>

/** Those that are left when all are taken away whose dependencies were: they wait for a circle, or are part of one. */
function heldUp(waitsFor: Waits): ReadonlySet<Member> {
  const left = new Map<Member, number>()
  const waiters = new Map<Member, Member[]>()
  for (const [member, on] of waitsFor) {
    left.set(member, on.length)
    for (const one of on) {
      const waiting = waiters.get(one)
      if (waiting) waiting.push(member)
      else waiters.set(one, [member])
    }
  }
  const free = [...left].filter(([, count]) => count === 0).map(([member]) => member)
  for (const member of free) {
    left.delete(member)
    for (const waiter of waiters.get(member) ?? []) {
      const count = (left.get(waiter) ?? 0) - 1
      left.set(waiter, count)
      if (count === 0) free.push(waiter)
    }
  }
  return new Set(left.keys())
}

/** Follows the first dependency that is held up too, until it comes back to where it was, or to one whose circle is known. */
function walk(from: Member, stuck: ReadonlySet<Member>, waitsFor: Waits, circles: Map<string, string>): void {
  const path = new Set<Member>()
  let at = from
  while (!path.has(at) && !circles.has(at.id)) {
    path.add(at)
    // Held up means that something it waits for is held up.
    at = waitsFor.get(at)?.find((one) => stuck.has(one)) ?? at
  }
  const way = [...path]
  const circle = circles.get(at.id) ?? written(way.slice(way.indexOf(at)))
  for (const member of path) circles.set(member.id, circle)
}

/** From the first of its names on, so that it is written alike wherever one comes into it. */
function written(circle: readonly Member[]): string {
  const names = circle.map(nameOf)
  const first = names.indexOf(names.toSorted()[0] ?? '')
  const turned = [...names.slice(first), ...names.slice(0, first + 1)]
  return turned.join(' → ')
}
