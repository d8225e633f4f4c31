import type { OwnDifference } from '../drift/difference.ts'
import { hasFresh, type View } from '../ladder.ts'
import { compareVersions, parseVersion } from '../version.ts'
import { record, text } from '../wire.ts'
import { conditionDrift } from './condition-drift.ts'

/** A Machine with a node is not as its set asks for, by its own word, or by its kubelet's version (domain.md 4.2). */
export function notUpToDate(view: View): OwnDifference | undefined {
  const { spec, status } = view.object
  if (text(record(status.nodeRef).name) === undefined) return undefined
  const outdated = hasFresh(view, 'UpToDate', 'False')
  if (outdated) return conditionDrift('machineNotUpToDate', outdated)
  const expected = text(spec.version)
  const actual = text(record(status.nodeInfo).kubeletVersion)
  if (expected === undefined || actual === undefined || isSameVersion(expected, actual)) return undefined
  return { code: 'machineNotUpToDate', field: 'status.nodeInfo.kubeletVersion', expected, actual }
}

/** Providers append to the version (`-eks-…`, `-gke.…`); where both sides do, that counts too. What is no version is no difference. */
function isSameVersion(expected: string, actual: string): boolean {
  const [a, b] = [parseVersion(expected), parseVersion(actual)]
  if (!a || !b) return true
  if (compareVersions(a, b) !== 0) return false
  const [asked, runs] = [suffixOf(expected), suffixOf(actual)]
  return asked === '' || runs === '' || asked === runs
}

const suffixOf = (version: string): string => /[-+].*$/.exec(version)?.[0] ?? ''

/** Neither a control plane's nor any set's: nobody replaces it when it fails (domain.md 4.5; "Other" in clusterctl). */
export function unmanaged(view: View): OwnDifference | undefined {
  const { owners, labels, deletingSince } = view.object
  if (deletingSince !== null || 'cluster.x-k8s.io/control-plane' in labels) return undefined
  if (owners.some(({ controller }) => controller)) return undefined
  return {
    code: 'orphanMachine',
    field: 'metadata.ownerReferences',
    expected: 'a controller',
    actual: null,
    message: 'it belongs to no set of machines and is no control plane',
  }
}
