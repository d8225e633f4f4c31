import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from '../../db/client.ts'
import type { Rule, Severity } from '../../fleet/policy/policy.ts'
import { type Engine, openEngine } from '../engine.ts'
import { type Asked, asker } from '../schema/ask.ts'
import { fillWithAzure } from '../schema/fill-azure.ts'
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

export async function openFleet(engine: Engine, seed: string, steps = 30): Promise<QuestionedFleet> {
  const store = await openEngine(engine)
  const world = new World({ clusters: 64, seed })
  for (let step = 0; step < steps; step++) world.live(step)
  const policies = [{ name: 'baseline', description: 'what the questions ask', version: '7', selector: {}, rules }]
  await fillWithAzure(store.db, world, { policies, waivers: [], calendar: [] }, world.now)
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

/** As texts in order, so that two lists can be compared whatever their order. */
export const sorted = <T>(list: readonly T[]): readonly T[] =>
  list.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

/** The source whose word on a cluster counts first. */
export const homeOf = ({ claims: [claim], armId }: FleetCluster): string =>
  claim?.source ?? `corp/${armId?.split('/')[2]}`
