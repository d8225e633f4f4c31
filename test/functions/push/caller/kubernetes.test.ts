import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { base64url, exportSPKI, type JWTPayload } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseFleet } from '../../../../fleet/configuration.ts'
import { callerOf } from '../../../../functions/push/caller/caller.ts'
import { type IssuerServer, makePair, type Pair, sign, startIssuer } from './issuer-server.ts'
import { outcomeOf, showing } from './refusals.ts'

const now = new Date('2026-11-22T12:00:00Z')
const at = (seconds: number) => now.getTime() / 1000 + seconds
const subject = 'system:serviceaccount:rollcall:agent'
const [uid, otherUid] = ['11111111-aaaa-4000-8000-000000000001', '22222222-bbbb-4000-8000-000000000002']
const privateIssuer = 'https://kubernetes.default.svc.cluster.local'

let server: IssuerServer
let pair: Pair
let stranger: Pair
let homePair: Pair
let awayPair: Pair
let call: (token: string | null) => Promise<string>

beforeAll(async () => {
  server = await startIssuer((url) => ({ '/weu': `${url}/weu/` }))
  pair = await makePair('key-1')
  stranger = await makePair('key-1')
  homePair = await makePair('private', 'ES256')
  awayPair = await makePair('private', 'EdDSA')
  server.publish(pair)
  const push = (over: object) => ({ audience: 'rollcall', subject, ...over })
  const fleet = parseFleet({
    managementClusters: [
      { name: 'weu', push: push({ issuer: `${server.url}/weu/`, serviceAccountUid: uid, ca: server.ca }) },
      ...[
        { name: 'home', push: push({ issuer: privateIssuer, serviceAccountUid: uid, jwks: jwksOf(homePair) }) },
        { name: 'away', push: push({ issuer: privateIssuer, serviceAccountUid: otherUid, jwks: jwksOf(awayPair) }) },
        { name: 'twokeys', push: push({ issuer: 'two', jwks: jwksOf(homePair, { ...homePair, kid: 'second' }) }) },
      ],
    ],
  })
  const caller = callerOf({ fleet, now: () => now, log: { warn: () => undefined } })
  call = (token) => outcomeOf(caller(showing(token)))
})
afterAll(() => server.close())

const jwksOf = (...pairs: Pair[]) => ({ keys: pairs.map(({ publicJwk, kid }) => ({ ...publicJwk, kid })) })

/** What kube-apiserver puts into a projected token (azure.md 5.3 B). */
const claimsOf = (over: object = {}): JWTPayload => ({
  aud: ['rollcall'],
  ...{ iss: `${server.url}/weu/`, sub: subject, iat: at(-60), nbf: at(-60), exp: at(3540), jti: 'one' },
  'kubernetes.io': {
    namespace: 'rollcall',
    ...{ pod: { name: 'agent-0', uid: 'p' }, serviceaccount: { name: 'agent', uid } },
  },
  ...over,
})
const account = (serviceAccountUid: string) => ({ 'kubernetes.io': { serviceaccount: { uid: serviceAccountUid } } })

describe('a projected service account token', () => {
  it.each<[string, () => Promise<string>, string]>([
    ['of the registered service account', () => sign(claimsOf(), pair), 'weu'],
    ['that is for others as well', () => sign(claimsOf({ aud: ['vault', 'rollcall'] }), pair), 'weu'],
    ['whose audience is one text', () => sign(claimsOf({ aud: 'rollcall' }), pair), 'weu'],
    ['that ended less than 30 s ago', () => sign(claimsOf({ exp: at(-29) }), pair), 'weu'],
    ['that begins within 30 s', () => sign(claimsOf({ nbf: at(29), iat: at(29) }), pair), 'weu'],
    ['without a key id, where there is one key', () => sign(claimsOf(), pair, { kid: undefined }), 'weu'],
    [
      'of an issuer that cannot be asked, by elliptic curve',
      () => sign(claimsOf({ iss: privateIssuer }), homePair),
      'home',
    ],
    [
      'of another cluster whose issuer has the same name, by Ed25519',
      () => sign(claimsOf({ iss: privateIssuer, ...account(otherUid) }), awayPair),
      'away',
    ],
  ])('%s is let in', async (_what, token, source) => {
    expect(await call(await token())).toBe(`in as ${source}`)
  })

  const who = `subject "${subject}" of issuer `
  it.each<[string, () => Promise<string> | string | null, string]>([
    ['none', () => null, '401 Nobody may push without saying who it is: send "Authorization: Bearer <token>".'],
    ['words', () => 'let me in', '401 "Authorization" is not Bearer and one signed token (JWS, compact).'],
    ['two', async () => `${await sign(claimsOf(), pair)}, Bearer x`, '401 "Authorization" is not Bearer and'],
    ['one of 20 kB', () => `${'a'.repeat(20_000)}.b.c`, '401 "Authorization" is not Bearer and one signed'],
    ['three parts of nothing', () => 'a.b.c', '401 The token cannot be read.'],
    [
      'without a subject',
      () => sign(claimsOf({ sub: undefined }), pair),
      '401 The token names no issuer or no subject.',
    ],
    [
      'of an issuer that nobody registered, which is not asked',
      () => sign(claimsOf({ iss: `${server.url}/evil` }), pair),
      '401 Issuer "ISSUER/evil" is not registered: the fleet file says under "push" whose tokens are taken.',
    ],
    [
      'of an issuer that lacks the slash',
      () => sign(claimsOf({ iss: `${server.url}/weu` }), pair),
      '401 Issuer "ISSUER/weu" is not registered',
    ],
    [
      'of an issuer with a line break',
      () => sign(claimsOf({ iss: 'x\r\nset-cookie: a' }), pair),
      '401 Issuer (unreadable) is not registered',
    ],
    [
      'of another service account',
      () => sign(claimsOf({ sub: 'system:serviceaccount:rollcall:other' }), pair),
      '401 No source is registered for subject "system:serviceaccount:rollcall:other" of issuer "ISSUER/weu/".',
    ],
    [
      'of a service account that was made again',
      () => sign(claimsOf(account(otherUid)), pair),
      `401 The service account of the token of ${who}"ISSUER/weu/" has another UID than the registered one; if it was made again, correct serviceAccountUid in the fleet file.`,
    ],
    [
      'without a UID',
      () => sign(claimsOf({ 'kubernetes.io': null }), pair),
      `401 The service account of the token of ${who}"ISSUER/weu/" has another UID`,
    ],
    [
      'for another audience',
      () => sign(claimsOf({ aud: ['rollcall.example'] }), pair),
      `401 The token of ${who}"ISSUER/weu/" is made for another audience than the one that is registered.`,
    ],
    [
      'for the API server itself',
      () => sign(claimsOf({ aud: privateIssuer }), pair),
      `401 The token of ${who}"ISSUER/weu/" is made for another audience`,
    ],
    ['for nobody', () => sign(claimsOf({ aud: undefined }), pair), `401 The token of ${who}"ISSUER/weu/" is made for`],
    [
      'that has expired',
      () => sign(claimsOf({ exp: at(-30) }), pair),
      `401 The token of ${who}"ISSUER/weu/" has expired; read or ask for a new one before each session.`,
    ],
    [
      'that never expires',
      () => sign(claimsOf({ exp: undefined }), pair),
      `401 The token of ${who}"ISSUER/weu/" lacks a claim, or has one of another kind, that is needed to check it.`,
    ],
    [
      'that expires at a text',
      () => sign(claimsOf({ exp: 'never' }), pair),
      `401 The token of ${who}"ISSUER/weu/" lacks a claim`,
    ],
    [
      'that is not valid yet',
      () => sign(claimsOf({ nbf: at(31) }), pair),
      `401 The token of ${who}"ISSUER/weu/" is not valid yet; compare the clocks.`,
    ],
    [
      'that was made in the future',
      () => sign(claimsOf({ iat: at(31) }), pair),
      `401 The token of ${who}"ISSUER/weu/" was made in the future; compare the clocks.`,
    ],
    [
      'signed by another with the same key id',
      () => sign(claimsOf(), stranger),
      `401 The token of ${who}"ISSUER/weu/" is not signed by its issuer.`,
    ],
    [
      'with a key id that the issuer does not have',
      () => sign(claimsOf(), { ...pair, kid: '../../etc/passwd' }),
      '401 The token is signed with key "../../etc/passwd", which its issuer does not have, or not yet: a new key is looked for once a minute.',
    ],
    [
      'that brings its own key',
      () => sign(claimsOf(), stranger, { jwk: stranger.publicJwk, jku: `${server.url}/evil`, x5u: server.url }),
      `401 The token of ${who}"ISSUER/weu/" is not signed by its issuer.`,
    ],
    [
      'that demands what we do not know',
      () => sign(claimsOf(), pair, { crit: ['x'], x: 1 }).catch(() => withHeader({ crit: ['x'], x: 1 })),
      `401 The token of ${who}"ISSUER/weu/" is none that can be checked.`,
    ],
    [
      'without a signature (alg none)',
      () => unsignedToken({ alg: 'none' }),
      '401 "Authorization" is not Bearer and one signed token',
    ],
    [
      'with alg none and somebody’s signature',
      () => withHeader({ alg: 'none' }),
      `401 The token of ${who}"ISSUER/weu/" is signed in a way (alg) that is not accepted.`,
    ],
    [
      'of HS256, with the public key for a secret',
      () => hmacToken(),
      `401 The token of ${who}"ISSUER/weu/" is signed in a way (alg) that is not accepted.`,
    ],
    [
      'that names another algorithm than its key has',
      () => withHeader({ alg: 'ES256' }),
      '401 The token is signed with key "key-1", which its issuer does not have',
    ],
    [
      'of the neighbour whose issuer has the same name',
      () => sign(claimsOf({ iss: privateIssuer }), awayPair),
      '401 The token is signed with key "private", which its issuer does not have',
    ],
    [
      'without a key id, where there are two keys',
      () => sign(claimsOf({ iss: 'two' }), homePair, { kid: undefined }),
      '401 The token does not say which of its issuer’s keys signed it (kid).',
    ],
  ])('%s is turned away', async (_what, token, outcome) => {
    const said = (await call(await token())).replaceAll(server.url, 'ISSUER')
    expect(said.slice(0, outcome.length)).toBe(outcome)
    expect(server.asked.get('/evil/.well-known/openid-configuration')).toBeUndefined()
  })

  /** The good token's claims and signature under another header. */
  async function withHeader(header: object): Promise<string> {
    const [, claims, signature] = (await sign(claimsOf(), pair)).split('.')
    return [base64url.encode(JSON.stringify({ alg: 'RS256', kid: 'key-1', ...header })), claims, signature].join('.')
  }

  const unsignedToken = (header: object) =>
    `${base64url.encode(JSON.stringify(header))}.${base64url.encode(JSON.stringify(claimsOf()))}.`

  async function hmacToken(): Promise<string> {
    const { importJWK } = await import('jose')
    // A public RSA key is never a secret of raw bytes.
    const secret = await exportSPKI((await importJWK(pair.publicJwk)) as CryptoKey)
    const text = unsignedToken({ alg: 'HS256', kid: 'key-1' }).slice(0, -1)
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
  }
})

it('is not let in after any change of its bytes, its parts or its claims', async () => {
  const good = await sign(claimsOf(), pair)
  const parts = good.split('.')
  const bytesOf = (token: string) => token.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'))
  const anywhere = fc.nat({ max: good.length - 1 })
  const letter = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= ')
  const claim = fc.constantFrom('iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'kubernetes.io', '__proto__')
  const encoded = (index: number, name: string, value: unknown) => {
    const fields = JSON.parse(Buffer.from(parts[index] ?? '', 'base64url').toString())
    const changed = base64url.encode(JSON.stringify({ ...fields, [name]: value }))
    return parts.map((part, i) => (i === index ? changed : part)).join('.')
  }
  const mutated = fc.oneof(
    fc.tuple(anywhere, letter).map(([i, with_]) => good.slice(0, i) + with_ + good.slice(i + 1)),
    fc.tuple(anywhere, anywhere).map(([a, b]) => good.slice(0, Math.min(a, b)) + good.slice(Math.max(a, b))),
    fc.tuple(anywhere, fc.string({ maxLength: 8 })).map(([i, more]) => good.slice(0, i) + more + good.slice(i)),
    fc.tuple(claim, fc.jsonValue()).map(([name, value]) => encoded(1, name, value)),
    fc
      .tuple(fc.constantFrom('alg', 'kid', 'typ', 'crit', 'b64', 'jwk', 'jku', 'zip'), fc.jsonValue())
      .map(([name, value]) => encoded(0, name, value)),
    fc.shuffledSubarray(parts, { minLength: 1 }).map((some) => some.join('.')),
    fc
      .tuple(fc.jsonValue(), fc.jsonValue(), fc.string())
      .map((any) => any.map((part) => base64url.encode(JSON.stringify(part))).join('.')),
  )
  let tried = 0
  await fc.assert(
    fc.asyncProperty(mutated, async (token) => {
      const header = new Headers()
      try {
        header.set('authorization', `Bearer ${token}`)
      } catch {
        return // No HTTP client or server lets these bytes through.
      }
      // Bits behind the last byte of a part mean nothing, and white space is not part of a header's value.
      if (JSON.stringify(bytesOf(token.trim())) === JSON.stringify(bytesOf(good))) return
      tried++
      expect(await call(token)).toMatch(/^401 /)
    }),
    { numRuns: 3_000 },
  )
  expect(tried).toBeGreaterThan(2_000)
})
