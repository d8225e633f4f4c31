import { hash } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { ended } from '../fleet/configuration/sentence.ts'
import { FleetError } from '../fleet/error.ts'
import type { Policy, Waiver } from '../fleet/policy/policy.ts'
import { selectorProblem } from '../fleet/policy/selector-file.ts'
import { everythingProblem, excusesEverything } from '../fleet/policy/waiver-file.ts'
import { uuidOf } from '../fleet/reference.ts'
import { formerClaim } from './claim.ts'
import { type Db, rowsOf } from './client.ts'
import { holdRules, mark } from './judge/due.ts'
import { readPolicies, waiverOf } from './judge/rules.ts'
import { texts } from './recordset.ts'
import { inTransaction } from './transaction.ts'
import { waiver } from './verdict-tables.ts'

/** What somebody asks for, by other ways than the fleet file. */
export type WaiverRequest = Omit<Waiver, 'id' | 'createdAt' | 'revokedAt' | 'origin'>

/** Whoever needs longer asks again: a waiver that nobody looks at for more than a year is a rule that nobody wants. */
export const waiverDaysMax = 366
const dayMs = 86_400_000
const textCharsMax = 2000
const choicesMax = 100
const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * Grants a waiver and has the clusters that it may excuse judged again. The same request again is the same waiver; after a revocation it
 * is a new one.
 * @throws FleetError `invalid`, with a sentence on what to correct.
 */
export async function createWaiver(db: Db, request: WaiverRequest, now: Date): Promise<Waiver> {
  checkRequest(request, now)
  return inTransaction(db, async (tx) => {
    await holdRules(tx)
    checkRule(request, await readPolicies(tx))
    await checkCluster(tx, request)
    let id = idOf(request)
    for (;;) {
      const [stored] = await tx.select().from(waiver).where(eq(waiver.id, id))
      if (!stored) break
      if (stored.revokedAt === null) return waiverOf(stored)
      id = idOf({ id, revokedAt: stored.revokedAt })
    }
    const { policy, rule, selector, owner, reason, approvedBy, expiresAt } = request
    const granted = {
      id,
      policy,
      rule,
      selector,
      owner,
      reason,
      approvedBy,
      expiresAt,
      createdAt: now,
      origin: 'api' as const,
    }
    await tx.insert(waiver).values(granted)
    await markConcerned(tx, request, now)
    return { ...granted, revokedAt: null }
  })
}

/**
 * Ends a waiver now and has the clusters that it excused judged again. One that was revoked before stays as it is.
 * @throws FleetError `not_found`; `conflict` for one of the fleet file, which would come back with the file.
 */
export async function revokeWaiver(db: Db, id: string, revokedBy: string | null, now: Date): Promise<Waiver> {
  if (revokedBy !== null) checkText('revokedBy', revokedBy)
  return inTransaction(db, async (tx) => {
    await holdRules(tx)
    const [stored] = uuidShape.test(id) ? await tx.select().from(waiver).where(eq(waiver.id, id)) : []
    if (!stored) throw new FleetError('not_found', `There is no waiver with the id ${id}. \`waivers\` lists them.`)
    if (stored.origin === 'fleetFile') {
      throw new FleetError(
        'conflict',
        `The waiver ${id} is declared in the fleet file and would come back with it. Remove it under "waivers" there, or give it an earlier "expires".`,
      )
    }
    if (stored.revokedAt !== null) return waiverOf(stored)
    await tx.update(waiver).set({ revokedAt: now, revokedBy }).where(eq(waiver.id, id))
    await markConcerned(tx, stored, now)
    return { ...waiverOf(stored), revokedAt: now }
  })
}

/** Has those judged again that have a finding which the waiver may concern, however it stands now. */
async function markConcerned(
  tx: Db,
  { policy, rule, selector }: Pick<Waiver, 'policy' | 'rule' | 'selector'>,
  now: Date,
): Promise<void> {
  const only = [
    ...(policy === null ? [] : [sql`f.policy = ${policy}`]),
    ...(rule === null ? [] : [sql`f.rule = ${rule}`]),
    ...(selector.clusterId ? [sql`f.cluster_id = ${presentId(selector.clusterId)}`] : []),
    ...(selector.name
      ? [
          sql`(exists (select from cluster c where c.id = f.cluster_id and c.name = any(${texts(selector.name)}))
            or (f.scope = 'source' and f.source_id = any(${texts(selector.name)})))`,
        ]
      : []),
  ]
  await mark(tx, sql`in (select f.cluster_id from finding f where ${sql.join([sql`true`, ...only], sql` and `)})`, now)
}

/** The id of a cluster now that had this one before, or has it still. */
const presentId = (clusterId: string) =>
  sql`coalesce((select b.cluster_id from binding b where b.claim = ${formerClaim(clusterId)}), ${clusterId}::uuid)`

/** Derived, so that a request whose answer was lost can be repeated. */
function idOf(granted: object): string {
  return uuidOf(hash('sha256', `waiver by api\0${JSON.stringify(canonical(granted))}`, 'hex'))
}

/** Keys in one order, without those left out. */
function canonical(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || value instanceof Date || Array.isArray(value)) return value
  return Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, each]) => [key, canonical(each)])
}

function checkRequest(
  { policy, rule, selector, owner, reason, approvedBy, expiresAt }: WaiverRequest,
  now: Date,
): void {
  checkText('owner', owner)
  checkText('reason', reason)
  for (const [field, text] of Object.entries({ policy, rule, approvedBy })) if (text !== null) checkText(field, text)
  const given = Object.entries(selector).filter(([, choice]) => choice !== undefined)
  for (const [field, choice] of given) {
    const choices = typeof choice === 'string' ? [choice] : choice
    if (choices.length === 0)
      throw refused(inputField(field), 'must not be an empty list, which no cluster meets; leave it out')
    if (choices.length > choicesMax) throw refused(inputField(field), `must not have more than ${choicesMax} entries`)
    for (const text of choices) checkText(inputField(field), text)
  }
  if (excusesEverything({ policy, rule, selector })) throw refused('selector', everythingProblem)
  checkSelector(selector)
  const ms = expiresAt.getTime() - now.getTime()
  if (!(ms > 0)) throw refused('expiresAt', `must be in the future; it is now ${now.toISOString()}`)
  if (ms > waiverDaysMax * dayMs)
    throw refused('expiresAt', `must be within ${waiverDaysMax} days; ask again when it runs out`)
}

function checkSelector(selector: Waiver['selector']): void {
  if (selector.clusterId !== undefined && !uuidShape.test(selector.clusterId)) throw noSuchCluster()
  const found = selectorProblem(selector)
  if (found) throw refused(inputField(found.key), found.problem)
}

/** A part of the selector as the input calls it. */
const inputField = (key: string): string => `selector.${key === 'clusterId' ? 'cluster' : key}`

function checkText(field: string, text: string): void {
  if (text.trim() === '') throw refused(field, 'must not be empty')
  // PostgreSQL's JSON holds neither.
  if (text.includes('\0') || !text.isWellFormed()) throw refused(field, 'must not contain NUL or half a surrogate pair')
  if (text.length > textCharsMax) throw refused(field, `must not be longer than ${textCharsMax} characters`)
}

function checkRule({ policy, rule }: WaiverRequest, policies: readonly Policy[]): void {
  const among = policies.filter(({ name }) => policy === null || name === policy)
  if (policy !== null && among.length === 0)
    throw refused('policy', `must be one of ${listed(policies.map(({ name }) => name))}`)
  const rules = among.flatMap((each) => each.rules.map(({ id }) => id))
  if (rule !== null && !rules.includes(rule)) throw refused('rule', `must be one of ${listed(rules)}`)
}

async function checkCluster(tx: Db, { selector: { clusterId } }: WaiverRequest): Promise<void> {
  if (clusterId === undefined) return
  const [there] = await rowsOf(tx, sql`select from cluster where id = ${presentId(clusterId)}`)
  if (!there) throw noSuchCluster()
}

const noSuchCluster = (): FleetError =>
  refused(inputField('clusterId'), 'is not the id of a cluster; `clusters` lists them')

const listed = (words: readonly string[]): string => [...new Set(words)].join(', ') || 'none: no policy is in force'

const refused = (field: string, problem: string): FleetError =>
  new FleetError('invalid', ended(`Waiver: ${field} ${problem}`))
