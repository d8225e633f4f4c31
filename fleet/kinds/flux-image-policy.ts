import { fluxImageKind } from '../families/flux-image.ts'
import { defined, record, text } from '../wire.ts'

/** Picks one of a repository's tags. Until v1 it wrote the pick as one text, `latestImage`. */
export const fluxImagePolicy = fluxImageKind(
  { kind: 'ImagePolicy', plural: 'imagepolicies' },
  ({ ref, spec, status }) => {
    const repository = record(spec.imageRepositoryRef)
    const latest = record(status.latestRef)
    const name = text(repository.name)
    const image = text(latest.name)
    const tag = text(latest.tag)
    return defined({
      repository: name === undefined ? undefined : `${text(repository.namespace) ?? ref.namespace}/${name}`,
      latestImage: image !== undefined && tag !== undefined ? `${image}:${tag}` : text(status.latestImage),
      latestDigest: text(latest.digest),
    })
  },
)
