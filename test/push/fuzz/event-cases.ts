import { createHmac, randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { deployments } from '../cluster.ts'
import type { Case, Making, Sort } from './case.ts'
import type { Call } from './client.ts'
import { nastyTexts, noNumbers } from './random.ts'
import { secrets, subscription } from './world.ts'

// Flux's events, CloudEvents and Azure's: what is signed wrongly, and what says nonsense under a good signature.

type Body = string | Buffer

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

const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

/** No text of an event, but one that is easily taken for it. */
const nonsense = ({ random }: Making): Body =>
  random.pick<() => Body>([
    () => random.pick(['', '{', 'null', '7', '[]', '{}', '"x"', 'hello', '\ufeff', ...noNumbers]),
    () => deep(random.pick([101, 5_000, 100_000])),
    () => `[${'0,'.repeat(120_000)}0]`,
    () => random.bytes(random.int(1, 200)),
    () => `{"a":${random.pick(noNumbers)}}`,
    () => JSON.stringify({ ['__proto__']: { a: 1 }, constructor: 'x' }),
  ])()

const fluxSorts: readonly Sort[] = [
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

const knative = (mode: string, over: object = {}): object => ({
  ...{
    specversion: '1.0',
    id: randomUUID(),
    source: 'https://10.96.0.1:443',
    type: `dev.knative.apiserver.${mode}`,
    time: new Date().toISOString(),
  },
  ...{ apiversion: 'cluster.x-k8s.io/v1beta2', kind: 'MachineDeployment', namespace: 'fleet', name: 'a', ...over },
})
const structured = 'application/cloudevents+json'
const batch = 'application/cloudevents-batch+json'

export async function cloudEvents(
  { world, me }: Making,
  body: Body,
  type: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Call> {
  const authorization = `Bearer ${await world.goodToken(me.name)}`
  return {
    path: `/events/cloudevents/${me.name}`,
    headers: { authorization, 'content-type': type, ...headers },
    body: Buffer.from(body),
  }
}

/** A whole object of mine, as Knative sends it. */
export const wholeEvent = ({ me }: Making, over: object = {}): object =>
  knative('resource.update', { data: me.sender.cluster.get(deployments, 'a'), ...over })

const cloudSort = (
  name: string,
  weight: number,
  must: Case['must'],
  callOf: (making: Making) => Promise<Call>,
): Sort => ({
  ...{ name: `CloudEvents: ${name}`, weight },
  make: async (making) => ({ call: await callOf(making), must }),
})

const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'a', namespace: 'fleet', uid: 'u' },
  data: { password: secrets.content },
}

const cloudSorts: readonly Sort[] = [
  cloudSort('nonsense', 8, 'be refused', (making) =>
    cloudEvents(making, nonsense(making), making.random.pick([structured, batch, `${structured}; charset=utf-8`])).then(
      (call) => ({
        ...call,
        headers: { ...call.headers, ...(call.body?.toString() === '[]' ? { 'content-type': structured } : {}) },
      }),
    ),
  ),
  cloudSort('another form than said', 3, 'be refused', (making) => {
    const one = JSON.stringify(wholeEvent(making))
    return making.random.pick([
      () => cloudEvents(making, one, batch),
      () => cloudEvents(making, `[${one}]`, structured),
      () => cloudEvents(making, one, 'application/json'),
      () => cloudEvents(making, one, 'application/cloudevents+avro'),
      () => cloudEvents(making, one, 'text/plain'),
    ])()
  }),
  cloudSort('attributes that are none', 5, 'be refused', (making) => {
    const { random } = making
    const texts = nastyTexts.filter((text) => text === '' || text.length > 2_000)
    const member = random.pick(['specversion', 'id', 'type', 'source'])
    return cloudEvents(
      making,
      JSON.stringify(wholeEvent(making, { [member]: random.pick<unknown>([...texts, 7, null, {}, []]) })),
      structured,
    )
  }),
  cloudSort('extensions that name another object', 3, 'be refused', (making) => {
    const { random } = making
    const member = random.pick(['kind', 'namespace', 'name'])
    return cloudEvents(
      making,
      JSON.stringify(
        wholeEvent(making, {
          [member]: random.pick([
            'other',
            'Secret',
            ...nastyTexts.filter((text) => text.length > 1 && text.length < 300),
          ]),
        }),
      ),
      structured,
    )
  }),
  cloudSort('more than a batch may have', 0.3, 'be refused', (making) =>
    cloudEvents(
      making,
      JSON.stringify(Array.from({ length: making.random.pick([501, 5_000]) }, () => ({ id: '1' }))),
      batch,
    ),
  ),
  cloudSort('a batch of nonsense', 3, 'be taken', (making) =>
    cloudEvents(
      making,
      JSON.stringify(
        Array.from({ length: making.random.int(2, 40) }, () =>
          making.random.pick<unknown>([
            null,
            7,
            'x',
            [],
            {},
            { specversion: '1.0' },
            { ...wholeEvent(making), data: null, name: '\u0000' },
          ]),
        ),
      ),
      batch,
    ),
  ),
  cloudSort('packed', 2, 'be refused', (making) =>
    cloudEvents(making, gzipSync(JSON.stringify(wholeEvent(making))), structured, { 'content-encoding': 'gzip' }),
  ),
  cloudSort('too long', 0.3, 'be refused', (making) =>
    cloudEvents(making, JSON.stringify(wholeEvent(making, { padding: 'x'.repeat(2_200_000) })), structured),
  ),
  cloudSort('odd headers', 4, 'be either', (making) => {
    const { random } = making
    const texts = nastyTexts.filter((text) => /^[ -~]{0,300}$/.test(text))
    const names = ['specversion', 'id', 'type', 'source', 'time', 'kind', 'name', 'namespace', 'apiversion']
    const attributes = { ...knative('ref.update'), [random.pick(names)]: random.pick(texts) }
    const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, String(value)]))
    return cloudEvents(making, random.pick(['', '{}', '{', deep(200)]), 'application/json', headers)
  }),
  cloudSort('a Secret, or a kind that is not read', 3, 'be taken', (making) =>
    cloudEvents(
      making,
      JSON.stringify(
        knative(making.random.pick(['resource.add', 'resource.delete', 'ref.add']), {
          apiversion: 'v1',
          kind: 'Secret',
          data: secret,
        }),
      ),
      structured,
    ),
  ),
  cloudSort('another source’s objects', 3, 'be taken', (making) => {
    const extensions = { managementcluster: 'other', cluster: 'other', source: 'https://other.example/' }
    return cloudEvents(
      making,
      JSON.stringify(
        wholeEvent(making, {
          ...extensions,
          time: new Date(Date.now() + making.random.pick([-1e12, -7_200_000, 0, 1e10])).toISOString(),
        }),
      ),
      structured,
    )
  }),
  cloudSort('Azure’s, from who may not speak for it', 2, 'be either', (making) => {
    const source = `/subscriptions/${subscription}/resourceGroups/x/providers/Microsoft.ContainerService/managedClusters/y`
    const azure = {
      specversion: '1.0',
      id: randomUUID(),
      type: 'Microsoft.ContainerService.NodePoolRollingFailed',
      source,
    }
    return cloudEvents(making, JSON.stringify(azure), structured)
  }),
]

const azureEvent = (): object => ({
  ...{
    id: randomUUID(),
    topic: `/subscriptions/${subscription}/x`,
    eventType: 'Microsoft.ContainerService.ClusterSupportEnded',
  },
  ...{ eventTime: new Date().toISOString(), data: {} },
})
const question = {
  id: '1',
  eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
  data: { validationCode: secrets.content, validationUrl: 'https://127.0.0.1:1/' },
}
const grid = (body: Body, headers: Readonly<Record<string, string>> = {}, query = '', method = 'POST'): Call => ({
  ...{ path: `/events/eventgrid${query}`, method, headers: { 'content-type': 'application/json', ...headers } },
  body: method === 'OPTIONS' ? null : Buffer.from(body),
})

const gridSorts: readonly Sort[] = [
  {
    name: 'Event Grid: without the key',
    weight: 6,
    make: async ({ world, me, random }) => {
      const wrong = random.pick([
        '',
        'x',
        secrets.hmac,
        `${secrets.grid} `,
        secrets.grid.slice(1),
        `${secrets.grid}\u00e9`,
      ])
      const body = JSON.stringify([random.pick([azureEvent(), question])])
      const asked = { 'webhook-request-origin': 'eventgrid.azure.net' }
      const call = random.pick([
        () => grid(body),
        () => grid(body, {}, `?key=${encodeURIComponent(wrong)}`),
        () =>
          grid(body, {
            'x-rollcall-key':
              wrong.trim().replace(/[^ -~]/g, '') === secrets.grid ? 'x' : wrong.replace(/[^ -~]/g, '?'),
          }),
        () => grid(body, { 'aeg-event-type': 'SubscriptionValidation' }),
        () => grid('', asked, '', 'OPTIONS'),
        () => grid('', asked, '?key=x', 'OPTIONS'),
      ])()
      // A token is none of Azure's, whatever source it is for.
      const token = random.pick([null, await world.goodToken(me.name), await world.entraToken()])
      return {
        call: {
          ...call,
          headers: { ...call.headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
        },
        must: 'be refused',
      }
    },
  },
  {
    name: 'Event Grid: nonsense, with the key',
    weight: 4,
    make: (making) => {
      const body = nonsense(making)
      return { call: grid(body, { 'x-rollcall-key': secrets.grid }), must: 'be either' }
    },
  },
  {
    name: 'Event Grid: more than it may send',
    weight: 0.3,
    make: ({ random }) => ({
      call: grid(
        random.pick([JSON.stringify(Array(5_001).fill({})), `[${'0,'.repeat(600_000)}0]`, ' '.repeat(1_200_000)]),
        { 'x-rollcall-key': secrets.grid },
      ),
      must: 'be refused',
    }),
  },
]

const methodSort: Sort = {
  name: 'routes and methods that are none',
  weight: 4,
  make: ({ random, me }) => {
    const path = random.pick([
      '/deliveries',
      '/deliveries/sessions',
      `/events/flux/${me.name}`,
      `/events/cloudevents/${me.name}`,
      '/events/eventgrid',
    ])
    return {
      call: {
        path,
        method: random.pick(['GET', 'PUT', 'PATCH', 'DELETE']),
        headers: { 'x-request-id': "<script>'" },
        body: null,
      },
      must: 'be refused',
    }
  },
}

export const eventSorts: readonly Sort[] = [...fluxSorts, ...cloudSorts, ...gridSorts, methodSort]
