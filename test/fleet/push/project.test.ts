import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { imprintsBy } from '../../../fleet/imprint.ts'
import { kindByKey, kindOf } from '../../../fleet/kinds/registry.ts'
import { normalise } from '../../../fleet/normalise.ts'
import { project } from '../../../fleet/push/project.ts'
import { kindKeyOf } from '../../../fleet/reference.ts'
import { record, text, type Wire } from '../../../fleet/wire.ts'
import { documentsOf } from '../../../functions/local/document.ts'
import { corpusDir } from '../../require.ts'

const imprintOf = imprintsBy({})
const fixtures = join(import.meta.dirname, '../../fixtures')

/** Every Kubernetes object of the files of a folder. */
function objectsIn(folder: string): readonly { readonly place: string; readonly object: Wire }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ya?ml|json)$/.test(file) && statSync(join(folder, file)).isFile())
    .flatMap((file) => documentsOf(file, readFileSync(join(folder, file), 'utf8')).found)
    .filter(({ object }) => object.apiVersion !== undefined)
}

function kindFor(object: Wire) {
  const apiVersion = text(object.apiVersion) ?? ''
  return kindOf(
    kindKeyOf({ group: apiVersion.slice(0, Math.max(0, apiVersion.lastIndexOf('/'))), kind: text(object.kind) ?? '' }),
  )
}

/** As it comes out of a request. */
const sent = (object: Wire): Wire => JSON.parse(JSON.stringify(project(object, kindFor(object))))

function compare(folder: string) {
  const counts = { objects: 0, full: 0, projected: 0 }
  const wrong: string[] = []
  for (const { place, object } of objectsIn(folder)) {
    const kind = kindFor(object)
    const projected = sent(object)
    const [of, ofProjected] = [object, projected].map((wire) => normalise('weu', wire, kind).observation)
    if (JSON.stringify(of) !== JSON.stringify(ofProjected) || imprintOf(object) !== imprintOf(projected))
      wrong.push(place)
    counts.objects++
    counts.full += JSON.stringify(object).length
    counts.projected += JSON.stringify(projected).length
  }
  return { ...counts, wrong }
}

const cluster = (more: object): Wire => ({
  apiVersion: 'cluster.x-k8s.io/v1beta2',
  kind: 'Cluster',
  ...more,
  metadata: { name: 'prod', namespace: 'fleet', uid: 'u', resourceVersion: '7', ...record(record(more).metadata) },
})

describe('a projection reads as the whole object does', () => {
  it('every fixture', () => {
    const { wrong, ...counts } = compare(fixtures)
    console.info(`projection, fixtures: ${JSON.stringify(counts)}`)
    expect(wrong).toEqual([])
    expect(counts.objects).toBeGreaterThan(kindByKey.size)
  })

  it.skipIf(corpusDir() === null)('every object of the corpus', () => {
    const { wrong, ...counts } = compare(join(corpusDir() ?? ''))
    console.info(`projection, corpus: ${JSON.stringify(counts)}`)
    expect(wrong).toEqual([])
    expect(counts.objects).toBeGreaterThan(300)
  })
})

describe('what nobody reads does not leave the cluster', () => {
  const secret = 'hunter2'
  const flux = (kind: string, group: string, version: string, spec: object, status: object = {}) => ({
    apiVersion: `${group}/${version}`,
    kind,
    metadata: { name: 'a', namespace: 'b', uid: 'u', resourceVersion: '1' },
    spec,
    status,
  })
  const helm = {
    values: `password: ${secret}`,
    valuesObject: { password: secret },
    parameters: [{ name: 'password', value: secret }],
  }
  const source = {
    repoURL: `https://git:${secret}@git.example/app?token=${secret}`,
    helm,
    kustomize: { patches: [{ patch: secret }] },
  }
  const cases: readonly [string, Wire][] = [
    [
      'values of a HelmRelease',
      flux('HelmRelease', 'helm.toolkit.fluxcd.io', 'v2', {
        values: { db: { password: secret } },
        valuesFrom: [{ kind: 'Secret', name: 'x', targetPath: secret }],
        postRenderers: [{ kustomize: { patches: [secret] } }],
      }),
    ],
    [
      'substitutions of a Kustomization',
      flux(
        'Kustomization',
        'kustomize.toolkit.fluxcd.io',
        'v1',
        { postBuild: { substitute: { password: secret } }, patches: [{ patch: secret }] },
        { inventory: { entries: [{ id: secret, v: 'v1' }] } },
      ),
    ],
    [
      'variables of a Terraform',
      flux('Terraform', 'infra.contrib.fluxcd.io', 'v1alpha2', {
        vars: [{ name: 'password', value: secret }],
        values: { a: secret },
        backendConfig: { customConfiguration: secret },
      }),
    ],
    [
      'inputs and resources of a ResourceSet',
      flux('ResourceSet', 'fluxcd.controlplane.io', 'v1', {
        inputs: [{ password: secret }],
        resources: [{ stringData: { a: secret } }],
        resourcesTemplate: secret,
      }),
    ],
    [
      'an Argo CD Application, and what it synced',
      flux(
        'Application',
        'argoproj.io',
        'v1alpha1',
        { source, sources: [source], destination: {} },
        {
          history: [{ source }],
          sync: { comparedTo: { source } },
          operationState: { operation: { sync: { source } }, syncResult: { source } },
        },
      ),
    ],
    [
      'generators and template of an ApplicationSet',
      flux('ApplicationSet', 'argoproj.io', 'v1alpha1', {
        generators: [{ list: { elements: [{ password: secret }] } }],
        template: { spec: { source } },
      }),
    ],
    [
      'values of a Helm chart proxy',
      flux('HelmChartProxy', 'addons.cluster.x-k8s.io', 'v1alpha1', {
        valuesTemplate: secret,
        repoURL: `https://u:${secret}@charts.example`,
      }),
    ],
    [
      'files and users of a control plane',
      flux('KubeadmControlPlane', 'controlplane.cluster.x-k8s.io', 'v1beta2', {
        kubeadmConfigSpec: {
          files: [{ content: secret }],
          users: [{ name: 'a', passwd: secret }],
          preKubeadmCommands: [secret],
        },
      }),
    ],
    [
      'variables of a topology',
      cluster({
        spec: { topology: { class: 'c', version: 'v1.33.0', variables: [{ name: 'password', value: secret }] } },
      }),
    ],
    [
      'the object as it was applied, repeated in annotations',
      cluster({
        metadata: {
          annotations: {
            'kubectl.kubernetes.io/last-applied-configuration': secret,
            'objectset.rio.cattle.io/applied': secret,
            note: secret,
          },
        },
      }),
    ],
    [
      'annotations that no API server gives out',
      cluster({ metadata: { annotations: { replicas: 3, note: secret, more: { a: secret } } } }),
    ],
    [
      'field managers',
      cluster({
        metadata: {
          managedFields: [{ manager: 'kubectl', time: '2026-01-01T00:00:00Z', fieldsV1: { [`f:${secret}`]: {} } }],
        },
      }),
    ],
    [
      'a kind that nobody described',
      flux('Widget', 'infrastructure.cluster.x-k8s.io', 'v1', { credentials: secret, userData: secret }),
    ],
    [
      'messages that repeat URLs',
      cluster({
        status: {
          conditions: [
            {
              type: 'Available',
              status: 'False',
              reason: 'X',
              message: `clone https://git:${secret}@git.example failed; helm --set password=${secret}`,
            },
          ],
        },
      }),
    ],
    [
      'an object with texts that no database takes',
      cluster({
        spec: { note: secret },
        status: { conditions: [{ type: 'Available', status: 'False', reason: 'X', message: 'a\u0000b' }] },
      }),
    ],
  ]
  it.each(cases)('%s', (_, object) => {
    const projected = sent(object)
    expect(JSON.stringify(object)).toContain(secret)
    expect(JSON.stringify(projected)).not.toContain(secret)
    expect(normalise('weu', projected, kindFor(object)).observation).toEqual(
      normalise('weu', object, kindFor(object)).observation,
    )
  })

  it('annotations that a kind reads stay: that a cluster is paused, and that an Azure object is left alone', () => {
    const paused = sent(cluster({ metadata: { annotations: { 'cluster.x-k8s.io/paused': '', note: secret } } }))
    expect(record(paused.metadata).annotations).toEqual({ 'cluster.x-k8s.io/paused': '' })
    const skip = { 'serviceoperator.azure.com/reconcile-policy': 'skip' }
    const group = {
      apiVersion: 'resources.azure.com/v1api20200601',
      kind: 'ResourceGroup',
      metadata: { name: 'g', namespace: 'b', annotations: { ...skip, note: secret } },
    }
    expect(record(sent(group).metadata).annotations).toEqual(skip)
  })

  it('lists keep their length, and managers their times', () => {
    const set = sent(
      flux(
        'ResourceSet',
        'fluxcd.controlplane.io',
        'v1',
        { inputs: [{ a: 1 }, { a: 2 }] },
        { inventory: { entries: [{ id: 'x' }] } },
      ),
    )
    expect([record(set.spec).inputs, record(record(set.status).inventory).entries]).toEqual([[null, null], [null]])
    const managed = sent(
      cluster({
        metadata: { managedFields: [{ manager: 'kubectl', time: '2026-01-01T00:00:00Z', fieldsV1: { 'f:spec': {} } }] },
      }),
    )
    expect(record(managed.metadata).managedFields).toEqual([{ time: '2026-01-01T00:00:00Z' }])
  })

  it('what is no object, or has no name, is answered as it is, for the receiver to name', () => {
    expect(['text', 7, null, []].map((wire) => project(wire, kindOf('cluster.x-k8s.io/Cluster')))).toEqual([
      null,
      null,
      null,
      [],
    ])
    expect(project({ metadata: { namespace: 'a' } }, kindOf('cluster.x-k8s.io/Cluster'))).toEqual({ metadata: {} })
  })
})
