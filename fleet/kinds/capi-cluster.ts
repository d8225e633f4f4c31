import { endpointOf, refOf, versionsOf } from '../families/capi-facts.ts'
import { coreKind } from '../families/core.ts'
import { managedByOf, managersOf } from '../families/managed-by.ts'
import { topologyFailed, topologyFailures } from '../families/rollout.ts'
import { changesBy, freshlyUnmet, gatesOf, summaryRung, unmetInputs } from '../families/summary.ts'
import { clusterTopology, sealCluster } from '../families/topology.ts'
import type { Rung } from '../health.ts'
import { has, isFresh, later, type Row, rungOf, type View } from '../ladder.ts'
import type { Condition, Facts } from '../observation.ts'
import { bool, defined, definedOrNone, int, isRecord, record, text } from '../wire.ts'
import type { Kind, KubeObject } from './kind.ts'

/** How long a cluster may take before its control plane is initialised (domain.md 3.4). */
const provisioningMs = 60 * 60_000

/** What Cluster API summarises as Available, in its order (domain.md 3.2). */
const inputs = [
  '!Deleting',
  'RemoteConnectionProbe',
  'InfrastructureReady',
  'ControlPlaneAvailable',
  'WorkersAvailable',
]

export const capiCluster: Kind = {
  ...coreKind(
    { kind: 'Cluster', plural: 'clusters', part: 'cluster' },
    {
      primary: 'Available',
      row: clusterRow,
      counters: (view) => ({
        changes: [scaling(view, 'controlPlane'), scaling(view, 'workers')].filter((r) => r !== undefined),
        short: false,
      }),
      facts: factsOf,
      rolls: true,
      drift: (view) => [topologyFailed(view)],
      owner: ({ ref }) => ({ namespace: ref.namespace, name: ref.name }),
    },
  ),
  seal: sealCluster,
}

function clusterRow(view: View): Row {
  const unmet = freshlyUnmet(view)
  const topology = has(view, 'TopologyReconciled', 'False')
  const isFailure = topologyFailures.has(topology?.reason ?? '')
  const failed = isFailure && topology && isFresh(view, topology) ? topology : undefined
  const waiting = isFailure ? undefined : topology
  return {
    problems: unmet ? problemsOf(view, unmet, failed) : [],
    changes: [
      ...changesBy(view, ['RollingOut', 'ScalingUp', 'ScalingDown', 'Remediating']),
      waiting && rungOf('Progressing', waiting),
      uninitialised(view),
    ],
  }
}

/** Available=False: a problem, but for new workers on their way, and for a control plane that is still being made. */
function problemsOf(view: View, available: Condition, topologyFailed: Condition | undefined): (Rung | undefined)[] {
  const gates = unmetInputs(view, gatesOf(view.object.spec.availabilityGates))
  const unmet = [...unmetInputs(view, inputs), ...(topologyFailed ? [topologyFailed] : []), ...gates]
  if (isInitialised(view)) {
    const onlyWorkers = unmet.length === 1 && unmet[0]?.type === 'WorkersAvailable'
    const growing = has(view, 'ScalingUp', 'True') ?? has(view, 'RollingOut', 'True')
    return onlyWorkers && growing ? [] : [summaryRung(available, unmet)]
  }
  if (topologyFailed) return [rungOf('Degraded', topologyFailed)]
  const { createdAt } = view.object
  return [
    createdAt === null ? undefined : summaryRung(available, unmet, { from: { at: later(createdAt, provisioningMs) } }),
  ]
}

function isInitialised(view: View): boolean {
  const { status } = view.object
  return (
    record(status.initialization).controlPlaneInitialized === true ||
    status.controlPlaneReady === true ||
    has(view, 'ControlPlaneInitialized', 'True') !== undefined
  )
}

/** Counts only while Available is reported and not True: Available includes it (domain.md 3.3, rule 8). */
function uninitialised(view: View): Rung | undefined {
  const { primary } = view
  if (!primary || primary.status === 'True' || isInitialised(view)) return undefined
  return rungOf('Progressing', has(view, 'ControlPlaneInitialized', 'False') ?? primary)
}

/** Counters of the control plane or the workers; a v1beta1 read has them beside the new conditions. */
function countersOf({ status }: KubeObject, of: 'controlPlane' | 'workers'): Readonly<Record<string, unknown>> {
  return isRecord(status[of]) ? status[of] : record(record(status.v1beta2)[of])
}

function scaling(view: View, of: 'controlPlane' | 'workers'): Rung | undefined {
  const counters = countersOf(view.object, of)
  const current = int(counters.replicas)
  const desired = int(counters.desiredReplicas)
  if (current === undefined || desired === undefined || current === desired) return undefined
  const message = `${of}: ${current} replicas, ${desired} wanted`
  return { state: 'Progressing', reason: current < desired ? 'ScalingUp' : 'ScalingDown', message }
}

function factsOf(object: KubeObject): Facts {
  const { spec, status } = object
  const topology = record(spec.topology)
  const controlPlane = countersOf(object, 'controlPlane')
  const workers = countersOf(object, 'workers')
  const initialization = record(status.initialization)
  const versions = versionsOf(controlPlane.versions)
  const workerVersions = versionsOf(workers.versions)
  const classRef = classOf(object, topology)
  const managedBy = managedByOf(object)
  const reliesOn = [...(classRef ? [classRef] : []), ...managersOf(managedBy)]
  return defined({
    versionDeclared: text(topology.version),
    versionObserved: versions?.[0]?.version,
    versions,
    phase: text(status.phase),
    endpoint: endpointOf(spec.controlPlaneEndpoint),
    refs: definedOrNone({
      infrastructure: refOf(object, spec.infrastructureRef),
      controlPlane: refOf(object, spec.controlPlaneRef),
      class: classRef,
    }),
    managedBy,
    reliesOn: reliesOn.length === 0 ? undefined : reliesOn,
    topology: clusterTopology(object),
    replicas: definedOrNone({
      desired: int(controlPlane.desiredReplicas),
      current: int(controlPlane.replicas),
      ready: int(controlPlane.readyReplicas),
      available: int(controlPlane.availableReplicas),
      upToDate: int(controlPlane.upToDateReplicas),
    }),
    controlPlaneInitialized: bool(initialization.controlPlaneInitialized) ?? bool(status.controlPlaneReady),
    infrastructureProvisioned: bool(initialization.infrastructureProvisioned) ?? bool(status.infrastructureReady),
    more: definedOrNone({
      workersDesired: int(workers.desiredReplicas),
      workersCurrent: int(workers.replicas),
      workersReady: int(workers.readyReplicas),
      workersAvailable: int(workers.availableReplicas),
      workersUpToDate: int(workers.upToDateReplicas),
      workersVersion: workerVersions?.[0]?.version,
    }),
  })
}

/** The ClusterClass of either API version; it may live in another namespace. */
function classOf(
  { ref, apiVersion }: KubeObject,
  topology: Readonly<Record<string, unknown>>,
): NonNullable<Facts['refs']>['class'] {
  const reference = record(topology.classRef)
  const name = text(reference.name) ?? text(topology.class)
  if (name === undefined) return undefined
  const namespace = text(reference.namespace) ?? text(topology.classNamespace) ?? ref.namespace
  return { group: apiVersion.slice(0, apiVersion.lastIndexOf('/')), kind: 'ClusterClass', namespace, name }
}
