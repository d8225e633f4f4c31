import { timeOf } from '../api/write.ts'
import { type Modern, modern } from '../draft.ts'
import { base, type FluxSite, hoursBefore } from './flux-site.ts'
import type { Reconciler, Source } from './reconciler.ts'

export interface TerraformModel {
  readonly name: string
  readonly source: Source
  readonly is: 'applied' | 'drifted' | 'planned'
  readonly driftDetection?: false
}

/** A Terraform configuration that tofu-controller applies. It acts on a cloud, so it is the management cluster's own. */
export function terraform(flux: FluxSite, { name, source, is, driftDetection }: TerraformModel): Reconciler {
  const revision = source.revision ?? ''
  const unapplied = is === 'planned'
  const driftedAt = hoursBefore(flux.begun, 5)
  return {
    ...{
      tool: 'tofu',
      kind: 'Terraform',
      namespace: 'flux-system',
      name,
      app: name,
      target: null,
      source,
      chart: null,
    },
    applied: unapplied ? null : revision,
    appliedAt: is === 'applied' ? source.revisionAt : null,
    ready: is === 'applied' ? 'True' : is === 'drifted' ? 'False' : 'Unknown',
    ...{ suspended: false, suspension: null, astray: false },
    state: is === 'applied' ? 'Healthy' : is === 'drifted' ? 'Degraded' : 'Progressing',
    shows: is === 'drifted' ? ['tofuDrift'] : [],
    gaps: driftDetection === false ? ['tofuDrift'] : [],
    draft: {
      ...base(flux, 'infra.contrib.fluxcd.io', 'Terraform', name),
      since: is === 'drifted' ? driftedAt : source.revisionAt,
      spec: {
        // A plan that nobody approved yet waits for somebody to name it here.
        approvePlan: unapplied ? '' : 'auto',
        ...(driftDetection === false ? { disableDriftDetection: true } : {}),
        interval: '15m0s',
        path: `./terraform/${name}`,
        sourceRef: { kind: source.kind, name: source.name },
      },
      status: {
        ...(unapplied ? {} : { availableOutputs: ['id'], lastAppliedRevision: revision }),
        conditions: conditionsOf(is, revision),
        lastAttemptedRevision: revision,
        ...(is === 'drifted' ? { lastDriftDetectedAt: timeOf(driftedAt) } : {}),
        lastPlannedRevision: revision,
        lock: {},
        observedGeneration: 0,
        plan: unapplied
          ? { pending: `plan-main-${revision.slice(-10)}` }
          : { lastApplied: `plan-main-${revision.slice(-10)}` },
      },
    },
  }
}

function conditionsOf(is: TerraformModel['is'], revision: string): readonly Modern[] {
  const output = modern('Output', true, 'TerraformOutputsAvailable', 'Outputs available')
  const apply = modern('Apply', true, 'TerraformAppliedSucceed', 'Applied successfully')
  switch (is) {
    case 'applied':
      return [
        modern('Ready', true, 'NoDrift', `No drift: ${revision}`),
        apply,
        output,
        modern('Plan', false, 'TerraformPlannedNoChanges', 'Plan no changes'),
      ]
    case 'drifted':
      return [
        modern('Ready', false, 'DriftDetected', 'Drift Detected: aws_route53_record.fleet: ttl 300 -> 60'),
        apply,
        output,
      ]
    case 'planned':
      return [
        modern('Ready', null, 'TerraformPlannedWithChanges', 'Plan generated: set approvePlan to approve it'),
        modern('Plan', true, 'TerraformPlannedWithChanges', 'Plan generated'),
      ]
  }
}
