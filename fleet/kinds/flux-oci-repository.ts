import { fluxSource } from '../families/flux-source.ts'

export const fluxOciRepository = fluxSource({
  kind: 'OCIRepository',
  plural: 'ocirepositories',
  versions: ['v1', 'v1beta2'],
})
