import { afterAll, beforeAll, describe } from 'vitest'
import { createWorld } from '../world/world.ts'
import { connect } from './client.ts'
import { contract } from './contract.ts'
import type { Subject } from './subject.ts'

describe.each(['1.20', 'current'] as const)('the simulated API server, profile %s', (profile) => {
  let subject: Subject
  let end: () => Promise<void>

  beforeAll(async () => {
    const world = createWorld({ clusters: 0, managementClusters: 1, profile, now: () => new Date() })
    const [served] = await world.serve()
    if (served === undefined) throw new Error('the world has no server')
    const clients = {
      admin: connect(served.certificateKubeconfig),
      nobody: connect(served.nobodyKubeconfig),
      stranger: connect(served.kubeconfig, 'unknown'),
    }
    subject = {
      ...clients,
      compact: async () => served.site.storage.compact(),
      restart: async () => {
        await served.refuse()
        served.site.storage.forget()
        await served.accept()
      },
    }
    end = async () => {
      for (const client of Object.values(clients)) client.close()
      await served.close()
    }
  })
  afterAll(() => end())

  contract(() => subject)
})
