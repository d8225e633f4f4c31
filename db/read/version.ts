import { type SQL, sql } from 'drizzle-orm'
import { FleetError } from '../../fleet/error.ts'
import { parseVersion } from '../../fleet/version.ts'
import { versionRankOf } from '../order.ts'
import { all, type Operators } from './filter.ts'
import { as, type Shape } from './shape.ts'

/** A Kubernetes version: what the cluster was told to run, and what it runs. */
export interface KubernetesVersion {
  /** The observed version, else the declared one, as its source wrote it. */
  readonly raw: string | null
  /** `1.33`, of `raw`. */
  readonly minor: string | null
  readonly declared: string | null
  readonly observed: string | null
}

export const versionShape = (row: string): Shape<keyof KubernetesVersion> => ({
  raw: as(`coalesce(${row}.version_observed, ${row}.version_declared)`),
  minor: as(minorOf(row)),
  declared: as(`${row}.version_declared`),
  observed: as(`${row}.version_observed`),
})

/** `1.33`: observed, else declared. */
export const minorOf = (row: string): string =>
  `case when ${row}.observed_major is not null then ${row}.observed_major || '.' || ${row}.observed_minor
    else ${row}.declared_major || '.' || ${row}.declared_minor end`

/** Compares by number. `1.33` without a patch means the whole minor: `eq` holds for each of its patches. */
export const comparesVersion = (row: string): ((given: Operators<string>) => SQL) => comparesRank(versionRankOf(row))

/** The same of a version's rank (db/order.ts) as SQL text. */
export function comparesRank(text: string): (given: Operators<string>) => SQL {
  const rank = sql.raw(`(${text})`)
  return ({ eq, in: list, lt, gte, isNull }) => {
    const parts: SQL[] = []
    const given = eq === null || eq === undefined ? list : [eq, ...(list ?? [])].filter((v) => v === eq)
    if (given) parts.push(sql`(${sql.join([sql`false`, ...given.map((v) => within(rank, v))], sql` or `)})`)
    if (lt !== null && lt !== undefined) parts.push(sql`${rank} < ${spanOf(lt).from}::int`)
    if (gte !== null && gte !== undefined) parts.push(sql`${rank} >= ${spanOf(gte).from}::int`)
    if (isNull !== null && isNull !== undefined) parts.push(isNull ? sql`${rank} is null` : sql`${rank} is not null`)
    return all(parts)
  }
}

function within(rank: SQL, version: string): SQL {
  const { from, to } = spanOf(version)
  return sql`(${rank} >= ${from}::int and ${rank} < ${to}::int)`
}

/** Ranks are PostgreSQL's int. */
const rankMax = 2_147_000_000

function spanOf(text: string): { from: number; to: number } {
  const version = parseVersion(text)
  if (version === null) {
    throw new FleetError('invalid', `"${text}" is not a Kubernetes version; write 1.33 or 1.33.4.`)
  }
  const from = version.major * 1_000_000 + version.minor * 1000 + (version.patch ?? 0)
  if (from >= rankMax) throw new FleetError('invalid', `"${text}" is not a Kubernetes version that can be.`)
  return { from, to: from + (version.patch === null ? 1000 : 1) }
}
