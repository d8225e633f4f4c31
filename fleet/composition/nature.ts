import type { Family } from './family.ts'

const controlPlaneProviders: Readonly<Record<string, string>> = {
  AzureManagedControlPlane: 'aks',
  AzureASOManagedControlPlane: 'aks',
  AWSManagedControlPlane: 'eks',
  ROSAControlPlane: 'rosa',
  GCPManagedControlPlane: 'gke',
}

/** Who runs the control plane: by the kinds the Cluster refers to, seen or not. */
export function providerOf(family: Family): string | undefined {
  const { controlPlane, infrastructure } = rolesOf(family)
  const managed = controlPlane === undefined ? undefined : controlPlaneProviders[controlPlane]
  return managed ?? (infrastructure === undefined ? undefined : cloudOf(infrastructure).toLowerCase())
}

function rolesOf({ cluster, controlPlane, infrastructure }: Family): {
  controlPlane?: string | undefined
  infrastructure?: string | undefined
} {
  const refs = cluster?.facts.refs
  return {
    controlPlane: refs?.controlPlane?.kind ?? controlPlane?.ref.kind,
    infrastructure: refs?.infrastructure?.kind ?? infrastructure?.ref.kind,
  }
}

/** `AzureCluster` → `Azure`, `AzureASOManagedCluster` → `Azure`, `DockerCluster` → `Docker`. */
function cloudOf(kind: string): string {
  return kind.replace(/Cluster$/, '').replace(/(?:ASO)?Managed$/, '') || kind
}

/**
 * `AzureASOManaged`, `AzureManaged`, `AWSManaged`; with machines of one's own `AzureSelfManaged`, `DockerSelfManaged`; `AKS` where
 * nobody but Azure knows it.
 */
export function flavourOf(family: Family): string | null {
  const { controlPlane, infrastructure } = rolesOf(family)
  if (controlPlane?.includes('Managed') || controlPlane === 'ROSAControlPlane')
    return controlPlane.replace(/ControlPlane$/, '')
  if (infrastructure === undefined) return family.arm ? 'AKS' : null
  return infrastructure.includes('Managed')
    ? infrastructure.replace(/Cluster$/, '')
    : `${cloudOf(infrastructure)}SelfManaged`
}
