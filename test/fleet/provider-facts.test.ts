import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { documentsOf } from '../../functions/local/document.ts'
import { type Explained, explainOne } from '../../functions/local/explanation.ts'

const now = new Date('2026-06-01T12:00:00Z')

function read(file: string): Explained {
  const path = join(import.meta.dirname, '../fixtures', `${file}.yaml`)
  const [found] = documentsOf(path, readFileSync(path, 'utf8')).found
  const one = found ? explainOne(found.object, {}, now) : 'no object'
  if (typeof one === 'string') throw new Error(`${path}: ${one}`)
  return one
}
const factsOf = (file: string) => read(file).observation.facts
const infrastructure = 'infrastructure.cluster.x-k8s.io'
const addons = 'addons.cluster.x-k8s.io'
const images = 'image.toolkit.fluxcd.io'
const operator = 'fluxcd.controlplane.io'

describe('facts of AWS', () => {
  it('AWSManagedControlPlane: who it is at EKS', () => {
    expect(factsOf('awsmanagedcontrolplane.controlplane.cluster.x-k8s.io/whole')).toEqual({
      provider: 'eks',
      versionDeclared: 'v1.33',
      versionObserved: '1.32',
      region: 'eu-west-1',
      endpoint: 'abc.gr7.eu-west-1.eks.amazonaws.com:443',
      controlPlaneInitialized: true,
      more: { eksCluster: 'team_prod', partition: 'aws', upgradePolicy: 'extended' },
    })
  })

  it('AWSManagedCluster: an endpoint that EKS writes as a URL', () => {
    expect(factsOf(`awsmanagedcluster.${infrastructure}/ready`)).toEqual({
      provider: 'eks',
      endpoint: 'abc.gr7.eu-west-1.eks.amazonaws.com:443',
    })
  })

  it('AWSManagedMachinePool: the node group, and bounds that tell nothing of who scales', () => {
    expect(factsOf(`awsmanagedmachinepool.${infrastructure}/ready`)).toEqual({
      replicas: { current: 3 },
      pool: { name: 'prod-blue', vmSize: 'm6i.large', os: 'Linux' },
      more: { amiType: 'AL2023_x86_64_STANDARD', minSize: 1, maxSize: 5 },
    })
  })

  it('AWSCluster, AWSMachine, AWSMachinePool', () => {
    expect(factsOf(`awscluster.${infrastructure}/ready`)).toEqual({ provider: 'aws', region: 'eu-central-1' })
    expect(factsOf(`awsmachine.${infrastructure}/ready`)).toEqual({
      providerId: 'aws:///eu-central-1a/i-0abc',
      pool: { vmSize: 'm6i.large' },
      more: { instance: 'i-0abc', instanceState: 'running' },
    })
    expect(factsOf(`awsmachinepool.${infrastructure}/ready`)).toEqual({
      providerId: 'aws:///prod-asg',
      replicas: { current: 4 },
      pool: { vmSize: 'm6i.xlarge' },
      more: { minSize: 1, maxSize: 10 },
    })
  })

  it("ROSA: OpenShift's versions are no Kubernetes versions", () => {
    const facts = factsOf('rosacontrolplane.controlplane.cluster.x-k8s.io/ready')
    expect(facts).toMatchObject({
      provider: 'rosa',
      region: 'eu-west-1',
      more: { rosaCluster: 'prod', openShiftDeclared: '4.18.6', openShiftObserved: '4.18.6' },
    })
    expect(facts).not.toHaveProperty('versionDeclared')
    expect(facts).not.toHaveProperty('versionObserved')
    expect(factsOf(`rosamachinepool.${infrastructure}/ready`)).toMatchObject({
      pool: { name: 'workers', autoscaled: true },
    })
  })
})

describe('facts of GCP', () => {
  it('GCPManagedControlPlane: the region of a zone, and the old name of the version', () => {
    expect(factsOf(`gcpmanagedcontrolplane.${infrastructure}/at-rest`)).toEqual({
      provider: 'gke',
      versionDeclared: '1.33.5-gke.1080000',
      versionObserved: '1.33.5',
      region: 'europe-west1',
      controlPlaneInitialized: true,
      more: { project: 'shop', location: 'europe-west1-b', gkeCluster: 'team-prod', releaseChannel: 'regular' },
    })
  })

  it('GCPManagedMachinePool: bounds mean autoscaled', () => {
    expect(factsOf(`gcpmanagedmachinepool.${infrastructure}/at-rest`)).toEqual({
      replicas: { current: 3 },
      pool: { name: 'blue', vmSize: 'n2-standard-4', autoscaled: true, os: 'Linux' },
      more: { imageType: 'COS_CONTAINERD' },
    })
  })

  it('GCPCluster, GCPMachine, GCPMachinePool', () => {
    const project = { more: { project: 'shop' } }
    expect(factsOf(`gcpcluster.${infrastructure}/ready`)).toEqual({
      provider: 'gcp',
      region: 'europe-west4',
      ...project,
    })
    expect(factsOf(`gcpmachine.${infrastructure}/ready`)).toMatchObject({
      providerId: 'gce://shop/europe-west4-a/prod-0',
    })
    expect(factsOf(`gcpmachinepool.${infrastructure}/ready`)).toMatchObject({ replicas: { current: 3 } })
  })
})

describe('facts of add-ons', () => {
  it('HelmReleaseProxy: acts on its cluster, and applied what it wants once that is ready', () => {
    const { observation } = read(`helmreleaseproxy.${addons}/ready`)
    expect(observation.owner).toEqual({ namespace: 'team', name: 'prod' })
    expect(observation.facts).toMatchObject({
      actsOn: { namespace: 'team', name: 'prod' },
      revision: { desired: 'v1.16.2', applied: 'v1.16.2' },
      more: {
        chart: 'cert-manager',
        repository: 'https://charts.example.test/stable',
        releaseName: 'cert-manager',
        releaseNamespace: 'cert-manager',
        releaseStatus: 'deployed',
        releaseRevision: 3,
      },
    })
  })

  it.each(['failed-upgrade', 'not-observed', 'pending'])('HelmReleaseProxy: %s, so nobody knows what runs', (file) => {
    expect(factsOf(`helmreleaseproxy.${addons}/${file}`).revision).toEqual({ desired: 'v1.16.2' })
  })

  it('HelmChartProxy: selects clusters and belongs to none', () => {
    const { observation } = read(`helmchartproxy.${addons}/ready`)
    expect(observation.owner).toBeNull()
    expect(observation.facts).toMatchObject({
      revision: { desired: 'v3.29.0' },
      more: { chart: 'tigera-operator', matchingClusters: 2 },
    })
  })

  it.each([
    `helmreleaseproxy.${addons}/ready`,
    `helmchartproxy.${addons}/ready`,
    `resourcesetinputprovider.${operator}/ready`,
  ])('%s: keeps no secret', (file) => {
    expect(JSON.stringify(read(file).observation)).not.toContain('secret')
  })
})

describe('facts of what installs and updates', () => {
  it('Provider: its fields stand beside metadata', () => {
    expect(factsOf('provider.clusterctl.cluster.x-k8s.io/infrastructure')).toEqual({
      more: { providerName: 'azure', type: 'InfrastructureProvider', version: 'v1.26.0' },
    })
  })

  it('the operator in place of clusterctl: what is installed, not what is asked for', () => {
    expect(factsOf('infrastructureprovider.operator.cluster.x-k8s.io/ready')).toEqual({
      versionDeclared: 'v1.14.0',
      more: { providerName: 'azure', type: 'InfrastructureProvider', version: 'v1.14.0', contract: 'v1beta1' },
    })
  })

  it('image automation', () => {
    expect(factsOf(`imagerepository.${images}/ready`).more).toEqual({
      image: 'ghcr.io/stefanprodan/podinfo',
      tags: 34,
      scannedAt: '2026-06-01T11:55:00Z',
    })
    expect(factsOf(`imagepolicy.${images}/ready`).more).toMatchObject({
      repository: 'team/podinfo',
      latestImage: 'ghcr.io/stefanprodan/podinfo:6.9.1',
    })
    expect(factsOf(`imagepolicy.${images}/no-tag`).more).toMatchObject({
      latestImage: 'ghcr.io/stefanprodan/podinfo:6.9.0',
    })
    expect(factsOf(`imageupdateautomation.${images}/ready`)).toMatchObject({
      more: {
        repository: 'flux-system/apps',
        pushBranch: 'main',
        observedSourceRevision: 'main@sha1:0a1b2c',
        lastPushCommit: '0a1b2c',
        lastPushAt: '2026-06-01T10:00:00Z',
      },
    })
  })

  it('ResourceSet and its inputs', () => {
    expect(factsOf(`resourceset.${operator}/ready`)).toMatchObject({
      revision: { applied: 'sha256:0a1b2c' },
      more: { inputs: 2, objects: 1 },
    })
    expect(factsOf(`resourcesetinputprovider.${operator}/ready`).more).toEqual({
      type: 'GitHubBranch',
      url: 'https://github.com/fluxcd/flux2',
      exported: 1,
      exportedRevision: 'sha256:0a1b2c',
    })
  })
})

describe('facts of what applies', () => {
  const said = (wire: object) => {
    const one = explainOne({ metadata: { name: 'a', namespace: 'team' }, ...wire }, {}, now)
    return typeof one === 'string' ? one : one.observation.facts
  }

  it.each([
    [{ secretRef: { name: 'prod-kubeconfig' } }, 'Secret/prod-kubeconfig', { namespace: 'team', name: 'prod' }],
    [{ secretRef: { name: 'elsewhere' } }, 'Secret/elsewhere', undefined],
    [{ configMapRef: { name: 'prod' } }, 'ConfigMap/prod', undefined],
    [undefined, undefined, undefined],
  ])('Kustomization, HelmRelease: by %j they reach %s', (kubeConfig, named, actsOn) => {
    for (const of of ['kustomize.toolkit.fluxcd.io/v1 Kustomization', 'helm.toolkit.fluxcd.io/v2 HelmRelease']) {
      const [apiVersion, kind] = of.split(' ')
      const facts = said({ apiVersion, kind, spec: { interval: '1m', kubeConfig } })
      expect(facts).toMatchObject({ ...(actsOn ? { actsOn } : {}), ...(named ? { more: { kubeConfig: named } } : {}) })
      if (!named) expect(facts).not.toHaveProperty('more.kubeConfig')
      if (!actsOn) expect(facts).not.toHaveProperty('actsOn')
    }
  })

  it('Application: one source, several, none', () => {
    const application = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' }
    const repoURL = 'https://user:secret@git.example.test/apps'
    const one = { spec: { project: 'shop', source: { repoURL, path: 'web', targetRevision: 'main' } }, status: {} }
    expect(said({ ...application, ...one })).toMatchObject({
      revision: { desired: 'main' },
      more: { project: 'shop', repository: 'https://git.example.test/apps', path: 'web' },
    })
    const several = {
      spec: { sources: [{ targetRevision: '1.2.0', chart: 'web' }, { repoURL }] },
      status: {
        sync: { revisions: ['1.2.0', '0a1b'] },
        operationState: { syncResult: { revisions: ['1.2.0', '0a1b'] } },
      },
    }
    expect(said({ ...application, ...several })).toMatchObject({
      revision: { desired: '1.2.0 HEAD', attempted: '1.2.0 0a1b', applied: '1.2.0 0a1b' },
    })
    expect(said({ ...application, spec: {} })).not.toHaveProperty('revision')
  })
})
