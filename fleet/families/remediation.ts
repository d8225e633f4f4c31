import { find } from '../ladder.ts'
import type { Condition } from '../observation.ts'
import type { Remediation } from '../rollout.ts'
import { defined, instant, record, text, type Wire } from '../wire.ts'

/** Marks of a MachineHealthCheck that a Machine is to be replaced; either is set by its kind of remediation. */
const marks = ['OwnerRemediated', 'ExternallyRemediated']

/**
 * The machine was marked to be replaced, at the instant of the mark, for the reason of the health check that failed. A machine that
 * only fails its check is not: the check may not be allowed to replace more (`RemediationAllowed`).
 */
export function remediationOf(conditions: readonly Condition[]): Remediation | undefined {
  for (const type of marks) {
    const mark = find(conditions, type)
    if (mark?.status !== 'False' || mark.lastTransitionAt === null) continue
    const check = find(conditions, 'HealthCheckSucceeded')
    return {
      at: mark.lastTransitionAt,
      reason: (check?.status === 'False' ? check.reason : null) ?? mark.reason ?? type,
    }
  }
  return undefined
}

/** The last machine that a control plane replaced; `timestamp` is what v1beta1 calls `time`. */
export function lastRemediationOf(status: Wire): Remediation | undefined {
  const { machine, time, timestamp } = record(status.lastRemediation)
  const at = instant(time) ?? instant(timestamp)
  return at === undefined ? undefined : { at, reason: 'Remediated', ...defined({ machine: text(machine) }) }
}
