import { describe, expect, it } from 'vitest'
import { compareVersions, lowestVersion, minorOf, minorRank, parseVersion } from '../../fleet/version.ts'

describe('parseVersion', () => {
  it.each([
    ['v1.33.4', [1, 33, 4]],
    ['1.33', [1, 33, null]],
    ['v1.32.3-eks-3abbec1', [1, 32, 3]],
    ['1.31.5-gke.1068000', [1, 31, 5]],
    ['v1.30.1+rke2r1', [1, 30, 1]],
    ['1.33-lts', [1, 33, null]],
  ])('%s', (raw, [major, minor, patch]) => {
    expect(parseVersion(raw)).toEqual({ major, minor, patch, raw })
  })

  it.each(['', 'v1', 'latest', '1.x', 'vv1.30.1', '1.30.1.4', '-1.2.3'])('%j is no version', (raw) => {
    expect(parseVersion(raw)).toBeNull()
  })
})

describe('compareVersions', () => {
  const sign = (a: string, b: string) => {
    const [left, right] = [parseVersion(a), parseVersion(b)]
    return left && right ? Math.sign(compareVersions(left, right)) : null
  }
  it.each([
    ['v1.33.4', '1.33.10', -1],
    ['1.9.0', '1.10.0', -1],
    ['2.0.0', '1.99.9', 1],
    ['1.33', 'v1.33.7', 0],
    ['v1.33.4+build', '1.33.4', 0],
  ])('%s against %s', (a, b, expected) => {
    expect(sign(a, b)).toBe(expected)
    expect(sign(b, a)).toBe(expected === 0 ? 0 : -expected)
  })

  it('finds the lowest, passing over what is no version', () => {
    expect(lowestVersion(['v1.33.4', undefined, 'latest', null, 'v1.32.9'])).toBe('v1.32.9')
    expect(lowestVersion([undefined, 'latest'])).toBeNull()
  })
})

describe('minors', () => {
  const read = (raw: string) => parseVersion(raw) ?? { major: 0, minor: 0, patch: null, raw }

  it('are named without patch and suffix', () => {
    expect(['v1.33.4', '1.9', '1.31.5-gke.1'].map((raw) => minorOf(read(raw)))).toEqual(['1.33', '1.9', '1.31'])
  })

  it('are ranked by number, one apart', () => {
    expect(minorRank(read('1.10.0')) - minorRank(read('1.9.9'))).toBe(1)
    expect(minorRank(read('2.0'))).toBeGreaterThan(minorRank(read('1.99999')))
  })
})
