import { readFlux, sourceOf } from '../families/flux.ts'
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
      flags: (view) => (isDrifted(view) ? drifted : []),
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

/** tofu-controller's own test, or what Ready or the pending plan says (domain.md 2.6, 4.1). */
function isDrifted(view: View): boolean {
  const { status } = view.object
  if (view.primary?.status === 'False' && view.primary.reason?.endsWith('DriftDetected')) return true
  const plan = record(status.plan)
  if (plan.isDriftDetectionPlan === true && text(plan.pending) !== undefined) return true
  const applied = has(view, 'Apply', 'True')?.lastTransitionAt
  const detected = instant(status.lastDriftDetectedAt)
  return applied != null && detected !== undefined && Date.parse(detected) > Date.parse(applied)
}
