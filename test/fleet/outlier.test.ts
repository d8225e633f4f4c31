import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ComponentType,
  deviationOf,
  modeOf,
  normOf,
  type Run,
  stragglerOf,
  type Variant,
  versionKeyOf,
} from '../../fleet/outlier.ts'

const sha = (digit: string) => digit.repeat(40)
/** `v1.9.3 x2` runs on two clusters; what has no version of its own keeps its text as key. */
function variants(type: ComponentType, ...texts: readonly string[]): readonly Variant[] {
  return texts.map((text) => {
    const [version = '', count = 'x1', since = null] = text.split(' ')
    return { key: versionKeyOf(type, version) ?? version, version, clusters: Number(count.slice(1)), since }
  })
}

describe('versionKeyOf', () => {
  it.each([
    // type, as written, key, why
    ['kubernetes', 'v1.33.4', '1.33.4', ''],
    ['kubernetes', '1.33.4', '1.33.4', 'AKS writes no v'],
    ['kubernetes', 'v1.33.4-eks-abc', '1.33.4', 'a build of EKS'],
    ['kubernetes', '1.33.4-gke.1068000', '1.33.4', 'a build of GKE'],
    ['kubernetes', 'v1.33.4+rke2r1', '1.33.4', 'a build of RKE2'],
    ['kubernetes', 'v1.34.0-rc.1', '1.34.0-rc.1', 'a candidate is not the release'],
    ['kubernetes', '1.33', null, 'a minor alone does not say what runs'],
    ['kubernetes', 'latest', null, ''],
    ['kubernetes', '', null, ''],
    ['chart', 'v4.10.1', '4.10.1', ''],
    ['chart', '4.10.1+build.2', '4.10.1+build.2', 'builds differ'],
    ['chart', '4.10', null, 'it may be a range'],
    ['app', `main@sha1:${sha('a')}`, `sha1:${sha('a')}`, 'the branch does not matter'],
    ['app', `release@x/y@sha1:${sha('a')}`, `sha1:${sha('a')}`, 'names may hold @ and /'],
    ['app', `main/${sha('A')}`, `sha1:${sha('a')}`, 'as Flux wrote it once'],
    ['app', sha('a'), `sha1:${sha('a')}`, 'as Argo CD writes it'],
    ['app', `1.2.3@sha256:${'b'.repeat(64)}`, `sha256:${'b'.repeat(64)}`, 'an OCI artifact'],
    ['app', '1.2.3', '1.2.3', 'a chart'],
    ['app', `${sha('a')} 1.2.3`, `sha1:${sha('a')} 1.2.3`, 'several sources'],
    ['app', `${sha('a')} main`, null, 'one of several is not known'],
    ['app', 'main', null, 'a branch may mean anything'],
    ['app', null, null, 'nothing was applied yet'],
  ] satisfies readonly [ComponentType, string | null, string | null, string][])(
    '%s %s: %s (%s)',
    (type, raw, key, _why) => {
      expect(versionKeyOf(type, raw)).toBe(key)
    },
  )
})

describe('deviationOf', () => {
  it.each([
    // type, what runs, the mode, direction, majors, minors, patches
    ['kubernetes', 'v1.9.11', 'v1.10.1', 'behind', 0, -1, null],
    ['kubernetes', 'v1.10.1', 'v1.9.11', 'ahead', 0, 1, null],
    ['kubernetes', 'v1.33.1', '1.33.4-eks-abc', 'behind', 0, 0, -3],
    ['kubernetes', 'v1.34.0-rc.1', 'v1.34.0', 'behind', 0, 0, 0],
    ['chart', '3.9.9', '4.0.0', 'behind', -1, null, null],
    ['chart', '4.10.1-rc.2', '4.10.1-rc.10', 'behind', 0, 0, 0],
    ['chart', '4.10.1+a', '4.10.1+b', 'different', 0, 0, 0],
    ['app', '1.2.3', 'v1.4.0', 'behind', 0, -2, null],
    ['app', `2.0.0@sha256:${'a'.repeat(64)}`, `1.9.0@sha256:${'b'.repeat(64)}`, 'ahead', 1, null, null],
    ['app', `main@sha1:${sha('a')}`, `main@sha1:${sha('b')}`, 'different', null, null, null],
    ['app', '1.2.3', `main@sha1:${sha('b')}`, 'different', null, null, null],
  ] satisfies readonly [ComponentType, string, string, string, number | null, number | null, number | null][])(
    '%s %s to %s: %s %s.%s.%s',
    (type, version, mode, direction, majors, minors, patches) => {
      const [one, other] = variants(type, version, mode)
      if (!one || !other) throw new Error('two')
      expect(deviationOf(type, one, other)).toEqual({ direction, majors, minors, patches })
    },
  )
})

describe('modeOf', () => {
  it.each([
    ['kubernetes', ['v1.9.1 x3', 'v1.10.1 x2'], 'v1.9.1', 'the most frequent'],
    ['kubernetes', ['v1.9.1 x2', 'v1.10.1 x2'], 'v1.10.1', 'of a tie the newest: 1.10 is newer than 1.9'],
    ['kubernetes', ['v1.34.0 x1', 'v1.34.0-rc.1 x1'], 'v1.34.0', 'a release is newer than its candidate'],
    ['kubernetes', ['v1.34.1 x1'], 'v1.34.1', 'a cohort of one'],
    ['chart', ['1.0.0+a x2', '1.0.0+b x2', '0.9.0 x2'], null, 'builds of one version have no order'],
    ['chart', ['1.0.0+a x2', '1.0.0+b x2', '1.1.0 x2'], '1.1.0', 'but a newer version has'],
    ['app', [`a@sha1:${sha('a')} x2`, `a@sha1:${sha('b')} x2`], null, 'revisions have no order'],
    ['app', [`a@sha1:${sha('a')} x2`, '1.0.0 x2'], null, 'nor has a version beside a revision'],
    ['app', [], null, 'nobody has it'],
  ] satisfies readonly [ComponentType, string[], string | null, string][])(
    '%s %j: %s (%s)',
    (type, texts, mode, _why) => {
      expect(modeOf(type, variants(type, ...texts))?.version ?? null).toBe(mode)
    },
  )

  const version = fc.tuple(fc.nat(2), fc.nat(11), fc.nat(3)).map((numbers) => numbers.join('.'))
  const counted = fc
    .uniqueArray(version, { minLength: 1, maxLength: 6 })
    .chain((versions) => fc.tuple(...versions.map((one) => fc.integer({ min: 1, max: 4 }).map((n) => `${one} x${n}`))))

  it('is the most frequent, whatever the order; and of versions there always is one', () => {
    fc.assert(
      fc.property(counted, (texts) => {
        const given = variants('chart', ...texts)
        const mode = modeOf('chart', given)
        expect(mode).toEqual(modeOf('chart', given.toReversed()))
        for (const other of given) {
          expect(mode?.clusters).toBeGreaterThanOrEqual(other.clusters)
          if (mode && other.clusters === mode.clusters && other !== mode) {
            expect(deviationOf('chart', other, mode).direction).toBe('behind')
          }
        }
      }),
    )
  })

  it('who is behind is as far ahead seen from the other side', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        const [one, other] = variants('chart', a, b)
        if (!one || !other) throw new Error('two')
        const [there, back] = [deviationOf('chart', one, other), deviationOf('chart', other, one)]
        const negated = (n: number | null) => (n === null ? null : 0 - n)
        expect([back.majors, back.minors, back.patches]).toEqual(
          [there.majors, there.minors, there.patches].map(negated),
        )
        expect(back.direction).toBe({ behind: 'ahead', ahead: 'behind', different: 'different' }[there.direction])
      }),
    )
  })

  it('who does not deviate runs the mode, and the two make the cohort', () => {
    fc.assert(
      fc.property(counted, (texts) => {
        const given = variants('chart', ...texts)
        const size = given.reduce((sum, { clusters }) => sum + clusters, 0)
        const { mode, deviating, share } = normOf({ type: 'chart', size, variants: given })
        expect(deviating + (mode?.clusters ?? 0)).toBe(size)
        expect(share).toBeCloseTo((mode?.clusters ?? 0) / size)
      }),
    )
  })
})

describe('normOf and stragglerOf', () => {
  const now = new Date('2026-03-10T00:00:00Z')
  const norm = (type: ComponentType, size: number, ...texts: readonly string[]) =>
    normOf({ type, size, variants: variants(type, ...texts) })
  const run = (type: ComponentType, text: string): Run => {
    const [version = '', since = null] = text.split(' ')
    return { key: versionKeyOf(type, version) ?? version, version, since }
  }
  const [a, b] = [`main@sha1:${sha('a')}`, `main@sha1:${sha('b')}`]

  it('of a tie between revisions nobody deviates', () => {
    const tied = norm('app', 4, `${a} x2`, `${b} x2`)
    expect(tied).toMatchObject({ mode: null, share: null, tied: true, deviating: 0 })
    expect(stragglerOf('app', [run('app', a)], tied, now)).toBeNull()
    expect(norm('app', 0)).toMatchObject({ mode: null, tied: false })
  })

  it('a copy beside the mode is no deviation, and what cannot be compared is none', () => {
    const two = norm('chart', 3, '4.10.1 x3', '4.8.0 x1')
    expect(two).toMatchObject({ share: 1, deviating: 0 })
    expect(stragglerOf('chart', [run('chart', '4.8.0'), run('chart', '4.10.1')], two, now)).toBeNull()
    // A digest of another kind may be the same content.
    const mixed = norm('app', 3, `${a} x2`, `1.0.0@sha256:${'c'.repeat(64)} x1`)
    expect(mixed).toMatchObject({ deviating: 0, share: 2 / 3 })
  })

  it('counts how long others had the mode while one stayed', () => {
    const most = norm('app', 4, `${b} x3 2026-03-09T00:00:00Z`, `${a} x1`)
    const stayed = stragglerOf('app', [run('app', `${a} 2026-03-01T00:00:00Z`)], most, now)
    expect(stayed).toMatchObject({ version: a, deviation: { direction: 'different' }, behindSeconds: 86_400 })
    // It moved on after the others had: to what, nobody can tell.
    const moved = stragglerOf('app', [run('app', `${a} 2026-03-09T12:00:00Z`)], most, now)
    expect(moved?.behindSeconds).toBeNull()
    expect(stragglerOf('app', [run('app', a)], most, now)?.behindSeconds).toBeNull()
    const ahead = norm('app', 4, '1.0.0 x3 2026-03-09T00:00:00Z', '2.0.0 x1')
    expect(stragglerOf('app', [run('app', '2.0.0 2026-03-01T00:00:00Z')], ahead, now)?.behindSeconds).toBeNull()
  })
})
