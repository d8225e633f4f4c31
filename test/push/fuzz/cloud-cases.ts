import { randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { deployments } from '../cluster.ts'
import type { Case, Making, Sort } from './case.ts'
import type { Call } from './client.ts'
import { type Body, deep, nonsense } from './flux-cases.ts'
import { nastyTexts } from './random.ts'
import { secrets, subscription } from './world.ts'

// CloudEvents that say nonsense, or too much, under a good token.

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

export const cloudSorts: readonly Sort[] = [
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
