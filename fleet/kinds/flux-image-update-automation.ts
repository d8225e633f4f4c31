import { sourceOf } from '../families/flux.ts'
import { fluxImageKind } from '../families/flux-image.ts'
import { defined, instant, record, text } from '../wire.ts'

/** Writes what policies pick into a Git repository. It applies no revision to a cluster, so its commits are no `revision`. */
export const fluxImageUpdateAutomation = fluxImageKind(
  { kind: 'ImageUpdateAutomation', plural: 'imageupdateautomations', role: 'reconciler' },
  (object) => {
    const { spec, status } = object
    const source = sourceOf(object, spec.sourceRef)
    return defined({
      repository: source && `${source.namespace}/${source.name}`,
      pushBranch: text(record(record(spec.git).push).branch),
      observedSourceRevision: text(status.observedSourceRevision),
      lastPushCommit: text(status.lastPushCommit),
      lastPushAt: instant(status.lastPushTime),
      lastRunAt: instant(status.lastAutomationRunTime),
    })
  },
  (object) => sourceOf(object, object.spec.sourceRef),
)
