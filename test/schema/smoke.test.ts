import { expect, test } from 'vitest'
import { World } from '../world/world.ts'
import { openEngine } from '../engine.ts'
import { fill } from './fill.ts'
import { asker } from './ask.ts'
import { examples } from '../../schema/examples.ts'
test('smoke', async () => {
  const store = await openEngine('postgres')
  const world = new World({ clusters: 20 })
  await fill(store.db, world, world.now)
  const { ask } = asker(store.db, () => world.now)
  for (const e of examples.slice(1)) { const a = await ask(e); console.log(JSON.stringify(a, null, 1).slice(0, 2500)) }
    const q = `query Q($f: ClusterFilter, $n: Int = 3, $o: ClusterOrder, $a: String) { clusters(first: $n, filter: $f, orderBy: $o, after: $a) { totalCount pageInfo { hasNextPage endCursor } nodes { name health { state } kubernetes { minor } conditions { type status lastTransitionAt } nodePools { name replicas { desired ready } health { state } freshness { state } } } } }`
  const log = async (q: string, v: any) => console.log(JSON.stringify(await ask(q, v)).slice(0, 1500))
  await log(q, { o: { field: 'HEALTH' } })
  await log(q, { o: { field: 'VERSION', descending: true }, f: { version: { gte: '1.33' }, labels: 'environment in (prod)', not: { health: { in: ['HEALTHY'] } } } })
  await log(q, { a: 'abc' })
  await log(q, { f: { labels: 'a in (' } })
  await log(q, { f: { name: { eq: null } } })
  await log('{ clusters(first: 500) { nodes { name } } }', {})
  await log('{ clusters(first: 100) { nodes { name objects { conditions { type } } } } }', {})
  await log('{ resources(first: 2, filter: {kind: {eq: "MachineDeployment"}}) { nodes { id name kind group health { state flags } labels { key value } parent { kind name } cluster { id name nodePools { id name cluster { name } } } } } nodePools(first: 2) { nodes { id name cluster { name source { name region clusterCount { total lastKnown } } } } } viewer { name } }', {})
  const { data } = await ask('{ clusters(first: 1) { nodes { id nodePools { id } source { id } objects { id } } } }')
  const c = data.clusters.nodes[0]
  await log('query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename ... on Cluster { name bindings { kind ref } rootCause { name } } ... on NodePool { name } ... on Source { name readings { kind state } } ... on Resource { kind name } } }', { ids: [c.id, c.nodePools[0].id, c.source.id, c.objects[0].id, 'x', 'Cluster:nope'] })
  await log('query ($id: ID!) { node(id: $id) { id ... on Cluster { name } } cluster(managementCluster: "weu-prod", namespace: "x", name: "y") { name } source(id: "weu-prod") { name } }', { id: c.id })
  await store.close()
})
