import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { driftCodes } from '../../../fleet/drift/code.ts'
import { explain } from '../../../functions/local/explain.ts'
import { corpusDir } from '../../require.ts'

const dir = mkdtempSync(join(tmpdir(), 'rollcall-explain-fleet-'))
afterAll(() => rmSync(dir, { recursive: true }))
const file = (name: string, content: string | object): string => {
  const path = join(dir, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

async function run(...args: readonly string[]) {
  const out: string[] = []
  const err: string[] = []
  const code = await explain(['--now', '2026-06-01T12:00:00Z', ...args], {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    stdin: async () => '',
  })
  return { code, lines: out.map((line) => JSON.parse(line)), err }
}

const provider = {
  apiVersion: 'pkg.crossplane.io/v1',
  kind: 'Provider',
  metadata: { name: 'family-azure', generation: 1, annotations: { 'crossplane.io/paused': 'true' } },
  spec: { package: 'xpkg.upbound.io/upbound/provider-family-azure:v1.11.0' },
  status: {
    currentIdentifier: 'xpkg.upbound.io/upbound/provider-family-azure:v1.10.0',
    conditions: [
      { type: 'Installed', status: 'True', reason: 'ActivePackageRevision' },
      { type: 'Healthy', status: 'False', reason: 'UnhealthyPackageRevision', message: 'cannot resolve dependencies' },
    ],
  },
}
const fleet = `
kinds:
  - group: pkg.crossplane.io
    kind: Provider
    owner: none
    health:
      ladder:
        - { condition: Installed, is: False, means: Failed }
        - { condition: Healthy, is: False, means: Degraded }
        - { condition: Healthy, is: True, means: Healthy }
    revision: { desired: .spec.package, applied: .status.currentIdentifier }
    pause: .metadata.annotations['crossplane.io/paused']
`

describe('explain --fleet', () => {
  it('reads by the kinds that the file declares', async () => {
    const { code, lines, err } = await run('--fleet', file('rollcall.yaml', fleet), file('provider.json', provider))
    expect({ code, err }).toEqual({ code: 0, err: [] })
    expect(lines).toMatchObject([
      {
        kind: 'Provider',
        health: { state: 'Suspended', underlying: 'Degraded', reason: 'Paused' },
        facts: {
          revision: {
            desired: 'xpkg.upbound.io/upbound/provider-family-azure:v1.11.0',
            applied: 'xpkg.upbound.io/upbound/provider-family-azure:v1.10.0',
          },
          pause: { field: 'metadata.annotations[crossplane.io/paused]' },
        },
      },
    ])
  })

  it('applies to cases, too', async () => {
    const cases = file('cases.jsonl', JSON.stringify({ id: 1, object: provider, related: [] }))
    const { lines } = await run('--fleet', file('rollcall.yaml', fleet), '--cases', cases)
    expect(lines).toMatchObject([{ id: 1, health: { state: 'Suspended' } }])
  })

  it('says what a declared path could not read, and goes on', async () => {
    const path = file('odd.json', { ...provider, status: { ...provider.status, currentIdentifier: ['a', 'b'] } })
    const { code, lines, err } = await run('--fleet', file('rollcall.yaml', fleet), path)
    expect({ code, err }).toEqual({
      code: 0,
      err: [`${path}, document 1: revision.applied: .status.currentIdentifier is a list, not a text`],
    })
    expect(lines[0].facts.revision).toEqual({ desired: provider.spec.package })
  })

  it.each<[string, string, string]>([
    [
      'a misspelt state',
      fleet.replace('means: Degraded', 'means: Degarded'),
      'means is not a state that a rung may answer; did you mean "Degraded"?',
    ],
    ['a bad path', fleet.replace('.spec.package', '.spec..package'), 'revision.desired is no path that can be read'],
    ['no YAML', 'kinds: [', 'is not YAML: line 1'],
  ])('ends with one sentence on a fleet file with %s', async (_what, content, sentence) => {
    const path = file('bad.yaml', content)
    const { code, lines, err } = await run('--fleet', path, file('provider.json', provider))
    expect({ code, lines }).toEqual({ code: 1, lines: [] })
    expect(err).toEqual([expect.stringContaining(sentence)])
    expect(err[0]).toContain(path)
  })

  it('ends with one sentence where there is no such file', async () => {
    const path = join(dir, 'absent.yaml')
    const { code, err } = await run('--fleet', path, file('provider.json', provider))
    expect({ code, err }).toEqual({ code: 1, err: [`Fleet file ${path} does not exist.`] })
  })
})

const release = {
  apiVersion: 'helm.toolkit.fluxcd.io/v2',
  kind: 'HelmRelease',
  metadata: { name: 'web', namespace: 'team', generation: 1 },
  spec: { chart: { spec: { chart: 'web', sourceRef: { kind: 'HelmRepository', name: 'charts' } } }, suspend: true },
  status: {
    conditions: [
      { type: 'Ready', status: 'True', reason: 'UpgradeSucceeded', observedGeneration: 1 },
      {
        type: 'Drifted',
        status: 'True',
        reason: 'DriftDetected',
        message: 'Deployment/web changed',
        observedGeneration: 1,
      },
    ],
  },
}
const cluster = {
  apiVersion: 'cluster.x-k8s.io/v1beta2',
  kind: 'Cluster',
  metadata: { name: 'prod', namespace: 'team', generation: 1 },
  spec: { controlPlaneRef: { apiGroup: 'controlplane.cluster.x-k8s.io', kind: 'KubeadmControlPlane', name: 'prod' } },
  status: { conditions: [{ type: 'Available', status: 'True', observedGeneration: 1 }] },
}
const controlPlane = {
  apiVersion: 'controlplane.cluster.x-k8s.io/v1beta2',
  kind: 'KubeadmControlPlane',
  metadata: { name: 'prod', namespace: 'team', generation: 1, labels: { 'cluster.x-k8s.io/cluster-name': 'prod' } },
  spec: { version: 'v1.33.4', replicas: 3 },
  status: { version: 'v1.32.7', conditions: [{ type: 'Available', status: 'True', observedGeneration: 1 }] },
}

describe("explain's findings", () => {
  it('are, of one object, the differences that it shows by itself', async () => {
    const { lines } = await run(file('release.json', release))
    expect(lines[0].findings).toContainEqual(
      expect.objectContaining({ code: 'helmDrift', dimension: 'gitops', severity: 'medium', outcome: 'FAIL' }),
    )
    expect(lines[0].facts).not.toHaveProperty('drift')
  })

  it('are, of a Cluster with its parts, how all of them differ from what was declared', async () => {
    const items = [cluster, controlPlane]
    const { lines } = await run(file('whole.json', { apiVersion: 'v1', kind: 'List', items }))
    expect(lines[0].findings).toContainEqual(
      expect.objectContaining({
        ...{ code: 'cpBehindSpec', dimension: 'version', outcome: 'FAIL', expected: 'v1.33.4', actual: 'v1.32.7' },
        about: { kind: 'KubeadmControlPlane', namespace: 'team', name: 'prod' },
      }),
    )
  })

  it('are none of a Cluster alone: nothing is known of the rest', async () => {
    expect((await run(file('alone.json', cluster))).lines[0].findings).toEqual([])
  })
})

const repository = (revision: string) => ({
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'GitRepository',
  metadata: { name: 'apps', namespace: 'team', generation: 1 },
  status: {
    artifact: { revision, lastUpdateTime: '2026-06-01T10:00:00Z' },
    conditions: [{ type: 'Ready', status: 'False', reason: 'GitOperationFailed', observedGeneration: 1 }],
  },
})
const kustomization = (name: string, spec: object, ready: object = { status: 'True', reason: 'Applied' }) => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name, namespace: 'team', generation: 1 },
  spec: { sourceRef: { kind: 'GitRepository', name: 'apps' }, ...spec },
  status: {
    lastAppliedRevision: 'main@sha1:aaaaaaaa',
    conditions: [{ type: 'Ready', observedGeneration: 1, ...ready }],
  },
})
const elsewhere = { kubeConfig: { secretRef: { name: 'prod-kubeconfig' } } }
const blocked = { status: 'False', reason: 'DependencyNotReady', message: 'waits' }
const codesIn = ({ findings }: { findings: readonly { code: string }[] }) => findings.map(({ code }) => code)
const listOf = (...items: object[]) => file('list.json', { apiVersion: 'v1', kind: 'List', items })

describe('explain of what belongs to no Cluster', () => {
  it.each([
    ['where it runs', {}],
    ['on a cluster that no file holds', elsewhere],
    ['at a place that nobody knows', { kubeConfig: { secretRef: { name: 'elsewhere' } } }],
  ])('compares what acts %s with what it applies from, in the object that it is about', async (_where, spec) => {
    const { lines } = await run(listOf(kustomization('web', spec), repository('main@sha1:bbbbbbbb')))
    expect(lines.map(codesIn)).toEqual([['behindSource'], ['sourceFailing']])
    expect(lines[0].findings[0]).toMatchObject({
      ...{ outcome: 'FAIL', expected: 'main@sha1:bbbbbbbb', actual: 'main@sha1:aaaaaaaa' },
      since: '2026-06-01T10:00:00Z',
    })
  })

  it('names a circle of what waits for each other, once', async () => {
    const waiting = (name: string, on: string) => kustomization(name, { dependsOn: [{ name: on }] }, blocked)
    const { lines } = await run(listOf(waiting('a', 'b'), waiting('b', 'a')))
    const found = { code: 'blocked', message: expect.stringContaining('team/a → team/b → team/a') }
    expect(lines.map(({ findings }) => findings)).toEqual([
      [expect.objectContaining(found)],
      [expect.objectContaining(found)],
    ])
  })

  it('applies to a case and its relatives', async () => {
    const object = kustomization('web', {})
    const cases = [{ id: 1, object, related: [repository('main@sha1:bbbbbbbb')] }]
    const { lines } = await run('--cases', file('gitops.jsonl', cases.map((one) => JSON.stringify(one)).join('\n')))
    expect(lines.map(codesIn)).toEqual([['behindSource']])
  })

  it('of a Cluster among them it says so at the Cluster', async () => {
    const { lines } = await run(listOf(cluster, kustomization('web', elsewhere), repository('main@sha1:bbbbbbbb')))
    expect(codesIn(lines[0])).toEqual(expect.arrayContaining(['behindSource', 'sourceFailing', 'unmanagedByGit']))
    expect(codesIn(lines[1])).toEqual([])
  })

  it('GitOps tools that no file speaks of are no gap in a Cluster', async () => {
    const { lines } = await run(listOf(cluster, controlPlane))
    const gaps = lines[0].findings.filter(({ outcome }: { outcome: string }) => outcome === 'UNKNOWN')
    expect(gaps).toEqual([])
  })

  it('whether a label means an Application that no file holds stays open', async () => {
    const labels = { 'app.kubernetes.io/instance': 'tenants' }
    const { lines } = await run(listOf({ ...cluster, metadata: { ...cluster.metadata, labels } }, controlPlane))
    expect(lines[0].findings).toContainEqual(expect.objectContaining({ code: 'unmanagedByGit', outcome: 'UNKNOWN' }))
  })
})

const corpus = corpusDir()
describe.skipIf(corpus === null)('explain of the corpus', () => {
  it('finds something well-formed, or nothing, in every object', async () => {
    const files = ['objects', 'crds'].flatMap((folder) =>
      readdirSync(join(corpus ?? '', folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name)),
    )
    const { lines } = await run('--fleet', file('rollcall.yaml', fleet), ...files)
    const found = lines.flatMap(({ findings }) => findings)
    console.info(`corpus: ${lines.length} objects, ${found.length} findings`)
    expect(lines.length).toBeGreaterThan(500)
    expect(found.length).toBeGreaterThan(0)
    for (const { code, severity, outcome, message } of found) {
      expect(driftCodes).toHaveProperty(code)
      expect(['low', 'medium', 'high', 'critical']).toContain(severity)
      expect(['FAIL', 'UNKNOWN']).toContain(outcome)
      expect(message).not.toBe('')
    }
  }, 60_000)
})
