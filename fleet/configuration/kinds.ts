import * as z from 'zod'
import { type JsonPath, parseJsonPath } from '../json-path.ts'
import { declaredParts, type KindDeclaration } from '../kinds/declared.ts'
import {
  type DeclaredHealth,
  type DeclaredRung,
  declaredFamilies,
  declaredStates,
  declaredStatuses,
} from '../kinds/declared-health.ts'
import type { DeclaredOwner } from '../kinds/declared-owner.ts'
import { replicaSlots, revisionSlots } from '../kinds/declared-slots.ts'
import { kindByKey } from '../kinds/registry.ts'
import { kindKeyOf } from '../reference.ts'
import { exact, given, nearest, text } from './shape.ts'

/** Each is asked for in every poll of every management cluster. */
const kindsMax = 200
const rungsMax = 50

/** A word of a list, refused with the word that may have been meant. `instead`: words that another setting brings about. */
const word = <Word extends string>(
  words: readonly Word[],
  what: string,
  instead: Readonly<Record<string, string>> = {},
) =>
  z.enum(words, {
    error: ({ input }) => {
      if (typeof input !== 'string') return `must be one of ${words.join(', ')}`
      return instead[input] ?? `is not ${what}; ${nearest(input, words)}`
    },
  })

const matching = (pattern: RegExp, problem: string) => z.string({ error: problem }).regex(pattern, { error: problem })

/** A JSONPath, understood while the file is read. */
const path = (example: string, description: string) =>
  z
    .string({ error: `must be a JSONPath, for example ${example}; quote it where it begins with "{" or "["` })
    .transform((written, context): JsonPath => {
      const read = parseJsonPath(written)
      if (!('why' in read)) return read
      const message = `is no path that can be read, for example ${example}: ${read.why}`
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    })
    .optional()
    .meta({ description })

const rung = exact({
  condition: text('Ready').meta({ description: 'Type of the condition.' }),
  is: z
    .union([word(declaredStatuses, 'a status of a condition'), z.boolean()], {
      error: ({ input }) =>
        typeof input === 'string'
          ? `is not a status of a condition; ${nearest(input, declaredStatuses)}`
          : `must be one of ${declaredStatuses.join(', ')}`,
    })
    // YAML reads True as a boolean.
    .transform((is) => (typeof is === 'boolean' ? (is ? 'True' : 'False') : is))
    .meta({ description: 'Its status, or Absent: the object does not report it.' }),
  means: word(declaredStates, 'a state that a rung may answer', {
    Suspended: 'is not for a rung to say: give the path of the field that pauses the object, "pause"',
    Deleting: 'is not for a rung to say: an object that is being deleted says so in every kind',
    Stale: 'is not for a rung to say: whether a reading is old, Rollcall knows itself',
  }).meta({ description: 'The state of the object when no rung above holds.' }),
  reason: text('CertificateExpired').optional().meta({ description: "In place of the condition's own reason." }),
}).transform(({ reason, ...rest }): DeclaredRung => ({ ...rest, reason: reason ?? null }))

const ladderProblem = 'must be a list of rungs, for example [{ condition: Ready, is: "True", means: Healthy }]'

const health = exact({
  family: word(declaredFamilies, 'a family of conditions')
    .optional()
    .meta({ description: 'Judges conditions as that project means them. Default: generic.' }),
  ladder: z
    .array(rung, { error: ladderProblem })
    .min(1, { error: ladderProblem })
    .max(rungsMax, { error: `must not have more than ${rungsMax} rungs` })
    .optional()
    .meta({ description: 'The first rung that holds decides; where none does, the primary condition.' }),
  primary: text('Ready').optional().meta({
    description: 'The condition that decides where nothing else does. Default: that of the family; of a ladder: none.',
  }),
})
  .superRefine(({ family, ladder, primary }, context) => {
    const problem = (message: string, ...place: (string | number)[]) =>
      context.addIssue({ code: 'custom', message, path: place })
    if (family !== undefined && ladder !== undefined) problem('has both "family" and "ladder"; keep one of them')
    if (family === undefined && ladder === undefined && primary === undefined)
      problem('says nothing; give a family, for example { family: generic }, or a ladder')
    if (primary !== undefined && (family === 'flux' || family === 'aso'))
      problem(`is always Ready in the family ${family}; leave it out`, 'primary')
    for (const [at, { condition, is }] of (ladder ?? []).entries()) {
      const first = (ladder ?? []).findIndex((other) => other.condition === condition && other.is === is)
      if (first < at) problem(`repeats ladder[${first}], which answers before it (${condition} is ${is})`, 'ladder', at)
    }
    if (ladder !== undefined && primary === undefined && ladder.every(({ means }) => means !== 'Healthy'))
      problem('never comes to Healthy; end it with { condition: Ready, is: "True", means: Healthy }', 'ladder')
  })
  .transform(
    ({ family = 'generic', ladder, primary = null }): DeclaredHealth =>
      ladder === undefined ? { by: 'family', family, primary } : { by: 'ladder', ladder, primary },
  )

const ownerProblem =
  'must be none, or say where the cluster is named, for example { label: cluster.x-k8s.io/cluster-name }'

const owner = z
  .union(
    [
      z.literal('none'),
      exact({
        path: path('.spec.clusterRef.name', "To the Cluster's name, or namespace/name."),
        label: text('cluster.x-k8s.io/cluster-name').optional().meta({ description: 'A label that holds the same.' }),
        ownerReference: z
          .literal(true, { error: 'must be true, or be left out' })
          .optional()
          .meta({ description: 'By owner references: to a Cluster, or to what belongs to one.' }),
        namespace: path('.spec.clusterRef.namespace', "To the Cluster's namespace. Default: the object's own."),
      })
        .refine((where) => where.path !== undefined || where.label !== undefined || where.ownerReference === true, {
          error: ownerProblem,
        })
        .transform(
          (where): DeclaredOwner => ({
            path: where.path ?? null,
            label: where.label ?? null,
            ownerReference: where.ownerReference === true,
            namespace: where.namespace ?? null,
          }),
        ),
    ],
    { error: ownerProblem },
  )
  .optional()
  .meta({
    description:
      "Where an object names its workload cluster: path, then label, then owner reference. none: it belongs to no cluster. Default: spec.clusterName, Cluster API's label, owner references.",
  })

const slots = <Slot extends string>(names: readonly Slot[], example: string, meaning: (slot: Slot) => string) =>
  // fromEntries forgets the names it was given.
  exact(
    Object.fromEntries(names.map((slot) => [slot, path(example, meaning(slot))])) as Record<
      Slot,
      ReturnType<typeof path>
    >,
  )
    .transform((found) => given(found))
    .optional()

const kind = exact({
  group: matching(
    /^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*)?$/,
    'must be an API group without its version, for example cert-manager.io ("" is the core group)',
  )
    // As apiVersion and kubectl call the core group.
    .refine((group) => !/^(?:core|v[0-9][a-z0-9]*)$/.test(group), {
      error: 'is the name of no API group; the core group is written ""',
    })
    .meta({ description: 'API group, "" for the core group.' }),
  kind: matching(/^[A-Z][A-Za-z0-9]{0,62}$/, 'must be a kind as manifests write it, for example Certificate').meta({
    description: 'Kind, as manifests write it.',
  }),
  plural: matching(/^[a-z][a-z0-9]{0,62}$/, 'must be the name of a resource, for example certificates')
    .optional()
    .meta({ description: 'Needed only where a server has two resources of one kind.' }),
  versions: z
    .array(matching(/^v[0-9][a-z0-9]*$/, 'must be a version alone, for example v1'), {
      error: 'must be a list of versions, the best first, for example [v1, v1beta1]',
    })
    .default([])
    .meta({ description: "In order of preference. Default: the server's own." }),
  part: word(declaredParts, 'a part of a cluster').default('none').meta({
    description: 'What it is to its cluster: all but none and machine count in its health. Default: none.',
  }),
  owner,
  health: health.optional().meta({
    description: 'How its conditions tell its health. Default: as a kind of its group that nobody declared.',
  }),
  versionDeclared: path('.spec.version', 'The version it asks for; a text.'),
  versionObserved: path('.status.version', 'The version that runs; a text.'),
  replicas: slots(replicaSlots, '.spec.replicas', (slot) => `How many replicas are ${slot}; a count.`),
  revision: slots(revisionSlots, '.status.lastAppliedRevision', (slot) => `The revision that is ${slot}; a text.`),
  pause: path('.spec.paused', 'A field that is true, or "true", while the object is paused.'),
  phase: path('.status.phase', 'A text.'),
  region: path('.spec.location', 'A text.'),
  armId: path('.status.id', 'The ARM id of what it stands for.'),
  providerId: path('.spec.providerID', 'A text.'),
  endpoint: path('.status.endpoint', '`host:port` of an API server.'),
})
  .superRefine((declared, context) => {
    const why = refusalOf(declared)
    if (why !== null) context.addIssue({ code: 'custom', message: why, path: ['kind'] })
    if (declared.group === '' && (declared.plural === 'secrets' || declared.plural === 'configmaps'))
      context.addIssue({ code: 'custom', message: `is ${declared.plural} ${neverRead}`, path: ['plural'] })
    if (declared.owner === 'none' && declared.part !== 'none') {
      const message = `is ${declared.part}, a part of a cluster, while owner says that it belongs to none`
      context.addIssue({ code: 'custom', message, path: ['part'] })
    }
  })
  .transform(({ group, kind, plural, versions, part, owner, health, pause, ...paths }): KindDeclaration => {
    return {
      ...{ group, kind, plural: plural ?? null, versions, part },
      ...{ owner: owner ?? null, health: health ?? null, pause: pause ?? null },
      paths: given(paths),
    }
  })

const neverRead = 'of the core group, which Rollcall never reads: it holds credentials and settings of others'

/** Why a kind may not be declared; null when it may. */
function refusalOf(ref: { readonly group: string; readonly kind: string }): string | null {
  const key = kindKeyOf(ref)
  if (key === '/Secret' || key === '/ConfigMap') return `is ${ref.kind} ${neverRead}`
  return kindByKey.has(key) ? `is built in: Rollcall reads ${key} by itself, and it cannot be declared anew` : null
}

/** `kinds` of the fleet file. */
export const kindsSchema = z
  .array(kind, { error: 'must be a list, each entry with a group and a kind' })
  .max(kindsMax, { error: `must not have more than ${kindsMax} entries` })
  .superRefine((all, context) => {
    const seen = new Map<string, number>()
    for (const [at, key] of all.map(kindKeyOf).entries()) {
      const first = seen.get(key)
      if (first === undefined) seen.set(key, at)
      else
        context.addIssue({ code: 'custom', message: `repeats kinds[${first}] (${key}); keep one of them`, path: [at] })
    }
  })
  .meta({ description: 'Kinds of objects that Rollcall does not know by itself, and how to read them.' })
