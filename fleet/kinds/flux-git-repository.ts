import { fluxSource } from '../families/flux-source.ts'

export const fluxGitRepository = fluxSource({
  kind: 'GitRepository',
  plural: 'gitrepositories',
  versions: ['v1', 'v1beta2', 'v1beta1'],
})
