import * as z from 'zod'
import type { AzureAccount } from './azure-account.ts'
import { azureSchema } from './configuration/azure.ts'
import { type DeclaredDestination, destinationsOf, destinationsSchema } from './configuration/destinations.ts'
import { kindsSchema } from './configuration/kinds.ts'
import { managementClusterSchema } from './configuration/management-cluster.ts'
import { registrationsOf } from './configuration/registration.ts'
import { ended, sentenceOf } from './configuration/sentence.ts'
import { exact, given, nearest, text } from './configuration/shape.ts'
import { type Source, sourcesOf } from './configuration/source.ts'
import { type Conventions, defaultConventions } from './convention.ts'
import { FleetError } from './error.ts'
import type { KindDeclaration } from './kinds/declared.ts'
import { type CalendarOverride, calendarSchema } from './policy/calendar-file.ts'
import { defaultPolicy } from './policy/default-policy.ts'
import { withDriftPolicy } from './policy/drift-policy.ts'
import type { Policy } from './policy/policy.ts'
import { policiesSchema } from './policy/policy-file.ts'
import { type DeclaredWaiver, waiversSchema } from './policy/waiver-file.ts'
import type { Registration } from './push/registration.ts'
import { list, record } from './wire.ts'

/** What the fleet file says, with every default filled in. */
export interface Fleet {
  readonly sources: readonly Source[]
  /** Who may push, and for which source. */
  readonly registrations: readonly Registration[]
  readonly accounts: readonly AzureAccount[]
  readonly conventions: Conventions
  readonly policies: readonly Policy[]
  readonly waivers: readonly DeclaredWaiver[]
  readonly calendar: readonly CalendarOverride[]
  readonly kinds: readonly KindDeclaration[]
  /** The same as they are written, for senders that read by themselves. */
  readonly kindsWritten: readonly unknown[]
  readonly destinations: readonly DeclaredDestination[]
}

const labelNames = (what: string) =>
  z
    .array(text('environment'), { error: 'must be a list of label names, for example [environment, env]' })
    .optional()
    .meta({ description: `Labels, tags or annotations that tell the ${what}; the first one present wins.` })

const notYet = (what: string) =>
  z
    .array(z.unknown(), { error: 'must be an empty list for now' })
    .max(0, { error: `is not implemented yet (${what}); leave it empty` })
    .optional()
    .meta({ description: `Reserved for ${what}; must be empty in this version.` })

const fleetFile = exact({
  managementClusters: z
    .array(managementClusterSchema, { error: 'must be a list, each entry with a name and a kubeconfig' })
    .default([])
    .meta({ description: 'The management clusters to poll, or that push.' }),
  azure: azureSchema.default([]),
  conventions: exact({
    environment: labelNames('environment'),
    owner: labelNames('owner'),
    ring: labelNames('ring'),
    contact: labelNames('contact'),
    app: labelNames('name of what a GitOps object applies'),
  })
    .default({})
    .meta({ description: 'Which labels say what.' }),
  policies: policiesSchema.optional(),
  waivers: waiversSchema.default([]),
  calendar: calendarSchema.default([]),
  kinds: kindsSchema.default([]),
  destinations: destinationsSchema.default([]),
  tenants: notYet('who may see what'),
}).meta({ title: 'Rollcall fleet file', description: 'What Rollcall reads, and how (README, "The fleet file").' })

type FleetFile = z.output<typeof fleetFile>

/**
 * Reads the parsed fleet file. `file` only names it in errors.
 * Throws FleetError `invalid` with one sentence: file, path, problem, and the nearest valid name or an example.
 */
export function parseFleet(value: unknown, file = 'fleet file'): Fleet {
  const parsed = fleetFile.safeParse(value)
  if (!parsed.success) throw new FleetError('invalid', sentenceOf(parsed.error.issues, file))
  const {
    managementClusters,
    azure: accounts,
    conventions,
    policies: written = [defaultPolicy],
    waivers,
    calendar,
    kinds,
    destinations,
  } = parsed.data
  const policies = withDriftPolicy(written)
  const refuse = (sentence: string): never => {
    throw new FleetError('invalid', ended(`${file}: ${sentence}`))
  }
  refuseSharedNames(parsed.data, refuse)
  refuseIdleWaivers(waivers, policies, refuse)
  const { environment, owner, ring, contact, app } = { ...defaultConventions, ...given(conventions) }
  return {
    sources: sourcesOf(managementClusters, accounts, refuse),
    registrations: registrationsOf(managementClusters, refuse),
    accounts,
    conventions: { environment, owner, ring, contact, app },
    policies,
    waivers,
    calendar,
    kinds,
    kindsWritten: list(record(value).kinds),
    destinations: destinationsOf(
      destinations,
      managementClusters.map(({ name }) => name),
      accounts,
      refuse,
    ),
  }
}

/** The JSON Schema of the fleet file, for editors; committed as `fleet/fleet.schema.json`. */
export const fleetJsonSchema = (): unknown => z.toJSONSchema(fleetFile, { io: 'input' })

/** Names of management clusters and accounts share one space: both are ids of sources. */
function refuseSharedNames({ managementClusters, azure }: FleetFile, refuse: (sentence: string) => never): void {
  const places = [
    ...managementClusters.map(({ name }, at) => ({ name, place: `managementClusters[${at}].name` })),
    ...azure.map(({ name }, at) => ({ name, place: `azure[${at}].name` })),
  ]
  for (const [at, { name, place }] of places.entries()) {
    const first = places.slice(0, at).find((other) => other.name === name)
    if (!first) continue
    refuse(`${first.place} and ${place} are both "${name}"; a source's name is its identity, so give each its own`)
  }
}

/** A waiver that misspells its policy or rule would excuse nothing, and nobody would know. */
function refuseIdleWaivers(
  waivers: readonly DeclaredWaiver[],
  policies: readonly Policy[],
  refuse: (sentence: string) => never,
): void {
  for (const [at, { policy, rule }] of waivers.entries()) {
    const names = policies.map(({ name }) => name)
    if (policy !== null && !names.includes(policy)) {
      refuse(`waivers[${at}].policy is no policy of this fleet; ${nearest(policy, names)}`)
    }
    const rules = policies
      .filter(({ name }) => policy === null || name === policy)
      .flatMap(({ rules: own }) => own.map(({ id }) => id))
    if (rule !== null && !rules.includes(rule)) {
      refuse(
        `waivers[${at}].rule is no rule of ${policy === null ? 'any policy' : `policy "${policy}"`}; ${rules.length === 0 ? 'there is none' : nearest(rule, [...new Set(rules)])}`,
      )
    }
  }
}
