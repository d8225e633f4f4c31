import { type Judge, runningFact } from './ruling.ts'
import { counted } from './span.ts'

/** A rule over node pools, where some of them could not be read: a violation among the others stands, all else is unknown. */
export function overPools(judge: Judge): Judge {
  return (subject, context) => {
    const ruling = judge(subject, context)
    const unread = subject.unreadPools ?? 0
    if (unread === 0 || ruling.state === 'violated') return ruling
    return {
      ...ruling,
      state: 'unknown',
      message: `${counted(unread, 'node pool')} that Azure lists could not be read`,
      evidence: [...ruling.evidence, runningFact(subject, 'pools.unread', String(unread), '0')],
    }
  }
}
