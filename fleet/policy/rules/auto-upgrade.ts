import { type Judge, lasting, type RuleOf, runningFact } from '../ruling.ts'
import type { Subject } from '../subject.ts'

/**
 * Whether an AKS cluster upgrades itself by one of the channels. Azure says nothing where there is none (azure.md 2.1), so
 * silence means none only where Azure itself testifies.
 */
export function autoUpgrade(rule: RuleOf<'autoUpgrade'>): Judge {
  const allowed = [
    { field: 'autoUpgradeChannel', channels: rule.channels, none: 'none', read: (s: Subject) => s.upgradeChannel },
    {
      field: 'nodeOsUpgradeChannel',
      channels: rule.nodeOsChannels,
      none: 'None',
      read: (s: Subject) => s.nodeOsUpgradeChannel,
    },
  ].filter(({ channels }) => channels.length > 0)
  return (subject) => {
    if (subject.provider !== 'aks') return lasting('notApplicable', 'only AKS has upgrade channels')
    const answers = allowed.map(({ field, channels, none, read }) => {
      const actual = read(subject) ?? (subject.azure !== null ? none : null)
      const isAllowed = channels.some((channel) => channel.toLowerCase() === actual?.toLowerCase())
      return { field, actual, isAllowed, evidence: runningFact(subject, field, actual, channels.join(' or ')) }
    })
    const evidence = answers.map((answer) => answer.evidence)
    const wrong = answers.find(({ actual, isAllowed }) => actual !== null && !isAllowed)
    if (wrong) return lasting('violated', `${wrong.field} is ${wrong.actual}, not ${wrong.evidence.expected}`, evidence)
    const unknown = answers.find(({ actual }) => actual === null)
    if (unknown) return lasting('unknown', `${unknown.field} is not known, because Azure itself was not read`, evidence)
    return lasting('ok', answers.map(({ field, actual }) => `${field} is ${actual}`).join(', '), evidence)
  }
}
