import { readAso } from '../families/aso.ts'
import { readFlux } from '../families/flux.ts'
import { readGeneric } from '../families/generic.ts'
import { providerKind } from '../families/provider.ts'
import { type KindKey, kindKeyOf } from '../reference.ts'
import { argocdApplication } from './argocd-application.ts'
import { argocdApplicationSet } from './argocd-application-set.ts'
import { armManagedCluster } from './arm-managed-cluster.ts'
import { asoManagedCluster } from './aso-managed-cluster.ts'
import { asoManagedClustersAgentPool } from './aso-managed-clusters-agent-pool.ts'
import { asoResourceGroup } from './aso-resource-group.ts'
import { caaphHelmChartProxy } from './caaph-helm-chart-proxy.ts'
import { caaphHelmReleaseProxy } from './caaph-helm-release-proxy.ts'
import { capaAwsCluster } from './capa-aws-cluster.ts'
import { capaAwsMachine } from './capa-aws-machine.ts'
import { capaAwsMachinePool } from './capa-aws-machine-pool.ts'
import { capaAwsManagedCluster } from './capa-aws-managed-cluster.ts'
import { capaAwsManagedControlPlane } from './capa-aws-managed-control-plane.ts'
import { capaAwsManagedMachinePool } from './capa-aws-managed-machine-pool.ts'
import { capaRosaCluster } from './capa-rosa-cluster.ts'
import { capaRosaControlPlane } from './capa-rosa-control-plane.ts'
import { capaRosaMachinePool } from './capa-rosa-machine-pool.ts'
import { capgGcpCluster } from './capg-gcp-cluster.ts'
import { capgGcpMachine } from './capg-gcp-machine.ts'
import { capgGcpMachinePool } from './capg-gcp-machine-pool.ts'
import { capgGcpManagedCluster } from './capg-gcp-managed-cluster.ts'
import { capgGcpManagedControlPlane } from './capg-gcp-managed-control-plane.ts'
import { capgGcpManagedMachinePool } from './capg-gcp-managed-machine-pool.ts'
import { capiCluster } from './capi-cluster.ts'
import { capiClusterClass } from './capi-cluster-class.ts'
import { capiClusterResourceSet } from './capi-cluster-resource-set.ts'
import { capiKubeadmControlPlane } from './capi-kubeadm-control-plane.ts'
import { capiMachine } from './capi-machine.ts'
import { capiMachineDeployment } from './capi-machine-deployment.ts'
import { capiMachineHealthCheck } from './capi-machine-health-check.ts'
import { capiMachinePool } from './capi-machine-pool.ts'
import { capiMachineSet } from './capi-machine-set.ts'
import { capzAzureAsoManagedCluster } from './capz-azure-aso-managed-cluster.ts'
import { capzAzureAsoManagedControlPlane } from './capz-azure-aso-managed-control-plane.ts'
import { capzAzureAsoManagedMachinePool } from './capz-azure-aso-managed-machine-pool.ts'
import { capzAzureCluster } from './capz-azure-cluster.ts'
import { capzAzureMachine } from './capz-azure-machine.ts'
import { capzAzureMachinePool } from './capz-azure-machine-pool.ts'
import { capzAzureManagedCluster } from './capz-azure-managed-cluster.ts'
import { capzAzureManagedControlPlane } from './capz-azure-managed-control-plane.ts'
import { capzAzureManagedMachinePool } from './capz-azure-managed-machine-pool.ts'
import { clusterctlProvider } from './clusterctl-provider.ts'
import { fluxBucket } from './flux-bucket.ts'
import { fluxExternalArtifact } from './flux-external-artifact.ts'
import { fluxFluxInstance } from './flux-flux-instance.ts'
import { fluxFluxReport } from './flux-flux-report.ts'
import { fluxGitRepository } from './flux-git-repository.ts'
import { fluxHelmChart } from './flux-helm-chart.ts'
import { fluxHelmRelease } from './flux-helm-release.ts'
import { fluxHelmRepository } from './flux-helm-repository.ts'
import { fluxImagePolicy } from './flux-image-policy.ts'
import { fluxImageRepository } from './flux-image-repository.ts'
import { fluxImageUpdateAutomation } from './flux-image-update-automation.ts'
import { fluxKustomization } from './flux-kustomization.ts'
import { fluxOciRepository } from './flux-oci-repository.ts'
import { fluxResourceSet } from './flux-resource-set.ts'
import { fluxResourceSetInputProvider } from './flux-resource-set-input-provider.ts'
import type { Kind } from './kind.ts'
import { operatorProviders } from './operator-provider.ts'
import { tofuTerraform } from './tofu-terraform.ts'

/** Every kind Rollcall understands by name. To add one: its file, one line here, one fixture. */
export const kinds: readonly Kind[] = [
  capiCluster,
  capiClusterClass,
  capiClusterResourceSet,
  capiKubeadmControlPlane,
  capiMachineDeployment,
  capiMachineSet,
  capiMachinePool,
  capiMachine,
  capiMachineHealthCheck,
  capzAzureCluster,
  capzAzureMachine,
  capzAzureMachinePool,
  capzAzureManagedCluster,
  capzAzureManagedControlPlane,
  capzAzureManagedMachinePool,
  capzAzureAsoManagedCluster,
  capzAzureAsoManagedControlPlane,
  capzAzureAsoManagedMachinePool,
  asoManagedCluster,
  asoManagedClustersAgentPool,
  asoResourceGroup,
  capaAwsCluster,
  capaAwsMachine,
  capaAwsMachinePool,
  capaAwsManagedCluster,
  capaAwsManagedControlPlane,
  capaAwsManagedMachinePool,
  capaRosaCluster,
  capaRosaControlPlane,
  capaRosaMachinePool,
  capgGcpCluster,
  capgGcpMachine,
  capgGcpMachinePool,
  capgGcpManagedCluster,
  capgGcpManagedControlPlane,
  capgGcpManagedMachinePool,
  caaphHelmChartProxy,
  caaphHelmReleaseProxy,
  clusterctlProvider,
  ...operatorProviders,
  fluxGitRepository,
  fluxOciRepository,
  fluxHelmRepository,
  fluxHelmChart,
  fluxBucket,
  fluxExternalArtifact,
  fluxKustomization,
  fluxHelmRelease,
  fluxFluxInstance,
  fluxFluxReport,
  fluxResourceSet,
  fluxResourceSetInputProvider,
  fluxImageRepository,
  fluxImagePolicy,
  fluxImageUpdateAutomation,
  tofuTerraform,
  argocdApplication,
  argocdApplicationSet,
  armManagedCluster,
]

export const kindByKey: ReadonlyMap<KindKey, Kind> = new Map(kinds.map((kind) => [kindKeyOf(kind), kind]))

/**
 * The kind for a key. One that nobody described is read by its project's family, where the group tells the project,
 * and by the generic family otherwise: any object with conditions says something.
 */
export function kindOf(key: KindKey): Kind {
  return kindByKey.get(key) ?? undescribed(key)
}

function undescribed(key: KindKey): Kind {
  const slash = key.indexOf('/')
  const group = key.slice(0, slash)
  const kind = key.slice(slash + 1)
  // Discovery knows the plural and the preferred version of such a kind; nothing here does.
  const own = { group, kind, reach: { by: 'kube', plural: '', versions: [] }, part: 'none' } as const
  if (group.endsWith('.cluster.x-k8s.io')) {
    return {
      ...own,
      normalise: providerKind({ group, kind, plural: '', part: 'none' }, { facts: () => ({}) }).normalise,
    }
  }
  if (group.endsWith('.azure.com')) return { ...own, normalise: (object) => readAso(object, {}) }
  if (group.endsWith('.fluxcd.io') || group === 'fluxcd.controlplane.io') {
    return { ...own, part: 'gitops', normalise: (object) => readFlux(object, { facts: () => ({}) }) }
  }
  return { ...own, normalise: readGeneric }
}
