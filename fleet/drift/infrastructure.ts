import type { Disagreement, Member } from '../cluster.ts'
import { sameWord } from '../composition/comparison.ts'
import type { DeclaredPool } from '../composition/declared-pool.ts'
import { kindKeyOf } from '../reference.ts'
import type { DriftCode } from './code.ts'
import { aboutOf, called, type Notes, note, noteGap } from './notes.ts'
import { isLeaving, isPaused, type Scene } from './scene.ts'

/**
 * Cluster API and what it drives against Azure (domain.md 4.4): the fields on which they disagree, and the settings that are asked
 * for. `isFrozen` makes all of it no difference.
 */
export function noteInfrastructure(notes: Notes, scene: Scene): void {
  const { family, pools, listings } = scene
  const { arm, cluster, controlPlane, managed } = family
  const isDeclared = cluster !== null || controlPlane !== undefined || managed !== undefined
  if (arm && isDeclared) {
    notes.looked.add('settingVsSpec')
    if (cluster && arm.facts.powerState !== undefined) notes.looked.add('powerVsSpec')
    const { unreadPools } = arm.facts
    if (unreadPools !== undefined)
      noteGap(notes, 'poolVsSpec', {
        why: 'some of its node pools cannot be read',
        of: called(arm.ref),
        source: arm.source,
      })
    if (pools.length > 0 && listings.arm.size > 0) notes.looked.add('poolVsSpec')
    for (const pool of pools) noteGuessed(notes, pool, scene)
  }
  if (isFrozen(scene)) return
  if (scene.disagreements.length > 0) {
    const byId = new Map(family.members.map((member) => [member.id, member]))
    const passing = passingFields(scene)
    for (const disagreement of scene.disagreements)
      if (!passing(disagreement.field)) noteDisagreement(notes, byId, disagreement)
  }
  noteSettings(notes, scene)
}

/** Of a pool that is not known by its name in Azure, nobody can say how it stands to what Azure has. */
function noteGuessed(notes: Notes, { worker, isGuessed }: DeclaredPool, { surroundings }: Scene): void {
  const behind = worker.facts.refs?.infrastructure
  if (!isGuessed || !behind || surroundings.readingOf(worker.source, kindKeyOf(behind)) !== 'unreadable') return
  noteGap(notes, 'poolVsSpec', {
    why: `its ${behind.kind} cannot be read`,
    of: called(worker.ref),
    source: worker.source,
  })
}

/** The Cluster is paused, and so is what drives Azure: nobody means them to be alike (domain.md 4.4). CAPZ itself pauses the latter. */
export const isFrozen = ({ family: { cluster, managed } }: Scene): boolean =>
  isPaused(cluster) && (managed === undefined || isPaused(managed))

/** Cluster API's words for a pool that is being made. */
const phasesOfMaking: ReadonlySet<string | undefined> = new Set(['Pending', 'Provisioning'])

const isBeingMade = ({ facts, health }: Member): boolean =>
  phasesOfMaking.has(facts.phase) || health.reason === 'Creating'

/**
 * Fields that differ on the way from one state to another: the power of a cluster that is being started or stopped, and all of a pool
 * that is being made or deleted, on either side.
 */
function passingFields({ family: { arm }, pools, listings }: Scene): (field: string) => boolean {
  const power = arm?.facts.more?.provisioningState
  const prefixes = [
    ...pools
      .filter(({ worker, behind }) => [worker, ...behind].some((member) => isLeaving(member) || isBeingMade(member)))
      .map(({ key }) => key),
    ...[...listings.arm]
      .filter(([, { pool }]) => pool.state === 'Creating' || pool.state === 'Deleting')
      .map(([key]) => key),
  ].map((key) => `nodePools.${key}`)
  return (field) =>
    field === 'powerState'
      ? power === 'Starting' || power === 'Stopping'
      : prefixes.some((prefix) => field === prefix || field.startsWith(`${prefix}.`))
}

const settings: ReadonlySet<string> = new Set([
  'region',
  'tier',
  'supportPlan',
  'autoUpgradeChannel',
  'nodeOsUpgradeChannel',
])

/** Versions of the cluster are drift of versions; what was last seen of it on either side is none. */
function codeOf(field: string): DriftCode | null {
  if (field === 'powerState') return 'powerVsSpec'
  if (settings.has(field) || field.startsWith('tags.')) return 'settingVsSpec'
  if (!field.startsWith('nodePools.')) return null
  // A pool may itself be called `replicas`.
  return /^nodePools\.[^.]+\.replicas$/.test(field) ? 'replicasDrift' : 'poolVsSpec'
}

function noteDisagreement(notes: Notes, byId: ReadonlyMap<string, Member>, { field, values }: Disagreement): void {
  const code = codeOf(field)
  const [ours, theirs] = values.map(({ objectId, value }) => {
    const by = byId.get(objectId)
    return by && { by, field, value }
  })
  if (code === null || !ours || !theirs) return
  // What nobody declares is Azure's alone to speak of.
  const about = aboutOf(ours.value === null ? theirs.by : ours.by)
  note(notes, { code, about, message: sentence(field, ours, theirs.value) }, ours, theirs)
}

function sentence(field: string, ours: { by: Member; value: string | null }, theirs: string | null): string {
  const who = called(ours.by.ref)
  if (ours.value === null) return `Azure has ${field}, which nobody declares.`
  if (theirs === null) return `Azure has no ${field}, which ${who} declares.`
  return `${field} is ${theirs} in Azure, and ${who} asks for ${ours.value}.`
}

/** Settings that disagreements compare in words of their own. */
const comparedElsewhere: ReadonlySet<string> = new Set([
  'kubernetesVersion',
  'location',
  'sku.tier',
  'supportPlan',
  'autoUpgradeProfile.upgradeChannel',
  'autoUpgradeProfile.nodeOSUpgradeChannel',
])

/**
 * Settings that are asked for against those that Azure has, or has by the operator's word where Azure does not testify. Azure adds many
 * that nobody asked for, and tells names and words apart by letters, not by their case.
 */
function noteSettings(notes: Notes, { family: { arm, controlPlane, managed } }: Scene): void {
  const asker = [controlPlane, managed].find((member) => member?.facts.declared?.settings)
  const teller = [arm, managed].find((member) => member?.facts.settings)
  if (!asker || !teller) return
  notes.looked.add('settingVsSpec')
  for (const [key, value] of Object.entries(asker.facts.declared?.settings ?? {})) {
    const has = teller.facts.settings?.[key]
    if (has === undefined || comparedElsewhere.has(key) || sameWord(has, value)) continue
    const field = `settings.${key}`
    const message = `${key} is ${has} in Azure, and ${called(asker.ref)} asks for ${value}.`
    const told = { code: 'settingVsSpec', about: aboutOf(asker), message } as const
    note(notes, told, { by: asker, field, value }, { by: teller, field, value: has })
  }
}
