import { replicaCounters } from '../families/capi.ts'
import { replicasOf, versionsOf } from '../families/capi-facts.ts'
import { coreKind } from '../families/core.ts'
import { lastRemediationOf } from '../families/remediation.ts'
import { mixedVersions } from '../families/rollout.ts'
import { changesBy, freshlyUnmet, summaryRung, unmetInputs } from '../families/summary.ts'
import type { Rung } from '../health.ts'
import { has, type Row, rungOf, type View } from '../ladder.ts'
import type { Facts } from '../observation.ts'
import { bool, defined, definedOrNone, record, text } from '../wire.ts'
import type { KubeObject } from './kind.ts'

/** What makes a control plane available. */
const inputs = ['!Deleting', 'CertificatesAvailable', 'EtcdClusterHealthy', 'ControlPlaneComponentsHealthy']

export const capiKubeadmControlPlane = coreKind(
  {
    group: 'controlplane.cluster.x-k8s.io',
    kind: 'KubeadmControlPlane',
    plural: 'kubeadmcontrolplanes',
    part: 'controlPlane',
  },
  {
    primary: 'Available',
    row: controlPlaneRow,
    counters: replicaCounters,
    facts: factsOf,
    rolls: true,
    drift: (view) => [mixedVersions(view)],
  },
)

function controlPlaneRow(view: View): Row {
  const unmet = freshlyUnmet(view)
  return {
    problems: [unmet && isInitialised(view) ? summaryRung(unmet, unmetInputs(view, inputs)) : undefined],
    changes: [...changesBy(view, ['RollingOut', 'ScalingUp', 'ScalingDown', 'Remediating']), uninitialised(view)],
  }
}

function isInitialised(view: View): boolean {
  const { status } = view.object
  return (
    record(status.initialization).controlPlaneInitialized === true ||
    status.initialized === true ||
    has(view, 'Initialized', 'True') !== undefined
  )
}

function uninitialised(view: View): Rung | undefined {
  const { primary } = view
  if (!primary || primary.status === 'True' || isInitialised(view)) return undefined
  return rungOf('Progressing', has(view, 'Initialized', 'False') ?? primary)
}

function factsOf(object: KubeObject): Facts {
  const { spec, status } = object
  const versions = versionsOf(status.versions)
  return defined({
    versionDeclared: text(spec.version),
    // Old to new, so the first is the lowest; `status.version` is the minimum across machines.
    versionObserved: versions?.[0]?.version ?? text(status.version),
    versions,
    replicas: replicasOf(object),
    remediation: lastRemediationOf(status),
    controlPlaneInitialized: bool(record(status.initialization).controlPlaneInitialized) ?? bool(status.initialized),
    more: definedOrNone({ rolloutAfter: text(record(spec.rollout).after) ?? text(spec.rolloutAfter) }),
  })
}
