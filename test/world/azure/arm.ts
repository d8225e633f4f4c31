import { stringify } from 'yaml'
import {
  type Answer,
  authorizationFailed,
  badRequest,
  invalidSubscription,
  resourceGroupNotFound,
  resourceNotFound,
  subscriptionNotFound,
} from './answer.ts'
import { versionsBody } from './offer.ts'
import { type AksResource, idOf, keyOf } from './resource.ts'
import type { AzureRequest, Serving } from './server.ts'
import { aksScope, audienceOf } from './token.ts'
import { tenantId, wireOf } from './wire.ts'

const headers = { 'x-ms-ratelimit-remaining-subscription-global-reads': '3749' }
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Answers a request to Resource Manager that may be made and is well formed. */
export function answerArm(serving: Serving, request: AzureRequest): Answer {
  const { name, subscription } = request.operation
  if (name === 'other')
    throw badRequest('InvalidRequestUri', `The request to '${request.url.pathname}' is not one that this Azure knows.`)
  if (!uuid.test(subscription)) throw invalidSubscription(subscription)
  if (!serving.azure.subscriptions.some(({ id }) => id === subscription)) throw subscriptionNotFound(subscription)
  if (name === 'list') return list(serving, request)
  if (serving.azure.faults.take('revoked', name, subscription))
    throw authorizationFailed(serving.clientId, request.operation.action, request.url.pathname)
  if (name === 'versions') return versions(serving, request)
  return name === 'get'
    ? { status: 200, body: wireOf(found(serving, request)), headers }
    : credential(serving, found(serving, request))
}

function list({ azure, url, pageSize }: Serving, { url: asked, operation }: AzureRequest): Answer {
  const { subscription } = operation
  const take = <N extends Parameters<typeof azure.faults.take>[0]>(fault: N) =>
    azure.faults.take(fault, operation.name, subscription)
  const all = azure.resources.filter((resource) => resource.subscription === subscription)
  const readable = take('revoked') ? [] : all.slice(0, take('shrunken')?.keep)
  const from = Number(Buffer.from(asked.searchParams.get('$skiptoken') ?? '', 'base64url').toString() || '0')
  const value: unknown[] = readable.slice(from, from + pageSize).map(wireOf)
  if (take('badItem') && value[0] !== undefined) value[0] = { ...Object(value[0]), properties: 'unreadable' }
  if (take('valueless')) return { status: 200, body: {}, headers }
  const next = take('endless') ? from : from + pageSize
  if (take('foreignNextLink')) {
    const { port } = new URL(url)
    return { status: 200, body: { value, nextLink: linkTo(`https://localhost:${port}`, asked, next) }, headers }
  }
  const nextLink = next < readable.length ? { nextLink: linkTo(url, asked, next) } : {}
  return { status: 200, body: { value, ...nextLink }, headers }
}

function linkTo(origin: string, asked: URL, from: number): string {
  const link = new URL(asked.pathname, origin)
  link.searchParams.set('api-version', asked.searchParams.get('api-version') ?? '')
  link.searchParams.set('$skiptoken', Buffer.from(String(from)).toString('base64url'))
  return link.href
}

function found({ azure }: Serving, { operation }: AzureRequest): AksResource {
  const { subscription, resourceGroup, subject: name } = operation
  const resource = azure.find(idOf({ subscription, resourceGroup, name }))
  if (resource !== null) return resource
  throw azure.hasResourceGroup(subscription, resourceGroup)
    ? resourceNotFound('Microsoft.ContainerService/managedClusters', name, resourceGroup)
    : resourceGroupNotFound(resourceGroup)
}

function versions({ azure }: Serving, { operation, url }: AzureRequest): Answer {
  if (/^[a-z]+\d?$/.test(operation.subject)) return { status: 200, body: versionsBody(azure.now), headers }
  throw badRequest(
    'NoRegisteredProviderFound',
    `No registered resource provider found for location '${operation.subject}' and API version '${url.searchParams.get('api-version')}' for type 'locations/kubernetesVersions'.`,
  )
}

/** A kubeconfig whose user runs kubelogin, as clusters with Entra have it. */
function credential({ azure }: Serving, resource: AksResource): Answer {
  const endpoint = azure.endpoints.get(keyOf(resource))
  if (!resource.entra || endpoint === undefined)
    throw badRequest(
      'BadRequest',
      "Getting static credential isn't allowed because this cluster is set to disable local accounts.",
    )
  const user = `clusterUser_${resource.resourceGroup}_${resource.name}`
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    command: 'kubelogin',
    args: [
      ...['get-token', '--environment', 'AzurePublicCloud', '--server-id', audienceOf(aksScope)],
      ...['--client-id', '80faf920-1908-4b52-b5ef-a8e7bedfc67a', '--tenant-id', tenantId, '--login', 'devicecode'],
    ],
    env: null,
    provideClusterInfo: false,
  }
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': resource.name,
    clusters: [
      {
        name: resource.name,
        cluster: { server: endpoint.url, 'certificate-authority-data': Buffer.from(endpoint.ca).toString('base64') },
      },
    ],
    contexts: [{ name: resource.name, context: { cluster: resource.name, user } }],
    users: [{ name: user, user: { exec } }],
  }
  const value = Buffer.from(stringify(kubeconfig)).toString('base64')
  return { status: 200, body: { kubeconfigs: [{ name: 'clusterUser', value }] }, headers }
}
