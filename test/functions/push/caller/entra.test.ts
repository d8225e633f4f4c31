import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseFleet } from '../../../../fleet/configuration.ts'
import { callerOf } from '../../../../functions/push/caller/caller.ts'
import { forbidden, refusalResponse, undecided } from '../../../../functions/push/caller/refusal.ts'
import { type IssuerServer, makePair, type Pair, sign, startIssuer } from './issuer-server.ts'
import { outcomeOf, showing } from './refusals.ts'

const now = new Date('2026-11-22T12:00:00Z')
const at = (seconds: number) => now.getTime() / 1000 + seconds
const tenant = '22222222-bbbb-4000-8000-000000000002'
const otherTenant = '99999999-bbbb-4000-8000-000000000009'
const rollcall = '11111111-aaaa-4000-8000-000000000001'
const appOf = (n: number) => `33333333-cccc-4000-8000-00000000000${n}`
const objectOf = (n: number) => `44444444-dddd-4000-8000-00000000000${n}`

let server: IssuerServer
let pair: Pair
let foreign: Pair
let call: (token: string) => Promise<string>

beforeAll(async () => {
  server = await startIssuer((url) => ({
    [`/${tenant}`]: `${url}/${tenant}/`,
    [`/${tenant}/v2.0`]: `${url}/${tenant}/v2.0`,
    [`/${otherTenant}/v2.0`]: `${url}/${otherTenant}/v2.0`,
  }))
  pair = await makePair('entra')
  const issuedFor = (one: Pair, id: string) => ({
    ...one,
    publicJwk: { ...one.publicJwk, issuer: `https://login.microsoftonline.com/${id}/v2.0` },
  })
  foreign = await makePair('foreign')
  server.publish(
    issuedFor(pair, '{tenantid}'),
    await makePair('elliptic', 'ES256'),
    issuedFor(foreign, '9188040d-6c67-4c5b-b112-36a304b66dad'),
  )
  const cloud = { authority: server.url, ca: server.ca }
  const push = (over: object) => ({ entra: { tenant, audience: ['api://rollcall', rollcall], cloud, ...over } })
  const fleet = parseFleet({
    managementClusters: [
      { name: 'weu', push: push({ appId: appOf(1), objectId: objectOf(1) }) },
      { name: 'neu', push: push({ objectId: objectOf(2) }) },
      { name: 'sea', push: push({ appId: appOf(3) }) },
      { name: 'sea-again', push: push({ objectId: objectOf(3) }) },
    ],
  })
  const caller = callerOf({ fleet, now: () => now, log: { warn: () => undefined } })
  call = (token) => outcomeOf(caller(showing(token)))
})
afterAll(() => server.close())

const times = { iat: at(-60), nbf: at(-60), exp: at(3_540) }
const same = (n: number) => ({ oid: objectOf(n), sub: objectOf(n), tid: tenant, roles: ['Fleet.Read', 'Fleet.Push'] })
/** Of version 2, as azure.md 8.1 has them. */
const v2 = (over: object = {}, n = 1) => ({
  ...{ iss: `${server.url}/${tenant}/v2.0`, ver: '2.0', aud: rollcall, azp: appOf(n), azpacr: '2' },
  ...{ ...times, ...same(n), ...over },
})
const v1 = (over: object = {}, n = 1) => ({
  ...{ iss: `${server.url}/${tenant}/`, ver: '1.0', aud: 'api://rollcall', appid: appOf(n), appidacr: '2' },
  ...{ ...times, ...same(n), ...over },
})
const who = `subject "${objectOf(1)}" of issuer "ISSUER/${tenant}/v2.0"`

describe('an application’s token of Entra ID', () => {
  it.each<[string, () => object, string]>([
    ['of version 2', () => v2(), 'weu'],
    ['of version 1', () => v1(), 'weu'],
    ['of version 1, made for the client id', () => v1({ aud: rollcall }), 'weu'],
    ['that says that it is an application’s', () => v2({ idtyp: 'app' }), 'weu'],
    ['known by its object alone', () => v2({}, 2), 'neu'],
    ['with its client id in capitals', () => v2({ azp: appOf(1).toUpperCase() }), 'weu'],
  ])('%s is let in', async (_what, claims, source) => {
    expect(await call(await sign({ ...claims() }, pair))).toBe(`in as ${source}`)
  })

  it.each<[string, () => object, string]>([
    [
      'of another tenant',
      () => v2({ tid: otherTenant }),
      `401 No source is registered for ${who} and its application.`,
    ],
    [
      'of another tenant’s issuer',
      () => v2({ iss: `${server.url}/${otherTenant}/v2.0`, tid: otherTenant }),
      `401 Issuer "ISSUER/${otherTenant}/v2.0" is not registered`,
    ],
    ['of another application', () => v2({ azp: appOf(9) }), `401 No source is registered for ${who}`],
    ['of another object of the application', () => v2({ oid: objectOf(9) }), `401 No source is registered for ${who}`],
    ['that hides its application', () => v2({ azp: undefined }), `401 No source is registered for ${who}`],
    [
      'that names its application as version 1 does',
      () => v2({ azp: undefined, appid: appOf(1) }),
      `401 No source is registered for ${who}`,
    ],
    ['whose version is not its issuer’s', () => v2({ ver: '1.0' }), `401 The token of ${who} is of another version`],
    [
      'for another application of Microsoft’s',
      () => v2({ aud: 'https://management.azure.com/' }),
      `401 The token of ${who} is made for another audience than the one that is registered.`,
    ],
    ['that has expired', () => v2({ exp: at(-31) }), `401 The token of ${who} has expired`],
    [
      'of a person',
      () => v2({ scp: 'Fleet.Push' }),
      `403 The token of ${who} is a person's, and only applications may`,
    ],
    ['of a person, by its type', () => v2({ idtyp: 'user' }), `403 The token of ${who} is a person's`],
    [
      'of a person who signed in (no scope, a subject of their own)',
      () => v2({ sub: 'pairwise' }),
      '403 The token of subject "pairwise" of issuer',
    ],
    [
      'without the role',
      () => v2({ roles: ['Fleet.Read'] }),
      `403 The application of ${who} does not have the app role Fleet.Push; assign it to its service principal.`,
    ],
    ['without roles', () => v2({ roles: undefined }), `403 The application of ${who} does not have`],
    ['with a text for roles', () => v2({ roles: 'xFleet.Pushx' }), `403 The application of ${who} does not have`],
    [
      'that two sources are registered for, by different names',
      () => v2({}, 3),
      `403 The application of subject "${objectOf(3)}" of issuer "ISSUER/${tenant}/v2.0" is registered for both "sea" and "sea-again"; give each its own.`,
    ],
  ])('%s is turned away', async (_what, claims, outcome) => {
    const said = (await call(await sign({ ...claims() }, pair))).replaceAll(server.url, 'ISSUER')
    expect(said.slice(0, outcome.length)).toBe(outcome)
  })

  it('is turned away when another than the tenant signed it, or by another algorithm than Entra ID’s', async () => {
    expect(await call(await sign(v2(), await makePair('entra')))).toMatch(/^401 .* is not signed by its issuer\.$/)
    expect(await call(await sign(v2(), await makePair('elliptic', 'ES256')))).toMatch(/^401 .* \(alg\) that is not/)
  })
})

it('is turned away when another tenant’s key signed it, though it is published beside its own', async () => {
  expect(await call(await sign(v2(), foreign))).toMatch(/^401 The token is signed with key "foreign", which its issuer/)
})

it('answers who may not push with 403, and with 503 who cannot be checked now', () => {
  const answers = [forbidden('No.'), undecided('Later.')].map((error) => refusalResponse(error, 'request-1'))
  expect(
    answers.map(({ status, headers }) => [status, headers.get('www-authenticate'), headers.get('retry-after')]),
  ).toEqual([
    [403, 'Bearer realm="rollcall", error="insufficient_scope"', null],
    [503, null, '10'],
  ])
})
