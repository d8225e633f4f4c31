import type { Disagreement, Member } from '../cluster.ts'
import type { Facts } from '../observation.ts'
import type { Claimant } from './claimant.ts'
import {
  compared,
  declaredVersion,
  disagreement,
  observedVersion,
  said,
  sameDeclared,
  sameVersion,
  sameWord,
} from './comparison.ts'
import type { DeclaredPool } from './declared-pool.ts'
import type { Family } from './family.ts'
import type { Listings } from './listed-pool.ts'
import { poolDisagreements } from './pool-disagreement.ts'

/**
 * Fields on which Cluster API, with what it drives, and Azure say different things, by name (domain.md 4.4). Like is compared with
 * like: what is asked for with what Azure was asked for, what was seen with what Azure sees. A field that one side does not report
 * is no disagreement: Azure adds defaults. An upgrade under way is one, as data; whether that is drift, rules decide.
 */
export function disagreementsOf(
  family: Family,
  rivals: readonly Claimant[],
  declared: readonly DeclaredPool[],
  listings: Listings,
): readonly Disagreement[] {
  const found = [...claims(family, rivals)]
  const { arm } = family
  if (arm) {
    found.push(
      ...clusterDisagreements(family, arm),
      ...tagDisagreements(family, arm),
      ...poolDisagreements(family, arm, declared, listings),
    )
  }
  return found.sort((a, b) => (a.field < b.field ? -1 : 1))
}

/** Two management clusters that claim one cluster (domain.md 4.5, `duplicateManaged`). */
function claims({ cluster }: Family, rivals: readonly Claimant[]): readonly Disagreement[] {
  const claimants = [cluster, ...rivals.map((rival) => rival.cluster)].filter((member) => member !== null)
  if (claimants.length < 2) return []
  const said = claimants.map((by) => ({ by, value: `${by.source}/${by.ref.namespace}/${by.ref.name}` }))
  return [disagreement('managementCluster', said)]
}

type Setting = 'tier' | 'supportPlan' | 'upgradeChannel' | 'nodeOsUpgradeChannel'

/** What Azure means where it answers and leaves a setting out (azure.md 2.1). */
const silence: Readonly<Partial<Record<Setting, string>>> = {
  supportPlan: 'KubernetesOfficial',
  upgradeChannel: 'none',
}

/** `Paid` is what `Standard` was called (azure.md 2.1). */
const sameTier = (a: string, b: string): boolean =>
  sameWord(a.replace(/^Paid$/i, 'Standard'), b.replace(/^Paid$/i, 'Standard'))

function clusterDisagreements(family: Family, arm: Member): readonly Disagreement[] {
  const { cluster, controlPlane, managed } = family
  const askers = [controlPlane, managed]
  const azure = (pick: (facts: Facts) => string | undefined) => said([arm], pick)
  const setting = (field: string, key: Setting, agree = sameWord) =>
    compared(
      field,
      said(askers, ({ declared }) => declared?.[key]),
      azure((facts) => facts[key] ?? (arm.facts.more?.provisioningState === undefined ? undefined : silence[key])),
      agree,
    )
  const region = (facts: Facts) => facts.region
  return [
    ...compared(
      'kubernetes.declared',
      said([cluster, ...askers], declaredVersion),
      azure(declaredVersion),
      sameDeclared(arm),
    ),
    ...compared(
      'kubernetes.observed',
      said([controlPlane, cluster, managed], observedVersion),
      azure(observedVersion),
      sameVersion,
    ),
    ...compared('region', said([controlPlane, family.infrastructure, managed], region), azure(region), sameWord),
    ...setting('tier', 'tier', sameTier),
    ...setting('supportPlan', 'supportPlan'),
    ...setting('autoUpgradeChannel', 'upgradeChannel'),
    ...setting('nodeOsUpgradeChannel', 'nodeOsUpgradeChannel'),
    ...powerDisagreements(family, arm),
  ]
}

/**
 * Stopped in Azure while nobody paused the Cluster (domain.md 4.4): who does not pause a cluster means it to run. Both at rest is
 * an intended freeze.
 */
function powerDisagreements({ cluster }: Family, arm: Member): readonly Disagreement[] {
  if (!cluster || cluster.health.state === 'Suspended' || cluster.health.state === 'Deleting') return []
  const theirs = said([arm], ({ powerState }) => powerState)
  return compared('powerState', { by: cluster, value: 'Running' }, theirs, sameWord)
}

/** Tags that are asked for: Azure has them with another value, or not at all. It has many more that nobody asked for. */
function tagDisagreements({ controlPlane, managed }: Family, arm: Member): readonly Disagreement[] {
  const asker = [controlPlane, managed].find((member) => member?.facts.declared?.tags)
  if (!asker) return []
  // Azure tells keys apart by letters, not by their case; values by both (azure.md 2.1).
  const tags = new Map(Object.entries(arm.labels).map(([key, value]) => [key.toLowerCase(), value]))
  return Object.entries(asker.facts.declared?.tags ?? {}).flatMap(([key, value]) => {
    const has = tags.get(key.toLowerCase()) ?? null
    return has === value
      ? []
      : [
          disagreement(`tags.${key}`, [
            { by: asker, value },
            { by: arm, value: has },
          ]),
        ]
  })
}
