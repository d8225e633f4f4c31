import type { KindKey } from '../../fleet/reference.ts'
import type { ApiServer } from '../api-server.ts'
import type { Writer } from './writer.ts'

export const clusters: KindKey = 'cluster.x-k8s.io/Cluster'
export const deployments: KindKey = 'cluster.x-k8s.io/MachineDeployment'
export const kustomizations: KindKey = 'kustomize.toolkit.fluxcd.io/Kustomization'

/** One real server, and where its kinds are stored and read. */
export interface Site {
  readonly id: string
  readonly server: ApiServer
  readonly writer: Writer
  readonly paths: ReadonlyMap<KindKey, string>
  readonly capi: string
}

export const pathOf = (site: Site, kind: KindKey): string => site.paths.get(kind) ?? ''

/** Chance, the same in every run. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

export function mould(site: Site, kind: KindKey, name: string): object {
  const metadata = { name, labels: { 'cluster.x-k8s.io/cluster-name': name } }
  if (kind === kustomizations)
    return {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata,
      spec: { interval: '1m', prune: true, sourceRef: { kind: 'GitRepository', name } },
    }
  const apiVersion = `cluster.x-k8s.io/${site.capi}`
  if (kind === clusters)
    return { apiVersion, kind: 'Cluster', metadata, spec: { controlPlaneEndpoint: { host: name, port: 6443 } } }
  const infrastructureRef = {
    [site.capi === 'v1beta2' ? 'apiGroup' : 'apiVersion']: 'infrastructure.cluster.x-k8s.io',
    kind: 'AzureMachineTemplate',
    name,
  }
  const machine = { clusterName: name, version: 'v1.33.0', bootstrap: { dataSecretName: name }, infrastructureRef }
  const spec = {
    clusterName: name,
    replicas: 1,
    selector: { matchLabels: { a: name } },
    template: { metadata: { labels: { a: name } }, spec: machine },
  }
  return { apiVersion, kind: 'MachineDeployment', metadata, spec }
}

/** Creates, changes, and deletes at random, statuses too; deleted names come back as other objects. */
export async function churn(site: Site, steps: number, seed: number): Promise<void> {
  const roll = dice(seed)
  const kinds = [...site.paths.keys()]
  for (let step = 0; step < steps; step++) {
    const kind = kinds[roll(kinds.length)] ?? clusters
    const path = pathOf(site, kind)
    const name = `o${roll(12)}`
    const there = (await site.writer.list(path)).items.some((item) => JSON.stringify(item).includes(`"name":"${name}"`))
    const what = there ? roll(4) : 4
    if (what === 0) await site.writer.delete(`${path}/${name}`)
    else if (what === 1) await site.writer.patch(`${path}/${name}`, { metadata: { labels: { step: String(step) } } })
    else if (what === 2)
      await site.writer.patch(
        `${path}/${name}`,
        kind === deployments
          ? { spec: { replicas: roll(9) } }
          : { spec: { [kind === clusters ? 'paused' : 'suspend']: roll(2) === 0 } },
      )
    else if (what === 3)
      await site.writer.patch(`${path}/${name}/status`, {
        status: {
          conditions: [
            {
              type: 'Ready',
              status: roll(2) ? 'True' : 'False',
              reason: 'Churn',
              message: `step ${step}`,
              lastTransitionTime: '2026-01-01T00:00:00Z',
            },
          ],
        },
      })
    else await site.writer.create(path, mould(site, kind, name))
  }
}
