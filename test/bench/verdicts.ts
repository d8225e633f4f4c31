import { noDrift } from '../../fleet/drift/difference.ts'
import { defaultPolicy } from '../../fleet/policy/default-policy.ts'
import { evaluate } from '../../fleet/policy/evaluate.ts'
import type { Policy, Verdict } from '../../fleet/policy/policy.ts'
import { compileRules } from '../../fleet/policy/rules-in-force.ts'
import type { Subject } from '../../fleet/policy/subject.ts'
import type { Calendar } from '../../fleet/support/calendar.ts'
import { seedCalendar } from '../../fleet/support/seed.ts'
import { type Figure, medianOf, show } from './figure.ts'

const clusterCount = 10_000
/** What the project promises for a policy change over 50 000 findings. */
const verdictsPerSecondMin = 100_000
const rounds = 15
const now = new Date('2026-07-01T12:00:00Z')

const regions = ['westeurope', 'northeurope', 'eastus', 'uksouth', 'swedencentral']
const minors = ['1.31', '1.32', '1.33', '1.34', '1.35', '1.36']
const pick = <T>(from: readonly T[], at: number): T => {
  const found = from[at % from.length]
  if (found === undefined) throw new Error('nothing to pick from')
  return found
}

const calendar: Calendar = {
  entries: seedCalendar,
  regions: new Map(
    regions.map((region) => [
      region,
      {
        region,
        readAt: new Date('2026-07-01T10:00:00Z'),
        minors: minors.map((minor, at) => ({
          minor,
          isPreview: false,
          supportPlans: at < 3 ? ['AKSLongTermSupport'] : ['KubernetesOfficial', 'AKSLongTermSupport'],
          patches: [0, 1, 2, 3, 4, 5].map((patch) => ({ version: `${minor}.${patch}`, upgrades: [] })),
        })),
      },
    ]),
  ),
}

/** A fleet as fleets are: few regions and versions, three pools each, half of the images too old, some without an owner. */
function subjectOf(at: number): Subject {
  const versionObserved = `${pick(minors, at)}.${at % 6}`
  const month = String((at % 6) + 1).padStart(2, '0')
  return {
    scope: 'cluster',
    drift: noDrift,
    clusterId: `00000000-0000-8000-8000-${String(at).padStart(12, '0')}`,
    source: `mgmt-${at % 40}`,
    namespace: `team-${at % 100}`,
    name: `cluster-${at}`,
    labels: { environment: pick(['prod', 'dev'], at), 'cost-center': String(at % 300) },
    environment: pick(['prod', 'dev'], at),
    ring: String(at % 4),
    owner: at % 10 === 0 ? null : `team-${at % 100}`,
    contact: null,
    provider: 'aks',
    flavour: 'AzureASOManaged',
    region: pick(regions, at),
    country: 'NL',
    geographies: ['EU', 'Europe'],
    azure: 'corp/1111',
    createdAt: '2026-01-01T00:00:00.000Z',
    firstSeenAt: '2026-01-01T00:00:00.000Z',
    versionDeclared: versionObserved,
    versionObserved,
    supportPlan: at % 7 === 0 ? 'AKSLongTermSupport' : 'KubernetesOfficial',
    tier: at % 7 === 0 ? 'Premium' : 'Standard',
    upgradeChannel: 'patch',
    nodeOsUpgradeChannel: 'NodeImage',
    pools: ['system', 'batch', 'web'].map((name) => ({
      name,
      versionDeclared: versionObserved,
      versionObserved,
      nodeImage: `AKSUbuntu-2204gen2containerd-2026${month}.0${(at % 9) + 1}.0`,
    })),
    unreadPools: null,
    readComponents: [],
    silent: [],
    components: [],
  }
}

/** Every cluster judged by a policy nobody has judged by before; what was violated before is known, as in the store. */
function judgeAll(subjects: readonly Subject[], round: number): number {
  const policy: Policy = { ...defaultPolicy, version: String(round) }
  const rules = compileRules([policy], [], calendar)
  let kept: readonly Verdict[] = []
  let count = 0
  for (const subject of subjects) {
    kept = evaluate(subject, rules, now, () => '2026-06-01T00:00:00.000Z')
    count += kept.length
  }
  return count
}

function benchVerdicts(): readonly Figure[] {
  const subjects = Array.from({ length: clusterCount }, (_, at) => subjectOf(at))
  const texts = subjects.map((subject) => JSON.stringify(subject))
  const parseMs: number[] = []
  const judgeMs: number[] = []
  let verdicts = 0
  // Interleaved, so that a busy neighbour slows both alike; the first rounds only warm up.
  for (let round = -3; round < rounds; round++) {
    const parsing = timed(() => texts.reduce<unknown>((_, text) => JSON.parse(text), null))
    const judging = timed(() => {
      verdicts = judgeAll(subjects, round)
      return verdicts
    })
    if (round < 0) continue
    parseMs.push(parsing)
    judgeMs.push(judging)
  }
  const [parse, judge] = [medianOf(parseMs), medianOf(judgeMs)]
  const perSecond = verdicts / (judge / 1_000)
  const detail = `${verdicts} verdicts over ${clusterCount} clusters in ${judge.toFixed(0)} ms, ${Math.round(perSecond / 1_000)} 000 a second; JSON.parse of the clusters ${parse.toFixed(0)} ms`
  return [
    { what: 'verdicts a second / 100 000', ratio: perSecond / verdictsPerSecondMin, bar: '≥ 1.0', detail },
    { what: 'evaluate / JSON.parse', ratio: judge / parse, bar: '≤ 5.0', detail },
  ]
}

function timed(work: () => unknown): number {
  const start = performance.now()
  if (!work()) throw new Error('nothing was done')
  return performance.now() - start
}

show(benchVerdicts())
