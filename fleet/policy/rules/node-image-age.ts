import { readNodeImage } from '../../support/node-image.ts'
import type { Evidence } from '../policy.ts'
import { type Judge, lasting, type RuleOf, runningFact } from '../ruling.ts'
import { counted, spanText } from '../span.ts'
import type { Subject, SubjectPool } from '../subject.ts'

type NodeImageAge = RuleOf<'nodeImageAge'>

/** When an image is too old: released, plus the limit of its operating system. */
interface Age {
  readonly releasedAt: string | null
  readonly limitMs: number
  /** NaN where the name does not tell. */
  readonly tooOldMs: number
}

interface Image extends Age {
  readonly pool: SubjectPool
}

/**
 * Whether AKS node images are younger than a limit (azure.md 4.5). Only their names tell a day, so the rule does not apply to
 * other pools; a pool of AKS without an image, or with one whose name tells no day, is unknown.
 */
export function nodeImageAge(rule: NodeImageAge): Judge {
  // A fleet has thousands of pools and a few dozen images.
  const ages = new Map<string | null, Age>()
  const ageOf = (image: string | null): Age => {
    const age = ages.get(image) ?? readAge(rule, image)
    ages.set(image, age)
    return age
  }
  return (subject, { now }) => {
    const pools = subject.pools.filter(({ nodeImage }) => subject.provider === 'aks' || nodeImage?.startsWith('AKS'))
    if (pools.length === 0) return lasting('notApplicable', 'no pool has an AKS node image')
    const images = pools.map((pool): Image => ({ pool, ...ageOf(pool.nodeImage) }))
    const nowMs = now.getTime()
    const old = images.filter(({ tooOldMs }) => nowMs >= tooOldMs).sort(byAge)
    const unknown = images.filter(({ tooOldMs }) => Number.isNaN(tooOldMs))
    const young = images.filter(({ tooOldMs }) => nowMs < tooOldMs).sort(byAge)
    const holdsUntilMs = young[0]?.tooOldMs ?? Number.POSITIVE_INFINITY
    const [oldest] = old
    if (oldest) {
      const ruling = lasting('violated', tooOld(oldest, old.length - 1), evidenceOf(subject, old))
      return { ...ruling, sinceMs: oldest.tooOldMs, holdsUntilMs }
    }
    if (unknown.length > 0) {
      const names = unknown.map(({ pool }) => pool.name).join(', ')
      return {
        ...lasting('unknown', `no release day is known of the images of ${names}`, evidenceOf(subject, unknown)),
        holdsUntilMs,
      }
    }
    return {
      ...lasting('ok', 'every node image is young enough', evidenceOf(subject, young.slice(0, 1))),
      holdsUntilMs,
    }
  }
}

function readAge(rule: NodeImageAge, image: string | null): Age {
  const { releasedAt, os } = readNodeImage(image)
  const limitMs = os === 'windows' ? rule.windowsMs : rule.linuxMs
  return { releasedAt, limitMs, tooOldMs: releasedAt === null ? Number.NaN : Date.parse(releasedAt) + limitMs }
}

const byAge = (a: Image, b: Image): number => a.tooOldMs - b.tooOldMs || (a.pool.name < b.pool.name ? -1 : 1)

function tooOld({ pool, releasedAt, limitMs }: Image, others: number): string {
  const more = others === 0 ? '' : `; ${counted(others, 'more pool is', 'more pools are')} too old`
  return `the image of pool ${pool.name} was released on ${releasedAt}, and the policy allows ${spanText(limitMs)}${more}`
}

const evidenceOf = (subject: Subject, images: readonly Image[]): readonly Evidence[] =>
  images.map(({ pool, limitMs }) =>
    runningFact(subject, `pools.${pool.name}.nodeImage`, pool.nodeImage, `younger than ${spanText(limitMs)}`),
  )
