import { fluxSource } from '../families/flux-source.ts'

/** One of type `oci` is only a pointer: nothing reconciles it, so it reports nothing and is well (domain.md 2.5). */
export const fluxHelmRepository = fluxSource({
  kind: 'HelmRepository',
  plural: 'helmrepositories',
  versions: ['v1', 'v1beta2', 'v1beta1'],
  rest: ({ object }) => (object.spec.type === 'oci' ? { state: 'Healthy', reason: 'Static' } : undefined),
})
