import { readConditions } from '../condition.ts'
import { has, hasFresh, readingOf, rungOf, viewOf } from '../ladder.ts'
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
    return { reading, conditions: sets.shown, facts: {}, rejected: sets.rejected }
  },
}
