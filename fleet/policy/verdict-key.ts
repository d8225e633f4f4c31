import type { Verdict } from './policy.ts'

/**
 * Tells a verdict on a subject from all others on it: by policy and rule; on a difference, by the object it is about ('': the cluster
 * as a whole) and by the field, too.
 */
export function verdictKey(policy: string, rule: string, aboutId: string | null, field: string | null): string {
  return field === null ? `${policy}\0${rule}` : `${policy}\0${rule}\0${aboutId ?? ''}\0${field}`
}

export const keyOfVerdict = ({ policy, rule, drift }: Pick<Verdict, 'policy' | 'rule' | 'drift'>): string =>
  verdictKey(policy, rule, drift?.about?.id ?? null, drift?.field ?? null)

/** What is remembered of verdicts, by their keys: since when each was violated (RFC 3339), null where it was not, or is not known. */
export type Memory = (key: string) => string | null
