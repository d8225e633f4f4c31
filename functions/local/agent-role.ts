import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { FleetError } from '../../fleet/error.ts'
import { kinds } from '../../fleet/kinds/registry.ts'
import { genericGroups } from '../sources/read-kind.ts'
import { runCommand } from './command.ts'

const path = join(import.meta.dirname, '../../infra/agent/cluster-role.yaml')
const verbs = ['get', 'list', 'watch']
const head =
  '# Made by `node functions/local/agent-role.ts` of the kinds that Rollcall reads. Reading alone; no Secrets.\n'

/** Writes the ClusterRole of the agent; with `--check` it only fails when the committed one is out of date. */
await runCommand(async () => {
  const text = head + stringify(roleOf(), { aliasDuplicateObjects: false, lineWidth: 0 })
  if (!process.argv.includes('--check')) return writeFile(path, text)
  if ((await readFile(path, 'utf8').catch(() => '')) === text) return
  throw new FleetError(
    'conflict',
    'infra/agent/cluster-role.yaml is out of date; run `node functions/local/agent-role.ts`.',
  )
})

function roleOf(): object {
  const plurals = new Map<string, string[]>()
  for (const { group, reach } of kinds)
    if (reach.by === 'kube') plurals.set(group, [...(plurals.get(group) ?? []), reach.plural])
  // Kinds of providers that nobody wrote a file for are read as well. Their groups hold no Secrets.
  for (const group of genericGroups) plurals.set(group, ['*'])
  const rules = [...plurals]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, resources]) => ({ apiGroups: [group], resources: resources.toSorted(), verbs }))
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'rollcall-agent' },
    rules: [
      ...rules,
      // Its UID says which cluster this is.
      { apiGroups: [''], resources: ['namespaces'], resourceNames: ['kube-system'], verbs: ['get'] },
    ],
  }
}
