import { fluxSource } from '../families/flux-source.ts'

export const fluxHelmChart = fluxSource({
  kind: 'HelmChart',
  plural: 'helmcharts',
  versions: ['v1', 'v1beta2', 'v1beta1'],
})
