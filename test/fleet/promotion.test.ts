import { describe, expect, it } from 'vitest'
import { type CohortKind, versionKeyOf } from '../../fleet/outlier.ts'
import { placesOf, promotionOf, type StageRuns } from '../../fleet/promotion.ts'

const now = new Date('2026-03-10T12:00:00Z')
const day = (of: number) => `2026-03-${String(of).padStart(2, '0')}T12:00:00Z`
const dayS = 86_400
const commit = (digit: string) => `main@sha1:${digit.repeat(40)}`

/** `prod: a x2 3` is what two clusters of prod run since the third of March. */
function runs(text: string): StageRuns {
  const [stage = '', list = ''] = text.split(': ')
  const revisions = list
    .split(', ')
    .filter((one) => one !== '')
    .map((one) => {
      const [name = '', count = 'x1', since] = one.split(' ')
      const version = name.length === 1 ? commit(name) : name
      const key = versionKeyOf('app', version) ?? version
      return { key, version, clusters: Number(count.slice(1)), since: since ? day(Number(since)) : null }
    })
  return { stage, revisions, clusters: revisions.reduce((sum, { clusters }) => sum + clusters, 0) }
}
const way = (by: CohortKind, asked: readonly string[] | null, ...texts: readonly string[]) =>
  promotionOf(by, texts.map(runs), asked, now).map(({ stage, revision, lagSeconds }) => [
    stage,
    revision?.replace(/^main@sha1:(.)\1+$/, '$1') ?? null,
    lagSeconds,
  ])

describe('the order of stages', () => {
  it.each([
    ['environment', ['prod', 'dev', 'staging', 'test', 'qa', 'preprod'], 'dev test qa staging preprod prod'],
    ['environment', ['Production', 'stage', 'development'], 'development stage Production'],
    ['environment', ['prod', 'sandbox', 'demo', 'dev'], 'dev prod demo sandbox'],
    ['ring', ['10', '2', '1'], '1 2 10'],
    ['ring', ['ring10', 'ring9', 'ring1'], 'ring1 ring9 ring10'],
  ] satisfies readonly [CohortKind, string[], string][])('%s %j: %s', (by, present, expected) => {
    expect(
      placesOf(by, present, null)
        .map(({ stage }) => stage)
        .join(' '),
    ).toBe(expected)
  })

  it('is what is asked, each once, and no others', () => {
    expect(placesOf('environment', ['dev', 'prod'], ['prod', 'demo', 'prod'])).toEqual([
      { stage: 'prod', rank: 0 },
      { stage: 'demo', rank: 1 },
    ])
  })
})

describe('promotionOf', () => {
  it('counts since when the stage before has what this one has not', () => {
    expect(way('environment', null, 'prod: a x3 1', 'dev: c x1 9', 'staging: b x1 5')).toEqual([
      ['dev', 'c', null],
      ['staging', 'b', dayS],
      ['prod', 'a', 5 * dayS],
    ])
  })

  it.each([
    ['the same', ['dev: a x1 9', 'prod: a x1 2'], 0],
    ['another spelling of the same', ['dev: 1.2.0 x1 9', 'prod: v1.2.0 x1 2'], 0],
    ['a newer version is no lag', ['dev: 1.2.0 x1 9', 'prod: 1.10.0 x1 2'], 0],
    ['an older one is', ['dev: 1.10.0 x1 9', 'prod: 1.9.0 x1 2'], dayS],
    ['most of the stage count', ['dev: a x1 9', 'prod: a x1 9, b x2 2'], dayS],
    ['of a tie nobody knows', ['dev: a x1 9', 'prod: a x1 9, b x1 2'], null],
    ['nor of a tie before it', ['dev: a x1 9, b x1 2', 'prod: b x1 2'], null],
    ['nor without a day', ['dev: a x1', 'prod: b x1 2'], null],
    ['nor what cannot be compared', [`dev: 1.0.0@sha256:${'d'.repeat(64)} x1 9`, 'prod: b x1 2'], null],
    ['nothing applied yet', ['dev: a x1 9', 'prod: '], null],
    ['a clock that is ahead is no negative lag', ['dev: a x1 20', 'prod: b x1 2'], 0],
  ])('%s', (_why, texts, lag) => {
    expect(way('environment', null, ...texts).at(-1)?.[2]).toBe(lag)
  })

  it('looks past stages that do not have the app, and past others of the same rank', () => {
    expect(way('environment', ['dev', 'qa', 'prod'], 'dev: b x1 9', 'prod: a x1 2', 'staging: c x1 1')).toEqual([
      ['dev', 'b', null],
      ['qa', null, null],
      ['prod', 'a', dayS],
    ])
    expect(way('environment', null, 'dev: b x1 9', 'development: a x1 1')).toEqual([
      ['dev', 'b', null],
      ['development', 'a', null],
    ])
  })

  it('an environment of which nobody says what comes before it has no lag, until somebody does', () => {
    expect(way('environment', null, 'prod: b x1 9', 'sandbox: a x1 1').at(-1)).toEqual(['sandbox', 'a', null])
    expect(way('environment', ['prod', 'sandbox'], 'prod: b x1 9', 'sandbox: a x1 1').at(-1)).toEqual([
      'sandbox',
      'a',
      dayS,
    ])
  })

  it('goes by rings as numbers', () => {
    expect(way('ring', null, '10: a x1 1', '9: b x1 9', '1: b x1 8')).toEqual([
      ['1', 'b', null],
      ['9', 'b', 0],
      ['10', 'a', dayS],
    ])
  })
})
