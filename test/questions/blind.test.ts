import { describe, expect, it } from 'vitest'
import type { KindKey } from '../../fleet/reference.ts'
import { engines } from '../engine.ts'
import { allDrift, driftAnswered, driftInTruth } from './drifted.ts'
import { openDriftingFleet } from './fleet.ts'

/** Whose and which code: what cannot be read may leave another object to tell the same of. */
const bare = (lines: readonly string[]) => new Set(lines.map((line) => line.split(' ').slice(0, 2).join(' ')))
const untold = ' cannot be told'

describe.each(engines)('drift of what cannot be read whole, on %s', (engine) => {
  it.each<{ except: readonly KindKey[]; codes: readonly string[] }>([
    {
      except: [
        'infrastructure.cluster.x-k8s.io/AzureManagedMachinePool',
        'infrastructure.cluster.x-k8s.io/AzureASOManagedMachinePool',
        'source.toolkit.fluxcd.io/GitRepository',
        'cluster.x-k8s.io/ClusterClass',
      ],
      codes: ['POOL_VS_SPEC', 'BEHIND_SOURCE', 'SOURCE_FAILING', 'REBASE_PENDING'],
    },
    {
      except: [
        'cluster.x-k8s.io/MachinePool',
        'kustomize.toolkit.fluxcd.io/Kustomization',
        'source.toolkit.fluxcd.io/HelmChart',
      ],
      codes: ['APPLY_FAILED', 'BLOCKED', 'SUSPENDED', 'BEHIND_SOURCE'],
    },
  ])('without $except, nothing is found that is not so, and what nobody can look at is not clean', async (given) => {
    const { except, codes } = given
    const fleet = await openDriftingFleet(engine, 'blind', { clusters: 24, except })
    try {
      const [found, truth] = [driftAnswered(await allDrift(fleet)), driftInTruth(fleet.world)]
      const so = bare(truth)
      expect([...bare(found.filter((one) => !one.endsWith(untold)))].filter((one) => !so.has(one))).toEqual([])
      const gaps = new Set(found.filter((one) => one.endsWith(untold)).map((one) => one.split(' ')[1]))
      expect([...gaps]).toEqual(expect.arrayContaining([...codes]))
    } finally {
      await fleet.store.close()
    }
  })
})
