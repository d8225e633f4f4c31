import { describe, expect, it } from 'vitest'
import type { Member } from '../../../fleet/cluster.ts'
import type { OwnDifference } from '../../../fleet/drift/difference.ts'
import { compose, member, refOf, selfManaged } from '../members.ts'

describe('blocked', () => {
  const waiting: OwnDifference = {
    code: 'blocked',
    field: 'status.conditions[Ready]',
    expected: 'True',
    actual: 'False',
  }
  const waitsFor = (name: string, ...on: string[]) =>
    member('Kustomization', 'Progressing', {
      at: name,
      facts: {
        gitops: {
          ...{ tool: 'flux', role: 'reconciler', suspended: false },
          dependsOn: on.map((one) => refOf('Kustomization', one)),
        },
        drift: [waiting],
      },
    })
  const messages = (...members: Member[]) =>
    compose(selfManaged(), ...members)
      .drift.differences.filter(({ code }) => code === 'blocked')
      .map(({ message }) => message)

  it('names the circle that holds it up, alike for all in it and behind it', () => {
    const circle = 'the dependencies go in a circle: team/a → team/b → team/c → team/a'
    expect(messages(waitsFor('c', 'a'), waitsFor('a', 'b'), waitsFor('d', 'c'), waitsFor('b', 'free', 'c'))).toEqual(
      ['a', 'b', 'c', 'd'].map((name) => `Kustomization team/${name}: ${circle}`),
    )
  })

  it.each<readonly [string, readonly Member[]]>([
    ['a chain', [waitsFor('a', 'b'), waitsFor('b', 'c'), waitsFor('c')]],
    ['a diamond', [waitsFor('a', 'b', 'c'), waitsFor('b', 'd'), waitsFor('c', 'd'), waitsFor('d')]],
    ['a dependency that is not there', [waitsFor('a', 'gone')]],
    ['the same dependency twice', [waitsFor('a', 'b', 'b'), waitsFor('b')]],
  ])('%s is no circle', (_name, members) => {
    for (const message of messages(...members)) expect(message).toMatch(/It waits for another object/)
  })

  it('on itself is a circle', () => {
    expect(messages(waitsFor('a', 'a'))).toEqual([
      'Kustomization team/a: the dependencies go in a circle: team/a → team/a',
    ])
  })
})
