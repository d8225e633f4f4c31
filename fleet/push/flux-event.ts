import { instant, isRecord, record, text } from '../wire.ts'
import { aboutOf, rejected, type Said } from './said.ts'

/** Reasons are cut to so much, for the log; a longer revision or name is none. */
const wordsCharsMax = 253

/** An event of Flux's notification-controller. */
export interface FluxEvent {
  readonly said: Said
  /** What the Alert's `eventMetadata` says of whose event it is. Only a hub that several clusters share needs it. */
  readonly managementCluster: string | null
}

/**
 * Reads the one JSON form that the providers `generic`, `generic-hmac` and `azureeventhub` send (domain.md 5.1). Total. Whatever it says
 * of success or failure is a hint: events are lost as a rule, and the object itself says all of it. The message is left where it is,
 * since it repeats what controllers print.
 * @param digest of the body: there is no id in it, and what is sent again is the same to the byte.
 */
export function fluxEventOf(value: unknown, digest: string): FluxEvent {
  if (!isRecord(value)) return { said: rejected('The event is not a JSON object.'), managementCluster: null }
  const metadata = metadataOf(value.metadata)
  const { managementCluster = null } = metadata
  const about = aboutOf(value.involvedObject)
  const at = instant(value.timestamp)
  if (about === null)
    return { said: rejected('"involvedObject" does not name an object: apiVersion, kind, name.'), managementCluster }
  if (at === undefined) return { said: rejected('"timestamp" is not an instant of RFC 3339.'), managementCluster }
  const words = [text(value.severity), text(value.reason), metadata.revision && `at ${metadata.revision}`]
  const why = `Flux: ${words
    .filter(Boolean)
    .map((word) => shortened(word ?? ''))
    .join(' ')}`
  return { said: { as: 'hint', id: digest, about, at, why }, managementCluster }
}

const shortened = (words: string): string => words.replace(/[^ -~]/g, '?').slice(0, wordsCharsMax)

/** Newer controllers strip the group that stands before a key (`kustomize.toolkit.fluxcd.io/revision`), older ones do not; a bare key wins. */
function metadataOf(metadata: unknown): { readonly revision?: string; readonly managementCluster?: string } {
  const found: { revision?: string; managementCluster?: string } = {}
  for (const name of ['revision', 'managementCluster'] as const) {
    const entries = Object.entries(record(metadata))
    const [, value] = entries.find(([key]) => key === name) ?? entries.find(([key]) => key.endsWith(`/${name}`)) ?? []
    const said = text(value)
    if (said !== undefined && said.length <= wordsCharsMax) found[name] = said
  }
  return found
}
