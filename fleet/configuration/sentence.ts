import type * as z from 'zod'

type Issue = z.core.$ZodIssue

/**
 * What is wrong with a fleet file, as one sentence: the first problem; the others are counted. A name that is unknown comes before
 * one that is missing, for it is often the same; rules over several settings speak only where each of them is right.
 */
export function sentenceOf(all: readonly Issue[], file: string): string {
  const issues = all.flatMap(meant)
  const single = issues.filter(({ code }) => code !== 'custom')
  const said = single.length > 0 ? single : issues
  const issue = said.find(({ code }) => code === 'unrecognized_keys') ?? said[0]
  if (!issue) return `${file}: is not a fleet file.`
  const place = placeOf([...issue.path, ...(issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])])
  const more = said.length > 1 ? ` (${said.length - 1} more like this)` : ''
  return ended(`${file}: ${place && `${place} `}${issue.message}${more}`)
}

/** With its full stop, unless it ends in a question. */
export const ended = (sentence: string): string => (sentence.endsWith('?') ? sentence : `${sentence}.`)

/** `azure[0].cloud.endpoint`. */
const placeOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (so, step) => (typeof step === 'number' ? `${so}[${step}]` : `${so}${so && '.'}${String(step)}`),
    '',
  )

/** Of a setting that may be written in two ways: the problems within the way that was chosen, if one was. */
function meant(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const chosen = issue.errors.find((problems) =>
    problems.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys' || code === 'custom'),
  )
  return (
    chosen?.flatMap(meant).map((problem): Issue => ({ ...problem, path: [...issue.path, ...problem.path] })) ?? [issue]
  )
}
