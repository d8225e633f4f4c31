import type { ClusterFacts, Member } from '../../fleet/cluster.ts'
import { composeCluster } from '../../fleet/compose-cluster.ts'
import { composeSource } from '../../fleet/compose-source.ts'
import { alone } from '../../fleet/composition/surroundings.ts'
import { armManagedCluster } from '../../fleet/kinds/arm-managed-cluster.ts'
import type { FleetCluster } from './azure/truth.ts'
import { wireOf } from './azure/wire.ts'
import { newest, readObject, readObjects, readSite } from './read-site.ts'
import type { World } from './world.ts'

/** Where it is declared, else where Azure has it. */
export const keyOf = ({ claims: [first], namespace, name }: FleetCluster): string =>
  `${first?.source ?? 'azure'}/${namespace}/${name}`

/** Every cluster of the fleet from all that is told of it, joined by its ARM id, as Rollcall's core composes it. */
export function readFleet(world: World): ReadonlyMap<string, ClusterFacts> {
  const { now, azure, sites, fleet } = world
  const bySite = new Map(sites.map((site) => [site.name, readSite(site, newest, now)]))
  const around = aroundOf(world)
  const resources = new Map<string, Member>()
  for (const resource of azure.resources) {
    const read = readObject(`azure/${resource.subscription}`, wireOf(resource), armManagedCluster, now)
    if (read !== null) resources.set(read.member.ref.name, read.member)
  }
  return new Map(
    fleet.map((cluster) => {
      const { claims, armId, namespace, name, managementCluster } = cluster
      const declared = claims.flatMap(
        (claim) => bySite.get(claim.source)?.get(`${claim.namespace}/${claim.name}`) ?? [],
      )
      const arm = resources.get(armId ?? '')
      const missing = arm || armId === null ? null : { since: now.toISOString(), source: 'corp' }
      const members = arm ? [...declared, arm] : declared
      const surroundings = { ...alone, around, missing, managementCluster }
      return [keyOf(cluster), composeCluster({ namespace, name }, members, surroundings)]
    }),
  )
}

const aroundOf = ({ sites, now }: World): ReadonlyMap<string, Member> =>
  new Map(sites.flatMap((site) => readObjects(site, newest, now).map(({ member }) => [member.id, member])))

/** Every management cluster, as Rollcall's core composes it. */
export function readManagement(world: World): ReadonlyMap<string, ReturnType<typeof composeSource>> {
  const { sites, now, truth } = world
  const around = aroundOf(world)
  const addresses = new Set(truth.map(({ endpoint }) => endpoint))
  return new Map(
    sites.map((site) => {
      const clusters = new Set(world.workloadsOf(site).map(({ namespace, name }) => `${namespace}/${name}`))
      const read = readObjects(site, newest, now)
      const unclaimed = read.filter(({ owner, member: { facts } }) => {
        const known = facts.actsAt?.by === 'server' && addresses.has(facts.actsAt.value)
        return owner === null && facts.gitops !== undefined && !known
      })
      const orphans = read.flatMap(({ owner, member }) =>
        owner === null || clusters.has(`${owner.namespace}/${owner.name}`) ? [] : [{ ...member, owner }],
      )
      const members = { source: site.name, unclaimed: unclaimed.map(({ member }) => member), orphans, vanished: [] }
      return [site.name, composeSource(members, { ...alone, around })]
    }),
  )
}
