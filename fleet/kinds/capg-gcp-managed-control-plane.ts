import { regionOfLocation } from '../families/capg.ts'
import { endpointOf } from '../families/capi-facts.ts'
import { providerKind } from '../families/provider.ts'
import { bool, defined, definedOrNone, text } from '../wire.ts'

/**
 * A cluster that GKE calls broken or degraded loses GKEControlPlaneReady and keeps its Ready, so both are asked; Creating, Updating
 * and Deleting rest as False with severity Info (domain.md 2.3; CAPG `cloud/services/container/clusters/reconcile.go`). Older
 * releases call the two versions `controlPlaneVersion` and `currentVersion`.
 */
export const capgGcpManagedControlPlane = providerKind(
  { kind: 'GCPManagedControlPlane', plural: 'gcpmanagedcontrolplanes', part: 'controlPlane' },
  {
    alsoJudged: ['GKEControlPlaneReady'],
    rolls: true,
    facts: ({ spec, status }) =>
      defined({
        provider: 'gke',
        versionDeclared: text(spec.version) ?? text(spec.controlPlaneVersion),
        versionObserved: text(status.version) ?? text(status.currentVersion),
        region: regionOfLocation(spec.location),
        endpoint: endpointOf(spec.endpoint),
        controlPlaneInitialized: bool(status.initialized),
        more: definedOrNone({
          project: text(spec.project),
          location: text(spec.location),
          gkeCluster: text(spec.clusterName),
          releaseChannel: text(spec.releaseChannel),
          autopilot: bool(spec.enableAutopilot),
        }),
      }),
  },
)
