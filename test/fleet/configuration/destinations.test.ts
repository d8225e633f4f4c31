import { describe, expect, it } from 'vitest'
import { armClaim, capiClaim } from '../../../db/claim.ts'
import { ended } from '../../../fleet/configuration/sentence.ts'
import { parseFleet } from '../../../fleet/configuration.ts'
import { argoDestination, kubeConfigDestination } from '../../../fleet/families/destination.ts'

const managementClusters = ['weu-prod', 'neu-prod'].map((name) => ({ name, inCluster: true }))
const cluster = { source: 'weu-prod', namespace: 'team-a', name: 'prod-1' }
const armId =
  '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/Apps/providers/Microsoft.ContainerService/managedClusters/Prod-1'
const fleetOf = (...destinations: object[]) => ({ managementClusters, destinations })
const declared = (destination: object) => parseFleet(fleetOf(destination)).destinations[0]

describe('destinations of the fleet file', () => {
  it('say which cluster a name, an address, a Secret or a ConfigMap is', () => {
    expect(declared({ name: 'prod-weu-1', cluster })).toEqual({
      actsAt: 'name:prod-weu-1',
      source: null,
      claim: capiClaim('weu-prod', cluster),
    })
    expect(declared({ secret: 'flux-system/prod', source: 'neu-prod', cluster: { armId } })).toEqual({
      actsAt: 'secret:flux-system/prod',
      source: 'neu-prod',
      claim: armClaim(armId),
    })
    expect(declared({ configMap: 'flux-system/prod', cluster })?.actsAt).toBe('configMap:flux-system/prod')
  })

  it.each(['https://Prod.example.test', 'https://prod.example.test:443/', 'prod.example.test'])(
    'name the server %s as objects do',
    (server) => {
      const { by, value } = argoDestination({ server: 'https://prod.example.test' }) ?? {}
      expect(declared({ server, cluster })?.actsAt).toBe(`${by}:${value}`)
    },
  )

  it('name a Secret as objects of Flux do', () => {
    const ref = { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', namespace: 'flux-system', name: 'apps' }
    const spec = { kubeConfig: { secretRef: { name: 'prod' } } }
    const object = {
      apiVersion: '',
      generation: 1,
      createdAt: null,
      deletingSince: null,
      labels: {},
      annotations: {},
      owners: [],
      status: {},
    }
    const { by, value } = kubeConfigDestination({ ...object, ref, spec }) ?? {}
    expect(declared({ secret: 'flux-system/prod', cluster })?.actsAt).toBe(`${by}:${value}`)
  })

  it('may be one thing in one management cluster, and another in the next', () => {
    const other = { ...cluster, name: 'prod-2' }
    const { destinations } = parseFleet(
      fleetOf({ name: 'prod', source: 'weu-prod', cluster }, { name: 'prod', source: 'neu-prod', cluster: other }),
    )
    expect(destinations.map(({ claim }) => claim)).toEqual([
      capiClaim('weu-prod', cluster),
      capiClaim('weu-prod', other),
    ])
  })

  it('may speak of management clusters that are yet to be found in Azure', () => {
    const azure = [
      { name: 'corp', subscriptions: ['11111111-2222-3333-4444-555555555555'], managementClusters: { tag: 'mgmt' } },
    ]
    const destinations = [{ name: 'prod', cluster: { ...cluster, source: 'mgmt-weu' } }]
    expect(parseFleet({ azure, destinations }).destinations).toHaveLength(1)
  })

  it.each<[string, object, string]>([
    [
      'no destination',
      { cluster },
      'destinations[0] does not say what is meant; give one of server, name, secret, configMap',
    ],
    [
      'two destinations',
      { name: 'a', server: 'https://b', cluster },
      'destinations[0] has both "server" and "name"; give each an entry of its own',
    ],
    ['no cluster', { name: 'a' }, 'destinations[0].cluster must be a mapping of names to values'],
    [
      'half a cluster',
      { name: 'a', cluster: { source: 'weu-prod', name: 'prod-1' } },
      'destinations[0].cluster must be { source, namespace, name } of a Cluster object, or { armId } of an AKS cluster',
    ],
    [
      'two clusters',
      { name: 'a', cluster: { ...cluster, armId } },
      'destinations[0].cluster must be { source, namespace, name } of a Cluster object, or { armId } of an AKS cluster',
    ],
    [
      'an id of something else',
      { name: 'a', cluster: { armId: '/subscriptions/1' } },
      'destinations[0].cluster.armId must be the id of an AKS cluster, for example /subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/apps/providers/Microsoft.ContainerService/managedClusters/prod-weu-1',
    ],
    ['a typo', { nmae: 'a', cluster }, 'destinations[0].nmae is not a setting here; did you mean "name"?'],
    [
      'a Secret without its namespace',
      { secret: 'prod', cluster },
      'destinations[0].secret must be namespace/name, for example flux-system/prod-weu-1-kubeconfig',
    ],
    [
      'no address',
      { server: 'https://', cluster },
      'destinations[0].server must be the address of an API server, other than that of the cluster it is used in, for example https://10.0.0.4:6443',
    ],
    [
      'the address of wherever it is used',
      { server: 'https://kubernetes.default.svc', cluster },
      'destinations[0].server must be the address of an API server, other than that of the cluster it is used in, for example https://10.0.0.4:6443',
    ],
    [
      'the name of wherever it is used',
      { name: 'in-cluster', cluster },
      'destinations[0].name is what Argo CD calls the cluster it runs in; name another one, for example prod-weu-1',
    ],
    [
      'a source that is not there',
      { name: 'a', source: 'weu-prd', cluster },
      'destinations[0].source is no management cluster of this fleet; did you mean "weu-prod"?',
    ],
    [
      'a cluster of a source that is not there',
      { name: 'a', cluster: { ...cluster, source: 'usw' } },
      'destinations[0].cluster.source is no management cluster of this fleet; there are "weu-prod", "neu-prod"',
    ],
  ])('refuse %s in one sentence', (_what, destination, sentence) => {
    expect(() => parseFleet(fleetOf(destination), 'rollcall.yaml')).toThrow(
      expect.objectContaining({ code: 'invalid', message: ended(`rollcall.yaml: ${sentence}`) }),
    )
  })

  it('refuse one destination that is two clusters', () => {
    expect(() => parseFleet(fleetOf({ name: 'a', cluster }, { name: 'a', cluster: { armId } }))).toThrow(
      'destinations[1].name repeats destinations[0].name; it can be one cluster only',
    )
  })
})
