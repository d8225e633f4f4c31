import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Parts of the real world that some machines lack. CI names them all in `ROLLCALL_REQUIRE`, so that a skip cannot hide there. */
export type Need = 'corpus' | 'apiserver' | 'postgres' | 'azurite'

const required = new Set((process.env.ROLLCALL_REQUIRE ?? '').split(',').filter(Boolean))

/** True when `what` is present. Absent: one line says so, or an error where `ROLLCALL_REQUIRE` lists it. */
export function needs(what: Need, present: boolean, remedy: string): boolean {
  if (present) return true
  if (required.has(what)) throw new Error(`ROLLCALL_REQUIRE lists ${what}, but it is not here: ${remedy}`)
  console.info(`skipped: ${what} is not here (${remedy})`)
  return false
}

/** The folder of real objects and peers' cases beside the checkout, or null. */
export function corpusDir(): string | null {
  const dir = resolve(process.env.ROLLCALL_CORPUS ?? join(import.meta.dirname, '../../shared/corpus'))
  return needs('corpus', existsSync(dir), 'set ROLLCALL_CORPUS to its folder') ? dir : null
}

/** The folder with kube-apiserver, etcd and kubectl, or null. */
export function apiServerAssets(): string | null {
  const dir = process.env.KUBEBUILDER_ASSETS ?? ''
  return needs('apiserver', dir !== '' && existsSync(join(dir, 'kube-apiserver')), 'set KUBEBUILDER_ASSETS')
    ? dir
    : null
}
