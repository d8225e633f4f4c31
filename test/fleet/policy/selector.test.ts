import { describe, expect, it } from 'vitest'
import type { PolicySelector, Waiver } from '../../../fleet/policy/policy.ts'
import { compileSelector } from '../../../fleet/policy/selector.ts'
import { subjectOf } from './ask.ts'

describe('a selector', () => {
  it.each<[PolicySelector | Waiver['selector'], boolean]>([
    [{}, true],
    [{ environment: ['dev', 'Prod'] }, true],
    [{ environment: ['dev'] }, false],
    [{ environment: ['prod'], ring: ['2'] }, false],
    [{ ring: ['1'] }, true],
    [{ owner: ['TEAM-A'] }, true],
    [{ provider: ['AKS'] }, true],
    [{ region: ['West Europe'] }, true],
    [{ region: ['westeurope2'] }, false],
    [{ country: ['nl'] }, true],
    [{ geography: ['eu'] }, true],
    [{ geography: ['Americas'] }, false],
    [{ source: ['mgmt-weu'] }, true],
    [{ source: ['MGMT-WEU'] }, false],
    [{ labels: 'tier=gold' }, true],
    [{ labels: 'tier=Gold' }, false],
    [{ labels: 'tier in (gold, silver),!legacy' }, true],
    [{ labels: 'legacy notin (yes),tier' }, true],
    [{ labels: 'tier!=gold' }, false],
    [{ labels: 'legacy' }, false],
    [{ labels: 'constructor' }, false],
    [{ name: ['shop'] }, true],
    [{ name: ['shop-2'] }, false],
  ])('%j: %s', (selector, selected) => {
    expect(compileSelector(selector)(subjectOf())).toBe(selected)
  })

  it.each(['environment', 'ring', 'owner', 'provider', 'region', 'country'] as const)(
    'does not take what has no %s',
    (key) => {
      expect(compileSelector({ [key]: ['null', ''] })(subjectOf({ [key]: null }))).toBe(false)
    },
  )
})
