import type { FluxCaller, Registration } from '../push/registration.ts'
import type { Push } from './push.ts'

/** Those whom the fleet file lets push. `refuse` hears of two sources that could not be told apart. */
export function registrationsOf(
  managementClusters: readonly { readonly name: string; readonly push?: Push | undefined }[],
  refuse: (sentence: string) => never,
): readonly Registration[] {
  const placed = managementClusters.flatMap(({ name, push }, at) =>
    push === undefined
      ? []
      : callersOf(name, push).map((caller) => ({ caller, place: `managementClusters[${at}].push` })),
  )
  for (const [at, { caller, place }] of placed.entries()) {
    for (const first of placed.slice(0, at)) {
      const shared = sharedBy(first.caller, caller)
      if (shared === null) continue
      refuse(
        `${first.place} and ${place} have the same caller (${shared}), and nobody could tell whether it speaks for "${first.caller.source}" or "${caller.source}"; give each source its own`,
      )
    }
  }
  return placed.map(({ caller }) => caller)
}

function callersOf(source: string, push: Push): readonly Registration[] {
  const { issuer, audience, subject, serviceAccountUid, jwks: keys, ca } = push
  const callers: Registration[] = []
  if (issuer !== undefined && audience !== undefined && subject !== undefined) {
    callers.push({
      ...{ by: 'kubernetes', source, issuer, audience, subject, serviceAccountUid: serviceAccountUid ?? null },
      keys: keys === undefined ? { at: 'issuer', ca: ca ?? null } : { at: 'file', jwks: keys },
    })
  }
  if (push.entra !== undefined) callers.push({ by: 'entra', source, ...push.entra })
  if (push.flux !== undefined) {
    const { hmacKey = [], bearerToken = [] } = push.flux
    callers.push({ by: 'flux', source, hmacKeys: hmacKey, bearerKeys: bearerToken })
  }
  return callers
}

/** What a token of both callers would say, or the setting that is the key of both; null: none could be both. */
function sharedBy(a: Registration, b: Registration): string | null {
  if (a.by === 'kubernetes' && b.by === 'kubernetes') {
    const same = a.issuer === b.issuer && a.subject === b.subject
    return same && overlap(a.serviceAccountUid, b.serviceAccountUid) ? `${a.subject} of issuer ${a.issuer}` : null
  }
  if (a.by === 'entra' && b.by === 'entra') {
    const named = (a.appId !== null && a.appId === b.appId) || (a.objectId !== null && a.objectId === b.objectId)
    const same = a.tenant === b.tenant && named && overlap(a.appId, b.appId) && overlap(a.objectId, b.objectId)
    return same ? `an application of tenant ${a.tenant}` : null
  }
  if (a.by === 'flux' && b.by === 'flux' && a.source !== b.source) {
    return settingsOf(a).find((name) => settingsOf(b).includes(name)) ?? null
  }
  return null
}

/** Null stands for any. */
const overlap = (a: string | null, b: string | null): boolean => a === null || b === null || a === b

const settingsOf = ({ hmacKeys, bearerKeys }: FluxCaller): readonly string[] => [...hmacKeys, ...bearerKeys]
