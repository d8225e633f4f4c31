import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { capiClaim } from '../../db/claim.ts'
import type { Store } from '../../db/client.ts'
import { registerDestinations } from '../../db/destination.ts'
import { driftPolicy } from '../../fleet/policy/drift-policy.ts'
import type { Policy, Rule, Severity } from '../../fleet/policy/policy.ts'
import { type Engine, openEngine } from '../engine.ts'
import { type Asked, asker } from '../schema/ask.ts'
import { pollOnce } from '../schema/fill.ts'
import { fillWithAzure, judgeAll, pollAzure, settleAll } from '../schema/fill-azure.ts'
import type { FleetCluster } from '../world/azure/truth.ts'
import { World } from '../world/world.ts'

const dayMs = 86_400_000
const base = (id: string, severity: Severity = 'medium') => ({ id, severity, graceMs: 0 })

/** Minors that the questions' policy lets pools be behind. */
export const skewAllowed = 1

/** What the questions' fleet is judged by. */
const rules = [
  {
    ...base('supportWindow', 'high'),
    type: 'supportWindow',
    leadMs: 30 * dayMs,
    allowPlatformSupport: false,
    allowExtended: true,
  },
  { ...base('skew', 'high'), type: 'versionSkew', max: skewAllowed },
  { ...base('images'), type: 'nodeImageAge', linuxMs: 30 * dayMs, windowsMs: 60 * dayMs },
  { ...base('owner', 'low'), type: 'owner', contactRequired: false },
  { ...base('tags', 'low'), type: 'labels', required: ['cost-center'] },
] as const satisfies readonly Rule[]

const operation = (name: string): string => readFileSync(join(import.meta.dirname, `${name}.graphql`), 'utf8')

/** The simulated fleet with its Azure, read, joined and judged. */
export interface QuestionedFleet {
  readonly store: Store
  readonly world: World
  /** What `data` holds; fails on errors. */
  readonly answer: (name: string, variables?: Readonly<Record<string, unknown>>) => Promise<Asked>
  readonly ask: ReturnType<typeof asker>['ask']
  now: Date
}

const baseline = { name: 'baseline', description: 'what the questions ask', version: '7', selector: {}, rules }

export async function openFleet(engine: Engine, seed: string, steps = 30): Promise<QuestionedFleet> {
  const world = new World({ clusters: 64, seed })
  for (let step = 0; step < steps; step++) world.live(step)
  return fillFleet(engine, world, [baseline])
}

/** One that is judged by how it differs from what was declared of it, too. Its file says what Argo CD's names mean. */
export async function openDriftingFleet(
  engine: Engine,
  seed: string,
  {
    clusters = 64,
    prepare,
    policy = driftPolicy,
    except,
  }: {
    readonly clusters?: number
    readonly prepare?: (world: World) => void
    readonly policy?: Policy
    /** Kinds that cannot be read. */
    readonly except?: readonly string[]
  } = {},
): Promise<QuestionedFleet> {
  const world = new World({ clusters, seed, destinations: true })
  prepare?.(world)
  return fillFleet(engine, world, [baseline, policy], except)
}

async function fillFleet(
  engine: Engine,
  world: World,
  policies: readonly Policy[],
  except: readonly string[] = [],
): Promise<QuestionedFleet> {
  const store = await openEngine(engine)
  await explainDestinations(store.db, world)
  await fillWithAzure(store.db, world, { policies, waivers: [], calendar: [] }, world.now, except)
  const fleet: QuestionedFleet = {
    store,
    world,
    ask: asker(store.db, () => fleet.now).ask,
    answer: async (name, variables) => {
      const { data, errors } = await fleet.ask(operation(name), variables)
      if (errors) throw new Error(JSON.stringify(errors))
      return data
    },
    now: world.now,
  }
  return fleet
}

/** Everything is read again, joined and judged, as it is now. */
export async function pollAll(fleet: QuestionedFleet): Promise<void> {
  const {
    store: { db },
    world,
  } = fleet
  await explainDestinations(db, world)
  for (const { name } of world.sites) await pollOnce(db, world, name, world.now)
  await settleAll(db, world.now)
  await pollAzure(db, world, world.now)
  await settleAll(db, world.now)
  await judgeAll(db, world.now)
  fleet.now = world.now
}

/** What the fleet file would say. */
const explainDestinations = (db: Store['db'], { destinations }: World): Promise<void> =>
  registerDestinations(
    db,
    destinations.map(({ name, source, cluster }) => ({
      actsAt: `name:${name}`,
      source,
      claim: capiClaim(cluster.source, cluster),
    })),
  )

/** As texts in order, so that two lists can be compared whatever their order. */
export const sorted = <T>(list: readonly T[]): readonly T[] =>
  list.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

/** The source whose word on a cluster counts first. */
export const homeOf = ({ claims: [claim], armId }: FleetCluster): string =>
  claim?.source ?? `corp/${armId?.split('/')[2]}`

/** A word of the world as GraphQL writes it: `behindSource`, `workersBehindCP`. */
export const wordOf = (word: string): string => word.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()

/** As GraphQL writes instants. */
export const instantOf = (at: Date | string): string => new Date(at).toISOString().replace('.000Z', 'Z')

export const bare = (version: string | null): string | null => version?.replace(/^v/, '') ?? null

/** What every answer tells of a cluster, as it was answered and as it is. */
export const commonOf = ({ name, env, region, provider, source, owner, kubernetes, freshness }: Asked) => ({
  ...{ name, env, region, provider, source, owner, version: bare(kubernetes.raw), minor: kubernetes.minor },
  freshness: freshness.state,
})
export const commonTruth = (one: FleetCluster) => ({
  ...{ name: one.name, env: one.environment, region: one.region, provider: one.provider },
  source: { id: `Source:${homeOf(one)}`, name: homeOf(one) },
  owner: one.owner === null ? null : { team: one.owner, contact: one.contact },
  ...{ version: one.versionObserved, minor: one.versionObserved.split('.').slice(0, 2).join('.'), freshness: 'FRESH' },
})

/** What an answer rests on while everything is read: Azure is an account and its subscriptions. */
export function wholeCoverage({ world }: QuestionedFleet) {
  const expectedSources = world.sites.length + 1 + world.azure.subscriptions.length
  return { complete: true, expectedSources, reportingSources: expectedSources, staleSources: [] }
}
