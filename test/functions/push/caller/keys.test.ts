import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { parseFleet } from '../../../../fleet/configuration.ts'
import { callerOf } from '../../../../functions/push/caller/caller.ts'
import { readKeys } from '../../../../functions/push/caller/issuer.ts'
import { type IssuerServer, makePair, type Pair, sign, startIssuer } from './issuer-server.ts'
import { outcomeOf, showing } from './refusals.ts'

const metadata = '/weu/.well-known/openid-configuration'
const minute = 60_000
const subject = 'system:serviceaccount:rollcall:agent'

let server: IssuerServer
let [first, second, third]: Pair[] = []
beforeAll(async () => {
  server = await startIssuer((url) => ({ '/weu': `${url}/weu/`, '/evil': `${url}/evil` }))
  ;[first, second, third] = await Promise.all(['one', 'two', 'three'].map((kid) => makePair(kid, 'ES256')))
})
afterAll(() => server.close())

let now: number
let logged: unknown[]
let call: (pair: Pair | undefined, kid?: string) => Promise<string>
beforeEach(() => {
  server.lie('/keys', undefined)
  server.lie(metadata, undefined)
  server.asked.clear()
  now = Date.parse('2026-11-22T12:00:00Z')
  logged = []
  const push = { issuer: `${server.url}/weu/`, audience: 'rollcall', subject, ca: server.ca }
  const fleet = parseFleet({ managementClusters: [{ name: 'weu', push }] })
  const log = { warn: (line: object) => void logged.push(line) }
  const deps = { fleet, now: () => new Date(now), log }
  call = async (pair, kid = pair?.kid ?? '') => {
    const times = { iat: now / 1000, exp: now / 1000 + 600 }
    const claims = { iss: `${server.url}/weu/`, sub: subject, aud: 'rollcall', ...times }
    return outcomeOf(callerOf(deps)(showing(await sign(claims, existing(pair), { kid }))))
  }
})
const existing = (pair: Pair | undefined): Pair => {
  if (pair === undefined) throw new Error('made before the first test')
  return pair
}
const publish = (...pairs: (Pair | undefined)[]) => server.publish(...pairs.map(existing))
const asked = () => server.asked.get('/keys') ?? 0
const unknownKey = expect.stringMatching(/^401 The token is signed with key "\w+", which its issuer does not have/)
const away = expect.stringMatching(/^503 The keys of issuer \S+ cannot be read at present; the log says why/)

it('reads an issuer’s keys once for many tokens, however many come at once', async () => {
  publish(first, second)
  const calls = await Promise.all(Array.from({ length: 40 }, (_, at) => call(at % 2 ? first : second)))
  expect(new Set(calls)).toEqual(new Set(['in as weu']))
  expect(asked()).toBe(1)
})

it('takes a new key at once, and no longer one that was withdrawn after ten minutes', async () => {
  publish(first)
  expect(await call(first)).toBe('in as weu')
  publish(second)
  now += minute
  expect(await call(first)).toBe('in as weu')
  expect(await call(second)).toBe('in as weu')
  expect(await call(first)).toEqual(unknownKey)
  expect(asked()).toBe(2)
  publish(third)
  now += 10 * minute
  expect(await call(second)).toEqual(unknownKey)
  expect(await call(third)).toBe('in as weu')
})

it('makes one request a minute of a storm of unknown keys, and keeps letting known ones in', async () => {
  publish(first)
  expect(await call(first)).toBe('in as weu')
  for (const _ of [1, 2, 3]) {
    now += minute
    const before = asked()
    const storm = Array.from({ length: 50 }, (_, at) => call(second, `unknown${at}`))
    expect(await Promise.all([...storm, call(first)])).toEqual([...storm.map(() => unknownKey), 'in as weu'])
    expect(asked()).toBe(before + 1)
  }
})

it('trusts the last good keys for a day while the issuer is away, then nobody, and comes back by itself', async () => {
  publish(first)
  expect(await call(first)).toBe('in as weu')
  server.lie(metadata, { status: 503, body: 'upstream connect error' })
  now += 23 * 60 * minute
  expect(await call(first)).toBe('in as weu')
  now += 60 * minute
  expect(await call(first)).toEqual(away)
  expect(logged.at(-1)).toEqual({ issuer: `${server.url}/weu/`, reason: `it answered 503 to ${metadata}` })
  server.lie(metadata, undefined)
  expect(await call(first)).toEqual(away)
  now += 10_000
  expect(await call(first)).toBe('in as weu')
})

const [manyKeys, megabyte] = [Array(101).fill({ kty: 'EC' }), 'x'.repeat(1024 * 1024)]
const json = (value: unknown) => ({ body: JSON.stringify(value) })

it.each<[string, string, () => Parameters<IssuerServer['lie']>[1], string]>([
  [
    'redirects',
    metadata,
    () => ({ status: 302, headers: { location: `${server.url}/evil/.well-known/openid-configuration` }, body: '' }),
    `it answered 302 to ${metadata}`,
  ],
  [
    'redirects to its keys',
    '/keys',
    () => ({ status: 307, headers: { location: '/evil' }, body: '' }),
    'it answered 307 to /keys',
  ],
  [
    'names another issuer',
    metadata,
    () => json({ issuer: `${server.url}/evil`, jwks_uri: `${server.url}/keys` }),
    'its metadata name another issuer',
  ],
  [
    'has its keys at an address that only we can reach',
    metadata,
    () => json({ issuer: `${server.url}/weu/`, jwks_uri: 'https://169.254.169.254/metadata/identity' }),
    'its keys are at another host, which is not asked; give them as "jwks" in the fleet file',
  ],
  [
    'has its keys behind plain http',
    metadata,
    () => json({ issuer: `${server.url}/weu/`, jwks_uri: `${server.url.replace('https', 'http')}/keys` }),
    'its keys are at another host, which is not asked; give them as "jwks" in the fleet file',
  ],
  ['has no keys’ address', metadata, () => json({ issuer: `${server.url}/weu/` }), 'its metadata name no jwks_uri'],
  ['is no issuer', metadata, () => ({ body: '<html>' }), `it sent no JSON for ${metadata}`],
  ['answers a list', metadata, () => json([]), 'its metadata name another issuer'],
  ['publishes no keys', '/keys', () => json({ keys: [] }), 'it publishes no list of up to 100 keys'],
  ['publishes too many keys', '/keys', () => json({ keys: manyKeys }), 'it publishes no list of up to 100 keys'],
  ['sends a megabyte', '/keys', () => ({ body: megabyte }), 'it sent more than 262144 bytes for /keys'],
  [
    'never stops sending',
    '/keys',
    () => (response) => {
      const more = () => !response.destroyed && response.write(megabyte, more)
      more()
    },
    'it sent more than 262144 bytes for /keys',
  ],
  ['hangs up', '/keys', () => (response) => void response.destroy(), 'UND_ERR_SOCKET'],
])('does not believe an issuer that %s', async (_what, path, lie, reason) => {
  publish(first)
  server.lie(path, lie())
  expect(await call(first)).toEqual(away)
  expect(logged).toEqual([{ issuer: `${server.url}/weu/`, reason }])
  expect(server.asked.get('/evil')).toBeUndefined()
})

it('turns away tokens whose published key is a secret one, or too short', async () => {
  const weak = { kty: 'RSA', kid: 'one', n: 'x'.repeat(80), e: 'AQAB' }
  const secret = { ...existing(first).publicJwk, d: 'AAAA' }
  for (const [key, pair] of [
    [secret, first],
    [weak, await makePair('one')],
  ] as const) {
    server.lie('/keys', json({ keys: [key] }))
    now += 11 * minute
    expect(await call(pair)).toMatch(/^401 /)
  }
})

it('waits for a slow issuer no longer than it has time, and trusts only whom the given CA vouches for', async () => {
  const issuer = { name: `${server.url}/weu/`, base: `${server.url}/weu/`, ca: server.ca }
  server.lie('/keys', null)
  await expect(readKeys(issuer, 300)).rejects.toMatchObject({ name: 'TimeoutError' })
  server.lie('/keys', (response) => void response.write('{"keys":'))
  await expect(readKeys(issuer, 300)).rejects.toMatchObject({ name: 'TimeoutError' })
  await expect(readKeys({ ...issuer, ca: null })).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  await expect(readKeys({ ...issuer, ca: '/nowhere/ca.pem' })).rejects.toMatchObject({ code: 'ENOENT' })
})
