import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { capiClaim } from '../../db/claim.ts'
import type { Store } from '../../db/client.ts'
import { isPublic } from '../../db/settle/destination.ts'
import { clusterKind } from '../../fleet/reference.ts'
import { engines, openEngine } from '../engine.ts'
import { driftsOf } from './drift-store.ts'
import { application, applications, commit, declared, kustomization, kustomizations } from './drift-wire.ts'

const here = '10.0.0.4:6443'
const dns = 'api.one.example.org:6443'
const server = (endpoint: string) => ({ server: `https://${endpoint}`, namespace: 'apps' })
const claim = (name: string, source = 'weu') => capiClaim(source, { namespace: 'fleet', name })

describe.each(engines)('destinations on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  afterAll(() => store.close())
  const { begin, lists, pushes, settled, drift, gitops, rows, destinations, versions } = driftsOf(() => store)
  beforeEach(() => begin(['weu', 'neu']))

  const isOn = (name: string) => [`shop abc on ${name}`]

  it('ties an Application to the cluster that answers at its destination', async () => {
    await lists(0, clusterKind, [declared('one', { endpoint: here }), declared('two', { endpoint: '10.0.0.5:6443' })])
    await lists(0, applications, [application('shop', server(here))])
    await settled(1)
    expect([await gitops(), await drift()]).toEqual([isOn('one'), []])
    // Its news are the cluster's, and it stays where it is.
    await pushes(2, applications, [application('shop', server(here), { synced: false })])
    expect(await settled(2)).toMatchObject({ composed: 1 })
    expect([await gitops(), await drift()]).toEqual([isOn('one'), ['one: outOfSync shop']])
    await pushes(3, applications, [application('shop', server('10.0.0.5:6443'))])
    await settled(3)
    expect([await gitops(), await drift()]).toEqual([isOn('two'), []])
    const before = await versions()
    await settled(3)
    expect(await versions()).toEqual(before)
  })

  it('says which destination is nobody’s, until somebody has it, and again when it left', async () => {
    await lists(0, clusterKind, [])
    await lists(0, applications, [application('shop', server(here))])
    await settled(1)
    expect([await gitops(), await drift()]).toEqual([isOn('-'), ['weu: argoClusterUnmatched shop']])
    await pushes(2, clusterKind, [declared('one')])
    await settled(2)
    expect(await drift()).toEqual(['weu: argoClusterUnmatched shop'])
    await pushes(3, clusterKind, [declared('one', { endpoint: here })])
    await settled(3)
    expect([await gitops(), await drift()]).toEqual([isOn('one'), []])
    await pushes(4, clusterKind, [declared('one', { endpoint: '10.0.0.9:6443' })])
    await settled(4)
    expect([await gitops(), await drift()]).toEqual([isOn('-'), ['weu: argoClusterUnmatched shop']])
    await pushes(5, clusterKind, [declared('one', { endpoint: here, deleting: true })])
    await settled(5)
    expect(await gitops()).toEqual(isOn('one'))
    await lists(6, clusterKind, [])
    await settled(6)
    expect([await gitops(), await drift()]).toEqual([isOn('-'), ['weu: argoClusterUnmatched shop']])
  })

  it('looks for a name of the public DNS everywhere, for a private address at home', async () => {
    await lists(0, clusterKind, [declared('one', { endpoint: dns }), declared('two', { endpoint: here })], 'neu')
    await lists(0, applications, [application('shop', server(dns)), application('till', server(here))])
    await settled(1)
    expect(await gitops()).toEqual(['shop abc on one', 'till abc on -'])
    await lists(2, clusterKind, [declared('three', { endpoint: here })])
    await settled(2)
    expect(await gitops()).toEqual(['shop abc on one', 'till abc on three'])
    // The cluster leaves the other source, and this one hears of it.
    await lists(3, clusterKind, [declared('two', { endpoint: here })], 'neu')
    await settled(3)
    expect(await gitops()).toEqual(['shop abc on -', 'till abc on three'])
  })

  it('means nobody where several answer', async () => {
    await lists(0, clusterKind, [declared('one', { endpoint: here }), declared('two', { endpoint: here })])
    await lists(0, applications, [application('shop', server(here))])
    await settled(1)
    expect(await gitops()).toEqual(isOn('-'))
    await lists(2, clusterKind, [declared('two', { endpoint: here })])
    await settled(2)
    expect(await gitops()).toEqual(isOn('two'))
  })

  it('takes the operator’s word first', async () => {
    await lists(0, clusterKind, [declared('one', { endpoint: here }), declared('two')])
    await lists(0, kustomizations, [kustomization('apps', { secret: 'prod' })])
    await lists(0, applications, [application('shop', { name: 'prod' }), application('till', server(here))])
    const given = [
      { actsAt: 'name:prod', source: null, claim: claim('two') },
      { actsAt: 'secret:fleet/prod', source: 'weu', claim: claim('two') },
      { actsAt: `server:${here}`, source: 'weu', claim: claim('two') },
    ]
    await destinations(given)
    await settled(1)
    const all = (cluster: string, of = cluster) => [
      `apps ${commit('a')} on ${cluster}`,
      `shop abc on ${cluster}`,
      `till abc on ${of}`,
    ]
    expect([await gitops(), await drift()]).toEqual([all('two'), []])
    await destinations(given)
    expect(await rows(sql`select from unsettled`)).toEqual([])
    await destinations([])
    await settled(2)
    expect(await gitops()).toEqual(all('-', 'one'))
    // Said of another source, it means nothing here; said of this one, it counts before what is said of all.
    await destinations([
      { actsAt: 'name:prod', source: 'neu', claim: claim('two') },
      { actsAt: 'secret:fleet/prod', source: null, claim: claim('two') },
      { actsAt: 'secret:fleet/prod', source: 'weu', claim: claim('one') },
    ])
    await settled(3)
    expect(await gitops()).toEqual([`apps ${commit('a')} on one`, 'shop abc on -', 'till abc on one'])
  })

  it('waits for the cluster that the operator means', async () => {
    await lists(0, applications, [application('shop', { name: 'prod' })])
    await destinations([{ actsAt: 'name:prod', source: null, claim: claim('one', 'neu') }])
    await settled(1)
    expect(await gitops()).toEqual(isOn('-'))
    await lists(2, clusterKind, [declared('one')], 'neu')
    await settled(2)
    expect(await gitops()).toEqual(isOn('one'))
    await lists(3, clusterKind, [], 'neu')
    await settled(3)
    expect(await gitops()).toEqual(isOn('-'))
  })

  it('forgets where an Application acted once it acts at home', async () => {
    await lists(0, clusterKind, [declared('one', { endpoint: here })])
    await lists(0, applications, [application('shop', server(here))])
    await settled(1)
    await pushes(2, applications, [application('shop', { server: 'https://kubernetes.default.svc' })])
    await settled(2)
    expect([await gitops(), await drift()]).toEqual([isOn('-'), []])
  })
})

describe('an address', () => {
  it.each([
    ['api.example.org:6443', true],
    ['x-1.hcp.westeurope.azmk8s.io:443', true],
    ['20.1.2.3:6443', true],
    ['[2a01:111::1]:6443', true],
    ['10.0.0.4:6443', false],
    ['172.20.0.4:6443', false],
    ['192.168.1.1:6443', false],
    ['100.64.1.1:6443', false],
    ['169.254.169.254:80', false],
    ['127.0.0.1:6443', false],
    ['[fd00::1]:6443', false],
    ['[fe80::1]:6443', false],
    ['[::1]:6443', false],
    ['[::ffff:10.0.0.4]:6443', false],
    ['control-plane:6443', false],
    ['api.cluster.local:6443', false],
    ['ip-10-0-0-1.ec2.internal:6443', false],
    ['api.svc:6443', false],
    ['1.2.3:6443', false],
    [':6443', false],
    ['', false],
  ])('%s means the same everywhere: %s', (endpoint, expected) => {
    expect(isPublic(endpoint)).toBe(expected)
  })
})
