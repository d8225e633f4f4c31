import type { Member, Reconciler } from '../cluster.ts'
import { compareRevisions, versionOfRevision } from '../drift/revision.ts'
import { objectIdOf } from '../reference.ts'
import type { Applier } from './chain.ts'
import { labelOf } from './label.ts'

/**
 * What applies something to a cluster, or to a management cluster, from Git.
 * @param cluster the cluster's name: what is applied is called the same on every cluster. Null: a management cluster's own.
 * @param labels that say what is applied (`conventions.app`), in order of preference.
 */
export function reconcilersOf(
  appliers: readonly Applier[],
  cluster: string | null,
  labels: readonly string[],
): readonly Reconciler[] {
  return appliers.map((applier) => reconcilerOf(applier, cluster, labels))
}

function reconcilerOf(applier: Applier, cluster: string | null, labels: readonly string[]): Reconciler {
  const { member, gitops, offer } = applier
  const { facts, ref, health } = member
  const { appliesFrom } = facts
  const chart = chartOf(member)
  const { expected, applied } = revisionsOf(applier)
  return {
    objectId: member.id,
    ref,
    tool: gitops.tool,
    app: labelOf(member.labels, labels) ?? chart ?? nameWithout(ref.name, cluster),
    ready: gitops.ready ?? null,
    reason: gitops.reason ?? null,
    message: health.message === '' ? null : health.message,
    suspended: gitops.suspended,
    pause: facts.pause ?? null,
    expectedRevision: expected,
    expectedAt: offer?.facts.gitops?.revisionAt ?? null,
    attemptedRevision: facts.revision?.attempted ?? null,
    appliedRevision: applied,
    appliedAt: gitops.revisionAt ?? null,
    behind: gitops.tool === 'argocd' ? isOutOfSync(member) : isBehind(expected, applied),
    intervalMs: gitops.intervalMs ?? null,
    repository: gitops.repository ?? repositoryOf(applier),
    path: gitops.path ?? null,
    chart,
    version: versionOfRevision(applied),
    appliesFromId: appliesFrom ? objectIdOf(member.source, appliesFrom) : null,
  }
}

interface Revisions {
  readonly expected: string | null
  readonly applied: string | null
}

/**
 * What its source offers, or where it has none what it is told to run; and what it applied. Argo CD tells the revision it compared
 * with what runs: that is what Git has, and runs only where the two are the same. Else what it synced last does, if that succeeded.
 */
function revisionsOf({ member, gitops, offer, missing }: Applier): Revisions {
  const { desired = null, applied = null } = member.facts.revision ?? {}
  if (gitops.tool !== 'argocd')
    return { expected: offer?.facts.revision?.applied ?? (missing ? null : desired), applied }
  return { expected: applied ?? desired, applied: appliedRevisionOf(member) }
}

/** What runs. Argo CD's own revision is what it compares with: that of the last sync that succeeded, unless both are the same. */
export function appliedRevisionOf(member: Member): string | null {
  const { revision: { attempted = null, applied = null } = {}, phase, gitops } = member.facts
  if (gitops?.tool !== 'argocd' || isOutOfSync(member) === false) return applied
  return phase === 'Succeeded' ? attempted : null
}

function isBehind(expected: string | null, applied: string | null): boolean | null {
  const sameness = compareRevisions(expected, applied)
  return sameness === 'unknown' ? null : sameness === 'different'
}

/** Argo CD compares by itself. Null: it cannot. */
function isOutOfSync({ facts }: Member): boolean | null {
  if (facts.drift?.some(({ code }) => code === 'outOfSync')) return true
  return facts.more?.sync === 'Synced' ? false : null
}

/** A chart in a Git repository is named by its path. */
export function chartOf({ facts }: Pick<Member, 'facts'>): string | null {
  const chart = facts.gitops?.chart ?? facts.more?.chart
  return typeof chart === 'string' ? chart.slice(chart.lastIndexOf('/') + 1) : null
}

function repositoryOf({ chain }: Applier): string | null {
  for (const { facts } of chain) if (facts.gitops?.repository !== undefined) return facts.gitops.repository
  return null
}

/** `prod-podinfo` and `podinfo-prod` of the cluster `prod` are `podinfo`. */
function nameWithout(name: string, cluster: string | null): string {
  if (cluster === null || name.length < cluster.length + 2) return name
  for (const separator of ['-', '.']) {
    if (name.startsWith(`${cluster}${separator}`)) return name.slice(cluster.length + 1)
    if (name.endsWith(`${separator}${cluster}`)) return name.slice(0, -cluster.length - 1)
  }
  return name
}
