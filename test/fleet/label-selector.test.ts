import { describe, expect, it } from 'vitest'
import { FleetError } from '../../fleet/error.ts'
import { parseLabelSelector } from '../../fleet/label-selector.ts'

describe('parseLabelSelector', () => {
  it.each([
    ['', []],
    ['  ', []],
    ['a=b', [{ key: 'a', operator: 'in', values: ['b'] }]],
    ['a == b', [{ key: 'a', operator: 'in', values: ['b'] }]],
    ['a=', [{ key: 'a', operator: 'in', values: [''] }]],
    ['a!=b', [{ key: 'a', operator: 'notin', values: ['b'] }]],
    ['a', [{ key: 'a', operator: 'exists' }]],
    ['!a', [{ key: 'a', operator: 'absent' }]],
    ['in', [{ key: 'in', operator: 'exists' }]],
    [
      'env in (prod, stage),tier notin (x)',
      [
        { key: 'env', operator: 'in', values: ['prod', 'stage'] },
        { key: 'tier', operator: 'notin', values: ['x'] },
      ],
    ],
    ['example.test/a_b.c in (A-1)', [{ key: 'example.test/a_b.c', operator: 'in', values: ['A-1'] }]],
    [
      ' a , !b , c!=d ',
      [
        { key: 'a', operator: 'exists' },
        { key: 'b', operator: 'absent' },
        { key: 'c', operator: 'notin', values: ['d'] },
      ],
    ],
  ])('%j', (selector, requirements) => {
    expect(parseLabelSelector(selector)).toEqual(requirements)
  })

  it.each([
    ['a=b c', 'expected "," or the end at character 5'],
    ['=b', 'expected a label key at character 1'],
    ['a,', 'expected a label key at character 3, found the end'],
    ['a in b', 'expected "(" at character 6'],
    ['a in (b', 'expected "," or ")" at character 8'],
    ['a=b=c', 'expected "," or the end at character 4'],
    ['-a', 'expected a label key at character 1'],
    [`a=${'x'.repeat(64)}`, 'expected a label value at character 3'],
    ['x'.repeat(5000), 'longer than 4096 characters'],
  ])('refuses %j', (selector, why) => {
    expect(() => parseLabelSelector(selector)).toThrowError(FleetError)
    expect(() => parseLabelSelector(selector)).toThrowError(why)
  })
})
