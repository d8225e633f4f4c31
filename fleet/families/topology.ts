import { hash } from 'node:crypto'
import type { KubeObject, Part } from '../kinds/kind.ts'
import type { Facts } from '../observation.ts'
import type { ObjectRef } from '../reference.ts'
import type { Topology } from '../rollout.ts'
import { definedOrNone, int, isRecord, list, record, text, type Wire } from '../wire.ts'
import { refOf } from './capi-facts.ts'

const clonedName = 'cluster.x-k8s.io/cloned-from-name'
const clonedKind = 'cluster.x-k8s.io/cloned-from-groupkind'
const ownedLabel = 'topology.cluster.x-k8s.io/owned'
const workerLabels = ['topology.cluster.x-k8s.io/deployment-name', 'topology.cluster.x-k8s.io/pool-name'] as const

/** Machines and their like are many, and what they were cloned from says their set. */
const parts: ReadonlySet<Part> = new Set(['controlPlane', 'infrastructure', 'workers', 'pool'])

/** The facts with what the object says of the topology it belongs to, where it says something. */
export function withOrigin(part: Part, object: KubeObject, facts: Facts): Facts {
  const topology = parts.has(part) ? originOf(part, object) : undefined
  return topology === undefined ? facts : { ...facts, topology }
}

/** The template it was cloned from, and whether the topology controller calls it its own (domain.md 4.3). */
function originOf(part: Part, { labels, annotations }: KubeObject): Topology | undefined {
  const name = text(annotations[clonedName])
  const groupKind = text(annotations[clonedKind])
  const [workerName] = workerLabels.flatMap((label) => text(labels[label]) ?? [])
  const clonedFrom = name === undefined || groupKind === undefined ? undefined : { groupKind, name }
  const tells = part === 'workers' || clonedFrom !== undefined || ownedLabel in labels
  return definedOrNone({
    clonedFrom,
    owned: tells ? ownedLabel in labels : undefined,
    workerName,
  })
}

const workerKinds = [
  ['machineDeployments', 'machineDeployment'],
  ['machinePools', 'machinePool'],
] as const

/** What a Cluster declares of its topology; absent without one. */
export function clusterTopology({ spec }: KubeObject): Topology | undefined {
  if (!isRecord(spec.topology)) return undefined
  const { workers, variables } = spec.topology
  return definedOrNone({
    workers: workersOf(workers, 'name'),
    variables: digestsOf(variables, ({ value }) => value),
  })
}

/** What a ClusterClass offers. Its shape differs by API version: `ref` of v1beta1 is `templateRef` in v1beta2. */
export function classTopology(object: KubeObject): Topology | undefined {
  const { spec, generation } = object
  return definedOrNone({
    classVersion: generation === null ? undefined : String(generation),
    workers: workersOf(spec.workers, 'class'),
    templates: templatesOf(object),
    variables: digestsOf(spec.variables, defaultOf),
  })
}

/** A Cluster with digests in place of its variables' values. */
export function sealCluster(wire: Wire): Wire {
  const spec = record(wire.spec)
  const { variables, ...topology } = record(spec.topology)
  if (!Array.isArray(variables)) return wire
  const sealed = variables.map((variable) => ({ ...record(variable), value: sealOf(record(variable).value) }))
  return { ...wire, spec: { ...spec, topology: { ...topology, variables: sealed } } }
}

/** A ClusterClass with digests in place of its variables' defaults. */
export function sealClass(wire: Wire): Wire {
  const { variables, ...spec } = record(wire.spec)
  if (!Array.isArray(variables)) return wire
  const sealed = variables.map((variable) => ({
    ...record(variable),
    schema: { openAPIV3Schema: { default: sealOf(defaultOf(record(variable))) } },
  }))
  return { ...wire, spec: { ...spec, variables: sealed } }
}

function workersOf(workers: unknown, key: 'name' | 'class'): Topology['workers'] {
  const found = workerKinds.flatMap(([field, kind]) =>
    list(record(workers)[field])
      .map(record)
      .flatMap((worker) => {
        const name = text(worker[key])
        const replicas = key === 'name' ? int(worker.replicas) : undefined
        return name === undefined ? [] : [{ name, kind, ...(replicas === undefined ? {} : { replicas }) }]
      }),
  )
  return found.length === 0 ? undefined : found
}

function templatesOf(object: KubeObject): readonly ObjectRef[] | undefined {
  const { infrastructure, controlPlane, workers } = object.spec
  const sets = workerKinds.flatMap(([field]) => list(record(workers)[field]).map(record))
  const holders = [
    infrastructure,
    controlPlane,
    record(controlPlane).machineInfrastructure,
    ...sets.flatMap((set) => {
      const { bootstrap, infrastructure: machines } = { ...record(set.template), ...set }
      return [bootstrap, machines]
    }),
  ]
  const templates = new Map<string, ObjectRef>()
  for (const holder of holders.map(record)) {
    const ref = refOf(object, holder.templateRef ?? holder.ref)
    if (ref) templates.set(`${ref.group}/${ref.kind}/${ref.name}`, ref)
  }
  return templates.size === 0 ? undefined : [...templates.values()]
}

/** The first of several of one name counts: they differ by where they were defined only. */
function digestsOf(variables: unknown, pick: (variable: Wire) => unknown): Topology['variables'] {
  const digests = new Map<string, string>()
  for (const variable of list(variables).map(record)) {
    const name = text(variable.name)
    if (name !== undefined && !digests.has(name)) digests.set(name, digestOf(pick(variable)))
  }
  return digests.size === 0 ? undefined : Object.fromEntries([...digests].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const defaultOf = ({ schema }: Wire): unknown => record(record(schema).openAPIV3Schema).default

/** Stands for a value that only its digest is told of. */
const sealKey = 'rollcall/digest'
const sealOf = (value: unknown): Wire | undefined => (value === undefined ? undefined : { [sealKey]: digestOf(value) })

/** Enough to tell two values apart, and too little to tell what they are: values may be secrets. '' for none. */
function digestOf(value: unknown): string {
  const sealed = text(record(value)[sealKey])
  if (sealed !== undefined) return sealed.slice(0, 6)
  return value === undefined ? '' : hash('sha256', canonical(value), 'hex').slice(0, 6)
}

/** Values nested deeper are taken for equal there: nobody writes them, and reading them must not exhaust the stack. */
const deepest = 50

/** JSON with the keys of every object in order, so that equal values are equal texts. */
function canonical(value: unknown, depth = 0): string {
  if (depth > deepest) return '…'
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(',')}]`
  if (!isRecord(value)) return JSON.stringify(value) ?? 'null'
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key], depth + 1)}`)
  return `{${members.join(',')}}`
}
