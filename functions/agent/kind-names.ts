import { kindsSchema } from '../../fleet/configuration/kinds.ts'
import { ended } from '../../fleet/configuration/sentence.ts'
import { nearest } from '../../fleet/configuration/shape.ts'
import { kindByKey } from '../../fleet/kinds/registry.ts'
import type { KindKey } from '../../fleet/reference.ts'
import type { AgentConfig } from './config.ts'

// The names that the configuration gives to kinds. A misspelt one would leave a kind unread, or read, in silence.

/** Why a name is that of no kind, whatever the fleet file declares; null where it may be one's. */
export function refusalOf(key: KindKey): string | null {
  if (kindByKey.has(key)) return null
  const [issue] = kindsSchema.safeParse([partsOf(key)]).error?.issues ?? []
  if (issue === undefined) return null
  const hint = hintOf(key, [...kindByKey.keys()])
  return `names no kind (${key}): its ${String(issue.path.at(-1))} ${issue.message}${hint === null ? '' : `; ${hint}`}`
}

/** A sentence for each name of the configuration that is not among `known`: all kinds of Rollcall's, of its fleet file and of the API server. */
export function strangersIn(
  { file, kinds }: Pick<AgentConfig, 'file' | 'kinds'>,
  known: ReadonlySet<KindKey>,
): readonly string[] {
  return (['only', 'except'] as const).flatMap((field) =>
    [...(kinds[field] ?? [])]
      .filter((key) => !known.has(key))
      .map((key) => {
        const what = "which is no kind of Rollcall's, of its fleet file or of this API server"
        const remedy = hintOf(key, [...known]) ?? 'take it out, or declare it there (kinds)'
        return ended(`Configuration ${file}: kinds.${field} names ${key}, ${what}; ${remedy}`)
      }),
  )
}

/** What may have been meant, among the kinds of the same group or of the same name elsewhere; null where there are none. */
function hintOf(key: KindKey, names: readonly KindKey[]): string | null {
  const { group, kind } = partsOf(key)
  const akin = names.filter((name) => {
    const other = partsOf(name)
    return other.group === group || other.kind.toLowerCase() === kind.toLowerCase()
  })
  return akin.length === 0 ? null : nearest(key, akin)
}

function partsOf(key: KindKey): { readonly group: string; readonly kind: string } {
  const slash = key.indexOf('/')
  return { group: key.slice(0, slash), kind: key.slice(slash + 1) }
}
