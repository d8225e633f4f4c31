import * as z from 'zod'
import { type AzureAccount, type AzureCloud, azureClouds } from '../azure-account.ts'
import { defaultStaleAfterMs } from '../source.ts'
import { exact, nearest, text } from './shape.ts'
import { polling, sourceLabels, sourceName, staleAfterProblem } from './source-shape.ts'

/** Resource Graph and ARM throttle per principal (azure.md 1.6, 1.7), and clusters change seldom. */
const everyMsDefault = 300_000

const clouds = ['public', 'usgov', 'china'] as const
const cloudProblem = `must be one of ${clouds.join(', ')}, or { endpoint, scope, authority } of a private cloud`

const httpsUrl = (example: string, why: string) => {
  const error = `must be an https URL${why}, for example ${example}`
  return z
    .string({ error })
    .transform((written) => written.replace(/\/+$/, ''))
    .refine((url) => url.startsWith('https://') && URL.canParse(url), { error })
}

const scope = (example: string) => {
  const error = `must be the scope of a token, for example ${example}`
  return z.string({ error }).regex(/^\S+\/\.default$/, { error })
}

const privateCloud = exact({
  endpoint: httpsUrl('https://management.local.azurestack.external', ' without a path')
    .refine((url) => !URL.canParse(url) || new URL(url).pathname === '/', {
      error: 'must be an https URL without a path, for example https://management.local.azurestack.external',
    })
    .meta({ description: 'Origin of Azure Resource Manager.' }),
  scope: scope('https://management.local.azurestack.external/.default').meta({
    description: 'Of tokens for Resource Manager.',
  }),
  authority: httpsUrl('https://login.microsoftonline.com', '').meta({ description: 'Where Entra ID answers.' }),
  ca: text('./azure.pem').optional().meta({
    description: 'A PEM file that vouches for both, relative to the fleet file. Default: the public authorities.',
  }),
  aksScope: scope(azureClouds.public.aksScope)
    .optional()
    .meta({ description: 'Of tokens for AKS API servers. Default: the AKS Entra server application.' }),
}).transform(
  ({ ca, aksScope, ...cloud }): AzureCloud => ({
    ...cloud,
    name: 'custom',
    ca: ca ?? null,
    aksScope: aksScope ?? azureClouds.public.aksScope,
  }),
)

const cloud = z
  .union([z.enum(clouds).transform((name) => azureClouds[name]), privateCloud], {
    error: ({ input }) =>
      typeof input === 'string' ? `is not a cloud Rollcall knows; ${nearest(input, clouds)}` : cloudProblem,
  })
  .optional()
  .meta({ description: 'Default: public.' })

const ways = ['default', 'managedIdentity', 'workloadIdentity', 'environment', 'azureCli'] as const
const credentialProblem = `must be one of ${ways.join(', ')}, or { managedIdentity: <client id> }`

const credential = z
  .union(
    [
      z.enum(ways).transform((by) => ({ by })),
      exact({ managedIdentity: text('11111111-2222-3333-4444-555555555555') }).transform(({ managedIdentity }) => ({
        by: 'managedIdentity' as const,
        clientId: managedIdentity,
      })),
    ],
    {
      error: ({ input }) =>
        typeof input === 'string' ? `is not a credential; ${nearest(input, ways)}` : credentialProblem,
    },
  )
  .optional()
  .meta({ description: 'Who Rollcall is to Azure; no secret belongs here. Default: whatever @azure/identity finds.' })

const subscriptionProblem = 'must be the id of a subscription, for example 11111111-2222-3333-4444-555555555555'
const groupProblem = 'must be the id of a management group, for example platform'

const subscription = z
  .string({ error: subscriptionProblem })
  .regex(/^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/, { error: subscriptionProblem })
  .transform((id) => id.toLowerCase())

const managementGroup = z.string({ error: groupProblem }).regex(/^[\w().-]{1,90}$/, { error: groupProblem })

const tagProblem = 'must be the name of a tag, or name=value, for example rollcall-management'

/** Azure itself refuses these in the name of a tag, so that nothing could ever carry it. */
const tagForbidden = /[<>%&\\?/]/

const discover = exact({
  tag: z
    .string({ error: tagProblem })
    .regex(/^[^=]{1,512}(=.{1,256})?$/, { error: tagProblem })
    .refine((tag) => !tagForbidden.test(tag.split('=', 1).join('')), {
      error: 'names a tag that Azure does not allow: none of < > % & \\ ? / may be in it',
    })
    .transform((written) => {
      const [, tag = '', value] = /^([^=]+)(?:=(.+))?$/.exec(written) ?? []
      return { tag, value: value ?? null }
    })
    .meta({ description: 'The name of a tag, or name=value.' }),
})
  .transform(({ tag }) => tag)
  .optional()
  .meta({ description: 'AKS clusters that carry this tag become management clusters by themselves.' })

const accountSchema = exact({
  name: sourceName(),
  subscriptions: z
    .array(subscription, {
      error: `must be a list of subscription ids, for example [11111111-2222-3333-4444-555555555555]`,
    })
    .default([])
    .meta({ description: 'The subscriptions to read.' }),
  managementGroups: z
    .array(managementGroup, { error: 'must be a list of management group ids, for example [platform]' })
    .default([])
    .meta({ description: 'Management groups, all of whose subscriptions are read.' }),
  cloud,
  credential,
  labels: sourceLabels(),
  managementClusters: discover,
  ...polling('5m'),
})
  .superRefine(({ name, subscriptions, managementGroups, every, staleAfter }, context) => {
    const problem = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', message, path })
    if (subscriptions.length + managementGroups.length === 0) {
      problem(`does not say what to read of "${name}"; give subscriptions: [11111111-2222-3333-4444-555555555555]`)
    }
    const stale = staleAfterProblem(every ?? everyMsDefault, staleAfter)
    if (stale !== null) problem(stale, 'staleAfter')
  })
  .transform(
    ({ cloud, credential, labels, managementClusters, every, staleAfter, ...account }): AzureAccount => ({
      ...account,
      cloud: cloud ?? azureClouds.public,
      credential: credential ?? { by: 'default' },
      labels: labels ?? {},
      everyMs: every ?? everyMsDefault,
      staleAfterMs: staleAfter ?? defaultStaleAfterMs(every ?? everyMsDefault),
      discover: managementClusters ?? null,
    }),
  )

/** `azure` of the fleet file. */
export const azureSchema = z
  .array(accountSchema, { error: 'must be a list, each entry with a name and subscriptions or managementGroups' })
  .superRefine((accounts, context) => {
    const seen = new Map<string, string>()
    for (const [at, { subscriptions }] of accounts.entries()) {
      for (const [n, id] of subscriptions.entries()) {
        const first = seen.get(id)
        if (first === undefined) seen.set(id, `azure[${at}].subscriptions[${n}]`)
        else {
          const message = `repeats ${first} (${id}); a subscription is read once, so keep one of them`
          context.addIssue({ code: 'custom', message, path: [at, 'subscriptions', n] })
        }
      }
    }
  })
  .meta({ description: 'The Azure subscriptions to read.' })
