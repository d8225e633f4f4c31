import { describe, expect, test } from 'vitest'
import {
  endedSupport,
  offersOf,
  readKubernetesVersions,
  regionKeyOf,
} from '../../../fleet/azure/kubernetes-versions.ts'

const both = ['KubernetesOfficial', 'AKSLongTermSupport']
const given = (version: string, supportPlan: readonly string[] = both, more: object = {}) => ({
  version,
  capabilities: { supportPlan },
  patchVersions: {},
  ...more,
})
const read = (...values: object[]) => readKubernetesVersions({ values }) ?? expect.fail('not read')

describe('an answer of listKubernetesVersions', () => {
  test('is read by number, oldest first', () => {
    const patchVersions = { '1.9.10': { upgrades: ['1.10.0'] }, '1.9.2': {}, '1.9.9': { upgrades: ['1.9.10'] } }
    expect(read(given('1.10', both, { isPreview: true }), given('1.9', [], { patchVersions }))).toEqual([
      {
        minor: '1.9',
        isPreview: false,
        supportPlans: [],
        patches: [
          { version: '1.9.2', upgrades: [] },
          { version: '1.9.9', upgrades: ['1.9.10'] },
          { version: '1.9.10', upgrades: ['1.10.0'] },
        ],
      },
      { minor: '1.10', isPreview: true, supportPlans: both, patches: [] },
    ])
  })

  test.each([
    null,
    {},
    { value: [] },
    { values: [] },
    { values: [given('1.34'), null] },
    { values: [given('1.34'), { ...given('1.33'), version: 'latest' }] },
    { values: [{ ...given('1.34'), capabilities: { supportPlan: 'KubernetesOfficial' } }] },
  ])('%j is none', (body) => expect(readKubernetesVersions(body)).toBeNull())

  test('offers what is listed under a plan, previews aside', () => {
    const minors = read(given('1.33', ['AKSLongTermSupport']), given('1.34'), given('1.35', both, { isPreview: true }))
    expect(offersOf(minors)).toEqual([
      { minor: '1.34', plan: 'standard' },
      { minor: '1.33', plan: 'lts' },
      { minor: '1.34', plan: 'lts' },
    ])
  })
})

describe('support has ended', () => {
  const now = new Date('2026-11-22T10:00:00Z')
  const ended = (before: object[], after: object[], readAt: Date | null = new Date('2026-11-20T23:00:00Z')) =>
    endedSupport({ region: 'westeurope', readAt, minors: read(...before) }, read(...after), now).map(
      ({ minor, plan, endsAt }) => `${minor} ${plan} ${endsAt}`,
    )

  test.each<[string, object[], object[], string[]]>([
    [
      'for the oldest',
      [given('1.9'), given('1.10')],
      [given('1.10')],
      ['1.9 standard 2026-11-20', '1.9 lts 2026-11-20'],
    ],
    [
      'for one plan',
      [given('1.9'), given('1.10')],
      [given('1.9', ['AKSLongTermSupport']), given('1.10')],
      ['1.9 standard 2026-11-20'],
    ],
    ['for none that stays', [given('1.9')], [given('1.9'), given('1.10')], []],
    ['not for the newest', [given('1.9'), given('1.10')], [given('1.9')], []],
    ['not for one in between', [given('1.8'), given('1.9'), given('1.10')], [given('1.8'), given('1.10')], []],
    ['not where nothing is left of a plan', [given('1.9')], [given('1.9', [])], []],
    ['not for a preview', [given('1.9', both, { isPreview: true }), given('1.10')], [given('1.10')], []],
  ])('%s', (_name, before, after, said) => expect(ended(before, after)).toEqual(said))

  test('not since never', () => expect(ended([given('1.9'), given('1.10')], [given('1.10')], null)).toEqual([]))
})

test('a region has one name', () => expect(regionKeyOf('West Europe')).toBe('westeurope'))
