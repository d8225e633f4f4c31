// What the projects of Cluster API publish of their releases: facts of the documents named as `source`, as they stood on `asOf`.
// Contracts are those of each project's `metadata.yaml`, newest patches those of its tags.

/** What a project says of the support of a minor. */
export type Term =
  /** No longer supported; `since` is the first day without support, null where no document names it. */
  | { readonly says: 'ended'; readonly since: string | null }
  /** Supported `through` that day at least: a later end may come sooner or later than planned, so beyond it nobody knows. */
  | { readonly says: 'supported'; readonly through: string; readonly endsAt: string | null }
  /** No document says. */
  | { readonly says: 'nothing' }

export interface MinorRelease {
  /** `1.14`. */
  readonly minor: string
  /** The contract with Cluster API that it implements; null where it is not published. */
  readonly contract: string | null
  /** The newest patch that was out; null where there was none. */
  readonly latestPatch: string | null
  readonly term: Term
}

export interface ReleaseTable {
  /** By clusterctl's label (`cluster-api`, `infrastructure-azure`). Several where one release holds them all. */
  readonly providers: readonly [string, ...string[]]
  readonly source: string
  /** `YYYY-MM-DD`. */
  readonly asOf: string
  readonly minors: readonly MinorRelease[]
}

const ended = (since: string | null = null): Term => ({ says: 'ended', since })
const supported = (through: string, endsAt: string | null = null): Term => ({ says: 'supported', through, endsAt })
const nothing: Term = { says: 'nothing' }

/** Minors of one contract and one term: `1.14.0` stands for the minor and its newest patch. */
const all = (contract: string | null, term: Term, ...patches: readonly string[]): readonly MinorRelease[] =>
  patches.map((latestPatch) => ({ minor: latestPatch.split('.', 2).join('.'), contract, latestPatch, term }))

/** A minor that had a contract and no release yet. */
const announced = (minor: string, contract: string): MinorRelease => ({
  ...{ minor, contract, latestPatch: null, term: nothing },
})

/**
 * The end of a minor is a release, three after it: of 1.12 that is 1.15.0, planned for 2026-12-08; of 1.13 it is 1.16.0, named for
 * April 2027; and 1.14 outlives that. Support counts the four months of maintenance, as the project's own table does.
 */
const core: ReleaseTable = {
  providers: ['cluster-api', 'bootstrap-kubeadm', 'control-plane-kubeadm', 'infrastructure-docker'],
  source: 'https://github.com/kubernetes-sigs/cluster-api/blob/main/docs/book/src/reference/versions.md',
  asOf: '2026-08-21',
  minors: [
    ...all('v1alpha3', ended(), '0.3.25'),
    ...all('v1alpha4', ended(), '0.4.8'),
    ...all('v1beta1', ended('2022-12-01'), '1.0.5'),
    ...all('v1beta1', ended('2023-03-28'), '1.1.6'),
    ...all('v1beta1', ended('2023-07-25'), '1.2.12'),
    ...all('v1beta1', ended('2023-12-05'), '1.3.10'),
    ...all('v1beta1', ended('2024-04-16'), '1.4.9'),
    ...all('v1beta1', ended('2024-08-12'), '1.5.8'),
    ...all('v1beta1', ended('2024-12-10'), '1.6.8'),
    ...all('v1beta1', ended('2025-04-22'), '1.7.9'),
    ...all('v1beta1', ended('2025-08-12'), '1.8.12'),
    ...all('v1beta1', ended('2025-12-18'), '1.9.11'),
    ...all('v1beta1', ended('2026-04-21'), '1.10.10'),
    ...all('v1beta2', ended('2026-08-18'), '1.11.11'),
    ...all('v1beta2', supported('2026-12-07', '2026-12-08'), '1.12.11'),
    ...all('v1beta2', supported('2027-03-31'), '1.13.5', '1.14.0'),
    announced('1.15', 'v1beta2'),
  ],
}

/** The two newest minors have support, and a new one comes every two months or so: no day can be told ahead. */
const azure: ReleaseTable = {
  providers: ['infrastructure-azure'],
  source:
    'https://github.com/kubernetes-sigs/cluster-api-provider-azure/blob/main/docs/book/src/developers/releasing.md',
  asOf: '2026-08-19',
  minors: [
    ...all('v1alpha2', ended(), '0.3.1'),
    ...all('v1alpha3', ended(), '0.4.15'),
    ...all('v1alpha4', ended(), '0.5.3'),
    ...all(
      'v1beta1',
      ended(),
      '1.0.2',
      '1.1.3',
      '1.2.1',
      '1.3.2',
      '1.4.5',
      '1.5.5',
      '1.6.3',
      '1.7.6',
      '1.8.7',
      '1.9.8',
    ),
    ...all(
      'v1beta1',
      ended(),
      '1.10.8',
      '1.11.8',
      '1.12.4',
      '1.13.6',
      '1.14.7',
      '1.15.3',
      '1.16.5',
      '1.17.5',
      '1.18.5',
    ),
    ...all('v1beta1', ended(), '1.19.6', '1.20.5', '1.21.3', '1.22.4', '1.23.3', '1.24.2'),
    ...all('v1beta1', supported('2026-08-19'), '1.25.1', '1.26.0'),
  ],
}

/** A minor is supported as long as the Cluster API it goes with, which is published up to 1.3 only. */
const aws: ReleaseTable = {
  providers: ['infrastructure-aws'],
  source:
    'https://github.com/kubernetes-sigs/cluster-api-provider-aws/blob/main/docs/book/src/topics/reference/versions.md',
  asOf: '2026-07-01',
  minors: [
    ...all('v1alpha3', ended('2022-02-23'), '0.6.9'),
    ...all('v1alpha4', ended('2022-04-06'), '0.7.3'),
    ...all('v1beta1', ended('2022-12-01'), '1.0.0', '1.1.0', '1.2.0'),
    ...all('v1beta1', ended('2023-03-28'), '1.3.0'),
    ...all(
      'v1beta1',
      nothing,
      '1.4.1',
      '1.5.5',
      '2.0.3',
      '2.1.4',
      '2.2.5',
      '2.3.5',
      '2.4.2',
      '2.5.2',
      '2.6.1',
      '2.7.2',
    ),
    ...all('v1beta1', nothing, '2.8.4', '2.9.3', '2.10.3', '2.11.1'),
  ],
}

/** Publishes no word on support. */
const google: ReleaseTable = {
  providers: ['infrastructure-gcp'],
  source: 'https://github.com/kubernetes-sigs/cluster-api-provider-gcp/blob/main/metadata.yaml',
  asOf: '2026-06-25',
  minors: [
    ...all('v1alpha3', nothing, '0.3.1'),
    ...all('v1alpha4', nothing, '0.4.2'),
    ...all(
      'v1beta1',
      nothing,
      '1.0.2',
      '1.1.2',
      '1.2.1',
      '1.3.1',
      '1.4.1',
      '1.5.0',
      '1.6.1',
      '1.7.0',
      '1.8.1',
      '1.9.0',
    ),
    ...all('v1beta1', nothing, '1.10.1', '1.11.2', '1.12.0'),
    announced('1.13', 'v1beta1'),
  ],
}

/**
 * Follows Cluster API by a week or two (its 1.18 goes with 1.15), and the end of a minor is its third successor: of 1.14 that is 1.17,
 * which had a release candidate; of 1.15 and 1.16 it cannot come before Cluster API's 1.15 and 1.16.
 */
const vsphere: ReleaseTable = {
  providers: ['infrastructure-vsphere'],
  source: 'https://github.com/kubernetes-sigs/cluster-api-provider-vsphere/blob/main/README.md',
  asOf: '2026-08-21',
  minors: [
    ...all(null, ended(), '0.3.0', '0.4.2', '0.5.6', '0.6.6', '0.7.12', '0.8.2'),
    ...all(
      'v1beta1',
      ended(),
      '1.0.3',
      '1.1.1',
      '1.2.0',
      '1.3.5',
      '1.4.2',
      '1.5.8',
      '1.6.3',
      '1.7.7',
      '1.8.10',
      '1.9.6',
    ),
    ...all('v1beta1', ended(), '1.10.4', '1.11.3', '1.12.1', '1.13.1'),
    ...all('v1beta1', supported('2026-08-21'), '1.14.0'),
    ...all('v1beta1', supported('2026-12-07'), '1.15.3'),
    ...all('v1beta2', supported('2027-03-31'), '1.16.1'),
    announced('1.17', 'v1beta2'),
  ],
}

/** Publishes no word on support. */
const helm: ReleaseTable = {
  providers: ['addon-helm'],
  source: 'https://github.com/kubernetes-sigs/cluster-api-addon-provider-helm/blob/main/metadata.yaml',
  asOf: '2026-08-05',
  minors: [
    announced('0.1', 'v1beta1'),
    ...all('v1beta1', nothing, '0.2.6', '0.3.2', '0.4.2'),
    ...all('v1beta2', nothing, '0.5.3', '0.6.4'),
  ],
}

/** What was known when this was written. Providers that are not here are not known. */
export const providerReleases: readonly ReleaseTable[] = [core, azure, aws, google, vsphere, helm]

/**
 * Which contracts a core provider takes beside its own. v1beta1 is taken by v1beta2 until Cluster API 1.16, which is not in the
 * table, so that nothing is said of it.
 */
export const acceptedContracts: ReadonlyMap<string, readonly string[]> = new Map([
  ['v1alpha3', ['v1alpha3']],
  ['v1alpha4', ['v1alpha4']],
  ['v1beta1', ['v1beta1']],
  ['v1beta2', ['v1beta2', 'v1beta1']],
])
