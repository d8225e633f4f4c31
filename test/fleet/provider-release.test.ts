import { describe, expect, it } from 'vitest'
import { type InstalledProvider, mismatchesOf, releaseOf } from '../../fleet/support/provider-release.ts'
import { acceptedContracts, providerReleases } from '../../fleet/support/seed/cluster-api.ts'

const now = new Date('2026-11-22T09:00:00Z')

describe('releaseOf', () => {
  it.each([
    // provider, version, supported, supportEndsAt, latestPatch, contract, why
    ['cluster-api', 'v1.14.0', true, null, '1.14.0', 'v1beta2', 'its end is a release that has no day yet'],
    ['cluster-api', 'v1.13.2', true, null, '1.13.5', 'v1beta2', 'until a release in April 2027'],
    ['cluster-api', '1.12.11', true, '2026-12-08', '1.12.11', 'v1beta2', 'maintenance counts; the end is planned'],
    ['cluster-api', 'v1.11.1', false, '2026-08-18', '1.11.11', 'v1beta2', 'over'],
    ['cluster-api', 'v1.10.3', false, '2026-04-21', '1.10.10', 'v1beta1', '1.10 is not 1.1'],
    ['cluster-api', 'v1.9.11', false, '2025-12-18', '1.9.11', 'v1beta1', 'and 1.9 is before it'],
    ['cluster-api', 'v0.4.8', false, null, '0.4.8', 'v1alpha4', 'nobody names the day'],
    ['cluster-api', 'v1.15.0', null, null, null, 'v1beta2', 'it was not out yet'],
    ['cluster-api', 'v1.16.0', null, null, null, null, 'newer than the table'],
    ['cluster-api', 'v1.14.0-rc.1', null, null, '1.14.0', 'v1beta2', 'nothing is promised of a candidate'],
    ['cluster-api', 'v1.11.0-beta.0', false, '2026-08-18', '1.11.11', 'v1beta2', 'what has ended has ended'],
    ['bootstrap-kubeadm', 'v1.11.1', false, '2026-08-18', '1.11.11', 'v1beta2', 'a part of the same release'],
    ['infrastructure-azure', 'v1.24.2', false, null, '1.24.2', 'v1beta1', 'two newer minors are out'],
    ['infrastructure-azure', 'v1.26.0', null, null, '1.26.0', 'v1beta1', 'two newer may be out since'],
    ['infrastructure-aws', 'v2.11.1', null, null, '2.11.1', 'v1beta1', 'no word on support'],
    ['infrastructure-aws', 'v1.3.0', false, '2023-03-28', '1.3.0', 'v1beta1', 'it follows a core that ended'],
    ['infrastructure-gcp', 'v1.12.0', null, null, '1.12.0', 'v1beta1', 'no word on support'],
    ['infrastructure-vsphere', 'v1.16.0', true, null, '1.16.1', 'v1beta2', 'its end goes with core 1.16'],
    ['infrastructure-vsphere', 'v1.14.0', null, null, '1.14.0', 'v1beta1', '1.17, which ends it, was near'],
    ['addon-helm', 'v0.6.4', null, null, '0.6.4', 'v1beta2', 'no word on support'],
  ])(
    '%s %s: supported %s until %s (newest %s, %s): %s',
    (provider, version, supported, supportEndsAt, latestPatch, contract, _why) => {
      expect(releaseOf(provider, version, now)).toMatchObject({ supported, supportEndsAt, latestPatch, contract })
    },
  )

  it('says nothing of what it does not know, and never that it is supported', () => {
    const nothing = {
      ...{ contract: null, supported: null, supportEndsAt: null, latestPatch: null, source: null, asOf: null },
    }
    expect(releaseOf('infrastructure-nobody', 'v1.0.0', now)).toEqual(nothing)
    expect(releaseOf('cluster-api', null, now)).toEqual(nothing)
    expect(releaseOf('cluster-api', 'main', now)).toEqual(nothing)
    // The project is known, its release is not: who would tell is still told.
    expect(releaseOf('cluster-api', 'v9.9.9', now)).toMatchObject({ supported: null, asOf: '2026-08-21' })
  })

  it('turns with the clock: from supported to over, or to not known where the end was only planned', () => {
    const on = (provider: string, version: string, day: string) =>
      releaseOf(provider, version, new Date(`${day}T12:00:00Z`)).supported
    expect(on('cluster-api', 'v1.11.0', '2026-08-17')).toBe(true)
    expect(on('cluster-api', 'v1.11.0', '2026-08-18')).toBe(false)
    expect(on('cluster-api', 'v1.12.0', '2026-12-07')).toBe(true)
    expect(on('cluster-api', 'v1.12.0', '2026-12-08')).toBeNull()
    expect(on('infrastructure-azure', 'v1.26.0', '2026-08-19')).toBe(true)
    expect(on('infrastructure-azure', 'v1.26.0', '2026-08-20')).toBeNull()
  })
})

describe('the table of releases', () => {
  it('names each minor once, with a day and a page to look it up', () => {
    const isDay = (day: string | null) => day === null || /^\d{4}-\d{2}-\d{2}$/.test(day)
    for (const { providers, source, asOf, minors } of providerReleases) {
      expect(new Set(minors.map(({ minor }) => minor)).size, providers[0]).toBe(minors.length)
      expect(source).toMatch(/^https:\/\/github\.com\/kubernetes-sigs\//)
      expect(isDay(asOf) && asOf !== '').toBe(true)
      for (const { minor, contract, latestPatch, term } of minors) {
        expect(latestPatch ?? `${minor}.0`, `${providers[0]} ${minor}`).toMatch(new RegExp(`^${minor}\\.\\d+$`))
        if (contract !== null) expect(contract).toMatch(/^v1(alpha|beta)\d$/)
        if (term.says === 'ended') expect(isDay(term.since) && (term.since ?? '') <= asOf).toBe(true)
        if (term.says === 'supported') expect(term.through >= asOf && isDay(term.endsAt)).toBe(true)
      }
    }
  })

  it('a core takes its own contract at least', () => {
    const [core] = providerReleases
    for (const { contract } of core?.minors ?? []) expect(acceptedContracts.get(contract ?? '')).toContain(contract)
  })
})

describe('mismatchesOf', () => {
  const provider = (text: string): InstalledProvider => {
    const [name = '', version = null, contract = null] = text.split(' ')
    return { name, version: version === '?' ? null : version, contract }
  }
  const said = (...texts: readonly string[]) =>
    mismatchesOf(texts.map(provider)).map(({ provider: { name }, message }) => `${name}: ${message}`)
  const core = 'cluster-api v1.14.0'

  it.each([
    ['one release', [core, 'bootstrap-kubeadm v1.14.0', 'control-plane-kubeadm 1.14.0']],
    ['a provider has its own versions', [core, 'infrastructure-azure v1.26.0', 'addon-helm v0.6.4']],
    ['the older contract is taken for a while', [core, 'infrastructure-aws v2.11.1']],
    ['one that nobody knows', [core, 'infrastructure-nobody v3.0.0']],
    ['a version that is not known', [core, 'bootstrap-kubeadm ?', 'infrastructure-azure main']],
    [
      'a core that is newer than the table',
      ['cluster-api v1.99.0', 'infrastructure-azure v1.26.0', 'addon-helm v0.6.4'],
    ],
    ['no core', ['bootstrap-kubeadm v1.14.0', 'control-plane-kubeadm v1.13.0']],
    ['twice the same', [core, 'infrastructure-azure v1.26.0', 'infrastructure-azure 1.26.0']],
    ['nothing', []],
  ])('nothing to say: %s', (_why, texts) => {
    expect(said(...texts)).toEqual([])
  })

  it('parts of one release in several versions, minors and patches alike', () => {
    expect(said(core, 'bootstrap-kubeadm v1.13.5', 'control-plane-kubeadm v1.14.0-rc.1')).toEqual([
      'bootstrap-kubeadm: bootstrap-kubeadm 1.13.5 is released with cluster-api 1.13.5, and cluster-api is 1.14.0.',
      'control-plane-kubeadm: control-plane-kubeadm 1.14.0-rc.1 is released with cluster-api 1.14.0-rc.1, and cluster-api is 1.14.0.',
    ])
    expect(said('cluster-api v1.9.1', 'bootstrap-kubeadm v1.10.1')).toHaveLength(1)
  })

  it('a contract that the core does not take', () => {
    expect(said('cluster-api v1.10.10', 'addon-helm v0.6.4', 'infrastructure-vsphere v1.15.0')).toEqual([
      'addon-helm: addon-helm keeps contract v1beta2, and cluster-api takes v1beta1.',
    ])
    expect(said(core, 'infrastructure-azure v0.5.3')).toEqual([
      'infrastructure-azure: infrastructure-azure keeps contract v1alpha4, and cluster-api takes v1beta2 and v1beta1.',
    ])
    // What it says of itself goes before the table.
    expect(said(core, 'infrastructure-nobody v1.0.0 v1alpha3')).toHaveLength(1)
  })

  it('several versions of one provider, said of each of them', () => {
    const both = 'infrastructure-azure is there in 2 versions: 1.25.1, 1.26.0.'
    expect(said(core, 'infrastructure-azure v1.26.0', 'infrastructure-azure v1.25.1')).toEqual([
      `infrastructure-azure: ${both}`,
      `infrastructure-azure: ${both}`,
    ])
    // Which of two cores the others should fit is not known.
    expect(said(core, 'cluster-api v1.13.0', 'bootstrap-kubeadm v1.14.0')).toHaveLength(2)
  })
})
