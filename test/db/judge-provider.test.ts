import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { judge } from '../../db/judge.ts'
import { registerPolicies } from '../../db/policy.ts'
import { registerSources } from '../../db/source.ts'
import type { Rule } from '../../fleet/policy/policy.ts'
import type { KindKey } from '../../fleet/reference.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { findingLines, policyOf, putClusters, subjectOf } from './judged-cluster.ts'
import { at, listed } from './wire.ts'

const metadata = (name: string) => ({ name, namespace: 'capz-system', uid: `uid-${name}`, generation: 1 })

/** The same provider, as either notes it. */
const notes: readonly (readonly [who: string, kind: KindKey, note: (version: string) => object])[] = [
  [
    'clusterctl',
    'clusterctl.cluster.x-k8s.io/Provider',
    (version) => ({
      apiVersion: 'clusterctl.cluster.x-k8s.io/v1alpha3',
      kind: 'Provider',
      metadata: metadata('infrastructure-azure'),
      ...{ providerName: 'azure', type: 'InfrastructureProvider', version },
    }),
  ],
  [
    'the Cluster API operator',
    'operator.cluster.x-k8s.io/InfrastructureProvider',
    (version) => ({
      apiVersion: 'operator.cluster.x-k8s.io/v1alpha2',
      kind: 'InfrastructureProvider',
      metadata: metadata('azure'),
      spec: { version },
      status: { installedVersion: version, contract: 'v1beta1' },
    }),
  ],
]

const rule: Rule = {
  ...{ id: 'azure', type: 'componentVersion', severity: 'medium', graceMs: 0 },
  ...{ component: 'provider', name: 'infrastructure-azure', range: '^1.20.0', required: true },
}

describe.each(engines)('a rule over a provider on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(() => clear(store))
  afterAll(() => store.close())

  it.each(notes)('reads what %s notes of it', async (_who, kind, note) => {
    const { db } = store
    const rest = { parentId: null, polled: true, armId: null, region: null, labels: {} } as const
    const timing = { everyMs: 60_000, staleAfterMs: 86_400_000 }
    await registerSources(db, [{ id: 'weu', type: 'managementCluster', ...rest, ...timing }], at(0))
    await registerPolicies(db, { policies: [policyOf('base', [rule])], waivers: [], calendar: [] }, at(0), [])
    await putClusters(db, [subjectOf('one')], at(0))
    const look = async (minute: number) => {
      await judge(db, at(minute))
      return findingLines(db)
    }
    const tell = (minute: number, notes: readonly object[]) =>
      ingest(db, listed(at(minute), notes, { kind, source: 'weu' }), { receivedAt: at(minute) })

    expect(await look(0)).toEqual(['one base/azure Unknown cluster weu 0'])
    await tell(1, [note('v1.20.3')])
    expect(await look(1)).toEqual(['one base/azure Pass cluster weu 1'])
    await tell(2, [note('v1.19.0')])
    expect(await look(2)).toEqual(['one base/azure Fail cluster weu 2'])
    await tell(3, [])
    expect(await look(3)).toEqual(['one base/azure Fail cluster weu 2'])
  })
})
