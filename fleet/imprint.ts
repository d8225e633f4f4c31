import { hash } from 'node:crypto'
import type { Fleet } from './configuration.ts'
import { reader } from './reader.ts'
import { uuidOf } from './reference.ts'
import { list, record, text } from './wire.ts'

/**
 * Says which wire object was read, and by which reader: equal imprints need no second reading (domain.md 6: equal uid and
 * resourceVersion, then the stored row is still right). It holds the API version, in which the same object reads otherwise, and the
 * times of its managers, because a server restored from a backup gives its resourceVersions out again.
 * @param kind what reads the objects: one that an operator declares reads otherwise once its declaration changes.
 * @returns for each object a UUID; null for what carries no uid and resourceVersion, which must always be read.
 */
export function imprintsBy({ declaration = '' }: { readonly declaration?: string }): (wire: unknown) => string | null {
  return (wire) => {
    const { apiVersion, metadata: given } = record(wire)
    const metadata = record(given)
    const uid = text(metadata.uid)
    const resourceVersion = text(metadata.resourceVersion)
    if (uid === undefined || resourceVersion === undefined) return null
    let print = `${reader}${declaration}\0${text(apiVersion) ?? ''}\0${uid}\0${resourceVersion}`
    for (const entry of list(metadata.managedFields)) print += `\0${text(record(entry).time) ?? ''}`
    return uuidOf(hash('sha256', print, 'hex'))
  }
}

/** Says by what clusters are composed: another answer means that all of them are to be composed again. */
export function basisOf({ kinds, conventions }: Pick<Fleet, 'kinds' | 'conventions'>): string {
  return uuidOf(hash('sha256', JSON.stringify([reader, kinds, conventions]), 'hex'))
}
