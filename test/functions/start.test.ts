import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { engines } from '../engine.ts'
import { startPostgres } from '../postgres.ts'
import { hasAzurite, startAzurite } from './local/azurite.ts'

const program = join(import.meta.dirname, '../../functions/local/start.ts')

const account = 'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=aaaa;'

interface Started {
  readonly child: ChildProcess
  /** All it has said so far. */
  readonly said: () => string
  readonly ended: Promise<number | null>
}

function start(args: readonly string[], env: Record<string, string>): Started {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', PORT: '0', ...env },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (said += text))
  return { child, said: () => said, ended: new Promise((resolve) => child.once('close', resolve)) }
}

async function urlOf({ said, child }: Started): Promise<string> {
  for (const end = Date.now() + 60_000; Date.now() < end && child.exitCode === null; await sleep(50)) {
    const url = /answers at (http:\S+)\/graphql/.exec(said())?.[1]
    if (url) return url
  }
  throw new Error(`it did not start: ${said()}`)
}

async function ask<T>(url: string, query: string): Promise<T> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  const { data, errors } = (await answer.json()) as { data: T; errors?: unknown }
  expect(errors).toBeUndefined()
  return data
}

describe('npm start without a fleet', { timeout: 120_000 }, () => {
  let dir: string
  let started: Started
  let url: string
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'rollcall-start-'))
    started = start([], { ROLLCALL_DATA: dir })
    url = await urlOf(started)
  })
  afterAll(async () => {
    started.child.kill('SIGKILL')
    await started.ended
    rmSync(dir, { recursive: true, force: true })
  })

  it('tells a person the address, the sources and where the data is', () => {
    expect(started.said()).toMatch(/sources {2}4: \S+, \S+, \S+, \S+\n/)
    expect(started.said()).toContain(dir)
  })

  it('polls management clusters and Azure over HTTPS, one of them found there, and answers for their clusters', async () => {
    const query =
      '{ clusters(first: 100) { nodes { witnesses } coverage { complete expectedSources reportingSources } } }'
    type Answer = { clusters: { nodes: { witnesses: string[] }[]; coverage: object } }
    const answer = async () => {
      const { nodes, coverage } = (await ask<Answer>(url, query)).clusters
      // What Cluster API declares and what Azure runs are one cluster; some only one of them knows.
      const witnesses = [...new Set(nodes.map((one) => one.witnesses.toSorted().join(' ')))].sort()
      return { many: nodes.length >= 70, witnesses, coverage }
    }
    await expect.poll(answer, { timeout: 100_000, interval: 500 }).toEqual({
      many: true,
      witnesses: ['arm', 'arm capi', 'capi'],
      coverage: { complete: true, expectedSources: 9, reportingSources: 9 },
    })
  })

  it('shows GraphiQL to a browser', async () => {
    const page = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } })
    expect(await page.text()).toContain('<html')
  })

  it('refuses a second process for the same data, in one sentence', async () => {
    const second = start([], { ROLLCALL_DATA: dir })
    expect(await second.ended).toBe(1)
    expect(second.said()).toMatch(
      /^The data folder \S+ is in use by process \d+\. Stop that process, or set ROLLCALL_DATA to another folder\.\n$/,
    )
  })

  it('ends gracefully on SIGTERM, and the data is there for the next start', async () => {
    started.child.kill('SIGTERM')
    expect(await started.ended).toBe(0)
    const again = start([], { ROLLCALL_DATA: dir })
    onTestFinished(async () => {
      again.child.kill()
      await again.ended
    })
    const { clusters } = await ask<{ clusters: { totalCount: number } }>(
      await urlOf(again),
      '{ clusters(first: 1) { totalCount } }',
    )
    expect(clusters.totalCount).toBeGreaterThanOrEqual(70)
  })
})

describe('npm start with bad input gives one sentence and exit code 1', { timeout: 60_000 }, () => {
  const files: Record<string, string> = {
    'typo.yaml': 'managementClusters:\n  - name: weu\n    kubconfig: { path: ./weu.kubeconfig }\n',
    'twice.yaml': 'managementClusters:\n  - { name: weu, inCluster: true }\n  - { name: weu, inCluster: true }\n',
    'broken.yaml': 'managementClusters: [\n  {name: a}\n',
    'empty.kubeconfig': 'apiVersion: v1\nkind: Config\n',
  }
  let dir: string
  let taken: number
  const server = createServer()
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'rollcall-bad-'))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    taken = address && typeof address === 'object' ? address.port : 0
  })
  afterAll(() => {
    server.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const at = (name: string) => join(dir, name)

  it.each<[string, () => [string[], Record<string, string>], RegExp]>([
    [
      'an unknown flag',
      () => [['--flet', 'x'], {}],
      /^Unknown option '--flet'; the flags are --fleet FILE, --kubeconfig FILE, --port NUMBER and --help\.\n$/,
    ],
    ['a missing fleet file', () => [['--fleet', at('none.yaml')], {}], /^Fleet file \S+none\.yaml does not exist\.\n$/],
    [
      'a typo in it',
      () => [['--fleet', at('typo.yaml')], {}],
      /^\S+typo\.yaml: managementClusters\[0\]\.kubconfig is not a setting here; did you mean "kubeconfig"\?\.?\n$/,
    ],
    [
      'two sources with one name',
      () => [['--fleet', at('twice.yaml')], {}],
      /^\S+twice\.yaml: managementClusters\[0\]\.name and managementClusters\[1\]\.name are both "weu"; .*\n$/,
    ],
    [
      'a file that is not YAML',
      () => [['--fleet', at('broken.yaml')], {}],
      /^Fleet file \S+broken\.yaml is not YAML: line \d+: .*\n$/,
    ],
    ['a missing kubeconfig', () => [['--kubeconfig', at('none')], {}], /^Kubeconfig \S+none does not exist\.\n$/],
    [
      'a kubeconfig without contexts',
      () => [['--kubeconfig', at('empty.kubeconfig')], {}],
      /^Kubeconfig \S+ has no contexts; .*\n$/,
    ],
    [
      'both',
      () => [['--kubeconfig', at('empty.kubeconfig'), '--fleet', at('twice.yaml')], {}],
      /^Both a fleet file and --kubeconfig are given; .*\n$/,
    ],
    [
      'a port that is taken',
      () => [['--kubeconfig', at('good.kubeconfig'), '--port', String(taken)], {}],
      /^PORT \d+ on 127\.0\.0\.1 is taken by another program; .*\n$/,
    ],
    ['a bad port', () => [['--port', 'x'], {}], /^PORT must be a port number from 0 to 65535, for example 7071\.\n$/],
    [
      'a database nobody answers at',
      () => [['--kubeconfig', at('good.kubeconfig')], { DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:1/d' }],
      /^DATABASE_URL: no PostgreSQL answers at 127\.0\.0\.1:1\/d \((?!.*hunter2).*\n$/,
    ],
    [
      'a storage account nobody answers at',
      () => [
        ['--kubeconfig', at('good.kubeconfig')],
        { AzureWebJobsStorage: `${account}QueueEndpoint=http://127.0.0.1:1/a;` },
      ],
      /^AzureWebJobsStorage: the queue service at 127\.0\.0\.1:1 cannot be used \(ECONNREFUSED\)\. .*\n$/,
    ],
    [
      'a data folder that is a file',
      () => [['--kubeconfig', at('good.kubeconfig')], { ROLLCALL_DATA: at('good.kubeconfig') }],
      /^The data folder \S+ cannot be used \(EEXIST.*\)\. Set ROLLCALL_DATA to a folder that this user may write to\.\n$/,
    ],
    [
      'a data folder that nobody can make',
      () => [['--kubeconfig', at('good.kubeconfig')], { ROLLCALL_DATA: '/proc/nope' }],
      /^The data folder \/proc\/nope cannot be used \(E.*\)\. .*\n$/,
    ],
    ['an open door', () => [[], { HOST: '0.0.0.0' }], /^HOST must be a loopback address .*\n$/],
    [
      'an unknown setting',
      () => [[], { ROLLCALL_FLEETS: 'x' }],
      /^ROLLCALL_FLEETS is not a setting of Rollcall; .*\n$/,
    ],
  ])('%s', async (_what, given, sentence) => {
    writeFileSync(
      at('good.kubeconfig'),
      'apiVersion: v1\nkind: Config\ncontexts: [{ name: weu, context: { cluster: c, user: u } }]\n',
    )
    const [args, env] = given()
    const { child, ended, said } = start(args, { ROLLCALL_DATA: at('data'), ...env })
    onTestFinished(() => void child.kill('SIGKILL'))
    expect(await ended).toBe(1)
    expect(said()).toMatch(sentence)
  })

  it('--help says how it is used', async () => {
    const { ended, said } = start(['--help'], {})
    expect(await ended).toBe(0)
    expect(said()).toContain('--kubeconfig FILE')
  })
})

it("a source's own trouble does not stop the start: it stands on that source", { timeout: 90_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-trouble-'))
  const kubeconfig = `apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: "https://127.0.0.1:1" } }]
users: [{ name: u, user: { token: t } }]
contexts: [{ name: away, context: { cluster: c, user: u } }]
`
  writeFileSync(join(dir, 'kubeconfig'), kubeconfig)
  const started = start(['--kubeconfig', join(dir, 'kubeconfig')], { ROLLCALL_DATA: join(dir, 'data') })
  onTestFinished(async () => {
    started.child.kill()
    await started.ended
    rmSync(dir, { recursive: true, force: true })
  })
  const url = await urlOf(started)
  const query = '{ sources(first: 5) { nodes { name lastErrorCode lastErrorMessage } } }'
  type Answer = { sources: { nodes: { name: string; lastErrorCode: string; lastErrorMessage: string }[] } }
  const source = async () => (await ask<Answer>(url, query)).sources.nodes[0]
  await expect.poll(source, { timeout: 30_000, interval: 300 }).toMatchObject({
    name: 'away',
    lastErrorCode: expect.stringMatching(/^unreachable$/i),
    lastErrorMessage: expect.stringContaining('https://127.0.0.1:1'),
  })
})

it('with an issuer it does not say that this machine may ask', { timeout: 60_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-issuer-'))
  writeFileSync(join(dir, 'fleet.yaml'), 'managementClusters: []\n')
  const started = start(['--fleet', join(dir, 'fleet.yaml')], {
    ROLLCALL_DATA: join(dir, 'data'),
    ROLLCALL_ISSUER: 'https://login.example/v2.0',
    HOST: '0.0.0.0',
  })
  onTestFinished(async () => {
    started.child.kill()
    await started.ended
    rmSync(dir, { recursive: true, force: true })
  })
  await urlOf(started)
  expect(started.said()).toContain('to nobody yet: ROLLCALL_ISSUER is set')
  expect(started.said()).not.toContain('to this machine only')
})

describe.runIf(hasAzurite() && engines.includes('postgres'))(
  'npm start on a server and a storage account',
  { timeout: 120_000 },
  () => {
    it('polls through a real queue into a real PostgreSQL', async () => {
      const [azurite, postgres] = await Promise.all([startAzurite(), startPostgres({ durable: false })])
      const started = start([], { AzureWebJobsStorage: azurite.connection, DATABASE_URL: postgres.url('postgres') })
      onTestFinished(async () => {
        started.child.kill()
        await started.ended
        await Promise.all([azurite.stop(), postgres.stop()])
      })
      const url = await urlOf(started)
      expect(started.said()).toMatch(
        /data {5}the database of DATABASE_URL\n {2}queue {4}the storage account of AzureWebJobsStorage/,
      )
      const query = '{ clusters(first: 1) { totalCount } sources(first: 1) { totalCount } }'
      type Answer = { clusters: { totalCount: number }; sources: { totalCount: number } }
      const answer = async () => {
        const { clusters, sources } = await ask<Answer>(url, query)
        return [clusters.totalCount >= 70, sources.totalCount]
      }
      await expect.poll(answer, { timeout: 100_000, interval: 500 }).toEqual([true, 9])
    })
  },
)
