import { type SQL, sql } from 'drizzle-orm'
import {
  contractKept,
  coreName,
  type InstalledProvider,
  mismatchesOf,
  type ProviderRelease,
  releasedWithCore,
  releaseOf,
} from '../../fleet/support/provider-release.ts'
import { acceptedContracts, providerReleases } from '../../fleet/support/seed/cluster-api.ts'
import { isProvider, providerContract, providerName, providerType, providerVersion } from '../provider.ts'
import { texts } from '../recordset.ts'
import { holds } from './filter.ts'
import { type Freshness, joinFreshness, judgedShape } from './freshness.ts'
import { as, clock, manyOf, type Selection, type Shape } from './shape.ts'

/** A provider as it was noted by whoever installed it. */
export interface NotedProvider extends InstalledProvider {
  readonly id: string
  readonly type: string | null
  readonly namespace: string
  readonly freshness: Freshness
}

/** The same, with what is published of its release and how it stands to its neighbours. */
export interface Provider extends NotedProvider, ProviderRelease {
  /** What of it does not fit the others, in sentences; null: nothing that is known. */
  readonly mismatch: string | null
}

const notedShape: Shape<keyof NotedProvider> = {
  id: as(`'Resource:' || o.id`),
  name: as(providerName),
  type: as(providerType),
  namespace: as('o.namespace'),
  version: as(providerVersion),
  contract: as(providerContract),
  freshness: (below) => judgedShape('o').freshness(below),
}
// Verdicts need all of these, whatever is asked.
const { freshness: _freshness, ...own } = notedShape
const needed: Selection = Object.fromEntries(Object.keys(own).map((field) => [field, {}]))

/** The providers of a source `s`, as noted, by name. */
export const providersOf = (below: Selection): string =>
  manyOf(
    notedShape,
    below.freshness ? { ...needed, freshness: below.freshness } : needed,
    `from object o ${below.freshness ? joinFreshness : ''} where o.source_id = s.id and ${isProvider} and o.gone_at is null
      order by ${providerName}, o.namespace, o.id`,
  )

/** Adds what is published of their releases to the providers of one source. */
export function judgeProviders(noted: readonly NotedProvider[], now: Date): readonly Provider[] {
  const mismatches = Map.groupBy(mismatchesOf(noted), ({ provider }) => provider)
  return noted.map((provider) => ({
    ...provider,
    ...releaseOf(provider.name, provider.version, now),
    contract: contractKept(provider),
    mismatch:
      mismatches
        .get(provider)
        ?.map(({ message }) => message)
        .join(' ') ?? null,
  }))
}

// The same judgement in SQL, for filters: lists of what the table says, by `name minor`. A test holds the two together.

const releases = providerReleases.flatMap(({ providers, minors }) =>
  providers.flatMap((provider) => minors.map((release) => ({ key: `${provider} ${release.minor}`, ...release }))),
)
const ends = releases.flatMap(({ key, term }) =>
  term.says === 'ended' ? [{ key, since: term.since ?? '0001-01-01' }] : [],
)
const contracts = releases.flatMap(({ key, contract }) => (contract === null ? [] : [{ key, contract }]))

const table = (rows: readonly (readonly [string, string])[], columns: string): SQL =>
  sql`unnest(${texts(rows.map(([key]) => key))}, ${texts(rows.map(([, value]) => value))}) ${sql.raw(columns)}`

// As `parseVersion` reads it (fleet/version.ts), and as `mismatchesOf` compares it.
const versionShape = String.raw`^v?(\d{1,5}\.\d{1,5})(\.\d{1,9})?([-+].*)?$`
const trimmed = `btrim(${providerVersion})`
const minor = `regexp_replace((regexp_match(${trimmed}, '${versionShape}'))[1], '^0*(\\d+)\\.0*(\\d+)$', '\\1.\\2')`
const plain = `case when ${trimmed} ~ '${versionShape}' then regexp_replace(${trimmed}, '^v', '') end`
const key = sql.raw(`${providerName} || ' ' || ${minor}`)
const here = sql.raw(`o.source_id = s.id and ${isProvider} and o.gone_at is null`)

const endTable = table(
  ends.map(({ key, since }) => [key, since]),
  'e(key, since)',
)
const today = sql.raw(`(${clock} at time zone 'UTC')::date`)
const endedSql: SQL = sql`exists (select from object o join ${endTable} on e.key = ${key} where ${here} and e.since::date <= ${today})`

const contractTable = table(
  contracts.map(({ key, contract }) => [key, contract]),
  't(key, contract)',
)
const acceptedTable = table(
  [...acceptedContracts].flatMap(([core, list]) => list.map((contract): [string, string] => [core, contract])),
  'a(core, contract)',
)
const facts = sql.raw(`${providerName}, ${plain}, coalesce(${providerContract}, t.contract)`)
const mismatchSql: SQL = sql`(with p(id, name, version, contract) as (
    select o.id, ${facts} from object o left join ${contractTable} on t.key = ${key} where ${here}
  ), core as (select * from p where name = ${coreName}
    and 1 = (select count(distinct coalesce(version, '')) from p where name = ${coreName}) order by id limit 1)
  select exists (select from p group by name having count(distinct version) > 1)
    or exists (select from p, core where p.name = any(${texts(releasedWithCore)}) and p.version <> core.version)
    or exists (select from p, core where p.name <> ${coreName} and p.contract is not null
      and core.contract = any(${texts([...acceptedContracts.keys()])})
      and (core.contract, p.contract) not in (select a.core, a.contract from ${acceptedTable})))`

/** Conditions over a source `s`. */
export const providerClauses = {
  /** One of its providers is known to have no support any more. */
  providersUnsupported: holds(endedSql),
  /** Something of its providers is known not to fit together. */
  providersMismatched: holds(mismatchSql),
}
