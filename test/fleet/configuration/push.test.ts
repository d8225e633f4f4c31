import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ended } from '../../../fleet/configuration/sentence.ts'
import { parseFleet } from '../../../fleet/configuration.ts'

const issuer = 'https://oidc.example/weu/'
const subject = 'system:serviceaccount:rollcall:agent'
const uid = '11111111-aaaa-4000-8000-000000000001'
const tenant = '22222222-bbbb-4000-8000-000000000002'
const appId = '33333333-cccc-4000-8000-000000000003'
const objectId = '44444444-dddd-4000-8000-000000000004'
const account = { issuer, audience: 'rollcall', subject }
const entra = { tenant, audience: 'api://rollcall', appId }
const flux = { hmacKey: { env: 'ROLLCALL_KEY_WEU' } }
const polled = { kubeconfig: { path: './weu.kubeconfig' } }

const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength })
const publicJwk = rsa(2048).publicKey.export({ format: 'jwk' })
const secretJwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })

const fleetOf = (push: unknown, over: object = {}) => ({ managementClusters: [{ name: 'weu', push, ...over }] })
const pushersOf = (...pushes: unknown[]) => ({
  managementClusters: pushes.map((push, at) => ({ name: `mgmt-${at}`, push, ...polled })),
})

describe('a management cluster that pushes', () => {
  it('is not polled, and is stale after two minutes without a sign of life, of which one is due every 30 s', () => {
    const { sources, registrations } = parseFleet(fleetOf(account))
    expect(sources).toMatchObject([
      {
        declaration: { id: 'weu', polled: false, parentId: null, everyMs: 30_000, staleAfterMs: 120_000 },
        target: null,
      },
    ])
    expect(registrations).toEqual([
      {
        ...{ by: 'kubernetes', source: 'weu', issuer, audience: 'rollcall', subject, serviceAccountUid: null },
        keys: { at: 'issuer', ca: null },
      },
    ])
    expect(parseFleet(fleetOf(account, { staleAfter: '60s' })).sources).toMatchObject([
      { declaration: { staleAfterMs: 60_000 } },
    ])
  })

  it('beside a kubeconfig is polled as well', () => {
    const { sources, registrations } = parseFleet(fleetOf(account, { ...polled, every: '5m' }))
    expect(sources).toMatchObject([
      { declaration: { polled: true, everyMs: 300_000, staleAfterMs: 900_000 }, target: { by: 'kube' } },
    ])
    expect(registrations).toHaveLength(1)
  })

  it('may bring its keys, where its issuer cannot be asked; its name is then any text', () => {
    const push = {
      ...account,
      issuer: 'kubernetes/serviceaccount',
      serviceAccountUid: uid,
      jwks: { keys: [publicJwk] },
    }
    expect(parseFleet(fleetOf(push)).registrations).toMatchObject([
      {
        issuer: 'kubernetes/serviceaccount',
        serviceAccountUid: uid,
        keys: { at: 'file', jwks: { keys: [publicJwk] } },
      },
    ])
    expect(parseFleet(fleetOf({ ...account, ca: './issuer.pem' })).registrations).toMatchObject([
      { keys: { at: 'issuer', ca: './issuer.pem' } },
    ])
  })

  it('may be an application of Entra ID, whose issuers differ by version and cloud', () => {
    const registrationOf = (over: object) => parseFleet(fleetOf({ entra: { ...entra, ...over } })).registrations[0]
    expect(registrationOf({ tenant: tenant.toUpperCase() })).toEqual({
      ...{ by: 'entra', source: 'weu', tenant, audiences: ['api://rollcall'], appId, objectId: null, ca: null },
      authority: 'https://login.microsoftonline.com',
      issuers: {
        '1.0': `https://sts.windows.net/${tenant}/`,
        '2.0': `https://login.microsoftonline.com/${tenant}/v2.0`,
      },
    })
    expect(registrationOf({ cloud: 'china', audience: ['api://rollcall', appId] })).toMatchObject({
      audiences: ['api://rollcall', appId],
      issuers: {
        '1.0': `https://sts.chinacloudapi.cn/${tenant}/`,
        '2.0': `https://login.partner.microsoftonline.cn/${tenant}/v2.0`,
      },
    })
    expect(registrationOf({ cloud: { authority: 'https://127.0.0.1:1', ca: './entra.pem' } })).toMatchObject({
      ca: './entra.pem',
      issuers: { '1.0': `https://127.0.0.1:1/${tenant}/`, '2.0': `https://127.0.0.1:1/${tenant}/v2.0` },
    })
  })

  it('may let Flux hasten its readings, with keys that are named and not written down', () => {
    const two = {
      hmacKey: [{ env: 'ROLLCALL_KEY_NEW' }, { env: 'ROLLCALL_KEY_OLD' }],
      bearerToken: { env: 'ROLLCALL_KEY_B' },
    }
    expect(parseFleet(fleetOf({ ...account, flux: two })).registrations).toMatchObject([
      { by: 'kubernetes' },
      { by: 'flux', source: 'weu', hmacKeys: ['ROLLCALL_KEY_NEW', 'ROLLCALL_KEY_OLD'], bearerKeys: ['ROLLCALL_KEY_B'] },
    ])
  })

  it('tells apart clusters whose issuers have one name by the UIDs of their service accounts', () => {
    const push = (serviceAccountUid: string) => ({ ...account, serviceAccountUid, jwks: { keys: [publicJwk] } })
    expect(parseFleet(pushersOf(push(uid), push(objectId))).registrations).toHaveLength(2)
  })
})

const both = '; give each source its own'
const same = 'nobody could tell whether it speaks for "mgmt-0" or "mgmt-1"'

it.each<[string, unknown, string]>([
  [
    'nobody who pushes',
    fleetOf({}),
    'managementClusters[0].push does not say who pushes; give the issuer, audience and subject of a service account, or "entra"',
  ],
  [
    'a misspelt setting',
    fleetOf({ ...account, audence: 'x' }),
    'managementClusters[0].push.audence is not a setting here; did you mean "audience"?',
  ],
  [
    'no audience',
    fleetOf({ issuer, subject }),
    'managementClusters[0].push.audience must be a text that is not empty, for example rollcall',
  ],
  [
    'no subject',
    fleetOf({ issuer, audience: 'rollcall' }),
    'managementClusters[0].push.subject must be the subject of a service account, for example system:serviceaccount:rollcall:agent',
  ],
  [
    'a service account by its name',
    fleetOf({ ...account, subject: 'rollcall/agent' }),
    'managementClusters[0].push.subject must be the subject of a service account, for example system:serviceaccount:rollcall:agent',
  ],
  [
    'a subject without an issuer',
    fleetOf({ subject, entra }),
    'managementClusters[0].push.subject is of no use without "issuer", which must be the issuer of the cluster\'s service account tokens, exactly as they say it ("iss"), for example https://oidc.example/weu/',
  ],
  [
    'a UID that is none',
    fleetOf({ ...account, serviceAccountUid: 'agent' }),
    'managementClusters[0].push.serviceAccountUid must be the UID of a service account, for example 11111111-2222-3333-4444-555555555555',
  ],
  [
    'an issuer that cannot be asked over https',
    fleetOf({ ...account, issuer: 'http://oidc.example' }),
    'managementClusters[0].push.issuer must be an https URL, for its keys are read from there; else give them as "jwks"',
  ],
  [
    'an issuer with a password in it',
    fleetOf({ ...account, issuer: 'https://u:p@oidc.example' }),
    'managementClusters[0].push.issuer must be an https URL, for its keys are read from there; else give them as "jwks"',
  ],
  [
    'Entra ID as an issuer like any other',
    fleetOf({ ...account, issuer: `https://sts.windows.net/${tenant}/` }),
    'managementClusters[0].push.issuer is Entra ID; give push: { entra: { tenant, audience, appId } }',
  ],
  [
    'keys beside a CA of the issuer',
    fleetOf({ ...account, jwks: { keys: [publicJwk] }, ca: './ca.pem' }),
    'managementClusters[0].push.ca vouches for an issuer that is asked for its keys, and "jwks" gives them; keep one of them',
  ],
  [
    'no keys',
    fleetOf({ ...account, jwks: { keys: [] } }),
    'managementClusters[0].push.jwks.keys must be what "kubectl get --raw /openid/v1/jwks" prints: { keys: [{ kty: RSA, kid: …, n: …, e: … }] }',
  ],
  [
    'a private key',
    fleetOf({ ...account, jwks: { keys: [publicJwk, secretJwk] } }),
    'managementClusters[0].push.jwks.keys[1] is a secret key, which must never be in this file; give public keys',
  ],
  [
    'a shared secret',
    fleetOf({ ...account, jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } }),
    'managementClusters[0].push.jwks.keys[0] is a secret key, which must never be in this file; give public keys',
  ],
  [
    'a key that is none',
    fleetOf({ ...account, jwks: { keys: [{ kty: 'RSA', n: 'x' }] } }),
    'managementClusters[0].push.jwks.keys[0] is not a public key; "jwks" must be what "kubectl get --raw /openid/v1/jwks" prints: { keys: [{ kty: RSA, kid: …, n: …, e: … }] }',
  ],
  [
    'a key that is too short',
    fleetOf({ ...account, jwks: { keys: [rsa(1024).publicKey.export({ format: 'jwk' })] } }),
    'managementClusters[0].push.jwks.keys[0] is an RSA key of less than 2048 bits, which nothing may trust',
  ],
  [
    'a tenant by its domain',
    fleetOf({ entra: { ...entra, tenant: 'corp.example' } }),
    'managementClusters[0].push.entra.tenant must be the id of the tenant, for example 11111111-2222-3333-4444-555555555555',
  ],
  [
    'no application',
    fleetOf({ entra: { tenant, audience: 'api://rollcall' } }),
    'managementClusters[0].push.entra does not say which application pushes; give its appId (client id), its objectId (service principal), or both',
  ],
  [
    'no audience of Entra ID',
    fleetOf({ entra: { tenant, appId } }),
    'managementClusters[0].push.entra.audience must be the id or the URI of the application that stands for Rollcall, or a list of both',
  ],
  [
    'an unknown cloud',
    fleetOf({ entra: { ...entra, cloud: 'chian' } }),
    'managementClusters[0].push.entra.cloud is not a cloud Rollcall knows; did you mean "china"?',
  ],
  [
    'an authority with a path',
    fleetOf({ entra: { ...entra, cloud: { authority: 'https://login.example/x' } } }),
    'managementClusters[0].push.entra.cloud.authority must be an https URL without a path, for example https://login.local.azurestack.external',
  ],
  [
    'a key in the file itself',
    fleetOf({ ...account, flux: { hmacKey: 'hunter2' } }),
    'managementClusters[0].push.flux.hmacKey must be { env: ROLLCALL_KEY_<NAME> }: the setting that holds the key, which is never in this file itself; or a list of up to 5 while one is being replaced',
  ],
  [
    'another program’s setting for a key',
    fleetOf({ ...account, flux: { hmacKey: { env: 'DATABASE_URL' } } }),
    'managementClusters[0].push.flux.hmacKey.env must be ROLLCALL_KEY_ and capitals, digits or underscores, for example ROLLCALL_KEY_WEU',
  ],
  [
    'Flux without a key',
    fleetOf({ ...account, flux: {} }),
    'managementClusters[0].push.flux must have "hmacKey", for example { hmacKey: { env: ROLLCALL_KEY_WEU } }, or "bearerToken"',
  ],
  [
    'Flux alone, whose events prove nothing',
    fleetOf({ flux }),
    'managementClusters[0].push lets only Flux speak, whose events prove nothing; give the issuer of an agent too, or "kubeconfig"',
  ],
  [
    'an interval of polls without polls',
    fleetOf(account, { every: '60s' }),
    'managementClusters[0].every says how often a cluster is polled, and nothing polls this one; leave it out, or give "kubeconfig"',
  ],
  [
    'staleness between two signs of life',
    fleetOf(account, { staleAfter: '59s' }),
    'managementClusters[0].staleAfter must be at least 1m, because senders give a sign of life every 30 s and a living one would be stale between two',
  ],
  [
    'one service account for two sources',
    pushersOf({ ...account, serviceAccountUid: uid }, { ...account, serviceAccountUid: uid, audience: 'other' }),
    `managementClusters[0].push and managementClusters[1].push have the same caller (${subject} of issuer ${issuer}), and ${same}${both}`,
  ],
  [
    'one service account for two sources, once by its UID and once by any',
    pushersOf(account, { ...account, serviceAccountUid: uid }),
    `managementClusters[0].push and managementClusters[1].push have the same caller (${subject} of issuer ${issuer}), and ${same}${both}`,
  ],
  [
    'one application for two sources, once with its object',
    pushersOf({ entra }, { entra: { ...entra, objectId } }),
    `managementClusters[0].push and managementClusters[1].push have the same caller (an application of tenant ${tenant}), and ${same}${both}`,
  ],
  [
    'one key of Flux for two sources',
    pushersOf({ flux }, { flux: { bearerToken: { env: 'ROLLCALL_KEY_WEU' } } }),
    `managementClusters[0].push and managementClusters[1].push have the same caller (ROLLCALL_KEY_WEU), and ${same}${both}`,
  ],
])('refuses %s in one sentence', (_what, value, sentence) => {
  expect(() => parseFleet(value, 'rollcall.yaml')).toThrow(
    expect.objectContaining({ code: 'invalid', message: ended(`rollcall.yaml: ${sentence}`) }),
  )
})
