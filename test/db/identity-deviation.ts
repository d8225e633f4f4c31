import { armClusterKind, clusterKind } from '../../fleet/reference.ts'
import { deploymentKind } from './wire.ts'
import { armClaimOf, armIdOf, azure, controlPlaneKind, type Declaration, type Spelling } from './witnesses.ts'

/** An AKS cluster that runs: its incarnation, and how Azure spells its id today. */
export interface Running {
  readonly uid: string
  readonly spelling?: Spelling
}

/** The model: whoever speaks of one ARM id speaks of one cluster. */
export interface Expected {
  readonly aks: string
  readonly declarations: readonly { readonly source: string; readonly declaration: Declaration }[]
  readonly running: Running | null
  /** Who counts as a witness: sources of the fleet file, unless none of them is left. */
  readonly heard: readonly string[]
}

export interface ClusterRow {
  readonly id: string
  readonly source_id: string
  readonly name: string
  readonly arm_id: string | null
  readonly resource_uid: string | null
  readonly witnesses: readonly string[]
  readonly gone: boolean
}

interface ObjectRow {
  readonly source_id: string
  readonly kind: string
  readonly namespace: string | null
  readonly name: string
  readonly cluster_id: string | null
}

export interface Stored {
  readonly clusters: readonly ClusterRow[]
  readonly living: readonly ClusterRow[]
  readonly objects: readonly ObjectRow[]
  readonly bindings: readonly { readonly claim: string; readonly cluster_id: string }[]
}

export function clusterDeviations(expected: Expected, { clusters, objects, bindings }: Stored): string[] {
  const { aks, declarations, running, heard } = expected
  const ids = new Set(objects.filter((object) => speaksOf(object, expected)).map(({ cluster_id }) => cluster_id))
  const [row] = clusters.filter(({ id }) => ids.has(id))
  if (ids.size !== 1 || !row) return [`${aks}: its objects are of ${ids.size} clusters`]
  const witnesses = [
    ...(declarations.some(({ source }) => heard.includes(source)) ? ['capi'] : []),
    ...(heard.includes(azure) ? ['arm'] : []),
  ]
  const claims = [
    armClaimOf(aks),
    ...declarations.map(
      ({ source, declaration: { name, namespace = 'fleet' } }) => `capi:${source}/${namespace}/${name}`,
    ),
  ]
  const checks: readonly (readonly [boolean, string])[] = [
    [!row.gone, 'is gone'],
    [heard.includes(row.source_id), `is at ${row.source_id}, not at one of ${heard}`],
    [row.witnesses.join() === witnesses.join(), `has the witnesses ${row.witnesses}, not ${witnesses}`],
    [!heard.includes(azure) || row.resource_uid === running?.uid, `is ${row.resource_uid}, not ${running?.uid}`],
    [row.arm_id?.toLowerCase() === armIdOf(aks).toLowerCase(), `has the ARM id ${row.arm_id}`],
    ...bindings
      .filter(({ claim }) => claims.includes(claim))
      .map(({ claim, cluster_id }) => [cluster_id === row.id, `is not what ${claim} finds`] as const),
  ]
  return checks.filter(([holds]) => !holds).map(([, what]) => `${aks} ${what}`)
}

function speaksOf(object: ObjectRow, { aks, declarations, running }: Expected): boolean {
  if (object.kind === armClusterKind) return running !== null && object.name === armIdOf(aks).toLowerCase()
  return declarations.some(({ source, declaration: { name, namespace = 'fleet' } }) => {
    if (object.source_id !== source || object.namespace !== namespace) return false
    if (object.kind === clusterKind) return object.name === name
    if (object.kind === deploymentKind) return object.name === `${name}-md`
    return object.kind === controlPlaneKind && object.name.toLowerCase() === aks
  })
}
