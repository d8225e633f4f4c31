import { readFile } from 'node:fs/promises'
import { text as streamText } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { defaultConventions } from '../../fleet/convention.ts'
import { FleetError } from '../../fleet/error.ts'
import type { HealthContext } from '../../fleet/health.ts'
import { kindsOf } from '../../fleet/kinds/declared.ts'
import { defaultStaleAfterMs } from '../../fleet/source.ts'
import { instant, isRecord, list, record, shapeOf, text, type Wire } from '../../fleet/wire.ts'
import { readFleetFile } from '../wiring/fleet-file.ts'
import { documentsOf, isArm } from './document.ts'
import { findingsOf } from './explained-finding.ts'
import { Clusters, type Explained, explainOne, type Understanding } from './explanation.ts'

const usage = `usage: npm run explain -- [--fleet FILE] [--now TIME] [--with-file] FILE…
       npm run explain -- [--fleet FILE] [--now TIME] --cases FILE.jsonl

Prints one JSON line for each Kubernetes object and each ARM resource in the files (YAML or JSON, Lists too; "-" is the
standard input): its health by Rollcall's rules, its facts, and where it differs from what was declared. A Cluster that comes
with its parts has a roll-up, and the differences of all of them together.
  --fleet FILE  a fleet file, whose kinds and conventions count
  --now TIME    judge at that instant (RFC 3339) instead of now
  --cases FILE  lines {id, now, context, object, related}; prints {id, …} lines
  --with-file   adds the file to each line`

/** Where the command writes, and what it reads besides files. */
export interface Io {
  readonly out: (line: string) => void
  readonly err: (line: string) => void
  readonly stdin: () => Promise<string>
}

interface Options extends Understanding {
  readonly now: Date
  readonly withFile: boolean
  readonly io: Io
}

/** The command. Answers with the exit code: 1 when anything could not be read, though everything else was printed. */
export async function explain(args: readonly string[], io: Io): Promise<number> {
  const parsed = argumentsOf(args)
  if (typeof parsed === 'string') {
    io.err(parsed)
    return 1
  }
  if (parsed.help) {
    io.out(usage)
    return 0
  }
  const understanding = await understandingOf(parsed.fleet)
  if (typeof understanding === 'string') {
    io.err(understanding)
    return 1
  }
  const options = { now: parsed.now, withFile: parsed.withFile, io, ...understanding }
  const casesRead = await Promise.all(parsed.cases.map((file) => explainCases(file, options)))
  const filesRead = parsed.files.length === 0 || (await explainFiles(parsed.files, options))
  return filesRead && casesRead.every(Boolean) ? 0 : 1
}

/** What the fleet file declares; the sentence that refuses it. */
async function understandingOf(path: string | null): Promise<Understanding | string> {
  if (path === null) return { kinds: kindsOf([]), conventions: defaultConventions }
  try {
    const { kinds, conventions } = await readFleetFile(path)
    return { kinds: kindsOf(kinds), conventions }
  } catch (error) {
    if (error instanceof FleetError) return error.message
    throw error
  }
}

interface Arguments {
  readonly now: Date
  readonly fleet: string | null
  readonly help: boolean
  readonly withFile: boolean
  readonly cases: readonly string[]
  readonly files: readonly string[]
}

function argumentsOf(args: readonly string[]): Arguments | string {
  const options = {
    now: { type: 'string' },
    fleet: { type: 'string' },
    cases: { type: 'string', multiple: true },
    'with-file': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    const now = values.now === undefined ? new Date().toISOString() : instant(values.now)
    if (now === undefined)
      return `--now: ${JSON.stringify(values.now)} is not a time; write for example 2026-06-01T12:00:00Z`
    const cases = values.cases ?? []
    const help = values.help === true
    if (!help && cases.length + positionals.length === 0) return usage
    const { fleet = null, 'with-file': withFile = false } = values
    return { now: new Date(now), fleet, help, withFile, cases, files: positionals }
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${usage}`
  }
}

async function contentOf(file: string, { io }: Options): Promise<string | null> {
  try {
    return file === '-' ? await io.stdin() : await readFile(file, 'utf8')
  } catch (error) {
    io.err(`${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}`)
    return null
  }
}

async function explainFiles(files: readonly string[], options: Options): Promise<boolean> {
  const { io, now } = options
  let allRead = true
  const all: { file: string; one: Explained }[] = []
  for (const file of files) {
    const name = file === '-' ? 'stdin' : file
    const content = await contentOf(file, options)
    const { found, bad } = content === null ? { found: [], bad: [] } : documentsOf(name, content)
    const problems = [...bad]
    for (const { place, object } of found) {
      const one = explainOne(object, {}, now, options)
      if (typeof one === 'string') problems.push(`${place}: ${one}`)
      else {
        for (const why of one.rejected) io.err(`${place}: ${why}`)
        all.push({ file: name, one })
      }
    }
    for (const problem of problems) io.err(problem)
    allRead &&= content !== null && problems.length === 0
  }
  const clusters = new Clusters(
    all.map(({ one }) => one),
    options,
  )
  for (const { file, one } of all) {
    const line = lineOf(one, clusters, isRollable(one, clusters))
    io.out(JSON.stringify(options.withFile ? { file, ...line } : line))
  }
  return allRead
}

/** Without its parts a Cluster's roll-up would only repeat its own health. */
function isRollable({ observation }: Explained, clusters: Clusters): boolean {
  return (
    observation.kind === 'cluster.x-k8s.io/Cluster' &&
    observation.owner !== null &&
    clusters.sizeOf(observation.owner) > 1
  )
}

async function explainCases(file: string, options: Options): Promise<boolean> {
  const { io } = options
  const content = await contentOf(file, options)
  let allRead = content !== null
  const lines = (content ?? '').split('\n')
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const outcome = caseOf(line, options)
    if (typeof outcome === 'string') {
      io.err(`${file}, line ${index + 1}: ${outcome}`)
      allRead = false
    } else io.out(JSON.stringify(options.withFile ? { file, ...outcome } : outcome))
  }
  return allRead
}

function caseOf(line: string, options: Options): object | string {
  const given = parsed(line)
  if (!isRecord(given)) return `it is ${given === undefined ? 'not valid JSON' : shapeOf(given)}, not a case`
  const at = instant(given.now)
  if (given.now !== undefined && at === undefined) return `now is ${JSON.stringify(given.now)}, not a time`
  const now = at === undefined ? options.now : new Date(at)
  const { generationSeenAt, shortSince, ...reading } = contextOf(record(given.context))
  const own = { ...reading, ...(generationSeenAt ? { generationSeenAt } : {}), ...(shortSince ? { shortSince } : {}) }
  if (!isRecord(given.object)) return `object is ${shapeOf(given.object)}, not an object`
  const one = explainOne(given.object, own, now, options)
  if (typeof one === 'string') return `object: ${one}`
  const related: Explained[] = []
  for (const item of list(given.related)) {
    const other = isRecord(item) ? explainOne(item, reading, now, options) : `it is ${shapeOf(item)}, not an object`
    if (typeof other === 'string') return `related: ${other}`
    related.push(other)
  }
  const clusters = new Clusters([one, ...related], options, related.length > 0 ? one : undefined)
  return { id: given.id ?? null, ...lineOf(one, clusters, given.related !== undefined) }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** What a case says of readings before: when the source was last read, and when Rollcall first saw what it dates itself. */
function contextOf(context: Wire): HealthContext {
  const lastRead = instant(context.lastSuccessfulRead)
  const everyMs = typeof context.pollIntervalSeconds === 'number' ? context.pollIntervalSeconds * 1000 : 0
  const staleAt = lastRead === undefined ? undefined : new Date(Date.parse(lastRead) + defaultStaleAfterMs(everyMs))
  const generationSeenAt = instant(context.generationFirstSeen)
  const shortSince = instant(context.shortFirstSeen)
  return {
    ...(staleAt ? { staleAt } : {}),
    ...(generationSeenAt ? { generationSeenAt: new Date(generationSeenAt) } : {}),
    ...(shortSince ? { shortSince: new Date(shortSince) } : {}),
  }
}

/** One line of output (design.md part 4). */
function lineOf(one: Explained, clusters: Clusters, rollable: boolean): object {
  const { observation, wire, rejected } = one
  const name = clusters.nameOf(one)
  const cluster = name && (rollable || clusters.sizeOf(name) > 1) ? clusters.factsOf(name) : null
  const { state, underlying, reason, message, since, flags, holdsUntil } =
    cluster?.judgements.get(observation.id) ?? one.health
  const unclaimed = cluster && rollable ? null : clusters.unclaimedWith(one)
  const together =
    cluster && rollable
      ? ({ of: 'cluster', drift: cluster.drift } as const)
      : unclaimed && ({ of: 'source', drift: unclaimed } as const)
  // What differs stands under `findings`.
  const { drift: _drift, unlooked: _unlooked, ...facts } = observation.facts
  return {
    apiVersion: observation.apiVersion,
    kind: observation.ref.kind,
    namespace: observation.ref.namespace,
    name: isArm(wire) ? (text(wire.name) ?? observation.ref.name) : observation.ref.name,
    health: { state, underlying, reason, message, since, flags, holdsUntil },
    ...(cluster && rollable
      ? {
          rollup: cluster.health.state,
          cluster: { health: cluster.health, gitops: cluster.gitops, rootCause: cluster.rootCause },
        }
      : {}),
    facts,
    findings: findingsOf(observation, together),
    ...(rejected.length > 0 ? { rejected } : {}),
  }
}

if (import.meta.main) {
  process.exitCode = await explain(process.argv.slice(2), {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    stdin: () => streamText(process.stdin),
  })
}
