import type { OwnDifference } from '../drift/difference.ts'
import { conditionDrift } from '../families/condition-drift.ts'
import { durationMs } from '../families/duration.ts'
import { dependsOnOf, readFlux, sourceOf } from '../families/flux.ts'
import { appliedAtOf, type FluxGitOps } from '../families/flux-gitops.ts'
import type { Flag, Rung } from '../health.ts'
import { has, rungOf, type View } from '../ladder.ts'
import { bool, defined, definedOrNone, instant, record, text } from '../wire.ts'
import type { Kind } from './kind.ts'

export const tofuTerraform: Kind = {
  group: 'infra.contrib.fluxcd.io',
  kind: 'Terraform',
  reach: { by: 'kube', plural: 'terraforms', versions: ['v1alpha2', 'v1alpha1'] },
  part: 'gitops',
  normalise: (object) =>
    readFlux(object, {
      changes: (view) => [planned(view)],
      flags: (view) => (driftOf(view) ? drifted : []),
      gitops,
      facts: ({ spec, status }) =>
        defined({
          appliesFrom: sourceOf(object, spec.sourceRef),
          revision: definedOrNone({
            attempted: text(status.lastAttemptedRevision),
            applied: text(status.lastAppliedRevision),
          }),
          more: definedOrNone({
            path: text(spec.path),
            plannedRevision: text(status.lastPlannedRevision),
            pendingPlan: text(record(status.plan).pending),
            driftDetectedAt: instant(status.lastDriftDetectedAt),
            driftDetectionDisabled: bool(spec.disableDriftDetection),
          }),
        }),
    }),
}

const drifted: readonly Flag[] = ['tofuDrift']

/** A plan with changes waits for a person unless the approval is automatic; that is a change, not a fault. */
function planned({ primary, object }: View): Rung | undefined {
  if (primary?.status !== 'Unknown' || primary.reason !== 'TerraformPlannedWithChanges') return undefined
  return rungOf('Progressing', primary, object.spec.approvePlan === 'auto' ? {} : { flags: ['awaitingApproval'] })
}

const gitops: FluxGitOps = {
  tool: 'tofu',
  role: 'reconciler',
  more: (object, view) => ({
    intervalMs: durationMs(object.spec.interval),
    revisionAt: appliedAtOf(view, text(object.status.lastAppliedRevision)),
    path: text(object.spec.path),
    dependsOn: dependsOnOf(object),
  }),
  drift: (view) => [driftOf(view)],
  unlooked: ({ object }) =>
    object.spec.disableDriftDetection === true
      ? [{ code: 'tofuDrift', why: 'spec.disableDriftDetection is true' }]
      : [],
  tells: (view) => saysDrift(view) !== undefined,
}

function saysDrift({ primary }: View): OwnDifference | undefined {
  const isDrift = primary?.status === 'False' && primary.reason?.endsWith('DriftDetected')
  return isDrift ? conditionDrift('tofuDrift', primary) : undefined
}

/** What Ready or the pending plan says, or tofu-controller's own test (domain.md 2.6, 4.1). */
function driftOf(view: View): OwnDifference | undefined {
  const said = saysDrift(view)
  if (said) return said
  const { status } = view.object
  const plan = record(status.plan)
  const pending = text(plan.pending)
  const detected = instant(status.lastDriftDetectedAt)
  const since = detected === undefined ? {} : { since: detected }
  if (plan.isDriftDetectionPlan === true && pending !== undefined)
    return {
      code: 'tofuDrift',
      field: 'status.plan.pending',
      expected: null,
      actual: pending,
      ...since,
      message: 'a plan against drift is pending',
    }
  const applied = has(view, 'Apply', 'True')?.lastTransitionAt
  if (applied == null || detected === undefined || Date.parse(detected) <= Date.parse(applied)) return undefined
  const field = 'status.lastDriftDetectedAt'
  return {
    code: 'tofuDrift',
    field,
    expected: null,
    actual: detected,
    ...since,
    message: 'drift was found after the last apply',
  }
}
