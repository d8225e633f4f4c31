import type { Row, View } from '../ladder.ts'
import type { Condition } from '../observation.ts'
import { isChangeReason } from './reason.ts'
import { freshlyUnmet, type Input, summaryRung, unmetInputs } from './summary.ts'

const none: ReadonlySet<string> = new Set()

/**
 * The row of a kind whose Ready is Cluster API's own summary of `inputs` (`util/conditions`, SetSummaryCondition): its reason then
 * says only that there are issues, so the inputs are asked. A False is a change while each unmet input only waits or works.
 * @param works reasons of an input that report ordinary work, besides those of all of Cluster API.
 */
export function summedRow(inputs: readonly Input[], works = none): (view: View) => Row {
  const isWork = ({ reason }: Condition): boolean => isChangeReason(reason) || works.has(reason ?? '')
  return (view) => {
    const unmet = freshlyUnmet(view)
    const found = unmetInputs(view, inputs)
    const failing = found.filter((input) => !isWork(input))
    const isChange = found.length > 0 && failing.length === 0
    return {
      problems: [unmet && !isChange ? summaryRung(unmet, failing) : undefined],
      changes: [unmet && isChange ? summaryRung(unmet, found, { state: 'Progressing' }) : undefined],
    }
  }
}
