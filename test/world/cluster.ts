import { asoClusterDrafts } from './cluster-aks-aso.ts'
import { classicClusterDrafts } from './cluster-aks-classic.ts'
import { eksClusterDrafts } from './cluster-eks.ts'
import { gkeClusterDrafts } from './cluster-gke.ts'
import { selfManagedDrafts } from './cluster-self-managed.ts'
import type { Draft } from './draft.ts'
import type { Flavour, Workload } from './workload.ts'

const byFlavour: Readonly<Record<Flavour, (workload: Workload) => readonly Draft[]>> = {
  AzureSelfManaged: selfManagedDrafts,
  AzureManaged: classicClusterDrafts,
  AzureASOManaged: asoClusterDrafts,
  AWSManaged: eksClusterDrafts,
  GCPManaged: gkeClusterDrafts,
}

/** Every object that a workload cluster has on its management cluster. */
export const draftsOf = (workload: Workload): readonly Draft[] => byFlavour[workload.flavour](workload)
