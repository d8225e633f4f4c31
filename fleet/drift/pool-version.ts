import type { Member } from '../cluster.ts'
import { versionObservedOf } from '../composition/facts.ts'
import type { Listed } from '../composition/listed-pool.ts'
import { versionOfPool } from '../composition/pools.ts'
import { skewOf } from '../support/skew.ts'
import { parseVersion } from '../version.ts'
import { compareKubernetes } from './kubernetes.ts'
import { aboutOf, called, type Notes, note } from './notes.ts'
import type { Scene } from './scene.ts'

/** Drift of what node pools run, against their control plane and against their cluster in Azure (domain.md 4.2). */
export function notePoolVersions(notes: Notes, scene: Scene): void {
  noteWorkers(notes, scene)
  noteListed(notes, scene)
}

/** A pool as it is spoken of: the object that declares it, else the one that lists it. */
interface Spoken {
  readonly by: Member
  /** As a sentence begins. */
  readonly name: string
  readonly field: string
  readonly newest: string | null
  readonly oldest: string | null
}

function noteWorkers(notes: Notes, { family, pools, listings }: Scene): void {
  // An old word of Azure's and a new one count alike, so that nothing moves because Azure fell silent.
  const controlPlane = versionObservedOf(family, false)
  if (controlPlane === null) return
  const teller = family.arm ?? family.managed ?? family.controlPlane ?? family.cluster
  if (!teller) return
  const spoken: Spoken[] = pools.map((one) => {
    const oldest = versionOfPool(family, one, listings, false)
    const newest = one.worker.facts.versions?.at(-1)?.version ?? oldest
    // Where an operator's kind keeps it, its declaration says.
    const field = one.worker.ref.group === 'cluster.x-k8s.io' ? 'status.versions' : 'versionObserved'
    return { by: one.worker, name: called(one.worker.ref), field, newest, oldest }
  })
  if (pools.length === 0) for (const listed of listings.arm.values()) spoken.push(spokenOf(listed))
  for (const one of spoken) noteSkew(notes, one, { by: teller, field: 'kubernetes.observed', value: controlPlane })
}

function spokenOf({ teller, pool }: Listed): Spoken {
  const version = pool.versionObserved ?? null
  return { by: teller, name: `Node pool ${pool.name}`, field: fieldOf(pool.name), newest: version, oldest: version }
}

const fieldOf = (pool: string): string => `agentPoolProfiles[${pool}].currentOrchestratorVersion`

function noteSkew(notes: Notes, pool: Spoken, expected: { by: Member; field: string; value: string }): void {
  const behind = skewOf(expected.value, pool.oldest)
  const ahead = -(skewOf(expected.value, pool.newest) ?? 0)
  if (behind === null) return
  notes.looked.add('workersBehindCP')
  if (behind <= 0 && ahead <= 0) return
  const isAhead = ahead > 0
  const value = isAhead ? pool.newest : pool.oldest
  const unsupported = isAhead || behind > behindMax(pool.oldest)
  const far = isAhead ? `${minors(ahead)} ahead of` : `${minors(behind)} behind`
  const message = `${pool.name} runs ${value}, ${far} its control plane's ${expected.value}${unsupported ? ', which Kubernetes does not support' : ''}.`
  const severity = unsupported ? ({ severity: 'high' } as const) : undefined
  const told = { code: 'workersBehindCP', about: aboutOf(pool.by), message, ...severity } as const
  note(notes, told, expected, { by: pool.by, field: pool.field, value })
}

const minors = (count: number): string => (count === 1 ? '1 minor' : `${count} minors`)

/** Kubelets may be three minors older than their API servers, those before 1.25 two (Kubernetes version skew policy). */
function behindMax(kubelet: string | null): number {
  const { major, minor } = parseVersion(kubelet ?? '') ?? { major: 1, minor: 25 }
  return major === 1 && minor < 25 ? 2 : 3
}

/** Azure's pools against Azure's cluster, by the word of one object: Azure's own, else the operator's. */
function noteListed(notes: Notes, { family, pools, listings }: Scene): void {
  const teller = family.arm ?? family.managed
  const version = teller?.facts.versionObserved
  if (!teller || version === undefined) return
  const workers = new Map(pools.map(({ key, worker }) => [key, worker]))
  for (const [key, { pool }] of family.arm ? listings.arm : listings.operator) {
    const runs = pool.versionObserved ?? null
    const difference = compareKubernetes(runs, version)
    if (difference === null) continue
    notes.looked.add('poolVsCluster')
    if (difference === 0 || pool.state === 'Deleting') continue
    note(
      notes,
      {
        code: 'poolVsCluster',
        about: aboutOf(workers.get(key) ?? teller),
        message: `Node pool ${pool.name} runs ${runs}, and its cluster ${version}.`,
      },
      { by: teller, field: 'currentKubernetesVersion', value: version },
      { by: teller, field: fieldOf(pool.name), value: runs },
    )
  }
}
