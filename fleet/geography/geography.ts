import { awsRegions } from './aws-regions.ts'
import { azureRegions } from './azure-regions.ts'
import { gcpRegions } from './gcp-regions.ts'

/** Where a cluster is. */
export interface Place {
  /** ISO 3166-1 alpha-2, in upper case; null where nobody can tell. */
  readonly country: string | null
  /** What the country belongs to, a selector's words: `EU`, `Europe` … Empty where the country is not known. */
  readonly geographies: readonly string[]
}

type Table = Readonly<Record<string, string>>

const tables: Readonly<Record<string, readonly Table[]>> = {
  aks: [azureRegions],
  azure: [azureRegions],
  eks: [awsRegions],
  aws: [awsRegions],
  rosa: [awsRegions],
  gke: [gcpRegions],
  gcp: [gcpRegions],
}
/** AWS's names are also those of clouds that imitate it (Outscale's eu-west-2 is Paris), so they place no other provider's cluster. */
const othersTables = [azureRegions, gcpRegions]
const allTables = [azureRegions, gcpRegions, awsRegions]

/** Which countries make up a geography. The European Union's 27 members: european-union.europa.eu; the rest as far as clouds have regions. */
const members: Readonly<Record<string, readonly string[]>> = {
  EU: [
    ...['AT', 'BE', 'BG', 'CY', 'CZ', 'DE', 'DK', 'EE', 'ES', 'FI', 'FR', 'GR', 'HR', 'HU'],
    ...['IE', 'IT', 'LT', 'LU', 'LV', 'MT', 'NL', 'PL', 'PT', 'RO', 'SE', 'SI', 'SK'],
  ],
  Europe: ['CH', 'GB', 'IS', 'LI', 'NO'],
  Americas: ['BR', 'CA', 'CL', 'MX', 'US'],
  'Asia Pacific': ['AU', 'CN', 'HK', 'ID', 'IN', 'JP', 'KR', 'MY', 'NZ', 'SG', 'TH', 'TW'],
  Africa: ['ZA'],
  'Middle East': ['AE', 'BH', 'IL', 'QA', 'SA'],
}

const geographiesByCountry: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(members).flatMap(([geography, countries]) =>
    // Every member of the European Union is in Europe, and Europe is more than its members.
    countries.map((country) => [country, geography === 'EU' ? ['EU', 'Europe'] : [geography]]),
  ),
)

/** Every word that can be a place's: whoever selects by another selects nothing. */
export const geographies: readonly string[] = Object.keys(members)
export const countries: readonly string[] = [...geographiesByCountry.keys()].sort()

const nowhere: Place = { country: null, geographies: [] }

/** A zonal GKE cluster is in a zone (`europe-west1-b`), the region's name with a letter. */
const zone = /(?<=\d)-[a-z]$/

/**
 * The country and the geographies of a region, by its provider's names in any letter case; Azure's display names (`West Europe`)
 * too. A region nobody knows is nowhere: never in the European Union by mistake.
 */
export function placeOf(provider: string | null, region: string | null): Place {
  if (region === null) return nowhere
  const key = region.toLowerCase().replaceAll(' ', '').replace(zone, '')
  for (const table of provider === null ? allTables : (tables[provider] ?? othersTables)) {
    const country = Object.hasOwn(table, key) ? table[key] : undefined
    if (country !== undefined) return { country, geographies: geographiesByCountry.get(country) ?? [] }
  }
  return nowhere
}
