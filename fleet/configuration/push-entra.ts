import * as z from 'zod'
import { exact, nearest, text } from './shape.ts'

// Azure AD's v1 tokens name another host than the one that answers, and one host serves the public and the US Government's cloud.
const clouds = {
  public: { authority: 'https://login.microsoftonline.com', v1: 'https://sts.windows.net' },
  usgov: { authority: 'https://login.microsoftonline.us', v1: 'https://sts.windows.net' },
  china: { authority: 'https://login.partner.microsoftonline.cn', v1: 'https://sts.chinacloudapi.cn' },
} as const
const names = ['public', 'usgov', 'china'] as const

/** True for issuers that only `entra` can check: what proves an application of Entra ID is more than a subject. */
export const isEntraIssuer = (issuer: string): boolean =>
  Object.values(clouds).some(({ authority, v1 }) => issuer.startsWith(`${authority}/`) || issuer.startsWith(`${v1}/`))

const guid = (what: string) => {
  const error = `must be the ${what}, for example 11111111-2222-3333-4444-555555555555`
  return z
    .string({ error })
    .regex(/^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/, { error })
    .transform((id) => id.toLowerCase())
}

const authorityProblem = 'must be an https URL without a path, for example https://login.local.azurestack.external'

const cloud = z
  .union(
    [
      z.enum(names).transform((name) => ({ ...clouds[name], ca: null })),
      exact({
        authority: z
          .string({ error: authorityProblem })
          .refine((url) => URL.canParse(url) && new URL(url).origin === url && url.startsWith('https://'), {
            error: authorityProblem,
          })
          .meta({ description: 'Where Entra ID answers.' }),
        ca: text('./entra.pem').optional().meta({
          description: 'A PEM file that vouches for it, relative to the fleet file. Default: the public authorities.',
        }),
      }).transform(({ authority, ca }) => ({ authority, v1: authority, ca: ca ?? null })),
    ],
    {
      error: ({ input }) =>
        typeof input === 'string'
          ? `is not a cloud Rollcall knows; ${nearest(input, names)}`
          : `must be one of ${names.join(', ')}, or { authority, ca } of a private cloud`,
    },
  )
  .optional()
  .meta({ description: 'Default: public.' })

const audience = text('api://rollcall')

/** `push.entra`: an application that shows tokens of Entra ID. */
export const entra = exact({
  tenant: guid('id of the tenant').meta({ description: 'The id of the tenant that the application lives in.' }),
  audience: z
    .union([audience.transform((one) => [one]), z.array(audience).min(1).max(5)], {
      error: 'must be the id or the URI of the application that stands for Rollcall, or a list of both',
    })
    .meta({ description: 'The application that stands for Rollcall: its client id, its URI, or a list of both.' }),
  appId: guid('client id of an application')
    .optional()
    .meta({ description: 'The client id of the application or managed identity that pushes.' }),
  objectId: guid('object id of a service principal')
    .optional()
    .meta({ description: 'The object id of its service principal.' }),
  cloud,
})
  .refine(({ appId, objectId }) => appId !== undefined || objectId !== undefined, {
    error:
      'does not say which application pushes; give its appId (client id), its objectId (service principal), or both',
  })
  .transform(({ tenant, audience: audiences, appId, objectId, cloud = { ...clouds.public, ca: null } }) => ({
    tenant,
    audiences,
    appId: appId ?? null,
    objectId: objectId ?? null,
    authority: cloud.authority,
    issuers: { '1.0': `${cloud.v1}/${tenant}/`, '2.0': `${cloud.authority}/${tenant}/v2.0` },
    ca: cloud.ca,
  }))
  .meta({ description: 'An application of Entra ID to which the app role Fleet.Push of Rollcall is assigned.' })
