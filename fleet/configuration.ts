import * as z from 'zod'
import { type Conventions, defaultConventions } from './convention.ts'
import { FleetError } from './error.ts'
import { defaultStaleAfterMs, type SourceDeclaration } from './source.ts'

/** How the shell reaches a management cluster: one of `path`, `data` and `inCluster` is given. */
interface Connection {
  /** Of a kubeconfig, as written; the shell resolves it against the fleet file's folder. */
  readonly path?: string | undefined
  /** A kubeconfig's own text. */
  readonly data?: string | undefined
  /** Default: the kubeconfig's current context. */
  readonly context?: string | undefined
  /** Whether the kubeconfig may run programs to obtain credentials. */
  readonly allowExec?: boolean | undefined
  /** Must repeat what the kubeconfig says, so that TLS verification is never off silently. */
  readonly insecureSkipTlsVerify?: boolean | undefined
  /** The service account of the pod we run in. */
  readonly inCluster?: boolean | undefined
}

/** One entry of the fleet file: what to read, and how to reach it. */
interface Source {
  readonly declaration: SourceDeclaration
  readonly connection: Connection
}

/** What the fleet file says, with every default filled in. */
export interface Fleet {
  readonly sources: readonly Source[]
  readonly conventions: Conventions
}

/** The scheduler's own beat (functions/tick.ts): nothing is polled more often. */
const everyMsMin = 60_000
const everyMsDefault = 60_000
const msPerUnit: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 }

/** Settings that design.md part 4 names and a later version brings: refused with that sentence instead of "unknown". */
const later: Readonly<Record<string, string>> = {
  aks: 'is not implemented yet; give "kubeconfig" (or "inCluster: true") instead',
  push: 'is not implemented yet; give "kubeconfig" (or "inCluster: true") instead',
}

/** An object in which a misspelt name is an error that says which name was meant. */
function exact<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => {
      const key = issue.code === 'unrecognized_keys' ? issue.keys?.[0] : undefined
      if (key === undefined) return 'must be a mapping of names to values'
      return later[key] ?? `is not a setting here; ${nearest(key, Object.keys(shape))}`
    },
  })
}

const text = (example: string) => {
  const error = `must be a text that is not empty, for example ${example}`
  return z.string({ error }).min(1, { error })
}

const duration = (example: string, hoursMax: number) => {
  const error = `must be a duration in seconds, minutes or hours, for example ${example}`
  return z
    .string({ error })
    .regex(/^[1-9][0-9]{0,5}[smh]$/, { error })
    .transform((written) => Number(written.slice(0, -1)) * (msPerUnit[written.slice(-1)] ?? 0))
    .refine((ms) => ms <= hoursMax * 3_600_000, { error: `must not be longer than ${hoursMax}h` })
}

const nameProblem = 'must be 1 to 63 letters, digits, dots, dashes or underscores, for example weu-prod'

const yesOrNo = () => z.boolean({ error: 'must be true or false' })

const kubeconfig = exact({
  path: text('./weu.kubeconfig').optional().meta({ description: 'Relative to the fleet file.' }),
  data: text('"apiVersion: v1 …"').optional().meta({ description: "A kubeconfig's own text, instead of a path." }),
  context: text('weu').optional().meta({ description: "Default: the kubeconfig's current context." }),
  allowExec: yesOrNo().optional().meta({
    description:
      'Lets the kubeconfig run its exec plugin. Default false: a server should not run programs that a file names.',
  }),
  insecureSkipTlsVerify: yesOrNo()
    .optional()
    .meta({ description: 'Accepts a kubeconfig that turns TLS verification off. Default false.' }),
})
  .refine(({ path, data }) => (path === undefined) !== (data === undefined), {
    error: 'must have either "path" or "data", for example { path: ./weu.kubeconfig, context: weu }',
  })
  .meta({ description: 'Where the credentials are, for example { path: ./weu.kubeconfig, context: weu }.' })

const managementCluster = exact({
  name: z
    .string({ error: nameProblem })
    .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, { error: nameProblem })
    .meta({
      description: 'Unique and stable: the identity of the source everywhere. Renaming it makes it another source.',
    }),
  region: text('westeurope').optional().meta({ description: 'Where the management cluster runs.' }),
  labels: z
    .record(z.string(), z.string({ error: 'must be a text; quote numbers, for example "2"' }), {
      error: 'must be a mapping of label names to texts, for example { environment: prod }',
    })
    .optional()
    .meta({ description: 'Labels of the source itself.' }),
  kubeconfig: kubeconfig.optional(),
  inCluster: z
    .literal(true, { error: 'must be true, or be left out' })
    .optional()
    .meta({ description: 'Use the service account of the pod that Rollcall runs in.' }),
  every: duration('60s', 24)
    .refine((ms) => ms >= everyMsMin, { error: 'must be at least 60s, because the scheduler ticks once a minute' })
    .optional()
    .meta({ description: 'How often the source is polled, at least 60s. Default 60s.' }),
  staleAfter: duration('5m', 72).optional().meta({
    description: 'How long a last success is trusted, at least twice "every". Default: three times "every".',
  }),
}).superRefine((cluster, context) => {
  const ways = [cluster.kubeconfig, cluster.inCluster].filter((way) => way !== undefined).length
  const problem = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', message, path })
  if (ways === 0) problem(`does not say how to reach "${cluster.name}"; give kubeconfig: { path: ./weu.kubeconfig }`)
  if (ways > 1) problem('has both "kubeconfig" and "inCluster"; keep one of them')
  const staleAfterMin = 2 * (cluster.every ?? everyMsDefault)
  if (cluster.staleAfter !== undefined && cluster.staleAfter < staleAfterMin) {
    const least = staleAfterMin % 60_000 === 0 ? `${staleAfterMin / 60_000}m` : `${staleAfterMin / 1_000}s`
    const why = 'because the scheduler ticks once a minute and a living source would be stale between two polls'
    problem(`must be at least ${least} (twice "every"), ${why}`, 'staleAfter')
  }
})

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
    .array(managementCluster, { error: 'must be a list, each entry with a name and a kubeconfig' })
    .optional()
    .meta({ description: 'The management clusters to poll.' }),
  azure: notYet('reading Azure subscriptions'),
  conventions: exact({
    environment: labelNames('environment'),
    owner: labelNames('owner'),
    ring: labelNames('ring'),
    contact: labelNames('contact'),
  })
    .optional()
    .meta({ description: 'Which labels say what.' }),
  policies: notYet('version and hygiene policies'),
  kinds: notYet('kinds declared by operators'),
  tenants: notYet('who may see what'),
}).meta({ title: 'Rollcall fleet file', description: 'What Rollcall reads, and how (README, "The fleet file").' })

/**
 * Reads the parsed fleet file. `file` only names it in errors.
 * Throws FleetError `invalid` with one sentence: file, path, problem, and the nearest valid name or an example.
 */
export function parseFleet(value: unknown, file = 'fleet file'): Fleet {
  const parsed = fleetFile.safeParse(value)
  if (!parsed.success) throw new FleetError('invalid', sentenceOf(parsed.error.issues, file))
  const clusters = parsed.data.managementClusters ?? []
  refuseSharedNames(
    clusters.map(({ name }) => name),
    file,
  )
  const { environment, owner, ring, contact } = { ...defaultConventions, ...defined(parsed.data.conventions ?? {}) }
  return { sources: clusters.map(sourceOf), conventions: { environment, owner, ring, contact } }
}

/** The JSON Schema of the fleet file, for editors; committed as `fleet/fleet.schema.json`. */
export const fleetJsonSchema = (): unknown => z.toJSONSchema(fleetFile, { io: 'input' })

function sourceOf(cluster: z.output<typeof managementCluster>): Source {
  const everyMs = cluster.every ?? everyMsDefault
  return {
    declaration: {
      id: cluster.name,
      type: 'managementCluster',
      region: cluster.region ?? null,
      labels: cluster.labels ?? {},
      everyMs,
      staleAfterMs: cluster.staleAfter ?? defaultStaleAfterMs(everyMs),
    },
    connection: cluster.kubeconfig ?? { inCluster: true },
  }
}

function refuseSharedNames(names: readonly string[], file: string): void {
  const again = names.findIndex((name, at) => names.indexOf(name) < at)
  if (again === -1) return
  const name = names[again] ?? ''
  const places = `managementClusters[${names.indexOf(name)}].name and managementClusters[${again}].name`
  throw new FleetError(
    'invalid',
    `${file}: ${places} are both "${name}"; a source's name is its identity, so give each its own.`,
  )
}

/** The first issue as a sentence; the others are counted. Rules over several settings speak only where each of them is right. */
function sentenceOf(all: readonly z.core.$ZodIssue[], file: string): string {
  const single = all.filter(({ code }) => code !== 'custom')
  const issues = single.length > 0 ? single : all
  const [issue] = issues
  if (!issue) return `${file}: is not a fleet file.`
  const path = [...issue.path, ...(issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])]
  const place = path.reduce<string>(
    (so, step) => (typeof step === 'number' ? `${so}[${step}]` : `${so}${so && '.'}${String(step)}`),
    '',
  )
  const more = issues.length > 1 ? ` (${issues.length - 1} more like this)` : ''
  return `${file}: ${place && `${place} `}${issue.message}${more}.`
}

/** "did you mean …?" where one name is close, else the names there are. */
function nearest(key: string, names: readonly string[]): string {
  const [best] = names
    .map((name) => ({ name, distance: distance(key.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const close = best && best.distance <= Math.max(2, Math.floor(key.length / 3))
  return close ? `did you mean "${best.name}"?` : `there are ${names.map((name) => `"${name}"`).join(', ')}`
}

/** Levenshtein's distance: how many letters to add, drop or change. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      const [left = 0, above = 0, diagonal = 0] = [next[j], row[j + 1], row[j]]
      next.push(Math.min(left + 1, above + 1, diagonal + (letter === other ? 0 : 1)))
    }
    row = next
  }
  return row[b.length] ?? 0
}

const defined = <T extends object>(value: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } =>
  // Object.entries forgets the keys' types; nothing but `undefined` is removed.
  Object.fromEntries(Object.entries(value).filter(([, held]) => held !== undefined)) as never
