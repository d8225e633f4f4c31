import { fluxImageKind } from '../families/flux-image.ts'
import { defined, record, text } from '../wire.ts'
import type { KubeObject } from './kind.ts'

/** Picks one of a repository's tags. Until v1 it wrote the pick as one text, `latestImage`. */
export const fluxImagePolicy = fluxImageKind(
  { kind: 'ImagePolicy', plural: 'imagepolicies', role: 'source' },
  (object) => {
    const { status } = object
    const latest = record(status.latestRef)
    const repository = repositoryOf(object)
    const image = text(latest.name)
    const tag = text(latest.tag)
    return defined({
      repository: repository && `${repository.namespace}/${repository.name}`,
      latestImage: image !== undefined && tag !== undefined ? `${image}:${tag}` : text(status.latestImage),
      latestDigest: text(latest.digest),
    })
  },
  repositoryOf,
)

function repositoryOf({ ref, spec }: KubeObject) {
  const repository = record(spec.imageRepositoryRef)
  const name = text(repository.name)
  if (name === undefined) return undefined
  return { group: ref.group, kind: 'ImageRepository', namespace: text(repository.namespace) ?? ref.namespace, name }
}
