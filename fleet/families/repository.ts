import { placeOf } from '../message.ts'
import { text } from '../wire.ts'

const scp = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/)(.+)$/

/** A repository as host and path, without scheme or credentials: `git@github.com:org/repo.git` and its URL are one. */
export function repositoryOf(url: unknown): string | undefined {
  const written = text(url)
  if (written === undefined) return undefined
  const place = placeOf(written) ?? ''
  const scheme = place.indexOf('://')
  if (scheme === -1) return place.replace(scp, '$1/$2')
  return text(place.slice(scheme + 3).replace(/\/+$/, ''))
}
