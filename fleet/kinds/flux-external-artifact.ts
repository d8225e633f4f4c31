import { fluxSource } from '../families/flux-source.ts'

/** Made by whoever offers an artifact that source-controller did not fetch itself; nobody can suspend it (domain.md 2.5). */
export const fluxExternalArtifact = fluxSource({
  kind: 'ExternalArtifact',
  plural: 'externalartifacts',
  versions: ['v1'],
})
