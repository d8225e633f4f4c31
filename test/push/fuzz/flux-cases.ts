import { createHmac, randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Case, Making, Sort } from './case.ts'
import type { Call } from './client.ts'
import { nastyTexts, noNumbers } from './random.ts'
import { secrets, subscription } from './world.ts'

// Flux's events: what is signed wrongly, and what says nonsense under a good signature.

export type Body = string | Buffer

const macOf = (key: string, body: Body, algorithm = 'sha256') => createHmac(algorithm, key).update(body).digest('hex')

export const fluxEvent = (over: object = {}): object => ({
  involvedObject: { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'MachineDeployment', namespace: 'fleet', name: 'a' },
  ...{ severity: 'error', timestamp: new Date().toISOString(), message: secrets.content, reason: 'HealthCheckFailed' },
  // Two of them are never the same to the byte.
  metadata: { revision: randomUUID() },
  ...over,
})

const flux = (source: string, body: Body, headers: Readonly<Record<string, string>>): Call => ({
  path: `/events/flux/${source}`,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(body),
})
export const signed = ({ world, me }: Making, body: Body, headers: Readonly<Record<string, string>> = {}): Call =>
  flux(me.name, body, { 'x-signature': `sha256=${macOf(world.hmacOf(me.name), body)}`, ...headers })

const fluxSort = (
  name: string,
  weight: number,
  must: Case['must'],
  callOf: (making: Making, body: string) => Call,
): Sort => ({
  ...{ name: `Flux: ${name}`, weight },
  make: (making) => ({ call: callOf(making, JSON.stringify(fluxEvent())), must }),
})

export const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

/** No text of an event, but one that is easily taken for it. */
export const nonsense = ({ random }: Making): Body =>
  random.pick<() => Body>([
    () => random.pick(['', '{', 'null', '7', '[]', '{}', '"x"', 'hello', '\ufeff', ...noNumbers]),
    () => deep(random.pick([101, 5_000, 100_000])),
    () => `[${'0,'.repeat(120_000)}0]`,
    () => random.bytes(random.int(1, 200)),
    () => `{"a":${random.pick(noNumbers)}}`,
    () => JSON.stringify({ ['__proto__']: { a: 1 }, constructor: 'x' }),
  ])()

export const fluxSorts: readonly Sort[] = [
  fluxSort('signed with a wrong key', 4, 'be refused', (making, body) => {
    const key = making.random.pick(['x', secrets.otherHmac, making.world.bearerOf(making.me.name), secrets.grid, ''])
    return flux(making.me.name, body, { 'x-signature': `sha256=${macOf(key, body)}` })
  }),
  fluxSort('signature of another body', 4, 'be refused', ({ me, world, random }, body) => {
    const other = random.pick([`${body} `, JSON.stringify(fluxEvent()), '', body.toUpperCase()])
    return flux(me.name, body, { 'x-signature': `sha256=${macOf(world.hmacOf(me.name), other)}` })
  }),
  fluxSort('signature in another form', 5, 'be refused', ({ me, world, random }, body) => {
    const key = world.hmacOf(me.name)
    const mac = macOf(key, body)
    const forms = [
      ...[
        mac,
        `sha256=${mac.slice(1)}`,
        `sha256=${mac}00`,
        `sha256=${mac}, sha256=${mac}`,
        `SHA-256=${mac}`,
        'sha256=',
        `sha512=${macOf(key, body, 'sha512')}`,
      ],
      ...[
        `sha1=${macOf(key, body, 'sha1')}`,
        `md5=${macOf(key, body, 'md5')}`,
        `sha256=${Buffer.from(mac, 'hex').toString('base64')}`,
        `none=${mac}`,
        `=${mac}`,
        `sha256 =${mac}`,
      ],
    ]
    return flux(me.name, body, { 'x-signature': random.pick(forms) })
  }),
  fluxSort('for another source, or by tricks of its path', 6, 'be refused', ({ me, world, random }, body) => {
    const near = [
      me.name.toUpperCase(),
      `${me.name}%20`,
      `${me.name}%00`,
      `%2e%2e%2f${me.name}`,
      `other%2f..%2f${me.name}`,
      `${me.name}%2Fother`,
      `${me.name};x`,
    ]
    const far = [
      'other',
      'app',
      'corp',
      `corp%2F${subscription}`,
      'nowhere',
      '__proto__',
      'constructor',
      'x'.repeat(2_000),
      '%F0%9F%99%82',
      '*',
      '$1',
    ]
    const mac = `sha256=${macOf(world.hmacOf(me.name), body)}`
    return flux(
      random.pick([...near, ...far]),
      body,
      random.chance(0.5) ? { 'x-signature': mac } : { authorization: `Bearer ${world.bearerOf(me.name)}` },
    )
  }),
  fluxSort('a wrong token', 3, 'be refused', ({ me, world, random }, body) => {
    const token = random.pick([
      world.hmacOf(me.name),
      `${world.bearerOf(me.name)}x`,
      world.bearerOf(me.name).slice(1),
      `${secrets.otherHmac}-bearer`,
      'x',
      'undefined',
    ])
    return flux(me.name, body, { authorization: `Bearer ${token}` })
  }),
  fluxSort('a good token and a wrong signature', 1, 'be refused', ({ me, world }, body) =>
    flux(me.name, body, { authorization: `Bearer ${world.bearerOf(me.name)}`, 'x-signature': 'sha256=00' }),
  ),
  fluxSort('too old, or of the future', 4, 'be refused', (making) => {
    const away = making.random.pick([-3_700_000, -86_400_000, -1e12, 700_000, 86_400_000, 1e12])
    return signed(making, JSON.stringify(fluxEvent({ timestamp: new Date(Date.now() + away).toISOString() })))
  }),
  fluxSort('nonsense, signed', 8, 'be refused', (making) => signed(making, nonsense(making))),
  fluxSort('an object that cannot be, signed', 5, 'be refused', (making) => {
    const { random } = making
    const texts = nastyTexts
      .filter((text) => /[^!-~]/.test(text) || text === '' || text.length > 300)
      .filter((text) => text.length < 10_000)
    const member = random.pick(['apiVersion', 'kind', 'name'])
    const about = { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'MachineDeployment', namespace: 'fleet', name: 'a' }
    const other = random.chance(0.2)
      ? { timestamp: random.pick([...texts, 7, null]) }
      : { involvedObject: { ...about, [member]: random.pick([...texts, 7, null, [], {}]) } }
    return signed(making, JSON.stringify(fluxEvent(other)))
  }),
  fluxSort('packed, signed', 2, 'be refused', (making, body) =>
    signed(making, gzipSync(body), { 'content-encoding': making.random.pick(['gzip', 'br', 'deflate', 'x']) }),
  ),
  fluxSort('too long', 0.5, 'be refused', (making) =>
    signed(making, JSON.stringify(fluxEvent({ message: 'x'.repeat(300_000) }))),
  ),
  fluxSort('good', 2, 'be taken', (making, body) => signed(making, body)),
]
