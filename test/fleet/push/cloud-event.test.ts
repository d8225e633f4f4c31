import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cloudEventSaid, cloudEventsSaid } from '../../../fleet/push/cloud-event.ts'
import type { Said } from '../../../fleet/push/said.ts'
import { corpusDir } from '../../require.ts'

const corpus = corpusDir()
const object = {
  apiVersion: 'cluster.x-k8s.io/v1beta2',
  kind: 'Cluster',
  metadata: { name: 'prod', namespace: 'fleet', uid: 'u-1', resourceVersion: '7' },
  status: { phase: 'Provisioned' },
}
const reference = { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', name: 'prod', namespace: 'fleet' }
const extensions = { apiversion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', name: 'prod', namespace: 'fleet' }
const attributes = (mode: string, over: object = {}) => ({
  ...{ specversion: '1.0', id: 'e-1', source: 'https://10.96.0.1:443', type: `dev.knative.apiserver.${mode}` },
  ...{
    subject: '/apis/cluster.x-k8s.io/v1beta2/namespaces/fleet/clusters/prod',
    time: '2026-11-22T12:00:00.123456789Z',
  },
  ...extensions,
  ...over,
})
const whole = (over: object = {}) => ({
  ...attributes('resource.update'),
  datacontenttype: 'application/json',
  data: object,
  ...over,
})

const send = (type: string, body: unknown, headers: Record<string, string> = {}) => {
  const sent: Record<string, string> = { 'content-type': type, ...headers }
  return cloudEventsSaid({
    header: (name) => sent[name] ?? null,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}
const headersOf = (event: object) =>
  Object.fromEntries(Object.entries(event).map(([name, value]) => [`ce-${name}`, String(value)]))
const shortly = (said: readonly Said[] | string) =>
  typeof said === 'string' ? said : said.map((one) => `${one.as}${'why' in one ? `: ${one.why}` : ''}`)
const about = {
  by: 'kube',
  kind: 'cluster.x-k8s.io/Cluster',
  version: 'v1beta2',
  ref: { group: 'cluster.x-k8s.io', kind: 'Cluster', namespace: 'fleet', name: 'prod' },
}
const reading = {
  ...{
    as: 'reading',
    id: 'https://10.96.0.1:443 e-1',
    about: { ...about, uid: 'u-1' },
    at: '2026-11-22T12:00:00.123Z',
  },
  ...{ object, isGone: false },
}

describe('CloudEvents', () => {
  it('are read from headers and body, from one structured body, and from a batch, to the same effect', () => {
    expect(send('application/json', object, headersOf(attributes('resource.update')))).toEqual([reading])
    expect(send('application/cloudevents+json; charset=utf-8', whole())).toEqual([reading])
    expect(send('application/cloudevents-batch+json', [whole(), whole()])).toEqual([reading, reading])
  })

  it('may carry their data in base64', () => {
    const data_base64 = Buffer.from(JSON.stringify(object)).toString('base64')
    expect(cloudEventSaid(whole({ data: undefined, data_base64 }))).toEqual(reading)
  })

  it('of mode Resource are readings; a deletion shows the last state', () => {
    expect(cloudEventSaid(whole({ type: 'dev.knative.apiserver.resource.add' }))).toEqual(reading)
    expect(cloudEventSaid(whole({ type: 'dev.knative.apiserver.resource.delete' }))).toEqual({
      ...reading,
      isGone: true,
    })
  })

  it('of mode Reference are hints', () => {
    const event = { ...attributes('ref.delete'), data: reference }
    const hint = { as: 'hint', id: reading.id, about: { ...about, uid: null }, at: reading.at, why: 'Knative: delete' }
    expect(cloudEventSaid(event)).toEqual(hint)
    const bare = { ...event, kind: undefined, name: undefined, namespace: undefined, apiversion: undefined }
    expect(cloudEventSaid(bare)).toEqual(hint)
  })

  it.each<[string, object, string]>([
    ['a whole object of nobody knows when', whole({ time: undefined }), 'hint: Knative: update'],
    ['an object without a name, told by the extensions', whole({ data: { kind: 'Cluster' } }), 'hint: Knative: update'],
    ['no data at all', whole({ data: undefined }), 'hint: Knative: update'],
    ['an unknown type', whole({ type: 'com.example.made' }), 'nothing: Events of this type are not read.'],
    [
      'the word of AKS',
      { ...whole(), type: 'Microsoft.ContainerService.ClusterSupportEnded', source: '/subscriptions/a' },
      'hint: Azure: ClusterSupportEnded',
    ],
    ['specversion in another case', { ...whole(), specversion: undefined, specVersion: '1.0' }, 'reading'],
    ['another specversion', whole({ specversion: '0.3' }), 'rejected: An event is not of specversion 1.0.'],
    ['no id', whole({ id: '' }), 'rejected: An event lacks "id", "source" or "type".'],
    [
      'an id without end',
      whole({ id: 'x'.repeat(2000) }),
      'rejected: The "id", "source" or "type" of an event is longer than 1024 characters.',
    ],
    ['two names', whole({ name: 'other' }), 'rejected: The extensions of an event name another object than its data.'],
    [
      'two namespaces',
      whole({ namespace: 'other' }),
      'rejected: The extensions of an event name another object than its data.',
    ],
    [
      'nothing to go by',
      { ...attributes('ref.add'), name: '', kind: 7 },
      'rejected: An event does not say which object it is about: apiversion, kind, name.',
    ],
    [
      'a name that cannot be',
      { ...attributes('ref.add'), name: 'a\u0000' },
      'rejected: An event does not say which object it is about: apiversion, kind, name.',
    ],
  ])('with %s', (_what, event, expected) => {
    expect(shortly([cloudEventSaid(event)])).toEqual([expected])
  })

  it('in headers are percent-encoded where they are not ASCII, and may have a body that is no JSON', () => {
    const headers = { ...headersOf(attributes('ref.update')), 'ce-name': 'pr%6Fd' }
    expect(send('application/json', reference, headers)).toMatchObject([{ about: { ref: { name: 'prod' } } }])
    expect(shortly(send('text/plain', 'hello', headers))).toEqual(['hint: Knative: update'])
    expect(shortly(send('application/json', '', { ...headers, 'ce-name': '%' }))).toEqual(['hint: Knative: update'])
  })

  it.each<[string, string, unknown, string]>([
    [
      'that are none',
      'application/json',
      {},
      'This is no CloudEvent: neither its content type nor a header ce-specversion says so.',
    ],
    [
      'in another format',
      'application/cloudevents+avro',
      'x',
      'CloudEvents are read as JSON: application/cloudevents+json, application/cloudevents-batch+json.',
    ],
    ['that are no JSON', 'application/cloudevents+json', '{"a":', 'The body is not JSON.'],
    ['in a batch that is none', 'application/cloudevents-batch+json', {}, 'A batch of CloudEvents is a JSON list.'],
    [
      'in a batch that does not say so',
      'application/cloudevents+json',
      [],
      'A structured CloudEvent is a JSON object.',
    ],
    [
      'in too large a batch',
      'application/cloudevents-batch+json',
      Array(501).fill({}),
      'A batch has at most 500 events.',
    ],
    ['too deep to be read', 'application/cloudevents+json', '['.repeat(101), 'The body is nested deeper than 100.'],
    [
      'of too many small values',
      'application/cloudevents-batch+json',
      `[${'0,'.repeat(500_000)}0]`,
      'The body has more than 500000 values.',
    ],
  ])('%s are refused as a whole', (_what, type, body, sentence) => {
    expect(send(type, body)).toBe(sentence)
  })

  it.skipIf(corpus === null)('of Knative’s documentation are read: an object without metadata is a hint', () => {
    const body = readFileSync(join(corpus ?? '', 'objects/knative/cloudevent-resource-update.json'), 'utf8')
    expect(send('application/cloudevents+json', body)).toMatchObject([
      {
        as: 'hint',
        about: { kind: '/Event', version: 'v1', ref: { name: 'busybox.1626008649e617e3' } },
        at: '2020-07-28T19:14:54.719Z',
      },
    ])
  })

  it('may be anything at all', () => {
    const types = fc.constantFrom(
      'application/json',
      'application/cloudevents+json',
      'application/cloudevents-batch+json',
      '',
    )
    const members = ['specversion', 'id', 'source', 'type', 'time', 'kind', 'name', 'data', 'metadata', 'data_base64']
    const texts = fc.constantFrom(
      '1.0',
      'dev.knative.apiserver.resource.update',
      'dev.knative.apiserver.ref.add',
      'Cluster',
      'v1',
    )
    const value = fc.object({
      key: fc.constantFrom(...members),
      values: [texts, fc.string(), fc.boolean()],
      maxDepth: 3,
    })
    const bodies = fc.oneof(
      fc.string(),
      value.map((one) => JSON.stringify(one)),
      fc.array(value).map((some) => JSON.stringify(some)),
    )
    const heads = fc.dictionary(fc.constantFrom(...members.map((name) => `ce-${name}`)), fc.oneof(texts, fc.string()))
    const seen = new Set<string>()
    fc.assert(
      fc.property(types, heads, bodies, (type, headers, body) => {
        const said = send(type, body, headers)
        for (const one of typeof said === 'string' ? [] : said) seen.add(one.as)
      }),
      { numRuns: 10_000 },
    )
    expect([...seen]).toContain('rejected')
  })
})
