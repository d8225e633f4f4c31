import type { Draft } from './draft.ts'
import type { Era, Tool } from './resource.ts'
import type { Site } from './site.ts'

/** A provider of Cluster API, as clusterctl noted it. */
export interface TrueProvider {
  /** `cluster-api`, `azure`, `kubeadm` … */
  readonly name: string
  readonly type: ProviderType
  readonly version: string
  readonly namespace: string
  /** Its version is not one that was released to go with the core's. */
  readonly mismatch: boolean
}

type ProviderType =
  | 'CoreProvider'
  | 'BootstrapProvider'
  | 'ControlPlaneProvider'
  | 'InfrastructureProvider'
  | 'AddonProvider'

interface Release {
  readonly name: string
  readonly type: ProviderType
  readonly namespace: string
  readonly versions: Readonly<Record<Era, string>>
  readonly tool?: Tool
}

const releases: readonly Release[] = [
  ...(
    [
      ['cluster-api', 'CoreProvider', 'capi-system'],
      ['kubeadm', 'BootstrapProvider', 'capi-kubeadm-bootstrap-system'],
      ['kubeadm', 'ControlPlaneProvider', 'capi-kubeadm-control-plane-system'],
    ] as const
  ).map(([name, type, namespace]) => ({ name, type, namespace, versions: { old: 'v1.9.11', new: 'v1.14.0' } })),
  infrastructure('azure', 'capz-system', { old: 'v1.19.6', new: 'v1.26.0' }),
  { ...infrastructure('aws', 'capa-system', { old: 'v2.8.4', new: 'v2.11.1' }), tool: 'aws' },
  { ...infrastructure('gcp', 'capg-system', { old: 'v1.9.0', new: 'v1.12.0' }), tool: 'gcp' },
  { ...infrastructure('helm', 'caaph-system', { old: 'v0.2.6', new: 'v0.6.4' }), type: 'AddonProvider', tool: 'helm' },
]

function infrastructure(name: string, namespace: string, versions: Readonly<Record<Era, string>>): Release {
  return { name, type: 'InfrastructureProvider', namespace, versions }
}

/** Somebody upgraded the core of a development cluster, and forgot the rest. */
const forgotten = 'v1.8.12'

/** The providers of a management cluster. */
export function providersOf(site: Site): readonly TrueProvider[] {
  const there = releases.filter(({ tool }) => tool === undefined || site.tools.includes(tool))
  return there.map(({ name, type, namespace, versions }) => {
    const mismatch = type === 'ControlPlaneProvider' && site.labels.environment === 'dev' && site.era === 'old'
    return { name, type, namespace, version: mismatch ? forgotten : versions[site.era], mismatch }
  })
}

const prefixes: Readonly<Record<ProviderType, string>> = {
  CoreProvider: '',
  BootstrapProvider: 'bootstrap-',
  ControlPlaneProvider: 'control-plane-',
  InfrastructureProvider: 'infrastructure-',
  AddonProvider: 'addon-',
}

export function providerDrafts(site: Site): readonly Draft[] {
  return providersOf(site).map(({ name, type, version, namespace }) => {
    const createdAt = new Date('2025-02-11T08:00:00Z')
    return {
      group: 'clusterctl.cluster.x-k8s.io',
      kind: 'Provider',
      namespace,
      name: `${prefixes[type]}${name}`,
      labels: {
        'clusterctl.cluster.x-k8s.io': '',
        'clusterctl.cluster.x-k8s.io/core': 'inventory',
        'cluster.x-k8s.io/provider': `${prefixes[type]}${name}`,
      },
      createdAt,
      since: createdAt,
      spec: {},
      body: { providerName: name, type, version, watchedNamespace: '' },
    }
  })
}
