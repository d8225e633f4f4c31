import { hash } from 'node:crypto'
import { type Exchange, sendJson, sendText } from './exchange.ts'
import { apiVersionOf, type Resource, resourceName, type ServedVersion } from './object.ts'

/** What kind of server this one pretends to be. */
export type Profile = '1.20' | 'current'

const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']
const statusVerbs = ['get', 'patch', 'update']

/** Answers `/api`, `/apis`, `/apis/<group>` and `/apis/<group>/<version>`; false when the path is none of these. */
export async function discover(exchange: Exchange, served: readonly Resource[], profile: Profile): Promise<boolean> {
  const [root, group, version, ...more] = exchange.path.split('/').filter(Boolean)
  if (root !== 'api' && root !== 'apis') return false
  if (root === 'api' && group !== undefined && version !== undefined) return false
  if (more.length > 0) return false
  const core = root === 'api'
  if (group === undefined) {
    const resources = served.filter((resource) => (resource.group === '') === core)
    await (aggregatedVersion(exchange.accept, profile)
      ? sendAggregated(exchange, resources)
      : sendJson(exchange, 200, core ? apiVersions : groupList(resources)))
    return true
  }
  const [name, wanted] = core ? ['', group] : [group, version]
  const resources = served.filter((resource) => resource.group === name)
  if (wanted === undefined) {
    const found = groupsOf(resources)[0]
    await (found === undefined
      ? sendText(exchange, 404, notFoundPage)
      : sendJson(exchange, 200, { kind: 'APIGroup', apiVersion: 'v1', ...found }))
    return true
  }
  const rows = resources.flatMap((resource) => resourceRows(resource, wanted))
  await (rows.length === 0
    ? sendText(exchange, 404, notFoundPage)
    : sendJson(exchange, 200, {
        kind: 'APIResourceList',
        apiVersion: 'v1',
        groupVersion: apiVersionOf(name, wanted),
        resources: rows,
      }))
  return true
}

/** The body of a 404 for a path that no group serves: text, not a Status. */
export const notFoundPage = '404 page not found\n'

const apiVersions = {
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '127.0.0.1:443' }],
}

const groupList = (resources: readonly Resource[]) => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: groupsOf(resources),
})

function groupsOf(resources: readonly Resource[]) {
  return [...Map.groupBy(resources, (resource) => resource.group)].map(([name, members]) => {
    const versions = versionsOf(members).map((version) => ({ groupVersion: `${name}/${version}`, version }))
    return { name, versions, preferredVersion: versions[0] }
  })
}

/** Every version any member serves, in the order Kubernetes gives them. */
function versionsOf(members: readonly Resource[]): readonly string[] {
  const names = new Set(members.flatMap((member) => member.versions.map((version) => version.name)))
  return [...names].sort(compareVersions)
}

/** GA before beta before alpha, newest first; names that are not kube-style come last, by alphabet (apimachinery pkg/version). */
function compareVersions(a: string, b: string): number {
  const rank = (name: string): readonly number[] | null => {
    const [, major, stage, minor] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(name) ?? []
    if (major === undefined) return null
    return [stage === undefined ? 2 : stage === 'beta' ? 1 : 0, Number(major), Number(minor ?? 0)]
  }
  const [x, y] = [rank(a), rank(b)]
  if (x === null || y === null) return x === y ? (a < b ? -1 : 1) : x === null ? 1 : -1
  for (const [i, value] of x.entries()) if (value !== y[i]) return (y[i] ?? 0) - value
  return 0
}

function resourceRows(resource: Resource, version: string): readonly object[] {
  const found = resource.versions.find((candidate) => candidate.name === version)
  if (found === undefined) return []
  const base = { namespaced: resource.namespaced, kind: resource.kind }
  const rows: object[] = [
    {
      name: resource.plural,
      singularName: resource.kind.toLowerCase(),
      ...base,
      verbs,
      ...(resource.shortNames ? { shortNames: resource.shortNames } : {}),
      storageVersionHash: hash('sha256', resourceName(resource), 'base64').slice(0, 12),
    },
  ]
  if (found.status !== false)
    rows.push({ name: `${resource.plural}/status`, singularName: '', ...base, verbs: statusVerbs })
  return rows
}

function aggregatedVersion(accept: string, profile: Profile): string | null {
  if (profile === '1.20') {
    // 1.20 knows no such thing, and refuses a client that takes nothing else.
    return null
  }
  const asked = accept.split(',').find((type) => type.includes('as=APIGroupDiscoveryList'))
  return /v=(v2beta1|v2)\b/.exec(asked ?? '')?.[1] ?? null
}

async function sendAggregated(exchange: Exchange, resources: readonly Resource[]): Promise<void> {
  const version = aggregatedVersion(exchange.accept, 'current') ?? 'v2'
  const items = [...Map.groupBy(resources, (resource) => resource.group)].map(([name, members]) => ({
    metadata: { ...(name === '' ? {} : { name }), creationTimestamp: null },
    versions: versionsOf(members).map((one) => ({
      version: one,
      resources: members.flatMap((member) => aggregatedRows(member, one)),
      freshness: 'Current',
    })),
  }))
  const body = { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items }
  const etag = `"${hash('sha512', JSON.stringify(body), 'hex').toUpperCase()}"`
  const headers = {
    'content-type': `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
    etag,
    vary: 'Accept',
    'cache-control': 'public',
  }
  if (exchange.request.headers['if-none-match'] === etag) {
    exchange.response.writeHead(304, headers).end()
    return
  }
  await sendJson(exchange, 200, body, headers)
}

function aggregatedRows(resource: Resource, version: string): readonly object[] {
  const found: ServedVersion | undefined = resource.versions.find((candidate) => candidate.name === version)
  if (found === undefined) return []
  const responseKind = { group: resource.group, version, kind: resource.kind }
  return [
    {
      resource: resource.plural,
      responseKind,
      scope: resource.namespaced ? 'Namespaced' : 'Cluster',
      singularResource: resource.kind.toLowerCase(),
      verbs,
      ...(resource.shortNames ? { shortNames: resource.shortNames } : {}),
      ...(found.status === false
        ? {}
        : { subresources: [{ subresource: 'status', responseKind, verbs: statusVerbs }] }),
    },
  ]
}
