import { parse } from 'semver'
import type { KindKey } from '../reference.ts'
import { minorOf, parseVersion } from '../version.ts'
import { dayOf } from './day.ts'
import { acceptedContracts, type MinorRelease, providerReleases, type ReleaseTable } from './seed/cluster-api.ts'

/** A provider of Cluster API on a management cluster, as whoever installed it noted it. */
export interface InstalledProvider {
  /** clusterctl's label: `cluster-api`, `infrastructure-azure`. */
  readonly name: string
  /** As written: `v1.14.0`; null when it is not known. */
  readonly version: string | null
  /** The contract it says it keeps; null where only the release table can tell. */
  readonly contract: string | null
}

/** What is published of the release that a provider runs. */
export interface ProviderRelease {
  /** The contract with Cluster API: `v1beta2`. Null: not published. */
  readonly contract: string | null
  /** Null: not known, because nobody publishes it, or the table is too old to tell. */
  readonly supported: boolean | null
  /** `YYYY-MM-DD`, the first day without support, past or planned; null where no document names it. */
  readonly supportEndsAt: string | null
  /** The newest patch of its minor when the table was written: `1.14.0`. */
  readonly latestPatch: string | null
  /** Where to look it up; null of a provider that the table does not know. */
  readonly source: string | null
  /** The day the source was last known to say so. */
  readonly asOf: string | null
}

/** What clusterctl puts before a provider's name, by type (Cluster API `cmd/clusterctl/api/v1alpha3/labels.go`). */
export const labelPrefixes = {
  CoreProvider: '',
  BootstrapProvider: 'bootstrap-',
  ControlPlaneProvider: 'control-plane-',
  InfrastructureProvider: 'infrastructure-',
  IPAMProvider: 'ipam-',
  RuntimeExtensionProvider: 'runtime-extension-',
  AddonProvider: 'addon-',
} as const

/** Where providers are noted: what clusterctl notes, and what the Cluster API operator keeps in its place. */
export const providerKinds: readonly KindKey[] = [
  'clusterctl.cluster.x-k8s.io/Provider',
  ...Object.keys(labelPrefixes).map((type): KindKey => `operator.cluster.x-k8s.io/${type}`),
]

export const coreName = 'cluster-api'

/** Parts of Cluster API's own release, which belong together. */
export const releasedWithCore: readonly string[] =
  providerReleases.find(({ providers }) => providers[0] === coreName)?.providers.slice(1) ?? []

const unknown: ProviderRelease = {
  ...{ contract: null, supported: null, supportEndsAt: null, latestPatch: null, source: null, asOf: null },
}

/** Looks a provider's version up. What the table does not know is null, never supported. */
export function releaseOf(provider: string, version: string | null, now: Date): ProviderRelease {
  const table = tableOf(provider)
  if (table === null || version === null || parseVersion(version) === null) return unknown
  const { source, asOf } = table
  const release = minorIn(table, version)
  if (release === null) return { ...unknown, source, asOf }
  const { contract, latestPatch, term } = release
  const supportEndsAt = term.says === 'ended' ? term.since : term.says === 'supported' ? term.endsAt : null
  return { contract, supported: supportedOn(release, version, dayOf(now)), supportEndsAt, latestPatch, source, asOf }
}

const tableOf = (provider: string): ReleaseTable | null =>
  providerReleases.find(({ providers }) => providers.includes(provider)) ?? null

function minorIn({ minors }: ReleaseTable, version: string): MinorRelease | null {
  const read = parseVersion(version)
  return (read && minors.find(({ minor }) => minor === minorOf(read))) ?? null
}

function supportedOn({ term }: MinorRelease, version: string, today: string): boolean | null {
  // Promises are made of releases, not of their candidates; but what has ended has ended for both.
  const promised = isPreRelease(version) ? null : true
  if (term.says === 'ended') return term.since === null || term.since <= today ? false : promised
  return term.says === 'supported' && today <= term.through ? promised : null
}

const isPreRelease = (version: string): boolean => (parse(version.trim().replace(/^v/, ''))?.prerelease.length ?? 0) > 0

/** Something about one of the providers of a management cluster that does not fit the others. */
export interface Mismatch<P extends InstalledProvider = InstalledProvider> {
  readonly provider: P
  /** One sentence for a person. */
  readonly message: string
}

/**
 * What does not fit together on one management cluster: several versions of one provider; a part of Cluster API's release (the kubeadm
 * providers) in another version than the core; a contract that the core does not take. Nothing is said of what is not known, nor of how
 * others stand to the core where there are several cores.
 */
export function mismatchesOf<P extends InstalledProvider>(providers: readonly P[]): readonly Mismatch<P>[] {
  const core = coreOf(providers)
  return providers.flatMap((provider) => {
    const messages = [
      severalOf(provider, providers),
      ...(core ? [partOf(provider, core), contractOf(provider, core)] : []),
    ]
    return messages.flatMap((message) => (message === null ? [] : [{ provider, message }]))
  })
}

/** Spelling apart: with or without `v`. Null where it is not a version. */
const plain = ({ version }: InstalledProvider): string | null =>
  version === null || parseVersion(version) === null ? null : version.trim().replace(/^v/, '')

function coreOf(providers: readonly InstalledProvider[]): InstalledProvider | null {
  const cores = providers.filter(({ name }) => name === coreName)
  return new Set(cores.map(plain)).size === 1 ? (cores[0] ?? null) : null
}

function severalOf({ name }: InstalledProvider, providers: readonly InstalledProvider[]): string | null {
  const copies = providers.filter((one) => one.name === name).flatMap((one) => plain(one) ?? [])
  const versions = [...new Set(copies)]
  return versions.length < 2 ? null : `${name} is there in ${versions.length} versions: ${versions.sort().join(', ')}.`
}

function partOf(provider: InstalledProvider, core: InstalledProvider): string | null {
  const [ours, theirs] = [plain(provider), plain(core)]
  if (!releasedWithCore.includes(provider.name) || ours === null || theirs === null || ours === theirs) return null
  return `${provider.name} ${ours} is released with ${coreName} ${ours}, and ${coreName} is ${theirs}.`
}

function contractOf(provider: InstalledProvider, core: InstalledProvider): string | null {
  const [ours, theirs] = [contractKept(provider), contractKept(core)]
  const accepted = theirs === null ? undefined : acceptedContracts.get(theirs)
  if (provider.name === coreName || ours === null || accepted === undefined || accepted.includes(ours)) return null
  return `${provider.name} keeps contract ${ours}, and ${coreName} takes ${accepted.join(' and ')}.`
}

/** By its own word, else by the table. */
export function contractKept({ name, version, contract }: InstalledProvider): string | null {
  const table = tableOf(name)
  return contract ?? (table && version !== null ? (minorIn(table, version)?.contract ?? null) : null)
}
