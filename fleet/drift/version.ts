import type { Member } from '../cluster.ts'
import { said, sameDeclared } from '../composition/comparison.ts'
import { isFrozen } from './infrastructure.ts'
import { compareKubernetes } from './kubernetes.ts'
import { aboutOf, called, type Notes, note, type Saying } from './notes.ts'
import { type Scene, upgradesItself } from './scene.ts'

/** Drift of Kubernetes versions, each step of domain.md 4.2 against the next; what pools run is in `pool-version.ts`. */
export function noteVersions(notes: Notes, scene: Scene): void {
  const automatic = upgradesItself(scene.family)
  noteControlPlane(notes, scene, automatic)
  noteTopology(notes, scene, automatic)
  noteAks(notes, scene, automatic)
}

/** The control plane against its own spec (CAPI `internal/contract/controlplane.go`, IsUpgrading). */
function noteControlPlane(notes: Notes, { family }: Scene, automatic: boolean): void {
  const { controlPlane, cluster, managed } = family
  if (!controlPlane) return
  const asked = said([controlPlane, managed], ({ versionDeclared }) => versionDeclared)
  const lowest = said([controlPlane, cluster, managed], ({ versionObserved }) => versionObserved)
  if (!asked || !lowest || compareKubernetes(asked.value, lowest.value) === null) return
  const highest = { by: lowest.by, value: lowest.by.facts.versions?.at(-1)?.version ?? lowest.value }
  notes.looked.add('cpBehindSpec').add('cpAheadOfSpec')
  const about = aboutOf(controlPlane)
  const expected = { ...asked, field: 'spec.version' }
  if ((compareKubernetes(lowest.value, asked.value) ?? 0) < 0) {
    const since = controlPlane.facts.rollout?.startedAt
    const message = `${called(controlPlane.ref)} runs ${lowest.value} and is to run ${asked.value}.`
    const told = { code: 'cpBehindSpec', about, message, ...(since === undefined ? undefined : { since }) } as const
    note(notes, told, expected, { ...lowest, field: 'status.version' })
  }
  // Where the provider upgrades by itself, what was asked for stays behind, as it should.
  if (automatic || (compareKubernetes(highest.value, asked.value) ?? 0) <= 0) return
  const message = `${called(controlPlane.ref)} runs ${highest.value}, newer than the ${asked.value} it is to run.`
  note(notes, { code: 'cpAheadOfSpec', about, message }, expected, { ...highest, field: 'status.version' })
}

/** The topology's version against what its control plane and its sets of workers are told to run. */
function noteTopology(notes: Notes, { family, pools }: Scene, automatic: boolean): void {
  const { cluster, controlPlane } = family
  const version = cluster?.facts.versionDeclared
  if (!cluster?.facts.refs?.class || version === undefined) return
  const expected = { by: cluster, field: 'spec.topology.version', value: version }
  if (controlPlane) notePending(notes, controlPlane, expected, { field: 'spec.version', mayLead: automatic })
  const field = 'spec.template.spec.version'
  for (const { worker } of pools)
    if (worker.facts.topology?.owned !== false) notePending(notes, worker, expected, { field, mayLead: automatic })
}

function notePending(
  notes: Notes,
  member: Member,
  expected: Saying & { readonly by: Member },
  { field, mayLead }: { readonly field: string; readonly mayLead: boolean },
): void {
  const version = member.facts.versionDeclared ?? null
  const difference = compareKubernetes(version, expected.value)
  if (difference === null) return
  notes.looked.add('topologyPending')
  if (difference === 0 || (mayLead && difference > 0)) return
  const { rollout } = expected.by.facts
  const held = rollout?.blockedBy ?? member.facts.rollout?.blockedBy
  const since = rollout?.startedAt
  note(
    notes,
    {
      code: 'topologyPending',
      about: aboutOf(member),
      message: `${called(member.ref)} is told to run ${version}, and the topology says ${expected.value}${held === undefined ? '' : `; held up by ${held}`}.`,
      ...(since === undefined ? undefined : { since }),
    },
    expected,
    { by: member, field, value: version },
  )
}

/** What was asked for against what Azure runs, on the components given: AKS takes a minor for an alias. */
function noteAks(notes: Notes, scene: Scene, automatic: boolean): void {
  const { arm, controlPlane, managed } = scene.family
  const asked = said([controlPlane, managed], ({ versionDeclared }) => versionDeclared)
  if (!arm || asked?.value == null) return
  const runs = arm.facts.versionObserved ?? null
  const difference = compareKubernetes(runs, asked.value)
  if (difference !== null) notes.looked.add('aksVsSpec')
  const expected = { ...asked, field: 'spec.version' }
  if (isFrozen(scene)) return
  const told = { code: 'aksVsSpec', about: aboutOf(asked.by) } as const
  if (difference !== null && difference !== 0 && !(automatic && difference > 0)) {
    const message = `AKS runs ${runs}, and ${called(asked.by.ref)} asks for ${asked.value}.`
    note(notes, { ...told, message }, expected, { by: arm, field: 'properties.currentKubernetesVersion', value: runs })
    return
  }
  // What runs is as asked for, and yet Azure was asked for something else: the next upgrade goes astray.
  const taken = arm.facts.versionDeclared
  if (taken === undefined || sameDeclared(arm)(asked.value, taken)) return
  const message = `AKS was asked for ${taken}, and ${called(asked.by.ref)} asks for ${asked.value}.`
  note(notes, { ...told, message }, expected, { by: arm, field: 'properties.kubernetesVersion', value: taken })
}
