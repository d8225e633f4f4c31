import type { Severity } from '../policy/policy.ts'

/** What a difference is between (domain.md 4.1 to 4.5, in that order). */
export const dimensions = ['gitops', 'version', 'topology', 'infrastructure', 'existence'] as const
export type Dimension = (typeof dimensions)[number]

interface Code {
  readonly dimension: Dimension
  /** Unless a policy says otherwise. */
  readonly severity: Severity
  /**
   * How long the difference is tolerated unless a policy says otherwise, in ms: what a healthy reconcile or rollout takes, or how far
   * apart kinds are read that are compared.
   */
  readonly graceMs: number
  /** One sentence: what differs. */
  readonly meaning: string
}

const minute = 60_000
const hour = 60 * minute

/** Every way in which what was declared, what was applied and what runs can differ. Sources: domain.md part 4. */
export const driftCodes = {
  behindSource: {
    ...{ dimension: 'gitops', severity: 'medium', graceMs: 0 },
    meaning: 'Its source offers another revision than was applied, for longer than two of its intervals.',
  },
  applyFailed: {
    ...{ dimension: 'gitops', severity: 'high', graceMs: 0 },
    meaning: 'The last attempt to apply did not succeed.',
  },
  sourceFailing: {
    ...{ dimension: 'gitops', severity: 'high', graceMs: 0 },
    meaning: 'What it applies from cannot be fetched: the desired revision itself is out of date.',
  },
  suspended: {
    ...{ dimension: 'gitops', severity: 'low', graceMs: 0 },
    meaning: 'Reconciling is switched off, of it or of what it applies from.',
  },
  blocked: {
    ...{ dimension: 'gitops', severity: 'medium', graceMs: 10 * minute },
    meaning: 'It waits for another object that is not ready.',
  },
  helmDrift: {
    ...{ dimension: 'gitops', severity: 'medium', graceMs: 0 },
    meaning: 'What a Helm release installed was changed by somebody else.',
  },
  helmRolledBack: {
    ...{ dimension: 'gitops', severity: 'high', graceMs: 0 },
    meaning: 'A Helm release runs another version than was attempted last.',
  },
  outOfSync: {
    ...{ dimension: 'gitops', severity: 'medium', graceMs: 5 * minute },
    meaning: 'What runs differs from what Git says.',
  },
  syncUnknown: {
    ...{ dimension: 'gitops', severity: 'medium', graceMs: 0 },
    meaning: 'Whether what runs is what Git says is not known.',
  },
  tofuDrift: {
    ...{ dimension: 'gitops', severity: 'high', graceMs: 0 },
    meaning: 'Infrastructure differs from its Terraform configuration.',
  },
  unmanagedByGit: {
    ...{ dimension: 'gitops', severity: 'low', graceMs: 0 },
    meaning: 'Nothing says that the Cluster object comes from Git.',
  },
  cpBehindSpec: {
    ...{ dimension: 'version', severity: 'medium', graceMs: hour },
    meaning: 'The control plane runs an older version than it is asked to.',
  },
  cpAheadOfSpec: {
    ...{ dimension: 'version', severity: 'low', graceMs: 0 },
    meaning: 'The control plane runs a newer version than it is asked to, and nothing upgrades it by itself.',
  },
  topologyPending: {
    ...{ dimension: 'version', severity: 'low', graceMs: hour },
    meaning: "The topology's version has not reached the control plane or all workers.",
  },
  workersBehindCP: {
    ...{ dimension: 'version', severity: 'low', graceMs: hour },
    meaning: 'Nodes run another minor than their control plane; high where Kubernetes does not support the distance.',
  },
  mixedVersions: {
    ...{ dimension: 'version', severity: 'medium', graceMs: 0 },
    meaning: 'Machines of one set run several versions, and no rollout is under way.',
  },
  machineNotUpToDate: {
    ...{ dimension: 'version', severity: 'low', graceMs: hour },
    meaning: 'A machine is not as its set asks for.',
  },
  aksVsSpec: {
    ...{ dimension: 'version', severity: 'medium', graceMs: hour },
    meaning: 'AKS runs another Kubernetes version than was asked for.',
  },
  poolVsCluster: {
    ...{ dimension: 'version', severity: 'low', graceMs: hour },
    meaning: 'A node pool of AKS runs another Kubernetes version than its cluster.',
  },
  topologyFailed: {
    ...{ dimension: 'topology', severity: 'high', graceMs: 0 },
    meaning: 'The topology could not be applied, or its ClusterClass is broken.',
  },
  rebasePending: {
    ...{ dimension: 'topology', severity: 'medium', graceMs: hour },
    meaning: 'An object of the cluster was cloned from a template that its ClusterClass no longer names.',
  },
  unmanagedWorker: {
    ...{ dimension: 'topology', severity: 'low', graceMs: 0 },
    meaning: 'A set of workers belongs to a cluster with a topology, and not to the topology.',
  },
  missingWorker: {
    ...{ dimension: 'topology', severity: 'high', graceMs: 15 * minute },
    meaning: 'The topology names a set of workers that is not there.',
  },
  replicasDrift: {
    ...{ dimension: 'topology', severity: 'low', graceMs: 15 * minute },
    meaning: 'Another number of replicas is asked for, or runs, than was declared.',
  },
  settingVsSpec: {
    ...{ dimension: 'infrastructure', severity: 'medium', graceMs: hour },
    meaning: 'Azure has another setting or tag than was declared.',
  },
  poolVsSpec: {
    ...{ dimension: 'infrastructure', severity: 'medium', graceMs: hour },
    meaning: 'Azure has another node pool than was declared.',
  },
  powerVsSpec: {
    ...{ dimension: 'infrastructure', severity: 'high', graceMs: 15 * minute },
    meaning: 'The cluster is stopped in Azure while nobody paused it.',
  },
  missingInAzure: {
    ...{ dimension: 'infrastructure', severity: 'high', graceMs: 0 },
    meaning: 'What drives the cluster says that Azure does not have it.',
  },
  aksUnmanaged: {
    ...{ dimension: 'existence', severity: 'medium', graceMs: 15 * minute },
    meaning: 'Azure has a cluster that nobody declares.',
  },
  aksMissing: {
    ...{ dimension: 'existence', severity: 'critical', graceMs: 0 },
    meaning: 'A declared cluster is missing from a complete listing of its subscription.',
  },
  duplicateManaged: {
    ...{ dimension: 'existence', severity: 'critical', graceMs: 0 },
    meaning: 'Several Cluster objects claim one cluster.',
  },
  orphanMachine: {
    ...{ dimension: 'existence', severity: 'medium', graceMs: 5 * minute },
    meaning: 'A Machine has no Cluster, or nothing that manages it.',
  },
  orphanInfra: {
    ...{ dimension: 'existence', severity: 'medium', graceMs: 5 * minute },
    meaning: 'An object is part of a Cluster that is gone.',
  },
  externalReconciler: {
    ...{ dimension: 'existence', severity: 'low', graceMs: 5 * minute },
    meaning: 'A reconciler acts through a kubeconfig that belongs to no known cluster.',
  },
  argoClusterUnmatched: {
    ...{ dimension: 'existence', severity: 'low', graceMs: 5 * minute },
    meaning: 'An Application acts on a cluster that is not known.',
  },
  goneSinceLastPoll: {
    ...{ dimension: 'existence', severity: 'high', graceMs: 0 },
    meaning: 'A Cluster object vanished from a complete listing, and was not seen being deleted.',
  },
} as const satisfies Readonly<Record<string, Code>>

export type DriftCode = keyof typeof driftCodes

/** In the order of domain.md part 4. */
export const driftCodeNames = Object.keys(driftCodes) as readonly DriftCode[]
