import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { explain } from '../../../functions/local/explain.ts'

const dir = mkdtempSync(join(tmpdir(), 'rollcall-explain-'))
afterAll(() => rmSync(dir, { recursive: true }))
const file = (name: string, content: string | object): string => {
  const path = join(dir, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

async function run(args: readonly string[], stdin = '') {
  const out: string[] = []
  const err: string[] = []
  const code = await explain(args, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    stdin: async () => stdin,
  })
  return { code, lines: out.map((line) => JSON.parse(line)), err }
}

const cluster = (ready: string) => ({
  apiVersion: 'cluster.x-k8s.io/v1beta2',
  kind: 'Cluster',
  metadata: { name: 'prod', namespace: 'team', creationTimestamp: '2026-05-01T00:00:00Z' },
  spec: { controlPlaneEndpoint: { host: 'prod.example.test', port: 6443 } },
  status: {
    initialization: { controlPlaneInitialized: true },
    conditions: [
      {
        type: 'Available',
        status: ready,
        reason: 'R',
        message: 'm',
        lastTransitionTime: '2026-06-01T00:00:00Z',
        observedGeneration: 1,
      },
    ],
  },
})
const pool = {
  apiVersion: 'cluster.x-k8s.io/v1beta1',
  kind: 'MachinePool',
  metadata: { name: 'np', namespace: 'team' },
  spec: { clusterName: 'prod' },
  status: { phase: 'Failed' },
}
const arm = {
  id: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/c1',
  name: 'c1',
  type: 'Microsoft.ContainerService/managedClusters',
  properties: { provisioningState: 'Canceled' },
}

describe('explain', () => {
  it('prints one line per object: who it is, how it is, what it says', async () => {
    const { code, lines, err } = await run(['--now', '2026-06-01T12:00:00Z', file('one.json', cluster('True'))])
    expect({ code, err }).toEqual({ code: 0, err: [] })
    expect(lines).toEqual([
      {
        apiVersion: 'cluster.x-k8s.io/v1beta2',
        kind: 'Cluster',
        namespace: 'team',
        name: 'prod',
        health: {
          state: 'Healthy',
          underlying: null,
          reason: 'R',
          message: 'm',
          since: '2026-06-01T00:00:00Z',
          flags: [],
          holdsUntil: null,
        },
        facts: { endpoint: 'prod.example.test:6443', controlPlaneInitialized: true },
        findings: [],
      },
    ])
  })

  it('opens Lists, list responses and several documents, and names the file on demand', async () => {
    const path = file(
      'many.yaml',
      `---\napiVersion: v1\nkind: List\nitems:\n- ${JSON.stringify(cluster('True'))}\n---\n${JSON.stringify(pool)}\n---\n`,
    )
    const typed = file('typed.json', {
      apiVersion: 'cluster.x-k8s.io/v1beta2',
      kind: 'ClusterList',
      items: [{ metadata: { name: 'a' } }],
    })
    const list = file('arm.json', { value: [arm], nextLink: null })
    const { code, lines } = await run(['--with-file', path, typed, list])
    expect(code).toBe(0)
    expect(lines.map(({ file: of, kind, name }) => [of, kind, name])).toEqual([
      [path, 'Cluster', 'prod'],
      [path, 'MachinePool', 'np'],
      [typed, 'Cluster', 'a'],
      [list, 'managedClusters', 'c1'],
    ])
    expect(lines[3].health).toMatchObject({ state: 'Degraded', reason: 'OperationCanceled' })
  })

  it('rolls a Cluster up with the parts that came with it', async () => {
    const { lines } = await run([
      file('whole.json', { apiVersion: 'v1', kind: 'List', items: [cluster('True'), pool] }),
    ])
    expect(lines[0].health.state).toBe('Healthy')
    expect(lines[0].rollup).toBe('Failed')
    expect(lines[0].cluster).toMatchObject({
      health: { state: 'Failed', reason: 'PhaseFailed' },
      gitops: null,
      rootCause: { path: [{ reason: 'R' }, { reason: 'PhaseFailed' }] },
    })
    expect(lines[1]).not.toHaveProperty('rollup')
    expect(lines[1]).not.toHaveProperty('cluster')
  })

  it('reads the standard input', async () => {
    expect((await run(['-'], JSON.stringify(arm))).lines).toHaveLength(1)
  })

  it('names what it cannot read, prints the rest, and ends with 1', async () => {
    const path = file('bad.yaml', `a: 1\n---\n${JSON.stringify(pool)}\n---\nb: [\n---\njust text\n`)
    const { code, lines, err } = await run([path, join(dir, 'absent.yaml')])
    expect(code).toBe(1)
    expect(lines).toHaveLength(1)
    expect(err).toEqual([
      `${path}, document 1: it has no apiVersion and kind, so it is neither a Kubernetes object nor an ARM resource`,
      expect.stringContaining(`${path}, document 3: not valid YAML: `),
      `${path}, document 4: it is a string, not an object`,
      expect.stringContaining(`${join(dir, 'absent.yaml')}: cannot be read: `),
    ])
  })

  it('keeps an object with a malformed part, and says which', async () => {
    const path = file('malformed.json', { ...cluster('True'), status: { conditions: 'x' } })
    const { code, lines, err } = await run([path])
    expect(code).toBe(0)
    expect(lines[0].health).toMatchObject({ state: 'Unknown', reason: 'MalformedStatus' })
    expect(err).toEqual([`${path}, document 1: status.conditions is a string, not a list`])
  })

  it("finds a case's relatives, though files leave out labels and owners", async () => {
    const child = { group: 'containerservice.azure.com', kind: 'ManagedClustersAgentPool', name: 'np' }
    const object = {
      apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1',
      kind: 'AzureASOManagedMachinePool',
      metadata: { name: 'x' },
      status: { ready: false, resources: [{ resource: child, ready: false }] },
    }
    const ready = { type: 'Ready', status: 'False', severity: 'Error', reason: 'QuotaExceeded' }
    const agent = {
      apiVersion: `${child.group}/v1api20240901`,
      kind: child.kind,
      metadata: { name: 'np' },
      status: { conditions: [ready] },
    }
    const paused = { ...cluster('True'), spec: { paused: true } }
    const cases = [
      { id: 1, object, related: [agent] },
      { id: 2, object, related: [agent, paused] },
      { id: 3, object: cluster('True'), related: [{ ...arm, properties: { provisioningState: 'Failed' } }] },
    ]
    const { lines } = await run(['--cases', file('kin.jsonl', cases.map((one) => JSON.stringify(one)).join('\n'))])
    expect(lines.map(({ health, rollup }) => [health.state, health.underlying, rollup])).toEqual([
      ['Failed', null, 'Failed'],
      ['Suspended', 'Failed', 'Suspended'],
      ['Healthy', null, 'Failed'],
    ])
  })

  it('joins what a Cluster names, also without a label', async () => {
    const infrastructureRef = { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'AzureCluster', name: 'i' }
    const infra = {
      apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1',
      kind: 'AzureCluster',
      metadata: { name: 'i', namespace: 'team' },
      status: { conditions: [{ type: 'Ready', status: 'False', severity: 'Error', reason: 'R' }] },
    }
    const items = [{ ...cluster('True'), spec: { infrastructureRef } }, infra]
    const { lines } = await run([file('named.json', { apiVersion: 'v1', kind: 'List', items })])
    expect(lines[0].rollup).toBe('Degraded')
  })

  it('judges cases at their own clock, with what was seen before', async () => {
    const kustomization = {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: 'x', generation: 2 },
      status: { observedGeneration: 1, conditions: [{ type: 'Ready', status: 'True', observedGeneration: 1 }] },
    }
    const cases = [
      {
        id: 1,
        now: '2026-06-01T12:00:00Z',
        context: { generationFirstSeen: '2026-06-01T11:40:00Z' },
        object: kustomization,
      },
      {
        id: 2,
        now: '2026-06-01T12:00:00Z',
        context: { lastSuccessfulRead: '2026-06-01T11:40:00Z', pollIntervalSeconds: 300 },
        object: cluster('True'),
      },
      { id: 3, now: '2026-06-01T12:00:00Z', context: {}, object: cluster('True'), related: [pool] },
      { id: 4, now: 'noon', object: cluster('True') },
    ]
    const path = file('cases.jsonl', [...cases.map((one) => JSON.stringify(one)), '{'].join('\n'))
    const { code, lines, err } = await run(['--cases', path])
    expect(code).toBe(1)
    expect(lines.map(({ id, health, rollup }) => [id, health.state, health.reason, rollup])).toEqual([
      [1, 'Stale', 'ControllerNotObserving', undefined],
      [2, 'Stale', 'Unreachable', undefined],
      [3, 'Healthy', 'R', 'Failed'],
    ])
    expect(err).toEqual([
      `${path}, line 4: now is "noon", not a time`,
      `${path}, line 5: it is not valid JSON, not a case`,
    ])
  })

  it.each([
    [[], 'usage: '],
    [['--noww'], '--noww'],
    [['--now', 'noon', 'x'], '--now: "noon" is not a time'],
  ])('says how it is used: %j', async (args, sentence) => {
    const { code, err } = await run(args)
    expect(code).toBe(1)
    expect(err.join('\n')).toContain(sentence)
  })

  it('is a program', () => {
    const script = join(import.meta.dirname, '../../../functions/local/explain.ts')
    const out = execFileSync(process.execPath, [script, '-'], { input: JSON.stringify(arm), encoding: 'utf8' })
    expect(JSON.parse(out)).toMatchObject({ name: 'c1' })
    expect(spawnSync(process.execPath, [script, '-'], { input: 'a: 1' }).status).toBe(1)
  })
})
