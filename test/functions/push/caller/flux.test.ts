import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseFleet } from '../../../../fleet/configuration.ts'
import { fluxOf, isSigned } from '../../../../functions/push/caller/flux.ts'
import { refusalResponse, unsigned } from '../../../../functions/push/caller/refusal.ts'
import { outcomeOf } from './refusals.ts'

const body = Buffer.from('{"severity":"info"}')
const [newKey, oldKey, bearer, foreign] = ['new', 'old', 'bearer', 'foreign'].map((name) => `${name}-key-of-this-test`)
const keys = new Map([newKey, oldKey, bearer, foreign].map((key, at) => [`ROLLCALL_KEY_${'ABCD'[at]}`, String(key)]))
const env = (name: string) => ({ env: `ROLLCALL_KEY_${name}` })
const fleet = parseFleet({
  managementClusters: [
    { name: 'weu', inCluster: true, push: { flux: { hmacKey: [env('A'), env('B')], bearerToken: env('C') } } },
    { name: 'neu', inCluster: true, push: { flux: { hmacKey: env('D') } } },
    { name: 'mute', inCluster: true },
  ],
})

const macOf = (key: string | undefined, bytes: Uint8Array = body) =>
  createHmac('sha256', String(key)).update(bytes).digest('hex')
const call = (headers: Record<string, string>, source = 'weu', bytes: Uint8Array = body) =>
  outcomeOf(
    new Promise((resolve) => resolve(fluxOf({ fleet, settings: { keys } }, source, new Headers(headers), bytes))),
  )

describe('an event of Flux', () => {
  it.each<[string, Record<string, string>]>([
    ['signed with the new key', { 'x-signature': `sha256=${macOf(newKey)}` }],
    ['signed with the old key, while it is being replaced', { 'x-signature': `sha256=${macOf(oldKey)}` }],
    ['signed in capitals', { 'x-signature': `sha256=${macOf(newKey).toUpperCase()}` }],
    ['that cannot be signed, with its token', { authorization: `Bearer ${bearer}` }],
  ])('%s is let in', async (_what, headers) => {
    expect(await call(headers)).toBe('in as weu')
  })

  const wrong =
    "401 X-Signature is not that of these bytes with the key of this source; compare the token in the Provider's Secret."
  it.each<[string, Record<string, string>, string]>([
    [
      'without a signature',
      {},
      '401 The event is not signed: use a Provider of type generic-hmac, whose Secret holds the key as "token".',
    ],
    ['of a stranger’s key', { 'x-signature': `sha256=${macOf('another key of 16')}` }, wrong],
    ['of another source’s key', { 'x-signature': `sha256=${macOf(foreign)}` }, wrong],
    ['signed with the bearer token', { 'x-signature': `sha256=${macOf(bearer)}` }, wrong],
    ['with a signature of other bytes', { 'x-signature': `sha256=${macOf(newKey, Buffer.from('{}'))}` }, wrong],
    ['with half a signature', { 'x-signature': `sha256=${macOf(newKey).slice(0, 32)}` }, wrong],
    ['with a signature and more', { 'x-signature': `sha256=${macOf(newKey)}00` }, wrong],
    ['with two signatures', { 'x-signature': `sha256=${macOf(foreign)}, sha256=${macOf(newKey)}` }, wrong],
    ['signed by an algorithm that is broken', { 'x-signature': `sha1=${macOf(newKey).slice(0, 40)}` }, wrong],
    ['with an empty signature', { 'x-signature': '' }, wrong],
    ['with a wrong signature and a good token', { 'x-signature': 'sha256=', authorization: `Bearer ${bearer}` }, wrong],
    [
      'with another token',
      { authorization: 'Bearer x' },
      "401 The bearer token is not that of this source; compare the headers in the Provider's Secret.",
    ],
    ['with the signing key for a token', { authorization: `Bearer ${newKey}` }, '401 The bearer token is not'],
    ['with a password', { authorization: `Basic ${bearer}` }, '401 The bearer token is not that of this source'],
  ])('%s is turned away', async (_what, headers, outcome) => {
    expect((await call(headers)).slice(0, outcome.length)).toBe(outcome)
  })

  it('is turned away with the same words by a source that exists, one without Flux and one that does not exist', async () => {
    const signed = { 'x-signature': `sha256=${macOf(newKey)}` }
    expect([await call(signed, 'neu'), await call(signed, 'mute'), await call(signed, 'nowhere')]).toEqual(
      Array(3).fill(wrong),
    )
  })

  it('is judged by its exact bytes, not by what they mean', async () => {
    const signed = { 'x-signature': `sha256=${macOf(newKey)}` }
    expect(await call(signed, 'weu', Buffer.from('{"severity": "info"}'))).toBe(wrong)
    const binary = Buffer.from([0xff, 0x00, 0xfe])
    expect(isSigned(new Headers({ 'x-signature': `sha256=${macOf(newKey, binary)}` }), binary, [String(newKey)])).toBe(
      true,
    )
    expect(isSigned(new Headers(signed), body, [])).toBe(false)
  })
})

it('is answered as a problem that names the request and how to prove oneself', async () => {
  const response = refusalResponse(unsigned('The event is not signed.'), 'request-1')
  expect([response.status, response.headers.get('www-authenticate'), await response.json()]).toEqual([
    401,
    'X-Signature realm="rollcall", algorithm="sha256"',
    {
      ...{ type: 'about:blank', title: 'Not authorised', status: 401 },
      ...{ detail: 'The event is not signed.', requestId: 'request-1' },
    },
  ])
})
