import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe } from 'vitest'
import { type ApiServer, apiServerPresent, startApiServer } from '../api-server.ts'
import { type Client, connect } from './client.ts'
import { contract } from './contract.ts'

describe.skipIf(!apiServerPresent())('a real API server', () => {
  let server: ApiServer
  let clients: { admin: Client; nobody: Client; stranger: Client }

  beforeAll(async () => {
    server = await startApiServer({ crds: 'new', only: 'cluster-api/.*_clusters' })
    const admin = readFileSync(server.kubeconfig, 'utf8')
    clients = {
      admin: connect(admin),
      nobody: connect(readFileSync(server.nobodyKubeconfig, 'utf8')),
      stranger: connect(admin, 'unknown'),
    }
  })
  afterAll(async () => {
    for (const client of Object.values(clients)) client.close()
    await server.stop()
  })

  contract(() => ({
    ...clients,
    compact: async () => {
      await server.compact()
    },
    restart: () => server.restart(),
  }))
})
