import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { registerSources } from '../../db/source.ts'
import { objectIdOf } from '../../fleet/reference.ts'
import { mismatchesOf, releaseOf } from '../../fleet/support/provider-release.ts'
import { engines, openEngine } from '../engine.ts'
import { type Ask, type Asked, asker } from './ask.ts'
import { everyMs, staleAfterMs } from './fill.ts'

const now = new Date('2026-11-22T09:00:00Z')

interface Noted {
  readonly name: string
  readonly type: string
  readonly version: string | null
  readonly contract?: string | undefined
  readonly namespace?: string
  readonly by?: 'clusterctl' | 'operator'
}
const noted = (name: string, type: string, version: string | null, more: Partial<Noted> = {}): Noted => ({
  ...{ name, type, version },
  ...more,
})
const core = (version: string | null, more: Partial<Noted> = {}) => noted('cluster-api', 'CoreProvider', version, more)
const azure = (version: string, more: Partial<Noted> = {}) => noted('azure', 'InfrastructureProvider', version, more)

/** As ingest would leave them. */
async function put({ db }: Store, source: string, providers: readonly Noted[]): Promise<void> {
  await db.execute(sql`delete from object where source_id = ${source}`)
  for (const { name, type, version, contract, namespace = 'capi-system', by = 'clusterctl' } of providers) {
    const [group, kind] =
      by === 'operator' ? ['operator.cluster.x-k8s.io', type] : ['clusterctl.cluster.x-k8s.io', 'Provider']
    const id = objectIdOf(source, { group, kind, namespace, name: `${type} ${name}` })
    const facts = JSON.stringify({ more: { providerName: name, type, version, contract } })
    await db.execute(sql`insert into object (source_id, id, kind, namespace, name, api_version, owner_named, state, reason, message, state_since,
        generation_seen_at, facts, observed_at, received_at, digest)
      values (${source}, ${id}, ${`${group}/${kind}`}, ${namespace}, ${name}, 'v1', false, 'Healthy', 'Static', '', ${now.toISOString()},
        ${now.toISOString()}, ${facts}::jsonb, ${now.toISOString()}, ${now.toISOString()}, ${id})`)
  }
}

describe.each(engines)('providers on %s', (engine) => {
  let store: Store
  let ask: Ask
  const sources = ['fit', 'mixed', 'none', 'old', 'operated', 'twice'] as const
  beforeAll(async () => {
    store = await openEngine(engine)
    const rest = {
      type: 'managementCluster',
      parentId: null,
      polled: true,
      armId: null,
      region: null,
      labels: {},
    } as const
    await registerSources(
      store.db,
      [...sources, 'any'].map((id) => ({ ...rest, id, everyMs, staleAfterMs })),
      now,
    )
    await put(store, 'fit', [core('v1.14.0'), noted('kubeadm', 'BootstrapProvider', 'v1.14.0'), azure('v1.26.0')])
    await put(store, 'mixed', [core('v1.13.1'), noted('kubeadm', 'ControlPlaneProvider', 'v1.12.0')])
    await put(store, 'old', [core('v1.9.11'), noted('helm', 'AddonProvider', 'v0.6.4')])
    await put(store, 'operated', [core('v1.10.1', { by: 'operator', contract: 'v1beta1' })])
    await put(store, 'twice', [azure('v1.26.0'), azure('v1.24.0', { namespace: 'other' })])
    ask = asker(store.db, () => now).ask
  })
  afterAll(() => store.close())

  const fields =
    'providers { name type namespace version contract supported supportEndsAt latestPatch mismatch calendarSource asOf freshness { state source { name } } }'
  const providersOf = async (name: string): Promise<Asked> => {
    const { data, errors } = await ask(`query ($id: ID!) { source(id: $id) { ${fields} } }`, { id: name })
    expect(errors).toBeUndefined()
    return data.source.providers
  }
  const named = async (filter: object): Promise<readonly string[]> => {
    const { data, errors } = await ask(
      'query ($f: SourceFilter) { sources(first: 100, filter: $f) { totalCount nodes { name } } }',
      { f: { and: [filter, { not: { name: { eq: 'any' } } }] } },
    )
    expect(errors).toBeUndefined()
    return data.sources.nodes.map(({ name }: Asked) => name)
  }

  it('tells version, contract, support and who says so, by the name that policies use', async () => {
    expect(await providersOf('fit')).toMatchObject([
      { name: 'bootstrap-kubeadm', version: 'v1.14.0', supported: true, mismatch: null },
      {
        ...{ name: 'cluster-api', type: 'CoreProvider', namespace: 'capi-system', version: 'v1.14.0' },
        ...{ contract: 'v1beta2', supported: true, supportEndsAt: null, latestPatch: '1.14.0', mismatch: null },
        ...{ calendarSource: expect.stringContaining('versions.md'), asOf: '2026-08-21' },
        freshness: { source: { name: 'fit' } },
      },
      { name: 'infrastructure-azure', version: 'v1.26.0', contract: 'v1beta1', supported: null, latestPatch: '1.26.0' },
    ])
    expect(await providersOf('none')).toEqual([])
  })

  it('an operator’s word on its contract counts, and needs no note of clusterctl', async () => {
    expect(await providersOf('operated')).toMatchObject([
      { name: 'cluster-api', version: 'v1.10.1', contract: 'v1beta1', supported: false, supportEndsAt: '2026-04-21' },
    ])
  })

  it('says what does not fit', async () => {
    const [core, kubeadm] = await providersOf('mixed')
    expect(core.mismatch).toBeNull()
    expect(kubeadm.mismatch).toContain('cluster-api is 1.13.1')
    const [, helm] = (await providersOf('old')).toReversed()
    expect(helm.mismatch).toContain('keeps contract v1beta2')
    for (const { mismatch } of await providersOf('twice')) expect(mismatch).toContain('2 versions: 1.24.0, 1.26.0')
  })

  it('finds the management clusters concerned', async () => {
    expect(await named({ providersUnsupported: true })).toEqual(['old', 'operated', 'twice'])
    expect(await named({ providersMismatched: true })).toEqual(['mixed', 'old', 'twice'])
    expect(await named({ providersUnsupported: false, providersMismatched: false })).toEqual(['fit', 'none'])
    const either = { or: [{ providersUnsupported: true }, { providersMismatched: true }] }
    expect(await named(either)).toEqual(['mixed', 'old', 'operated', 'twice'])
  })

  it('a filter finds exactly what the fields say, whatever is installed', async () => {
    const names = ['cluster-api', 'kubeadm', 'azure', 'helm', 'nobody']
    const types = ['CoreProvider', 'BootstrapProvider', 'InfrastructureProvider', 'AddonProvider', 'NoSuchProvider']
    const one = fc.record(
      {
        name: fc.constantFrom(...names),
        type: fc.constantFrom(...types),
        version: fc.constantFrom(
          'v1.9.1',
          '1.10.3',
          'v1.10.3',
          ' v1.14.0',
          '1.14.0-rc.1',
          'v1.26.0',
          'v0.6.4',
          'v99.1.0',
          'main',
          null,
        ),
        contract: fc.constantFrom(undefined, undefined, 'v1beta1', 'v1beta2', 'v9'),
        namespace: fc.constantFrom('a', 'b'),
      },
      { requiredKeys: ['name', 'type', 'version', 'namespace'] },
    )
    const sets = fc.uniqueArray(one, {
      maxLength: 5,
      selector: ({ name, type, namespace }) => `${name} ${type} ${namespace}`,
    })
    await fc.assert(
      fc.asyncProperty(sets, async (providers) => {
        await put(store, 'any', providers)
        const { data, errors } = await ask(
          `{ source(id: "any") { ${fields} } unsupported: sources(filter: {name: {eq: "any"}, providersUnsupported: true}) { totalCount }
            mismatched: sources(filter: {name: {eq: "any"}, providersMismatched: true}) { totalCount } }`,
        )
        expect(errors).toBeUndefined()
        const shown: Asked[] = data.source.providers
        expect(shown).toHaveLength(providers.length)
        expect(data.unsupported.totalCount).toBe(shown.some(({ supported }) => supported === false) ? 1 : 0)
        expect(data.mismatched.totalCount).toBe(shown.some(({ mismatch }) => mismatch !== null) ? 1 : 0)
        for (const { name, version, supported } of shown)
          expect(supported).toBe(releaseOf(name, version, now).supported)
        expect(shown.filter(({ mismatch }) => mismatch !== null)).toHaveLength(
          new Set(mismatchesOf(shown).map(({ provider }) => provider)).size,
        )
      }),
      { numRuns: 60 },
    )
  })
})
