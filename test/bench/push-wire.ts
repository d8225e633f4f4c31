import { kindOf } from '../../fleet/kinds/registry.ts'
import { printOf } from '../../fleet/push/print.ts'
import { pushLimits } from '../../fleet/push/protocol.ts'
import { clusterKind, type KindKey } from '../../fleet/reference.ts'
import { type Entry, entryOf } from '../../functions/agent/entry.ts'
import { agentLimits } from '../../functions/agent/limits.ts'
import { Mirror } from '../../functions/agent/mirror.ts'
import { cluster } from '../db/wire.ts'
import { machine } from './ingest.ts'

const machineKind: KindKey = 'cluster.x-k8s.io/Machine'
const machinesPerCluster = 20

/** All objects of a source, kind by kind, as the agent says them: what their readers look at, and nothing else. */
export type Reading = ReadonlyMap<KindKey, readonly Entry[]>

/** One request of a full reading. */
export interface Page {
  readonly kind: KindKey
  readonly lines: readonly string[]
  readonly page: number
  readonly isLast: boolean
}

/** About so many objects; `changed`: every so many-th Machine is another version of itself. */
export function readingOf(
  objects: number,
  changed: { readonly every: number; readonly version: number } | null = null,
): Reading {
  const clusters = Math.floor(objects / (machinesPerCluster + 1))
  const machines = objects - clusters
  return new Map([
    [clusterKind, Array.from({ length: clusters }, (_, n) => entry(clusterKind, cluster(clusterName(n))))],
    [
      machineKind,
      Array.from({ length: machines }, (_, n) =>
        changed && n % changed.every === 0 ? changedMachine(n, changed.version) : entry(machineKind, machine(n)),
      ),
    ],
  ])
}

const clusterName = (n: number): string => `cluster-${String(n).padStart(5, '0')}`

/** A delta with every so many-th Machine. */
export function changedLines(objects: number, every: number, version: number): readonly string[] {
  const machines = objects - Math.floor(objects / (machinesPerCluster + 1))
  const changed = Array.from({ length: Math.floor(machines / every) }, (_, n) => changedMachine(n * every, version))
  return [JSON.stringify({ type: 'kind', kind: machineKind, proof: 'delta' }), ...changed.map(({ line }) => line)]
}

/** Its node was lost, and the server counted on. */
function changedMachine(n: number, version: number): Entry {
  const { metadata, status, ...rest } = machine(n)
  const [first, ...conditions] = status.conditions
  const message = `the node has not answered for ${version} minutes`
  return entry(machineKind, {
    ...rest,
    metadata: { ...metadata, resourceVersion: `${version}${metadata.resourceVersion}` },
    status: {
      ...status,
      conditions: [{ ...first, status: 'False', reason: 'NodeNotHealthy', message }, ...conditions],
    },
  })
}

function entry(kind: KindKey, wire: object): Entry {
  const made = entryOf(kindOf(kind), wire, pushLimits.lineBytes)
  if (made === null || made.print !== printOf(wire)) throw new Error('an object without a name')
  return made
}

export function pagesOf(reading: Reading): readonly Page[] {
  const { pageObjects } = agentLimits
  return [...reading].flatMap(([kind, entries]) => {
    const pages = Math.ceil(entries.length / pageObjects)
    return Array.from({ length: pages }, (_, page) => {
      const some = entries.slice(page * pageObjects, (page + 1) * pageObjects)
      return { kind, lines: some.map(({ line }) => line), page, isLast: page === pages - 1 }
    })
  })
}

/** What a sign of life says of them. */
export function digests(source: string, reading: Reading): readonly string[] {
  return [...reading].map(([kind, entries]) => {
    const mirror = new Mirror(source, kind)
    for (const { key, print } of entries) mirror.set(key, print)
    return JSON.stringify(mirror.digest(false))
  })
}
