import type { KubeObject } from '../kinds/kind.ts'
import type { Facts, Replicas } from '../observation.ts'
import type { ObjectRef } from '../reference.ts'
import { defined, definedOrNone, int, isRecord, record, text } from '../wire.ts'
import { serverAddress } from './destination.ts'

type Versions = NonNullable<Facts['versions']>

/** `status.versions[]` of Cluster API 1.14 and later, ordered old to new. */
export function versionsOf(value: unknown): Versions | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const versions: { version: string; replicas: number | null }[] = []
  for (const item of value) {
    const version = isRecord(item) ? text(item.version) : undefined
    if (version !== undefined && isRecord(item)) versions.push({ version, replicas: int(item.replicas) ?? null })
  }
  return versions.length === 0 ? undefined : versions
}

/**
 * A reference of either API version: v1beta1 writes `apiVersion`, v1beta2 `apiGroup`. The object is always in the
 * referrer's namespace (domain.md 1), whatever a v1beta1 reference says.
 */
export function refOf(object: KubeObject, value: unknown): ObjectRef | undefined {
  if (!isRecord(value)) return undefined
  const kind = text(value.kind)
  const name = text(value.name)
  const group = text(value.apiGroup) ?? groupOf(text(value.apiVersion))
  if (kind === undefined || name === undefined || group === undefined) return undefined
  return { group, kind, namespace: object.ref.namespace, name }
}

function groupOf(apiVersion: string | undefined): string | undefined {
  return apiVersion?.slice(0, Math.max(0, apiVersion.lastIndexOf('/')))
}

const autoscaler = 'cluster.x-k8s.io/cluster-api-autoscaler-node-group-'

/** Somebody else sets the replicas, so a difference there is not drift (domain.md 2.1). */
function isAutoscaled({ annotations }: KubeObject): boolean {
  return (
    'cluster.x-k8s.io/replicas-managed-by' in annotations ||
    `${autoscaler}min-size` in annotations ||
    `${autoscaler}max-size` in annotations
  )
}

/** The version and the infrastructure that a set of machines asks for (`spec.template.spec`). */
function templateOf(object: KubeObject): { version: string | undefined; infrastructure: ObjectRef | undefined } {
  const spec = record(record(object.spec.template).spec)
  return { version: text(spec.version), infrastructure: refOf(object, spec.infrastructureRef) }
}

/**
 * Counters of either API version: a v1beta1 read keeps the new ones under `status.v1beta2`, and before those there was no
 * available counter on control planes, only what is unavailable.
 */
export function replicasOf({ spec, status }: KubeObject): Replicas | undefined {
  const desired = int(spec.replicas)
  const nested = record(status.v1beta2)
  const unavailable = int(status.unavailableReplicas)
  const available =
    int(status.availableReplicas) ??
    int(nested.availableReplicas) ??
    (desired !== undefined && unavailable !== undefined ? Math.max(0, desired - unavailable) : undefined)
  const current = int(status.replicas)
  const ready = int(status.readyReplicas)
  const upToDate = int(status.upToDateReplicas) ?? int(nested.upToDateReplicas) ?? int(status.updatedReplicas)
  return definedOrNone({ desired, current, ready, available, upToDate })
}

/** What MachineDeployment, MachinePool and MachineSet say in the same places. */
export function workersFacts(object: KubeObject): Facts {
  const template = templateOf(object)
  const versions = versionsOf(object.status.versions)
  return defined({
    versionDeclared: template.version,
    versionObserved: versions?.[0]?.version,
    versions,
    replicas: replicasOf(object),
    phase: text(object.status.phase),
    refs: definedOrNone({ infrastructure: template.infrastructure }),
    pool: isAutoscaled(object) ? { autoscaled: true } : undefined,
  })
}

/** As far as it tells IPv6 from a name and from IPv4: what is no address, reading it as a URL finds out. */
const isIPv6 = /^[^[]*:.*:/

/**
 * `host:port` of a control plane, as GitOps tools' destinations are written, so that the two can be the same; absent where `host` is
 * none. EKS writes its endpoint as a URL, and CAPA copies that into `host` (`pkg/cloud/services/eks/cluster.go`).
 */
export function endpointOf(value: unknown): string | undefined {
  const { host, port } = record(value)
  const named = text(host)?.replace(/^https:\/\//, '')
  if (named === undefined) return undefined
  return serverAddress(`https://${isIPv6.test(named) ? `[${named}]` : named}:${int(port) ?? 443}`) ?? undefined
}
