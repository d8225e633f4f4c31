import { describe, expect, it } from 'vitest'
import { codesOf, condition, factsOf } from './facts-of.ts'

const helmRelease = 'helm.toolkit.fluxcd.io/HelmRelease'
const source = 'source.toolkit.fluxcd.io'

describe('a HelmRelease', () => {
  const sourceRef = { kind: 'HelmRepository', name: 'charts', namespace: 'flux-system' }
  const chart = { spec: { chart: 'web', version: '2.x', sourceRef } }
  it.each([
    [
      'the HelmChart that its status names',
      { chart },
      { helmChart: 'flux-system/team-a' },
      ['HelmChart', 'flux-system', 'team-a'],
    ],
    ['before that, as it will be called', { chart }, {}, ['HelmChart', 'flux-system', 'team-a']],
    ['a status that cannot be read', { chart }, { helmChart: 'a/b/c' }, ['HelmChart', 'flux-system', 'team-a']],
    ['what chartRef names', { chartRef: { kind: 'OCIRepository', name: 'web' } }, {}, ['OCIRepository', 'team', 'web']],
  ])('applies from %s', (_why, spec, status, [kind, namespace, name]) => {
    expect(factsOf(helmRelease, { spec, status }).appliesFrom).toEqual({ group: source, kind, namespace, name })
  })

  it('says what it installed and when', () => {
    const release = { chartName: 'web', chartVersion: '2.0.0', lastDeployed: '2026-05-01T00:00:00.5Z' }
    const spec = { interval: '30m', chart, values: { password: 'hush' } }
    const facts = factsOf(helmRelease, { spec, status: { history: [release], lastAttemptedRevision: '2.0.0' } })
    expect(facts).toMatchObject({
      revision: { desired: '2.x', attempted: '2.0.0', applied: '2.0.0' },
      gitops: { chart: 'web', intervalMs: 1_800_000, revisionAt: '2026-05-01T00:00:00.500Z' },
    })
    expect(JSON.stringify(facts)).not.toContain('hush')
  })

  const run = (attempted: string, applied: string, ...conditions: object[]) => ({
    conditions,
    lastAttemptedRevision: attempted,
    history: [{ chartVersion: applied }],
  })
  const good = condition('Ready', 'True', 'UpgradeSucceeded')
  const failed = condition('Ready', 'False', 'UpgradeFailed')
  const back = condition('Remediated', 'True', 'RollbackSucceeded')
  it.each<[string, object, readonly string[]]>([
    ['all is installed', run('2.0.0', 'v2.0.0', good), []],
    ['a digest of its artifact is no other version', run('2.0.0', '2.0.0+0123456789ab', good), []],
    [
      'rolled back: the failure before is not told twice',
      run('2.1.0', '2.0.0', condition('Ready', 'False', 'RollbackSucceeded'), back),
      ['helmRolledBack'],
    ],
    ['another version runs, and nothing is under way', run('2.1.0', '2.0.0', good), ['helmRolledBack']],
    [
      'an upgrade is under way',
      run('2.1.0', '2.0.0', condition('Ready', 'Unknown', 'Progressing'), condition('Reconciling', 'True')),
      [],
    ],
    ['an upgrade failed', run('2.1.0', '2.1.0', failed), ['applyFailed']],
    [
      'somebody changed what it installed',
      run('2.0.0', '2.0.0', good, condition('Drifted', 'True', 'DriftDetected')),
      ['helmDrift'],
    ],
    [
      'and it could not be put right',
      run('2.0.0', '2.0.0', condition('Ready', 'False', 'DriftCorrectionFailed'), condition('Drifted', 'True')),
      ['helmDrift', 'applyFailed'],
    ],
    ['it waits', run('2.0.0', '2.0.0', condition('Ready', 'False', 'DependencyNotReady')), ['blocked']],
  ])('%s', (_why, status, codes) => {
    expect(codesOf(factsOf(helmRelease, { status }))).toEqual(codes)
  })

  it.each([
    ['off, as it is by default', {}, [], ['spec.driftDetection is off']],
    ['off by name', { mode: 'disabled' }, [], ['spec.driftDetection is off']],
    [
      'on, and nothing said',
      { mode: 'warn' },
      [good],
      ['drift detection is on, and nothing is reported of what it found'],
    ],
    ['on, and nothing found', { mode: 'enabled' }, [condition('Drifted', 'False')], []],
    ['on, and found', { mode: 'warn' }, [condition('Drifted', 'True')], []],
  ])('looks for changes: %s', (_why, driftDetection, conditions, whys) => {
    const { unlooked = [] } = factsOf(helmRelease, { spec: { driftDetection }, status: { conditions } })
    expect(unlooked.map(({ code, why }) => [code, why])).toEqual(whys.map((why) => ['helmDrift', why]))
  })
})
