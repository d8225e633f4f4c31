import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import { parseAllDocuments } from 'yaml'
import type { KubeWire } from './api/object.ts'
import { type Era, resourcesOf } from './resource.ts'
import { tools } from './resource-tool.ts'

const releases = {
  new: [
    'cluster-api/v1.14.0',
    'cluster-api-provider-azure/v1.26.0',
    'azure-service-operator/v2.16.1',
    'flux-source-controller/v1.9.1',
    'flux-kustomize-controller/v1.9.4',
    'flux-helm-controller/v1.6.3',
    'cluster-api-provider-aws/v2.11.1',
    'cluster-api-provider-gcp/v1.12.0',
    'cluster-api-addon-provider-helm/v0.6.4',
    'tofu-controller/v0.16.5',
    'argo-cd/v3.5.1',
  ],
  old: [
    'cluster-api/v1.9.11',
    'cluster-api-provider-azure/v1.19.6',
    'azure-service-operator/v2.16.1',
    'flux-source-controller/v1.2.5',
    'flux-kustomize-controller/v1.2.2',
    'flux-helm-controller/v1.0.1',
    'cluster-api-provider-aws/v2.8.4',
    'cluster-api-provider-gcp/v1.9.0',
    // The only release of it in the corpus.
    'cluster-api-addon-provider-helm/v0.6.4',
    'tofu-controller/v0.15.1',
    'argo-cd/v2.14.21',
  ],
} as const satisfies Record<Era, readonly string[]>

/** What is wrong with an object by its CRD; empty when nothing is, null when the corpus has no such CRD. */
export type Check = (object: KubeWire) => readonly string[] | null

/** Checks objects as an API server with the CRDs of that era would, and refuses what it would silently prune. */
export function checkOf(corpus: string, era: Era): Check {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, unicodeRegExp: false })
  const schemas = new Map<string, unknown>()
  for (const { group, names, versions } of crdsOf(corpus, era))
    for (const { name, schema } of versions) schemas.set(`${group}/${name}/${names.kind}`, schema?.openAPIV3Schema)
  const compiled = new Map<string, ValidateFunction>()
  return (object) => {
    const key = `${object.apiVersion}/${object.kind}`
    const schema = schemas.get(key)
    if (schema === undefined) return null
    const validate = compiled.get(key) ?? ajv.compile(strict(schema))
    compiled.set(key, validate)
    const errors = validate(object) ? [] : (validate.errors ?? [])
    return errors.map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
  }
}

/** The CRDs of that era's releases, as far as the world serves their kinds: parsing the others takes seconds. */
export function crdsOf(corpus: string, era: Era): readonly CrdSpec[] {
  const served = new Set(resourcesOf(era, tools).map(({ kind }) => kind))
  return releases[era].flatMap((release) => {
    const folder = join(corpus, 'crds', release)
    const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
    const texts = files.map((file) => readFileSync(join(folder, file), 'utf8')).filter((text) => isServed(text, served))
    return texts.flatMap((text) => parseAllDocuments(text)).flatMap((document) => document.toJS()?.spec ?? [])
  })
}

/** By `spec.names.kind`, before anything is parsed. */
const isServed = (text: string, served: ReadonlySet<string>): boolean =>
  [...text.matchAll(/^ {4}kind: (\S+)$/gm)].some(([, kind]) => served.has(kind ?? ''))

interface CrdSpec {
  readonly group: string
  readonly names: { readonly kind: string; readonly plural: string; readonly shortNames?: readonly string[] }
  readonly scope: 'Namespaced' | 'Cluster'
  readonly versions: readonly {
    readonly name: string
    readonly served: boolean
    readonly storage: boolean
    readonly deprecated?: boolean
    readonly deprecationWarning?: string
    readonly subresources?: { readonly status?: object }
    readonly schema?: { readonly openAPIV3Schema: unknown }
  }[]
}

/** The schema without Kubernetes' extensions, and closed wherever a server would prune. */
function strict(schema: unknown): object {
  if (typeof schema !== 'object' || schema === null) return {}
  const given: Record<string, unknown> = { ...schema }
  const made: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(given)) {
    if (key.startsWith('x-kubernetes') || key === 'description' || key === 'default' || key === 'format') continue
    // RE2's flags, which JavaScript lacks.
    if (key === 'pattern' && String(value).startsWith('(?')) continue
    if (key === 'properties' && typeof value === 'object' && value !== null)
      made.properties = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, strict(inner)]))
    else if (key === 'items') made.items = strict(value)
    else if (key === 'additionalProperties')
      made.additionalProperties = typeof value === 'object' ? strict(value) : value
    else made[key] = value
  }
  if (given['x-kubernetes-int-or-string']) delete made.type
  const open =
    given['x-kubernetes-preserve-unknown-fields'] === true || given['x-kubernetes-embedded-resource'] === true
  if (made.properties !== undefined && made.additionalProperties === undefined && !open)
    made.additionalProperties = false
  return made
}
