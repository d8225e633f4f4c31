import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Health } from '../../fleet/health.ts'
import { documentsOf } from '../../functions/local/document.ts'
import { explain } from '../../functions/local/explain.ts'
import { explainOne } from '../../functions/local/explanation.ts'
import { corpusDir } from '../require.ts'
import { disagreements } from './disagreements.ts'
import { agrees, isTarget, type PeerCase } from './peers.ts'

const corpus = corpusDir()
const linesOf = <T>(file: string): T[] =>
  readFileSync(join(corpus ?? '', file), 'utf8')
    .trim()
    .split('\n')
    // The corpus' own format, described in its README.
    .map((line) => JSON.parse(line) as T)

/** After the newest instant any of the peers' objects speaks of. */
const now = new Date('2026-08-22T00:00:00Z')

function healthOfCase({ file }: PeerCase): Health | string {
  const { found, bad } = documentsOf(file, readFileSync(join(corpus ?? '', 'health', file), 'utf8'))
  const one = found[0] ? explainOne(found[0].object, {}, now) : (bad[0] ?? 'empty')
  return typeof one === 'string' ? one : one.health
}

interface Worked {
  readonly id: string
  readonly expected: {
    readonly state: string
    readonly reason?: string
    readonly underlying?: string
    readonly flags?: string[]
    readonly rollup?: string
  }
}

describe.skipIf(corpus === null)('the corpus', () => {
  it('worked.jsonl: every example of domain.md 3.5 comes out as written', async () => {
    const out: string[] = []
    const io = { out: (line: string) => out.push(line), err: (line: string) => out.push(line), stdin: async () => '' }
    expect(await explain(['--cases', join(corpus ?? '', 'health/worked.jsonl')], io)).toBe(0)
    const answers = out.map((line) => JSON.parse(line))
    const cases = linesOf<Worked>('health/worked.jsonl')
    const got = answers.map(({ id, health, rollup }, i) => {
      const { reason, underlying, flags, rollup: whole } = cases[i]?.expected ?? {}
      return {
        id,
        state: health.state,
        ...(reason ? { reason: health.reason } : {}),
        ...(underlying ? { underlying: health.underlying } : {}),
        ...(flags ? { flags: health.flags } : {}),
        ...(whole ? { rollup } : {}),
      }
    })
    expect(got).toEqual(cases.map(({ id, expected }) => ({ id, ...expected })))
    expect(got).toHaveLength(45)
  })

  it('index.jsonl: target cases agree, but for a list of reasons', () => {
    const cases = linesOf<PeerCase>('health/index.jsonl').filter(isTarget)
    const judged = cases.map((one) => ({ one, health: healthOfCase(one) }))
    const verdicts = judged.flatMap(({ one, health }) => {
      if (typeof health === 'string') return [{ id: one.id, agreed: false }]
      const agreed = agrees(one, health)
      return agreed === null ? [] : [{ id: one.id, agreed }]
    })
    const disagreeing = verdicts.filter(({ agreed }) => !agreed).map(({ id }) => id)
    console.info(`corpus: ${verdicts.length - disagreeing.length} of ${verdicts.length} target cases agree`)
    expect(disagreeing).toEqual(Object.keys(disagreements))
    expect(disagreeing.length / verdicts.length).toBeLessThanOrEqual(0.05)
  })

  it('index.jsonl: every other object is judged without a crash', () => {
    const cases = linesOf<PeerCase>('health/index.jsonl').filter((one) => !isTarget(one))
    const judged = cases.map((one) => ({ one, health: healthOfCase(one) }))
    const unreadable = judged.filter(({ health }) => typeof health === 'string')
    const verdicts = judged.flatMap(({ one, health }) => (typeof health === 'string' ? [] : [agrees(one, health)]))
    const mapped = verdicts.filter((verdict) => verdict !== null)
    const agreed = mapped.filter(Boolean).length
    console.info(
      `corpus: ${agreed} of ${mapped.length} adjacent cases agree; ${unreadable.length} files are not valid YAML`,
    )
    expect(unreadable.every(({ health }) => String(health).includes('not valid YAML'))).toBe(true)
  })

  it('every object and payload passes through explain without a crash', async () => {
    const files = ['objects', 'aks'].flatMap((folder) =>
      readdirSync(join(corpus ?? '', folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name)),
    )
    const out: string[] = []
    const err: string[] = []
    await explain(files, { out: (line) => out.push(line), err: (line) => err.push(line), stdin: async () => '' })
    console.info(
      `corpus: ${files.length} files, ${out.length} objects explained, ${err.length} sentences about the rest`,
    )
    expect(out.length).toBeGreaterThan(500)
    expect(err.filter((line) => !/, document \d+(, item \d+)*: /.test(line))).toEqual([])
  })

  it('aks/derived: each body has the health that its file expects', () => {
    const folder = join(corpus ?? '', 'aks/derived')
    for (const name of readdirSync(folder)) {
      const { body, expectedHealth } = JSON.parse(readFileSync(join(folder, name), 'utf8'))
      const one = explainOne(body, {}, now)
      expect(typeof one === 'string' ? one : one.health.state, name).toBe(expectedHealth)
    }
  })
})
