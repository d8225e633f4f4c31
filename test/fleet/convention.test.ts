import { describe, expect, it } from 'vitest'
import { conventionsOf, defaultConventions, layeredConventions } from '../../fleet/convention.ts'

const read = (labels: Record<string, string>) => conventionsOf(labels, defaultConventions)

describe('conventionsOf', () => {
  it.each([
    ['the plain label', { environment: 'prod' }, 'prod'],
    ['the first agreed name before the second', { env: 'a', environment: 'b' }, 'b'],
    ['the plain label before a prefixed one', { 'example.test/environment': 'a', environment: 'b' }, 'b'],
    ['a prefixed label', { 'example.test/env': 'prod' }, 'prod'],
    ['any letter case, as Azure tags have', { Environment: 'prod' }, 'prod'],
    ['nothing in an empty value', { environment: '', env: 'prod' }, 'prod'],
    ['nothing in what only ends alike', { 'my-environment': 'prod' }, null],
  ])('%s', (_why, labels, environment) => {
    expect(read(labels).environment).toBe(environment)
  })

  it('reads owner, ring and contact likewise', () => {
    expect(read({ team: 'blue', wave: '2', contact: 'blue@example.test' })).toEqual({
      environment: null,
      owner: 'blue',
      ring: '2',
      contact: 'blue@example.test',
    })
  })
})

describe('layeredConventions', () => {
  it("lets the Cluster's own label say what a tag says by a preferred name", () => {
    const layers = [{ team: 'blue' }, { owner: 'green', Environment: 'prod' }, { environment: 'dev', ring: '1' }]
    expect(layeredConventions(layers, defaultConventions)).toEqual({
      environment: 'prod',
      owner: 'blue',
      ring: '1',
      contact: null,
    })
  })

  it('knows nothing of nothing', () => {
    expect(layeredConventions([], defaultConventions).owner).toBeNull()
  })
})
