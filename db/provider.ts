import { labelPrefixes, providerKinds } from '../fleet/support/provider-release.ts'

// What an object `o` says of a provider of Cluster API: for whoever shows providers, and for whoever judges by them.

export const isProvider = `o.kind in (${providerKinds.map((kind) => `'${kind}'`).join(', ')})`

const more = (field: string): string => `(o.facts #>> '{more,${field}}')`

export const providerType = more('type')
export const providerVersion = more('version')
export const providerContract = more('contract')

const prefix = `case ${providerType} ${Object.entries(labelPrefixes)
  .map(([type, written]) => `when '${type}' then '${written}'`)
  .join(' ')} end`
/** clusterctl's label, which is also what it calls its own note. */
export const providerName = `coalesce(${prefix} || ${more('providerName')}, o.name)`
