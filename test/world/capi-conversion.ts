import type { KubeWire } from './api/object.ts'
import type { Era } from './resource.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * A Cluster API object of v1beta2 as v1beta1 shows it: what the conversion webhook of 1.11 and later does, as far as the
 * world's objects go (domain.md 1). Releases before 1.11 store that shape.
 */
export function toV1beta1(object: KubeWire, era: Era): KubeWire {
  const spec = fields(object.spec)
  const status = object.status === undefined ? undefined : fields(object.status)
  const namespace = object.metadata.namespace ?? ''
  const reference = referenceIn(namespace, era)
  const convert = byKind[object.kind]
  if (convert === undefined) return object
  const converted = convert(spec, status ?? {}, reference, era)
  const { status: _status, spec: _spec, ...envelope } = object
  return {
    ...envelope,
    apiVersion: `${object.apiVersion.split('/')[0]}/v1beta1`,
    spec: converted.spec,
    ...(status === undefined ? {} : { status: compact(converted.status) }),
  }
}

type Reference = (ref: unknown) => object
type Convert = (spec: Fields, status: Fields, reference: Reference, era: Era) => { spec: object; status: Fields }

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? { ...value } : {})
/** Without what is undefined: JSON has no such thing. */
const compact = (value: Fields): Fields =>
  Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined))

const versionIn = (group: string, kind: string, era: Era): string =>
  kind.startsWith('AWS')
    ? 'v1beta2'
    : group.startsWith('infrastructure') && kind.startsWith('AzureASO') && era === 'old'
      ? 'v1alpha1'
      : 'v1beta1'

function referenceIn(namespace: string, era: Era): Reference {
  return (ref) => {
    const { apiGroup, apiVersion, kind, name } = fields(ref)
    const group = String(apiGroup ?? String(apiVersion).split('/')[0])
    return { apiVersion: `${group}/${versionIn(group, String(kind), era)}`, kind, name, namespace }
  }
}

/** What every v1beta1 status has: legacy conditions in front, the new ones and their counters behind `v1beta2`. */
function common(status: Fields, counters: readonly string[]): Fields {
  const old = fields(fields(status.deprecated).v1beta1)
  const behind = compact({
    conditions: status.conditions,
    ...Object.fromEntries(counters.map((name) => [name, status[name]])),
  })
  return {
    observedGeneration: status.observedGeneration,
    ...old,
    v1beta2: Object.keys(behind).length === 0 ? undefined : behind,
  }
}

const withoutVersions = (era: Era, counters: unknown): unknown => {
  if (counters === undefined || era === 'new') return counters
  const { versions: _versions, ...rest } = fields(counters)
  return rest
}

const replicaCounters = ['readyReplicas', 'availableReplicas', 'upToDateReplicas']

function template(value: unknown, reference: Reference): object {
  const { metadata, spec } = fields(value)
  const { bootstrap, infrastructureRef, ...rest } = fields(spec)
  const { configRef } = fields(bootstrap)
  return {
    ...(metadata === undefined ? {} : { metadata }),
    spec: {
      ...rest,
      bootstrap: configRef === undefined ? bootstrap : { ...fields(bootstrap), configRef: reference(configRef) },
      infrastructureRef: reference(infrastructureRef),
    },
  }
}

/** Kinds that own replicas made from a template. */
const replicated: Convert = (spec, status, reference) => {
  const { template: made, rollout, ...rest } = spec
  const strategy = fields(rollout).strategy
  const { bootstrapDataSecretCreated, infrastructureProvisioned } = fields(status.initialization)
  const { replicas, phase, selector, nodeRefs } = status
  return {
    spec: { ...rest, ...(strategy === undefined ? {} : { strategy }), template: template(made, reference) },
    status: {
      ...common(status, replicaCounters),
      replicas,
      phase,
      selector,
      nodeRefs,
      bootstrapReady: bootstrapDataSecretCreated,
      infrastructureReady: infrastructureProvisioned,
    },
  }
}

const cluster: Convert = (spec, status, reference, era) => {
  const { controlPlaneRef, infrastructureRef, topology, ...rest } = spec
  const { classRef, ...rebuilt } = fields(topology)
  const { controlPlaneInitialized, infrastructureProvisioned } = fields(status.initialization)
  const { controlPlane, workers } = status
  const shared = common(
    { ...status, controlPlane: withoutVersions(era, controlPlane), workers: withoutVersions(era, workers) },
    ['controlPlane', 'workers'],
  )
  const domains = Array.isArray(status.failureDomains) ? status.failureDomains.map((domain) => fields(domain)) : []
  return {
    spec: {
      ...rest,
      controlPlaneRef: reference(controlPlaneRef),
      infrastructureRef: reference(infrastructureRef),
      ...(topology === undefined ? {} : { topology: { class: fields(classRef).name, ...rebuilt } }),
    },
    status: {
      ...shared,
      phase: status.phase,
      infrastructureReady: infrastructureProvisioned ?? false,
      controlPlaneReady: controlPlaneInitialized ?? false,
      ...(domains.length === 0
        ? {}
        : { failureDomains: Object.fromEntries(domains.map(({ name, ...domain }) => [String(name), domain])) }),
    },
  }
}

const machine: Convert = (spec, status, reference) => {
  const { bootstrap, infrastructureRef, ...rest } = spec
  const { configRef } = fields(bootstrap)
  const { bootstrapDataSecretCreated, infrastructureProvisioned } = fields(status.initialization)
  const { nodeRef, nodeInfo, phase, lastUpdated, addresses, certificatesExpiryDate } = status
  return {
    spec: {
      ...rest,
      bootstrap: configRef === undefined ? bootstrap : { ...fields(bootstrap), configRef: reference(configRef) },
      infrastructureRef: reference(infrastructureRef),
    },
    status: {
      ...common(status, []),
      nodeInfo,
      phase,
      lastUpdated,
      addresses,
      certificatesExpiryDate,
      bootstrapReady: bootstrapDataSecretCreated,
      infrastructureReady: infrastructureProvisioned,
      nodeRef: nodeRef === undefined ? undefined : { apiVersion: 'v1', kind: 'Node', ...fields(nodeRef) },
    },
  }
}

const healthCheck: Convert = (spec, status) => {
  const { checks, remediation, ...rest } = spec
  const { nodeStartupTimeoutSeconds, unhealthyNodeConditions } = fields(checks)
  const conditions = Array.isArray(unhealthyNodeConditions) ? unhealthyNodeConditions : []
  const { expectedMachines, currentHealthy, remediationsAllowed, targets } = status
  return {
    spec: {
      ...rest,
      maxUnhealthy: fields(fields(remediation).triggerIf).unhealthyLessThanOrEqualTo,
      nodeStartupTimeout: `${nodeStartupTimeoutSeconds}s`,
      unhealthyConditions: conditions.map(({ timeoutSeconds, ...condition }) => ({
        ...condition,
        timeout: `${timeoutSeconds}s`,
      })),
    },
    status: { ...common(status, []), expectedMachines, currentHealthy, remediationsAllowed, targets },
  }
}

const controlPlane: Convert = (spec, status, reference) => {
  const { machineTemplate, rollout, ...rest } = spec
  const made = fields(machineTemplate)
  const { controlPlaneInitialized } = fields(status.initialization)
  const { replicas, version, selector } = status
  return {
    spec: {
      ...rest,
      machineTemplate: { metadata: made.metadata, infrastructureRef: reference(fields(made.spec).infrastructureRef) },
      rolloutStrategy: fields(rollout).strategy,
    },
    status: {
      ...common(status, replicaCounters),
      replicas,
      version,
      selector,
      initialized: controlPlaneInitialized ?? false,
      ready: Number(status.readyReplicas ?? 0) > 0,
    },
  }
}

const clusterClass: Convert = (spec, status, reference) => {
  const old = (part: unknown) => ({ ref: reference(fields(part).templateRef) })
  const { templateRef, machineInfrastructure } = fields(spec.controlPlane)
  const { machineDeployments } = fields(spec.workers)
  const classes = Array.isArray(machineDeployments) ? machineDeployments.map((one) => fields(one)) : []
  return {
    spec: {
      infrastructure: old(spec.infrastructure),
      controlPlane: {
        ...old({ templateRef }),
        ...(machineInfrastructure === undefined ? {} : { machineInfrastructure: old(machineInfrastructure) }),
      },
      workers: {
        machineDeployments: classes.map((one) => ({
          class: one.class,
          template: { bootstrap: old(one.bootstrap), infrastructure: old(one.infrastructure) },
        })),
      },
      ...(spec.variables === undefined ? {} : { variables: spec.variables }),
    },
    status: common(status, []),
  }
}

const byKind: Readonly<Record<string, Convert>> = {
  Cluster: cluster,
  ClusterClass: clusterClass,
  KubeadmControlPlane: controlPlane,
  Machine: machine,
  MachineDeployment: replicated,
  MachineHealthCheck: healthCheck,
  MachinePool: replicated,
  MachineSet: replicated,
}
