import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

it('the migrations say what the tables say: generating again adds nothing', () => {
  const copy = mkdtempSync(join(tmpdir(), 'rollcall-migrations-'))
  try {
    cpSync(join(root, 'db/migrations'), copy, { recursive: true })
    // drizzle-kit puts "./" before whatever path it is given.
    const out = relative(root, copy)
    const args = ['generate', '--dialect', 'postgresql', '--out', out, '--schema', './db/*tables.ts']
    const kit = join(root, 'node_modules/drizzle-kit/bin.cjs')
    const said = execFileSync(process.execPath, [kit, ...args], { cwd: root, encoding: 'utf8' })
    expect(said).toContain('No schema changes')
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
})
