import { readConditions } from '../condition.ts'
import { conditionDrift } from '../families/condition-drift.ts'
import type { GitOps } from '../gitops.ts'
import { has, hasFresh, isFresh, readingOf, rungOf, type View, viewOf } from '../ladder.ts'
import { defined } from '../wire.ts'
import type { Kind } from './kind.ts'

export const argocdApplicationSet: Kind = {
  group: 'argoproj.io',
  kind: 'ApplicationSet',
  reach: { by: 'kube', plural: 'applicationsets', versions: ['v1alpha1'] },
  part: 'gitops',
  normalise: (object) => {
    const sets = readConditions(object)
    const view = viewOf(object, sets, 'ResourcesUpToDate')
    const error = hasFresh(view, 'ErrorOccurred', 'True')
    const outdated = hasFresh(view, 'ResourcesUpToDate', 'False')
    const rollout = has(view, 'RolloutProgressing', 'True')
    const reading = readingOf(view, {
      problems: [error && rungOf('Degraded', error), outdated && rungOf('Degraded', outdated)],
      changes: [rollout && rungOf('Progressing', rollout)],
    })
    return {
      reading,
      conditions: sets.shown,
      facts: { gitops: gitopsOf(view), ...(error ? { drift: [conditionDrift('sourceFailing', error)] } : {}) },
      rejected: sets.rejected,
    }
  },
}

/** It makes Applications, which apply. */
function gitopsOf(view: View): GitOps {
  const { primary } = view
  const reported = primary && isFresh(view, primary) ? primary : undefined
  return {
    tool: 'argocd',
    role: 'source',
    suspended: false,
    ...defined({ ready: reported?.status, reason: reported?.reason ?? undefined }),
  }
}
