import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventGridSaid, validationCodeOf } from '../../../fleet/push/event-grid.ts'
import { corpusDir } from '../../require.ts'

const corpus = corpusDir()
const fromCorpus = (file: string) => JSON.parse(readFileSync(join(corpus ?? '', 'aks/eventgrid', file), 'utf8'))

const id = '/subscriptions/ABC/resourceGroups/Platform/providers/Microsoft.ContainerService/managedClusters/Weu'
const event = (over: object = {}) => ({
  ...{ id: '1', topic: id, subject: 'Weu', eventType: 'Microsoft.ContainerService.NodePoolRollingFailed' },
  ...{ eventTime: '2023-03-29T18:00:00.1234567Z', data: { nodePoolName: 'one' }, dataVersion: '1', ...over },
})
const whyOf = (value: unknown) => {
  const said = eventGridSaid(value)
  return `${said.as}: ${'why' in said ? said.why : ''}`
}

describe('an event of Event Grid', () => {
  it('about an AKS cluster is a hint: it has no reason, and none of them is the whole truth', () => {
    expect(eventGridSaid(event())).toEqual({
      as: 'hint',
      id: `azure ${id.toLowerCase()} 1`,
      about: { by: 'arm', armId: id.toLowerCase(), subscription: 'abc' },
      at: '2023-03-29T18:00:00.123Z',
      why: 'Azure: NodePoolRollingFailed',
    })
  })

  it.each([
    ['without the first slash', id.slice(1)],
    ['with a slash too many', `${id}/`],
    ['in capitals', id.toUpperCase()],
    ['with one slash missing', id.replace('/Platform', 'Platform')],
    ['of the subscription alone', '/subscriptions/abc'],
  ])('has its id read tolerantly: %s', (_how, topic) => {
    expect(eventGridSaid(event({ topic }))).toMatchObject({ as: 'hint', about: { subscription: 'abc' } })
  })

  it.each<[string, unknown, string]>([
    [
      'of a type nobody knows',
      event({ eventType: 'Microsoft.Storage.BlobCreated' }),
      'nothing: Events of this type are not read.',
    ],
    [
      'of a type that was withdrawn',
      event({ eventType: 'Microsoft.ContainerService.ClusterOutOfSupport' }),
      'nothing: Events of this type are not read.',
    ],
    ['without a time', event({ eventTime: undefined }), 'hint: Azure: NodePoolRollingFailed'],
    ['without an id', event({ id: '' }), 'rejected: An event has no "id", or one that is too long.'],
    ['without a type', event({ eventType: 7 }), 'rejected: An event has no "eventType" or "type".'],
    [
      'about nothing',
      event({ topic: '' }),
      'rejected: An event does not say which cluster it is about: no ARM id in its topic or source.',
    ],
    ['that is none', 'hello', 'rejected: An event is not a JSON object.'],
  ])('%s', (_what, value, why) => {
    expect(whyOf(value)).toBe(why)
  })

  it
    .skipIf(corpus === null)
    .each([
      'cloudevents.NewKubernetesVersionAvailable.miscased-specVersion.json',
      'cloudevents.NodePoolRollingFailed.json',
      'eventgrid.ClusterSupportEnding.json',
      'eventgrid.NewKubernetesVersionAvailable.json',
    ])('of its documentation is read: %s', (file) => {
    expect(eventGridSaid(fromCorpus(file))).toMatchObject({
      as: 'hint',
      about: { by: 'arm', subscription: '{subscription-id}' },
      at: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    })
  })

  it('that asks whether it may be sent is told its code, and nothing is called', () => {
    const question = (over: object = {}) => [
      {
        id: '1',
        eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
        data: { validationCode: 'c-1', validationUrl: 'https://x.example', ...over },
      },
    ]
    expect(validationCodeOf(question())).toBe('c-1')
    expect(validationCodeOf(question({ validationCode: 'a b' }))).toBeNull()
    expect(validationCodeOf([...question(), ...question()])).toBeNull()
    expect(validationCodeOf([event()])).toBeNull()
    expect(validationCodeOf({})).toBeNull()
    if (corpus !== null)
      expect(validationCodeOf(fromCorpus('eventgrid.SubscriptionValidationEvent.json'))).toBe(
        '512d38b6-c7b8-40c8-89fe-f46f9e9622b6',
      )
  })

  it('may be anything at all', () => {
    const members = ['id', 'eventType', 'type', 'topic', 'source', 'eventTime', 'time', 'data', 'validationCode']
    const texts = fc.constantFrom(
      'Microsoft.ContainerService.ClusterSupportEnded',
      id,
      'Microsoft.EventGrid.SubscriptionValidationEvent',
    )
    const anything = fc.object({
      key: fc.constantFrom(...members),
      values: [texts, fc.string(), fc.integer()],
      maxDepth: 2,
    })
    fc.assert(
      fc.property(fc.oneof(anything, fc.anything()), (value) => {
        expect(['hint', 'nothing', 'rejected']).toContain(eventGridSaid(value).as)
        validationCodeOf([value])
      }),
      { numRuns: 3000 },
    )
  })
})
