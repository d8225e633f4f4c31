import { createHmac, createPublicKey } from 'node:crypto'
import { base64url } from 'jose'
import { deliveryType } from '../../../fleet/push/protocol.ts'
import { deployments } from '../cluster.ts'
import type { Case, Making, Sort } from './case.ts'
import type { Call } from './client.ts'
import { nastyTexts } from './random.ts'
import { secrets, subjectOf, subscription } from './world.ts'

// Who calls: a good request, shown with a token that is not good enough.

/** A request that would be taken if its caller were who it says. */
function goodCall({ me, random }: Making, headers: Readonly<Record<string, string>>): Call {
  const { sender, name } = me
  const delivery = () => sender.request(new Date(), sender.changes(deployments, 'a'))
  const event = {
    ...{
      specversion: '1.0',
      id: String(random.int(0, 1e9)),
      source: 'https://10.0.0.1',
      type: 'dev.knative.apiserver.ref.update',
    },
    data: { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'MachineDeployment', namespace: 'fleet', name: 'a' },
  }
  const azure = {
    ...{
      id: '1',
      eventType: 'Microsoft.ContainerService.ClusterSupportEnded',
      eventTime: '2026-01-01T00:00:00Z',
      data: {},
    },
    topic: `/subscriptions/${subscription}/x`,
  }
  const [path, type, text] = random.pick([
    ['/deliveries', deliveryType, delivery],
    ['/deliveries/sessions', 'application/json', () => JSON.stringify(sender.opening())],
    [`/events/cloudevents/${name}`, 'application/cloudevents+json', () => JSON.stringify(event)],
    ['/events/eventgrid', 'application/json', () => JSON.stringify([azure])],
  ] as const)
  return { path, headers: { 'content-type': type, ...headers }, body: Buffer.from(text()) }
}

const withToken = (making: Making, token: string): Case => ({
  call: goodCall(making, { authorization: `Bearer ${token}` }),
  must: 'be refused',
})

type TokenOf = (making: Making) => string | Promise<string>
const shownAs = (name: string, weight: number, tokenOf: TokenOf): Sort => ({
  ...{ name: `token: ${name}`, weight },
  make: async (making) => withToken(making, await tokenOf(making)),
})
const seconds = (from: number) => Math.floor(Date.now() / 1000) + from
const claims = (name: string, over: (making: Making) => object, weight = 2): Sort =>
  shownAs(name, weight, (making) => making.world.tokenOf(making.me.name, over(making)))

const account = (uid: unknown) => ({ 'kubernetes.io': { serviceaccount: { name: 'agent', uid } } })

/** The claims and the signature of a good token under another header. */
async function reheaded({ world, me }: Making, header: object): Promise<string> {
  const [, payload, signature] = (await world.goodToken(me.name)).split('.')
  return [base64url.encode(JSON.stringify(header)), payload, signature].join('.')
}

/** Signed with a secret that everybody knows: the public key, in one of its forms. */
async function signedWithPublicKey({ world, me, random }: Making): Promise<string> {
  const { publicJwk } = world.pair
  const { kty, n, e } = publicJwk
  const key = createPublicKey({ key: { kty: String(kty), n: String(n), e: String(e) }, format: 'jwk' })
  const secret = random.pick<string | Buffer>([
    ...[
      key.export({ type: 'spki', format: 'pem' }),
      key.export({ type: 'spki', format: 'der' }),
      JSON.stringify(publicJwk),
    ],
    ...[Buffer.from(String(n), 'base64url'), ''],
  ])
  const bits = random.pick([256, 384, 512])
  const [, payload] = (await world.goodToken(me.name)).split('.')
  const text = `${base64url.encode(JSON.stringify({ alg: `HS${bits}`, kid: 'key-1' }))}.${payload}`
  return `${text}.${createHmac(`sha${bits}`, secret).update(text).digest('base64url')}`
}

async function mutatedToken({ world, me, random }: Making): Promise<string> {
  const good = await world.goodToken(me.name)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.'
  // The last letter of a part has bits that mean nothing: there another letter may be the same token.
  const ends = [...good.matchAll(/.(?=\.|$)/g)].map(({ index }) => index)
  for (;;) {
    const at = random.int(0, good.length - 1)
    const letter = random.pick([...alphabet])
    if (ends.includes(at) || letter === good[at]) continue
    return random.pick([
      good.slice(0, at) + letter + good.slice(at + 1),
      good.slice(0, at) + good.slice(at + 1),
      good.slice(0, at),
      good.slice(0, at) + letter + good.slice(at),
    ])
  }
}

const headerTricks = ({ random, world }: Making): object => {
  const { publicJwk } = world.stranger
  const evil = `${world.issuer.url}/evil`
  return random.pick([
    { jwk: publicJwk },
    { jku: `${evil}/jwks`, kid: 'evil' },
    { x5u: `${evil}/x5u` },
    { x5c: ['MIIB'], x5t: 'AAAA' },
    { jwk: publicJwk, jku: `${evil}/jwks`, x5u: evil, kid: random.pick(['key-1', 'evil']) },
    { kid: random.pick(nastyTexts.filter((text) => text.length < 1_000)) },
    { typ: 'at+jwt', cty: 'JWT', jwk: publicJwk },
  ])
}

const entra = (name: string, over: (making: Making) => object): Sort =>
  shownAs(`Entra ID, ${name}`, 1, (making) => making.world.entraToken(over(making)))

export const tokenSorts: readonly Sort[] = [
  {
    name: 'token: none, or words',
    weight: 3,
    make: (making) => {
      const words = [
        '',
        'Bearer',
        'Bearer ',
        'Bearer x',
        'Basic YTpi',
        'Bearer a.b',
        'Bearer ..',
        'bearer e30.e30.',
        'Bearer e30.e30.e30',
      ]
      const shown = making.random.pick<string | null>([null, ...words])
      return { call: goodCall(making, shown === null ? {} : { authorization: shown }), must: 'be refused' }
    },
  },
  claims('expired', ({ random }) => ({ exp: seconds(-random.pick([31, 60, 3_600, 1e9])) })),
  claims('not valid yet', ({ random }) => ({ nbf: seconds(random.pick([40, 3_600, 1e9])) })),
  claims('made in the future', ({ random }) => ({ iat: seconds(random.pick([40, 3_600, 1e9])) })),
  claims('times that are none', ({ random }) => ({
    [random.pick(['exp', 'iat'])]: random.pick([undefined, null, 'never', '9999999999', [], {}, true, -1, -1e300]),
    // Since a time before 1970 is good for `iat`, the end is one as well.
    exp: random.pick([undefined, null, '9999999999', [], -1]),
  })),
  claims('for another audience', ({ random }) => ({
    aud: random.pick([
      undefined,
      null,
      '',
      [],
      ['Rollcall'],
      'rollcall ',
      ['rollcall/'],
      [['rollcall']],
      'https://kubernetes.default.svc',
      { 0: 'rollcall' },
    ]),
  })),
  claims('of an issuer that nobody registered', ({ world, random }) => ({
    iss: random.pick([
      ...[
        `${world.issuer.url}/evil`,
        `${world.issuer.url}/weu`,
        `${world.issuer.url}/weu//`,
        `${world.issuer.url.toUpperCase()}/weu/`,
      ],
      ...[
        `${world.issuer.url}/weu/#`,
        `${world.issuer.url}/weu/?`,
        'http://169.254.169.254/',
        'file:///etc/passwd',
        '',
        null,
        7,
        ['x'],
      ],
    ]),
  })),
  claims('of another subject', ({ random, me }) => ({
    sub: random.pick([
      subjectOf('nobody'),
      `${subjectOf(me.name)} `,
      subjectOf(me.name).toUpperCase(),
      'system:admin',
      '',
      null,
      7,
      '__proto__',
    ]),
  })),
  claims('of another cluster’s subject', () => ({ sub: subjectOf('other') })),
  claims('of another UID', ({ random }) =>
    account(random.pick([undefined, null, '', '22222222-bbbb-4000-8000-000000000002', {}, ['x'], '__proto__'])),
  ),
  shownAs('of another cluster’s issuer, with my key', 2, ({ world }) => world.tokenOf('other', {}, world.pair)),
  shownAs('signed by a stranger', 2, ({ world, me }) => world.tokenOf(me.name, {}, world.stranger)),
  shownAs('that brings its own key', 4, (making) =>
    making.world.tokenOf(making.me.name, {}, making.world.stranger, headerTricks(making)),
  ),
  shownAs('with a key id that is not there', 2, ({ world, me, random }) =>
    world.tokenOf(me.name, {}, world.pair, { kid: random.pick(['none', '../key-1', 'KEY-1', 'key-1 ', '\u0000']) }),
  ),
  shownAs('alg none', 3, (making) =>
    reheaded(making, { alg: making.random.pick(['none', 'None', 'NONE', 'nOnE', '', null, 0]), kid: 'key-1' }),
  ),
  shownAs(
    'unsigned',
    1,
    async ({ world, me }) => `${(await world.goodToken(me.name)).split('.').slice(0, 2).join('.')}.`,
  ),
  shownAs('HMAC with the public key', 3, signedWithPublicKey),
  shownAs('of another algorithm than its key', 2, (making) =>
    reheaded(making, {
      alg: making.random.pick(['RS384', 'PS256', 'ES256', 'EdDSA', 'RSA-OAEP', 'dir', 'ES256K']),
      kid: 'key-1',
    }),
  ),
  shownAs('critical extensions', 2, (making) =>
    reheaded(making, {
      ...{ alg: 'RS256', kid: 'key-1', b64: making.random.pick([false, true, 'x']) },
      crit: making.random.pick([['b64'], ['exp'], [], 'b64', [1], ['x']]),
    }),
  ),
  shownAs('oversized', 2, async ({ world, me, random }) =>
    world.tokenOf(me.name, { padding: 'x'.repeat(random.pick([14_000, 20_000, 60_000])) }),
  ),
  shownAs('encrypted', 1, ({ random }) =>
    Array.from({ length: 5 }, () => random.bytes(20).toString('base64url')).join('.'),
  ),
  shownAs('mutated', 6, mutatedToken),
  entra('without the role', ({ random }) => ({
    roles: random.pick([undefined, [], ['Fleet.Read'], 'Fleet.Push', [['Fleet.Push']], ['fleet.push']]),
  })),
  entra('of a person', ({ random }) =>
    random.pick<object>([{ scp: 'Fleet.Push' }, { idtyp: 'user' }, { sub: 'pairwise' }]),
  ),
  entra('of another application', ({ random }) => ({
    [random.pick(['azp', 'oid', 'tid'])]: random.pick([undefined, null, 'x', [], subscription]),
  })),
  entra('of another version', ({ random, world }) =>
    random.pick<object>([{ ver: '1.0' }, { ver: undefined }, { ver: 2 }, { iss: `${world.issuer.url}/x/v2.0` }]),
  ),
  entra('for another audience', () => ({ aud: 'https://management.azure.com/' })),
  {
    name: 'token: good, for what is another’s',
    weight: 3,
    make: async ({ world, me, random }) => {
      const source = random.pick([
        'other',
        'app',
        'corp',
        `corp%2F${subscription}`,
        'nowhere',
        `${me.name}%20`,
        me.name.toUpperCase(),
      ])
      const event = {
        specversion: '1.0',
        id: '1',
        source: 's',
        type: 'dev.knative.apiserver.ref.add',
        data: { secret: secrets.content },
      }
      const headers = {
        authorization: `Bearer ${await world.goodToken(me.name)}`,
        'content-type': 'application/cloudevents+json',
      }
      return {
        call: { path: `/events/cloudevents/${source}`, headers, body: Buffer.from(JSON.stringify(event)) },
        must: 'be refused',
      }
    },
  },
]
