import { sql } from 'drizzle-orm'
import pg from 'pg'
import { type Db, openStore, rowsOf } from '../../db/client.ts'
import { markAllDue } from '../../db/judge/due.ts'
import { judge } from '../../db/judge.ts'
import { migrateStore } from '../../db/migrate.ts'
import { registerPolicies } from '../../db/policy.ts'
import { type DriftCode, driftCodeNames } from '../../fleet/drift/code.ts'
import type { Difference, Drift } from '../../fleet/drift/difference.ts'
import { driftPolicy } from '../../fleet/policy/drift-policy.ts'
import { evaluate } from '../../fleet/policy/evaluate.ts'
import type { Policy } from '../../fleet/policy/policy.ts'
import { compileRules } from '../../fleet/policy/rules-in-force.ts'
import type { Subject } from '../../fleet/policy/subject.ts'
import { putClusters, subjectOf } from '../db/judged-cluster.ts'
import { suspendedOf } from '../db/judged-drift.ts'
import { startPostgres } from '../postgres.ts'
import { type Figure, medianOf, show } from './figure.ts'

const clusterCount = 5000
/** What the project promises for the first evaluation of a fleet's drift. */
const findingsPerSecondMin = 20_000
const rounds = Number(process.env.ROUNDS ?? 5)
const now = new Date('2026-07-01T12:00:00Z')

/** As kinds and composing find it: a few reconcilers behind or suspended, a version that lags, and things that nobody looks at. */
function driftOf(at: number): Drift {
  const home = `mgmt-${at % 40}`
  const differ = (code: DriftCode, name: string, over: Partial<Difference> = {}) =>
    suspendedOf(home, name, { code, since: '2026-07-01T11:30:00Z', ...over })
  const differences = [
    ...(at % 2 === 0 ? [differ('behindSource', `apps-${at}`, { graceMs: 3_600_000 })] : []),
    ...(at % 3 === 0 ? [differ('suspended', `apps-${at}`), differ('suspended', `infra-${at}`)] : []),
    ...(at % 5 === 0 ? [differ('workersBehindCP', `pool-${at}`, { severity: 'high' })] : []),
    ...(at % 7 === 0 ? [differ('settingVsSpec', `cluster-${at}`), differ('poolVsSpec', `pool-${at}`)] : []),
  ]
  const gaps = [{ code: 'helmDrift', message: '3 HelmReleases are not looked at', evidence: [] }] as const
  return { differences, gaps, looked: driftCodeNames.slice(0, 30) }
}

const subjects: readonly Subject[] = Array.from({ length: clusterCount }, (_, at) =>
  subjectOf(`cluster-${at}`, {
    source: `mgmt-${at % 40}`,
    environment: at % 2 === 0 ? 'prod' : 'dev',
    drift: driftOf(at),
  }),
)
/** As in force by itself, with something that is ignored. */
const policy: Policy = {
  ...driftPolicy,
  rules: driftPolicy.rules.map((rule) =>
    rule.type === 'drift' && rule.code === 'suspended'
      ? { ...rule, ignore: [{ id: 'demo', reason: 'a demo', names: ['apps-*00'], kinds: ['Kustom*'] }] }
      : rule,
  ),
}

/** Verdicts alone, against reading the facts they are on from JSON. */
function benchVerdicts(): readonly Figure[] {
  const texts = subjects.map((subject) => JSON.stringify(subject))
  const [parseMs, evaluateMs]: [number[], number[]] = [[], []]
  let verdicts = 0
  for (let round = -2; round < rounds; round++) {
    const parsing = timed(() => texts.reduce<unknown>((_, text) => JSON.parse(text), null))
    const evaluating = timed(() => {
      const rules = compileRules([policy], [], { entries: [], regions: new Map() })
      verdicts = subjects.reduce((sum, subject) => sum + evaluate(subject, rules, now, () => null).length, 0)
      return verdicts
    })
    if (round < 0) continue // Warms up.
    parseMs.push(parsing)
    evaluateMs.push(evaluating)
  }
  const [parse, evaluated] = [medianOf(parseMs), medianOf(evaluateMs)]
  const perSecond = verdicts / (evaluated / 1_000)
  const detail = `${verdicts} verdicts over ${clusterCount} clusters in ${evaluated.toFixed(0)} ms, ${thousands(perSecond)} a second; JSON.parse of the clusters ${parse.toFixed(0)} ms`
  return [
    { what: 'verdicts on drift a second / 20 000', ratio: perSecond / findingsPerSecondMin, bar: '≥ 1.0', detail },
    { what: 'evaluate drift / JSON.parse', ratio: evaluated / parse, bar: '≤ 3.0', detail },
  ]
}

/** Findings from facts in the store to findings and history in the store, against the server copying those rows. */
async function benchFindings(): Promise<readonly Figure[]> {
  const server = await startPostgres({ durable: false })
  try {
    const admin = new pg.Client(server.url('postgres'))
    await admin.connect()
    await admin.query('create database drift')
    await admin.end()
    const store = await openStore({ url: server.url('drift'), max: 2 })
    try {
      await migrateStore(store)
      await registerPolicies(store.db, { policies: [policy], waivers: [], calendar: [] }, now, [])
      await putClusters(store.db, subjects, now)
      await store.db.execute('vacuum analyze')
      return await compare(store.db)
    } finally {
      await store.close()
    }
  } finally {
    await server.stop()
  }
}

async function compare(db: Db): Promise<readonly Figure[]> {
  await db.execute(sql`create table copied_finding (like finding including all)`)
  await db.execute(sql`create table copied_change (like change including all)`)
  const [judgeMs, copyMs]: [number[], number[]] = [[], []]
  let findings = 0
  for (let round = 0; round <= rounds; round++) {
    await db.execute(sql`truncate finding, change, assessment, copied_finding, copied_change`)
    await db.transaction((tx) => markAllDue(tx, now))
    const judging = await timedAsync(async () => {
      while ((await judge(db, now)).left > 0);
    })
    const copying = await timedAsync(async () => {
      await db.execute(sql`insert into copied_finding select * from finding`)
      await db.execute(sql`insert into copied_change overriding system value select * from change`)
    })
    const [counted] = await rowsOf<{ n: number }>(db, sql`select count(*)::int as n from copied_finding`)
    findings = counted?.n ?? 0
    if (findings === 0) throw new Error('nothing was found')
    if (round === 0) continue // Warms up.
    judgeMs.push(judging)
    copyMs.push(copying)
  }
  const [judged, copied] = [medianOf(judgeMs), medianOf(copyMs)]
  const perSecond = findings / (judged / 1_000)
  const detail = `${findings} findings, each with its history, in ${judged.toFixed(0)} ms, ${thousands(perSecond)} a second; copied on the server in ${copied.toFixed(0)} ms`
  return [
    { what: 'findings of drift a second / 20 000', ratio: perSecond / findingsPerSecondMin, bar: '≥ 1.0', detail },
    {
      what: 'judge drift / copy its rows',
      ratio: medianOf(judgeMs.map((ms, n) => ms / (copyMs[n] ?? ms))),
      bar: '≤ 4.0',
      detail,
    },
  ]
}

const thousands = (count: number): string => `${Math.round(count / 1_000)} 000`

function timed(work: () => unknown): number {
  const start = performance.now()
  if (!work()) throw new Error('nothing was done')
  return performance.now() - start
}

async function timedAsync(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

show([...benchVerdicts(), ...(await benchFindings())])
