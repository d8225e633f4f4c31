import { describe, expect, it } from 'vitest'
import { awsRegions } from '../../fleet/geography/aws-regions.ts'
import { azureRegions } from '../../fleet/geography/azure-regions.ts'
import { gcpRegions } from '../../fleet/geography/gcp-regions.ts'
import { type Place, placeOf } from '../../fleet/geography/geography.ts'

const europeanUnion = { geographies: ['EU', 'Europe'] }
const nowhere = { country: null, geographies: [] }

describe('where a cluster is', () => {
  it.each<readonly [string | null, string | null, Place, string]>([
    ['aks', 'westeurope', { country: 'NL', ...europeanUnion }, 'by its name'],
    ['aks', 'West Europe', { country: 'NL', ...europeanUnion }, 'by its display name'],
    ['azure', 'NORTHEUROPE', { country: 'IE', ...europeanUnion }, 'in any letter case'],
    ['aks', 'uksouth', { country: 'GB', geographies: ['Europe'] }, 'Europe is more than the Union'],
    ['aks', 'norwayeast', { country: 'NO', geographies: ['Europe'] }, 'a neighbour'],
    ['aks', 'switzerlandnorth', { country: 'CH', geographies: ['Europe'] }, 'a neighbour'],
    ['aks', 'eastasia', { country: 'HK', geographies: ['Asia Pacific'] }, 'Hong Kong'],
    ['aks', 'usgovvirginia', { country: 'US', geographies: ['Americas'] }, 'another Azure cloud'],
    ['eks', 'eu-central-1', { country: 'DE', ...europeanUnion }, 'EKS by AWS regions'],
    ['aws', 'eu-central-2', { country: 'CH', geographies: ['Europe'] }, 'eu in the name proves nothing'],
    ['gke', 'europe-west2', { country: 'GB', geographies: ['Europe'] }, 'nor europe'],
    ['gcp', 'me-central2', { country: 'SA', geographies: ['Middle East'] }, 'Dammam'],
    ['gke', 'europe-west1-b', { country: 'BE', ...europeanUnion }, 'a zonal cluster'],
    ['eks', 'westeurope', nowhere, "another provider's name"],
    ['aks', 'atlantis', nowhere, 'nobody knows it'],
    ['aks', 'constructor', nowhere, 'what every object has is no region'],
    ['aks', null, nowhere, 'not reported'],
    [null, 'eu-west-1', { country: 'IE', ...europeanUnion }, 'no provider: the names alone'],
    ['vsphere', 'westeurope', { country: 'NL', ...europeanUnion }, 'the region its source was given'],
    ['outscale', 'eu-west-2', nowhere, 'Paris there, London at AWS'],
  ])('%s %s is %o: %s', (provider, region, place) => {
    expect(placeOf(provider, region)).toEqual(place)
  })

  it('knows what every country in the tables belongs to', () => {
    const lost = (provider: string, table: Readonly<Record<string, string>>) =>
      Object.keys(table).filter((region) => placeOf(provider, region).geographies.length === 0)
    expect([...lost('aks', azureRegions), ...lost('eks', awsRegions), ...lost('gke', gcpRegions)]).toEqual([])
  })
})
