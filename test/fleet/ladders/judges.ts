import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Health, HealthContext } from '../../../fleet/health.ts'
import { documentsOf } from '../../../functions/local/document.ts'
import { explainOne } from '../../../functions/local/explanation.ts'

/** One row of a table: an object, what we say of it at noon of 1 June 2026, and why. */
export interface Row {
  /** Under test/fixtures, without `.yaml`. */
  readonly file: string
  readonly health: Partial<Health>
  /** Instants; `seen` is the first sight of the generation, `short` of the shortage. */
  readonly context?: { readonly seen?: string; readonly short?: string }
  readonly why: string
}

const now = new Date('2026-06-01T12:00:00Z')

/** Judges every row's fixture and compares what the row names of its health. */
export function judgesAll(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    it.each(rows.map((row) => [row.file, row.why, row] as const))('%s: %s', (_file, _why, row) => {
      expect(healthIn(row)).toMatchObject(row.health)
    })
  })
}

function healthIn({ file, context = {} }: Row): Health {
  const path = join(import.meta.dirname, '../../fixtures', `${file}.yaml`)
  const { found, bad } = documentsOf(path, readFileSync(path, 'utf8'))
  expect(bad).toEqual([])
  const anchors: HealthContext = {
    ...(context.seen ? { generationSeenAt: new Date(context.seen) } : {}),
    ...(context.short ? { shortSince: new Date(context.short) } : {}),
  }
  const one = found[0] ? explainOne(found[0].object, anchors, now) : 'no object'
  if (typeof one === 'string') throw new Error(`${path}: ${one}`)
  return one.health
}
