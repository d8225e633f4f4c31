import { fluxSource } from '../families/flux-source.ts'

export const fluxBucket = fluxSource({ kind: 'Bucket', plural: 'buckets', versions: ['v1', 'v1beta2', 'v1beta1'] })
