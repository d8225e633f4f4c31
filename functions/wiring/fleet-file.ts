import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseDocument } from 'yaml'
import type { AzureAccount } from '../../fleet/azure-account.ts'
import { type Fleet, parseFleet } from '../../fleet/configuration.ts'
import { FleetError } from '../../fleet/error.ts'
import type { Registration } from '../../fleet/push/registration.ts'
import { defaultEveryMs, defaultStaleAfterMs } from '../../fleet/source.ts'
import type { Target } from '../../fleet/target.ts'

const fleetFileBytesMax = 1024 * 1024
const aliasesMax = 100

/**
 * The fleet file, with paths made absolute. Throws FleetError `invalid` with one sentence: unreadable, no YAML, or what `parseFleet` says.
 */
export async function readFleetFile(path: string): Promise<Fleet> {
  const fleet = parseFleet(await readYaml(path, 'Fleet file'), path)
  const absolute = (written: string) => resolve(dirname(path), written)
  const accounts = new Map(fleet.accounts.map((account) => [account, absoluteAccount(account, absolute)]))
  const sources = fleet.sources.map(({ declaration, target }) => ({
    declaration,
    target: target && absoluteTarget(target, accounts, absolute),
  }))
  const registrations = fleet.registrations.map((registration) => absoluteRegistration(registration, absolute))
  return { ...fleet, sources, accounts: [...accounts.values()], registrations }
}

function absoluteRegistration(registration: Registration, absolute: (path: string) => string): Registration {
  if (registration.by === 'entra')
    return registration.ca === null ? registration : { ...registration, ca: absolute(registration.ca) }
  if (registration.by === 'flux' || registration.keys.at === 'file' || registration.keys.ca === null)
    return registration
  return { ...registration, keys: { at: 'issuer', ca: absolute(registration.keys.ca) } }
}

function absoluteAccount(account: AzureAccount, absolute: (path: string) => string): AzureAccount {
  const { cloud } = account
  return cloud.ca === null ? account : { ...account, cloud: { ...cloud, ca: absolute(cloud.ca) } }
}

function absoluteTarget(
  target: Target,
  accounts: ReadonlyMap<AzureAccount, AzureAccount>,
  absolute: (path: string) => string,
): Target {
  if (target.by !== 'kube') return { ...target, account: accounts.get(target.account) ?? target.account }
  const { kube } = target
  return kube.path === undefined ? target : { by: 'kube', kube: { ...kube, path: absolute(kube.path) } }
}

/**
 * Every context of a person's own kubeconfig as a management cluster. Exec plugins may run: the person's own tools use them too.
 * Throws FleetError `invalid` for a file that cannot be read or holds no context.
 */
export async function fleetOfKubeconfig(path: string): Promise<Fleet> {
  const names = contextNames(await readYaml(path, 'Kubeconfig'))
  if (names.length === 0) {
    throw new FleetError(
      'invalid',
      `Kubeconfig ${path} has no contexts; a file that "kubectl config get-contexts" lists something for is needed.`,
    )
  }
  const again = names.find((name, at) => names.indexOf(name) < at)
  if (again !== undefined) {
    throw new FleetError(
      'invalid',
      `Kubeconfig ${path} has two contexts named "${again}"; a source's name is its identity, so rename one of them.`,
    )
  }
  const sources = names.map((name) => ({
    declaration: {
      id: name,
      type: 'managementCluster' as const,
      parentId: null,
      polled: true,
      armId: null,
      region: null,
      labels: {},
      everyMs: defaultEveryMs,
      staleAfterMs: defaultStaleAfterMs(defaultEveryMs),
    },
    target: { by: 'kube' as const, kube: { path: resolve(path), context: name, allowExec: true } },
  }))
  return { ...parseFleet({}), sources }
}

function contextNames(value: unknown): string[] {
  const contexts = value && typeof value === 'object' && 'contexts' in value ? value.contexts : []
  if (!Array.isArray(contexts)) return []
  return contexts.flatMap((context: unknown) =>
    context &&
    typeof context === 'object' &&
    'name' in context &&
    typeof context.name === 'string' &&
    context.name !== ''
      ? [context.name]
      : [],
  )
}

/** YAML or JSON (which is YAML). `what` begins the sentence of an error. */
async function readYaml(path: string, what: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'does not exist' : `cannot be read (${error.code ?? error.message})`
    throw new FleetError('invalid', `${what} ${path} ${why}.`, { cause: error })
  })
  if (text.length > fleetFileBytesMax)
    throw new FleetError('invalid', `${what} ${path} is larger than ${fleetFileBytesMax} bytes.`)
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: true })
  const [error] = document.errors
  if (error) {
    const line = text.slice(0, error.pos[0]).split('\n').length
    if (error.code === 'MULTIPLE_DOCS') {
      const sentence = `${what} ${path} holds more than one YAML document: line ${line}; keep one of them, in a file of its own.`
      throw new FleetError('invalid', sentence, { cause: error })
    }
    throw new FleetError('invalid', `${what} ${path} is not YAML: line ${line}: ${error.message}.`, { cause: error })
  }
  try {
    return document.toJS({ maxAliasCount: aliasesMax })
  } catch (cause) {
    throw new FleetError(
      'invalid',
      `${what} ${path} has more than ${aliasesMax} uses of YAML aliases, or one that is not defined.`,
      { cause },
    )
  }
}
