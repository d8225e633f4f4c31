import { randomUUID } from 'node:crypto'
import type { Sort } from './case.ts'
import type { Call } from './client.ts'
import { type Body, nonsense } from './flux-cases.ts'
import { secrets, subscription } from './world.ts'

// Event Grid's webhook, and what no route answers.

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

export const azureSorts: readonly Sort[] = [...gridSorts, methodSort]
