import { describe, expect, it } from 'vitest'
import { factsOf } from './facts-of.ts'

const core = 'cluster.x-k8s.io'
const v1beta2 = `${core}/v1beta2`

describe('what applied a Cluster', () => {
  const flux = (tool: string, name = 'tenants') => ({
    [`${tool}.toolkit.fluxcd.io/name`]: name,
    [`${tool}.toolkit.fluxcd.io/namespace`]: 'flux-system',
  })
  const tracking = (of: string, id = `${core}/Cluster:team/a`) => ({ 'argocd.argoproj.io/tracking-id': `${of}:${id}` })
  const application = (namespace: string, name: string) => ({
    group: 'argoproj.io',
    kind: 'Application',
    namespace,
    name,
  })
  const kustomization = {
    group: 'kustomize.toolkit.fluxcd.io',
    kind: 'Kustomization',
    namespace: 'flux-system',
    name: 'tenants',
  }
  const release = { group: 'helm.toolkit.fluxcd.io', kind: 'HelmRelease', namespace: 'flux-system', name: 'tenants' }
  const resourceSet = {
    group: 'fluxcd.controlplane.io',
    kind: 'ResourceSet',
    namespace: 'flux-system',
    name: 'tenants',
  }
  const parent = { apiVersion: v1beta2, kind: 'Cluster', name: 'parent', uid: 'u' }

  it.each<[string, object, object | undefined, readonly object[] | undefined]>([
    [
      'a Kustomization',
      { labels: flux('kustomize') },
      { tool: 'flux', ref: kustomization, name: 'tenants' },
      [kustomization],
    ],
    ['a HelmRelease', { labels: flux('helm') }, { tool: 'flux', ref: release, name: 'tenants' }, [release]],
    [
      'a ResourceSet',
      {
        labels: {
          'resourceset.fluxcd.controlplane.io/name': 'tenants',
          'resourceset.fluxcd.controlplane.io/namespace': 'flux-system',
        },
      },
      { tool: 'flux', ref: resourceSet, name: 'tenants' },
      [resourceSet],
    ],
    [
      'an Application in Argo CD’s own namespace',
      { annotations: tracking('tenants') },
      { tool: 'argocd', ref: null, name: 'tenants' },
      [application('argocd', 'tenants')],
    ],
    [
      'one elsewhere',
      { annotations: tracking('apps_tenants') },
      { tool: 'argocd', ref: application('apps', 'tenants'), name: 'tenants' },
      [application('apps', 'tenants')],
    ],
    [
      'not one that tracks another object',
      { annotations: tracking('tenants', `${core}/Cluster:team/b`) },
      undefined,
      undefined,
    ],
    [
      'perhaps one, by a label that Helm writes too',
      { labels: { 'app.kubernetes.io/instance': 'tenants' } },
      { tool: 'argocd', ref: null, name: 'tenants', hint: true },
      [application('argocd', 'tenants')],
    ],
    [
      'a topology',
      { labels: { 'topology.cluster.x-k8s.io/owned': '' } },
      { tool: 'topology', ref: null, name: 'a' },
      undefined,
    ],
    [
      'another cluster’s topology',
      { ownerReferences: [parent] },
      { tool: 'topology', ref: { group: core, kind: 'Cluster', namespace: 'team', name: 'parent' }, name: 'parent' },
      [{ group: core, kind: 'Cluster', namespace: 'team', name: 'parent' }],
    ],
    [
      'nobody',
      {
        labels: { 'kustomize.toolkit.fluxcd.io/name': 'tenants' },
        annotations: { 'argocd.argoproj.io/tracking-id': ':' },
      },
      undefined,
      undefined,
    ],
  ])('%s', (_why, metadata, managedBy, reliesOn) => {
    const facts = factsOf(`${core}/Cluster`, { apiVersion: v1beta2, metadata })
    expect(facts.managedBy).toEqual(managedBy)
    expect(facts.reliesOn).toEqual(reliesOn)
  })

  it('is asked of Clusters alone', () => {
    expect(factsOf(`${core}/MachineDeployment`, { metadata: { labels: flux('kustomize') } })).not.toHaveProperty(
      'managedBy',
    )
  })
})
