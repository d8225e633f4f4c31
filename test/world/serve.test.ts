import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseFleet } from '../../fleet/configuration.ts'
import { connect } from '../contract/client.ts'

const program = join(import.meta.dirname, 'serve.ts')

it('serves a fleet with one fleet file, and leaves nothing behind when its parent ends', async () => {
  const child = spawn(process.execPath, [program, '--clusters', '8', '--interval-ms', '20'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  const { fleet, azure, environment } = JSON.parse(String(line))
  const { managementClusters, azure: accounts } = parse(readFileSync(fleet, 'utf8'))
  // The third is found by its tag.
  expect(managementClusters).toEqual([
    {
      name: 'weu-prod',
      region: 'westeurope',
      labels: { environment: 'prod', ring: '2' },
      aks: { resourceId: expect.stringMatching(/\/resourceGroups\/rg-management\/.*\/weu-prod$/) },
      every: '60s',
    },
    {
      name: 'neu-prod',
      region: 'northeurope',
      labels: { environment: 'prod', ring: '1' },
      kubeconfig: { path: './neu-prod.kubeconfig', context: 'neu-prod' },
      every: '60s',
    },
    expect.objectContaining({ name: 'sea-dev' }),
  ])
  expect(accounts).toMatchObject([{ cloud: { endpoint: azure, ca: './azure.pem' }, credential: 'environment' }])
  expect(Object.keys(environment)).toEqual(['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET'])
  expect(parseFleet(parse(readFileSync(fleet, 'utf8')), fleet).policies.map(({ name }) => name)).toEqual([
    'baseline',
    'eu-prod',
    // In force unless a fleet file has one of its own.
    'drift',
  ])
  const client = connect(readFileSync(join(dirname(fleet), 'neu-prod.kubeconfig'), 'utf8'))
  const first = await client.get('/apis/cluster.x-k8s.io/v1beta1/clusters')
  expect(first.json.items.length).toBeGreaterThan(0)
  await new Promise((resolve) => setTimeout(resolve, 400))
  const later = await client.get('/apis/cluster.x-k8s.io/v1beta1/clusters')
  expect(Number(later.json.metadata.resourceVersion)).toBeGreaterThan(Number(first.json.metadata.resourceVersion))
  client.close()
  const ended = once(child, 'exit')
  child.stdin.end()
  expect(await ended).toEqual([0, null])
  expect(existsSync(dirname(fleet))).toBe(false)
})

it('refuses a flag that makes no sense, in one sentence', async () => {
  const child = spawn(process.execPath, [program, '--clusters', 'many'], { stdio: ['pipe', 'ignore', 'pipe'] })
  let told = ''
  child.stderr.on('data', (chunk) => {
    told += chunk
  })
  const [code] = await once(child, 'close')
  expect([code, told]).toEqual([
    1,
    'the simulated fleet: --clusters must be a whole number, such as 80, and is "many"\n',
  ])
})
