import { expect, test } from 'vitest'
import { readNotifications } from '../../../fleet/azure/end-of-support.ts'

const now = new Date('2026-11-22T10:00:00Z')
const details = {
  kubernetesVersion: '1.32.3',
  eolDate: '2026-03-01T00:00:00Z',
  supportType: 'Community',
  region: 'eastus',
}
const event = (eventDetails: unknown = details, more: object = {}) => ({
  location: 'westeurope',
  properties: { eventSource: 'EOLNotification', eventDetails, ...more },
})
const read = (...rows: unknown[]) =>
  readNotifications(rows, now).map(({ minor, plan, region, endsAt }) => `${minor} ${plan} ${region} ${endsAt}`)

test.each<[string, unknown[], string[]]>([
  ['a date', [event()], ['1.32 standard eastus 2026-03-01']],
  ['details as a text', [event(JSON.stringify(details))], ['1.32 standard eastus 2026-03-01']],
  ['an LTS date', [event({ ...details, supportType: 'LTS' })], ['1.32 lts eastus 2026-03-01']],
  ['the resource’s own region', [event({ ...details, region: null })], ['1.32 standard westeurope 2026-03-01']],
  ['many clusters', [event(), event(), event()], ['1.32 standard eastus 2026-03-01']],
  [
    'the latest of several dates',
    [event({ ...details, eolDate: '2026-04-01' }), event()],
    ['1.32 standard eastus 2026-04-01'],
  ],
  ['no other event', [event(details, { eventSource: 'K8sVersionUpgrade' })], []],
  ['no date that is none', [event({ ...details, eolDate: '2026-02-31' })], []],
  ['no version that is none', [event({ ...details, kubernetesVersion: 'latest' })], []],
  ['no unknown support', [event({ ...details, supportType: 'Platform' })], []],
  ['nothing of what cannot be read', [null, 7, {}, event('{'), event(null)], []],
])('notifications tell %s', (_name, rows, said) => expect(read(...rows)).toEqual(said))
