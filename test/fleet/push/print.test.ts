import { describe, expect, it } from 'vitest'
import { bucketDigestOf, bucketOf, kindDigestOf, printOf, printsDigest } from '../../../fleet/push/print.ts'
import { objectIdOf } from '../../../fleet/reference.ts'

const wire = (over: object = {}, apiVersion = 'cluster.x-k8s.io/v1beta2') => ({
  apiVersion,
  kind: 'Cluster',
  metadata: { name: 'a', uid: 'u', resourceVersion: '7', ...over },
})
const idOf = (name: string) => objectIdOf('weu', { group: 'g', kind: 'K', namespace: 'n', name })

describe('prints', () => {
  it('tell versions of objects apart, and nothing else', () => {
    expect(printOf(wire({ labels: { a: 'b' } }))).toBe(printOf(wire()))
    const others = [wire({ uid: 'v' }), wire({ resourceVersion: '8' }), wire({}, 'cluster.x-k8s.io/v1beta1')]
    expect(new Set([wire(), ...others].map(printOf)).size).toBe(4)
  })

  it.each([[wire({ uid: '' })], [wire({ resourceVersion: 7 })], [{}], [null], ['x']])('%j has none', (value) => {
    expect(printOf(value)).toBeNull()
  })
})

describe('digests', () => {
  const prints = new Map(['a', 'b', 'c', 'd'].map((name) => [idOf(name), printOf(wire({ uid: name })) ?? '']))

  it('do not depend on an order', () => {
    expect(printsDigest(new Map([...prints].reverse()))).toEqual(printsDigest(prints))
  })

  it('a change shows in its bucket alone', () => {
    const [id = ''] = prints.keys()
    const before = printsDigest(prints)
    const after = printsDigest(new Map(prints).set(id, printOf(wire({ uid: 'new' })) ?? ''))
    expect(after.digest).not.toBe(before.digest)
    const differing = [...before.buckets.keys()].filter(
      (bucket) => before.buckets.get(bucket) !== after.buckets.get(bucket),
    )
    expect(differing).toEqual([bucketOf(id)])
  })

  it('of nothing is that of an empty text', () => {
    expect(printsDigest(new Map())).toEqual({
      count: 0,
      digest: 'e3b0c44298fc1c149afbf4c8996fb924',
      buckets: new Map(),
    })
    expect(kindDigestOf(new Map())).toBe(bucketDigestOf(new Map()))
  })
})
