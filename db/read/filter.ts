import { type SQL, sql } from 'drizzle-orm'
import { FleetError } from '../../fleet/error.ts'
import { parseLabelSelector, type Requirement } from '../../fleet/label-selector.ts'
import { formerClaim } from '../claim.ts'
import { bareIdOf } from './id.ts'

/** Operators of one filter field; several in one field must all hold. */
export interface Operators<T> {
  readonly eq?: T | null | undefined
  readonly in?: readonly T[] | null | undefined
  readonly lt?: T | null | undefined
  readonly gte?: T | null | undefined
  readonly startsWith?: string | null | undefined
  readonly isNull?: boolean | null | undefined
}

/** What every noun's filter has beside its own fields. */
export interface Logic<F> {
  readonly and?: readonly F[] | null | undefined
  readonly or?: readonly F[] | null | undefined
  readonly not?: F | null | undefined
}

/** How each field of a filter becomes SQL. */
export type Clauses<F> = { readonly [K in Exclude<keyof F, keyof Logic<F>>]-?: (given: NonNullable<F[K]>) => SQL }

/** More clauses than a person writes, few enough to plan quickly. */
const clausesMax = 100
const listMax = 1000

/** The condition a filter means; absent or empty means every row. Throws `invalid` for what cannot be meant. */
export function whereOf<F extends Logic<F>>(filter: F | null | undefined, clauses: Clauses<F>): SQL {
  let left = clausesMax
  const walk = (at: F): SQL => {
    const parts: SQL[] = []
    for (const [name, given] of Object.entries(at)) {
      if (given === null || given === undefined) continue
      left -= 1
      if (left < 0) throw new FleetError('invalid', `A filter may hold at most ${clausesMax} clauses.`)
      // The names say which of the shapes of Logic<F> it is.
      if (name === 'and') parts.push(all((given as readonly F[]).map(walk)))
      else if (name === 'or') parts.push(any((given as readonly F[]).map(walk)))
      // `is not true` rather than `not`: a cluster without a region is not in westeurope.
      else if (name === 'not') parts.push(sql`(${walk(given as F)}) is not true`)
      else {
        refuseNul(name, given)
        parts.push(clauseOf(clauses, name)(given))
      }
    }
    return all(parts)
  }
  return filter ? walk(filter) : sql`true`
}

/** Throws `invalid` where text holds U+0000: PostgreSQL cannot store it, so nothing can have it. `given` is a text or an operator's. */
export function refuseNul(name: string, given: unknown): void {
  const texts = typeof given === 'object' && given !== null ? Object.values(given).flat() : [given]
  if (texts.some((one) => typeof one === 'string' && one.includes('\0'))) {
    throw new FleetError('invalid', `"${name}" holds the character U+0000, which no name or label has.`)
  }
}

// The schema's input type and the clauses have the same keys; the compiler checked each pair where the table was written.
function clauseOf<F>(clauses: Clauses<F>, name: string): (given: unknown) => SQL {
  return (clauses as unknown as Record<string, (given: unknown) => SQL>)[name] ?? unknownField(name)
}

function unknownField(name: string): never {
  throw new FleetError('invalid', `There is no filter field "${name}".`)
}

export const all = (parts: readonly SQL[]): SQL =>
  parts.length === 0 ? sql`true` : sql`(${sql.join([...parts], sql` and `)})`

const any = (parts: readonly SQL[]): SQL =>
  parts.length === 0 ? sql`false` : sql`(${sql.join([...parts], sql` or `)})`

type SqlType = 'text' | 'timestamptz' | 'date' | 'int' | 'uuid'

/** A field compared as PostgreSQL compares `type`. What is given stands for the value that `meant` makes of its SQL. */
export function compares<T extends string | number | boolean>(
  value: SQL,
  type: SqlType,
  wire: (given: T) => string | number = (given) => String(given),
  meant?: (given: SQL) => SQL,
): (given: Operators<T>) => SQL {
  const means = meant ?? ((given: SQL) => given)
  const bound = (given: T): SQL => means(sql`${wire(given)}::${sql.raw(type)}`)
  const among = (values: readonly T[]): SQL => {
    const list = sql`${listOf(values, wire)}::${sql.raw(type)}[]`
    return meant ? sql`array(select ${meant(sql`given.one`)} from unnest(${list}) given(one))` : list
  }
  return (given) => {
    const parts: SQL[] = []
    for (const [operator, operand] of Object.entries(given)) {
      if (operand === undefined) continue
      // `eq: null` from an unset variable would otherwise quietly mean "everything".
      if (operand === null) throw new FleetError('invalid', `"${operator}: null" means nothing; ask with isNull.`)
      if (operator === 'eq') parts.push(sql`${value} = ${bound(operand as T)}`)
      else if (operator === 'lt') parts.push(sql`${value} < ${bound(operand as T)}`)
      else if (operator === 'gte') parts.push(sql`${value} >= ${bound(operand as T)}`)
      else if (operator === 'in') parts.push(sql`${value} = any(${among(operand as readonly T[])})`)
      else if (operator === 'startsWith')
        parts.push(sql`starts_with(${value}, ${means(sql`${String(operand)}::text`)})`)
      else if (operator === 'isNull') parts.push(operand ? sql`${value} is null` : sql`${value} is not null`)
      else unknownField(operator)
    }
    return all(parts)
  }
}

const lower = (text: SQL): SQL => sql`lower(${text})`

/** A text whose letter case says nothing: words of Azure's, which does not compare it either, and closed lists. */
export const comparesFolded = (text: SQL): ((given: Operators<string>) => SQL) =>
  compares<string>(lower(text), 'text', String, lower)

/** The id of a cluster. One that it had before it turned out to be another finds it, too. */
export const comparesClusterId = (id: SQL): ((given: Operators<string>) => SQL) =>
  compares<string>(id, 'uuid', bareIdOf('Cluster'), presentId)

/** The id of a cluster now, of any that it had. */
export const presentId = (id: SQL): SQL =>
  sql`coalesce((select b.cluster_id from binding b where b.claim = ${formerClaim('')}::text || ${id}), ${id})`

/** A list of texts, in any case: the operators hold where one of its values meets them; `isNull` where it has none. */
export function comparesMembers(list: SQL): (given: Pick<Operators<string>, 'eq' | 'in' | 'isNull'>) => SQL {
  const size = compares<number>(sql`nullif(cardinality(${list}), 0)`, 'int')
  const member = comparesFolded(sql`m`)
  return ({ isNull, ...given }) => {
    const asked = Object.values(given).some((operand) => operand !== undefined)
    return all([
      size({ isNull }),
      ...(asked ? [sql`exists (select from unnest(${list}) m where ${member(given)})`] : []),
    ])
  }
}

/** A yes or no; what is not known is neither. */
export const holds =
  (value: SQL): ((given: boolean) => SQL) =>
  (given) =>
    sql`(${value}) = ${given}::boolean`

function listOf<T>(values: readonly T[], wire: (given: T) => string | number): SQL {
  if (values.length > listMax) throw new FleetError('invalid', `"in" takes at most ${listMax} values.`)
  return sql`${sql.param(values.map(wire))}`
}

/** A Kubernetes label selector over a jsonb column of labels. */
export const selects = (labels: SQL): ((selector: string) => SQL) => {
  return (selector) => all(parseLabelSelector(selector).map((requirement) => requirementSql(labels, requirement)))
}

function requirementSql(labels: SQL, requirement: Requirement): SQL {
  const value = sql`${labels} ->> ${requirement.key}`
  switch (requirement.operator) {
    case 'exists':
      return sql`${value} is not null`
    case 'absent':
      return sql`${value} is null`
    case 'in':
      return sql`coalesce(${value} = any(${sql.param(requirement.values)}::text[]), false)`
    case 'notin':
      return sql`coalesce(${value} <> all(${sql.param(requirement.values)}::text[]), true)`
  }
}
