import { describe, expect, it } from 'vitest'
import type { Component } from '../../../../fleet/policy/subject.ts'
import { ask, poolOf, subjectOf } from '../ask.ts'

describe('minimumVersion', () => {
  it.each<[string, string, string | null, string]>([
    ['newer minor', '1.32', 'v1.33.4', 'ok'],
    ['the very minor', '1.32', '1.32.0', 'ok'],
    ['1.10 is newer than 1.9', '1.9', '1.10.1', 'ok'],
    ['older minor', '1.32', '1.31.99', 'violated'],
    ['the very patch', '1.32.4', '1.32.4', 'ok'],
    ['older patch', '1.32.4', 'v1.32.3+rke2r1', 'violated'],
    ['only a minor, which decides', '1.32.4', '1.31', 'violated'],
    ['only a minor, which decides upwards', '1.32.4', '1.33', 'ok'],
    ['only a minor, and any patch will do', '1.32', '1.32', 'ok'],
    ['only a minor, which does not decide', '1.32.4', '1.32', 'unknown'],
    ['not observed', '1.32', null, 'unknown'],
    ['no version', '1.32', 'latest', 'unknown'],
  ])('%s', (_name, version, versionObserved, state) => {
    // A declared version must never count as one that runs.
    const subject = subjectOf({ versionObserved, versionDeclared: '1.40.0' })
    expect(ask('minimumVersion', { version }, subject).state).toBe(state)
  })

  it('tells a declared version apart from one that runs', () => {
    const subject = subjectOf({ versionObserved: null, versionDeclared: '1.33' })
    expect(ask('minimumVersion', { version: '1.32' }, subject).message).toBe(
      'the version that runs is not known (1.33 is declared)',
    )
  })
})

describe('versionSkew', () => {
  const pools = (...versions: (string | null)[]) =>
    versions.map((versionObserved, at) => poolOf(`p${at}`, { versionObserved }))

  it.each<[string, number, string | null, (string | null)[], string]>([
    ['no pools', 3, '1.33.4', [], 'notApplicable'],
    ['the same', 0, '1.33.4', ['1.33.1'], 'ok'],
    ['as far behind as allowed', 3, '1.33.4', ['1.30.1'], 'ok'],
    ['further behind', 3, '1.33.4', ['1.29.9'], 'violated'],
    ['1.9 is behind 1.10, not ahead', 1, '1.10.0', ['1.9.0'], 'ok'],
    ['further behind than the policy allows', 1, '1.33.4', ['1.31.0'], 'violated'],
    ['ahead', 3, '1.33.4', ['1.34.0'], 'violated'],
    ['kubelets before 1.25, 2 behind', 3, '1.26.0', ['1.24.0'], 'ok'],
    ['kubelets before 1.25, 3 behind', 3, '1.27.0', ['1.24.0'], 'violated'],
    ['kubelets of 1.25, 3 behind', 3, '1.28.0', ['1.25.0'], 'ok'],
    ['an unknown pool', 3, '1.33.4', ['1.33.4', null], 'unknown'],
    ['an unknown pool beside one that violates', 3, '1.33.4', [null, '1.28.0'], 'violated'],
    ['an unknown control plane', 3, null, ['1.33.4'], 'unknown'],
  ])('%s', (_name, max, versionObserved, versions, state) => {
    expect(ask('versionSkew', { max }, subjectOf({ versionObserved, pools: pools(...versions) })).state).toBe(state)
  })

  it.each<[string, (string | null)[], string, string[]]>([
    [
      'the farthest behind',
      ['1.29.0', '1.33.0', '1.28.0'],
      'pool p2 is 5 minors behind its control plane, and 3 are allowed',
      ['p0', 'p2'],
    ],
    [
      'one ahead before all',
      ['1.28.0', '1.34.0'],
      'pool p1 is 1 minor ahead of its control plane, which is never supported',
      ['p0', 'p1'],
    ],
  ])('names %s', (_name, versions, message, names) => {
    const { evidence, ...ruling } = ask('versionSkew', { max: 3 }, subjectOf({ pools: pools(...versions) }))
    expect(ruling.message).toBe(message)
    expect(evidence.map(({ field }) => field)).toEqual([
      'kubernetes.observed',
      ...names.map((name) => `pools.${name}.version`),
    ])
  })
})

describe('componentVersion', () => {
  const parameters = { component: 'chart', name: 'cert-manager', range: '>=1.14 <2', required: false } as const
  const charts = (...versions: (string | null)[]): Component[] =>
    versions.map((version) => ({ type: 'chart', name: 'cert-manager', version }))

  it.each<[string, Component[], string]>([
    ['within', charts('1.15.2'), 'ok'],
    ['the lower end', charts('v1.14.0'), 'ok'],
    ['the upper end', charts('2.0.0'), 'violated'],
    ['below', charts('1.9.0'), 'violated'],
    ['a prerelease within', charts('1.15.0-rc.1'), 'ok'],
    ['a prerelease of the upper end', charts('2.0.0-rc.1'), 'violated'],
    ['build metadata', charts('1.14.3+patched'), 'ok'],
    ['a version nobody knows', charts(null), 'unknown'],
    ['what may be a range', charts('1.14'), 'unknown'],
    ['no version', charts('latest'), 'unknown'],
    ['two copies, one outside', charts('1.15.0', '1.2.0'), 'violated'],
    ['two copies, one unknown', charts('1.15.0', null), 'unknown'],
    ['two copies, one unknown and one outside', charts(null, '1.2.0'), 'violated'],
    ['a provider of that name', [{ type: 'provider', name: 'cert-manager', version: '1.0.0' }], 'notApplicable'],
    ['absent', [], 'notApplicable'],
  ])('%s', (_name, components, state) => {
    expect(ask('componentVersion', parameters, subjectOf({ components })).state).toBe(state)
  })

  it.each<[boolean, Component['type'][], string]>([
    [false, ['chart'], 'notApplicable'],
    [true, ['chart'], 'violated'],
    [false, ['provider'], 'unknown'],
    [true, [], 'unknown'],
  ])('is absent, required %s, where somebody reads %j: %s', (required, readComponents, state) => {
    expect(ask('componentVersion', { ...parameters, required }, subjectOf({ readComponents })).state).toBe(state)
  })

  it('says why an absence is not known', () => {
    const ruling = ask('componentVersion', parameters, subjectOf({ readComponents: [] }))
    expect(ruling.message).toBe(
      'whether chart cert-manager is there is not known, because nobody reads charts where the cluster is held',
    )
    expect(ruling.evidence).toMatchObject([{ field: 'components.chart.cert-manager', actual: null }])
  })

  it('fails where a required one is absent', () => {
    const ruling = ask('componentVersion', { ...parameters, required: true }, subjectOf())
    expect(ruling).toMatchObject({ state: 'violated', message: 'chart cert-manager is not there' })
  })
})
