import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

it('the migrations say what the tables say: generating again adds nothing', () => {
  const copy = mkdtempSync(join(tmpdir(), 'rollcall-migrations-'))
  try {
    cpSync(join(root, 'db/migrations'), copy, { recursive: true })
    const schema = readdirSync(join(root, 'db')).filter((file) => file.endsWith('tables.ts'))
    const args = [
      'generate',
      '--dialect',
      'postgresql',
      '--out',
      copy,
      ...schema.map((file) => `--schema=./db/${file}`),
    ]
    execFileSync(process.execPath, [join(root, 'node_modules/drizzle-kit/bin.cjs'), ...args], {
      cwd: root,
      stdio: 'pipe',
    })
    expect(readdirSync(copy).toSorted()).toEqual(readdirSync(join(root, 'db/migrations')).toSorted())
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
})
