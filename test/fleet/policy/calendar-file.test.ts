import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseFleet } from '../../../fleet/configuration.ts'

const entry = { calendar: 'aks', minor: '1.31', endsAt: '2027-02-28', source: 'contract 4711' }
const sentence = (over: object) => () => parseFleet({ calendar: [{ ...entry, ...over }] })

describe('calendar of the fleet file', () => {
  it('is read as a person writes it', () => {
    const { calendar } = parseFleet(
      parse(`
calendar:
  - { calendar: aks, minor: "1.31", plan: lts, region: West Europe, endsAt: 2027-02-28, source: contract 4711, asOf: 2026-05-01 }
  - { calendar: upstream, minor: "1.31", availableAt: 2024-08-13, source: the release notes }
`),
    )
    expect(calendar).toEqual([
      {
        calendar: 'aks',
        minor: '1.31',
        plan: 'lts',
        region: 'westeurope',
        availableAt: null,
        endsAt: '2027-02-28',
        origin: 'operator',
        source: 'contract 4711',
        asOf: '2026-05-01',
      },
      {
        calendar: 'upstream',
        minor: '1.31',
        plan: 'standard',
        region: null,
        availableAt: '2024-08-13',
        endsAt: null,
        origin: 'operator',
        source: 'the release notes',
        asOf: null,
      },
    ])
  })

  it.each<[string, object, string]>([
    ['an unknown calendar', { calendar: 'azure' }, 'calendar[0].calendar must be one of aks, eks, gke, upstream'],
    ['a number for a minor', { minor: 1.3 }, 'calendar[0].minor must be a minor in quotes, for example "1.31"'],
    ['a patch', { minor: '1.31.4' }, 'calendar[0].minor must be a minor in quotes'],
    ['an unknown plan', { plan: 'premium' }, 'calendar[0].plan must be one of standard, lts, extended'],
    [
      'a plan of somebody else',
      { plan: 'extended' },
      'calendar[0].plan is not a plan of aks, which has "standard" and "lts"',
    ],
    [
      'a plan where there is one only',
      { calendar: 'upstream', plan: 'lts' },
      'calendar[0].plan is not a plan of upstream, which has only "standard"',
    ],
    ['a day that never is', { endsAt: '2027-02-30' }, 'calendar[0].endsAt must be a day, for example 2027-02-28'],
    ['nothing', { endsAt: undefined }, 'calendar[0] says nothing; give "endsAt", for example endsAt: 2027-02-28'],
    [
      'an end before its beginning',
      { availableAt: '2027-03-01' },
      'calendar[0].endsAt must not be before "availableAt" (2027-03-01)',
    ],
    ['nobody who says so', { source: undefined }, 'calendar[0].source must be a text that is not empty'],
  ])('refuses %s', (_name, over, message) => {
    expect(sentence(over)).toThrow(message)
  })

  it('refuses two words about one thing', () => {
    const calendar = [
      { ...entry, region: 'westeurope' },
      entry,
      { ...entry, region: 'West Europe', endsAt: '2028-01-01' },
    ]
    expect(() => parseFleet({ calendar })).toThrow('calendar[2].minor repeats calendar[0].minor')
  })
})
