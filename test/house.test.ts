import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { kinds } from '../fleet/kinds/registry.ts'

const root = join(import.meta.dirname, '..')
const rooms = ['fleet', 'db', 'schema', 'functions'] as const
const filesIn = (dir: string): string[] =>
  readdirSync(join(root, dir), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
const sources = [...rooms, 'test'].flatMap(filesIn).filter((file) => file.endsWith('.ts'))
const production = sources.filter((file) => !file.startsWith('test/'))
const textOf = (file: string) => readFileSync(join(root, file), 'utf8')
const importsOf = (file: string) =>
  [
    ...textOf(file).matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/g,
    ),
  ].flatMap((match) => match[1] ?? match[2] ?? [])
const roomOf = (file: string) => file.split('/')[0] ?? ''
const violations = (files: readonly string[], broken: (file: string) => readonly string[]) =>
  files.flatMap((file) => broken(file).map((what) => `${file}: ${what}`))

describe('the house', () => {
  it('has only the rooms and files that were asked for at its top', () => {
    const expected = [
      ...['functions', 'schema', 'db', 'infra', 'test', 'host.json', 'package.json', 'tsconfig.json', 'README.md'],
      ...['fleet', 'package-lock.json', 'LICENSE', 'CHANGELOG.md', 'biome.json'],
      ...['.ci', '.git', '.gitignore', '.npmrc'],
    ]
    const passing = ['node_modules', 'dist', '.rollcall', 'coverage']
    expect(readdirSync(root).filter((name) => !expected.includes(name) && !passing.includes(name))).toEqual([])
  })

  it('imports point one way: fleet ← db ← schema ← functions', () => {
    const broken = (file: string) =>
      importsOf(file)
        .filter((path) => path.startsWith('.'))
        .map((path) => roomOf(relative(root, join(root, file, '..', path))))
        .filter(
          (target) => !(rooms as readonly string[]).slice(0, rooms.indexOf(roomOf(file) as never) + 1).includes(target),
        )
    expect(violations(production, broken)).toEqual([])
  })

  it('fleet is pure: few packages, no clock, no randomness, no environment, nothing asynchronous', () => {
    const packages = ['semver', 'zod', 'node:crypto']
    const impure: [string, RegExp][] = [
      ['asks the clock', /\bDate\.now\(|new Date\(\)/],
      ['asks for randomness', /Math\.random|randomUUID|randomBytes/],
      ['asks the environment', /process\.|globalThis/],
      ['is asynchronous', /\basync\b|\bawait\b|Promise</],
    ]
    const fleet = production.filter((file) => roomOf(file) === 'fleet')
    const broken = (file: string) => [
      ...importsOf(file).filter((path) => !path.startsWith('.') && !packages.includes(path)),
      ...impure.filter(([, pattern]) => pattern.test(codeOf(file))).map(([what]) => what),
    ]
    expect(violations(fleet, broken)).toEqual([])
  })

  it('only the wiring and the command line read the environment', () => {
    const allowed = (file: string) => file.startsWith('functions/wiring/') || file.startsWith('functions/local/')
    expect(production.filter((file) => !allowed(file) && /process\.env/.test(codeOf(file)))).toEqual([])
  })

  it('SQL stays in db/, and row types too', () => {
    const outside = production.filter((file) => roomOf(file) !== 'db')
    expect(
      violations(outside, (file) => importsOf(file).filter((path) => /drizzle-orm|db\/tables/.test(path))),
    ).toEqual([])
  })

  it('names files in kebab-case, has no drawers, and index.ts only in schema/', () => {
    const bad = production.filter((file) => {
      const parts = file.replace(/\.ts$/, '').split('/')
      const drawer = parts.some((part) => /^(utils?|lib|common|shared|types|services|helpers?)$/.test(part))
      return drawer || !parts.every((part) => /^[a-z0-9]+(-[a-z0-9]+)*(\.config)?$/.test(part))
    })
    expect(bad).toEqual([])
    expect(production.filter((file) => basename(file) === 'index.ts')).toEqual(['schema/index.ts'])
  })

  it('keeps every file under 300 lines', () => {
    expect(sources.filter((file) => textOf(file).split('\n').length > 301)).toEqual([])
  })

  it('says why wherever it asserts a type', () => {
    const silent = violations(production, (file) => {
      const said = textOf(file).split('\n')
      return blanked(file).flatMap((line, i) => {
        const asserts =
          /[\w)\]}>] as (?!const\b)[\w{([]/.test(line) && !/^\s*(import|export)\b|^\s*(type )?\w+ as \w+,?$/.test(line)
        const why = said.slice(Math.max(0, i - 3), i + 1).some((near) => /\/\/|\*\//.test(near))
        return asserts && !why ? [`${i + 1}: ${line.trim()}`] : []
      })
    })
    expect(silent).toEqual([])
  })

  it('has a fixture for every registered kind', () => {
    const fixtures = new Set(readdirSync(join(root, 'test/fixtures')))
    const missing = kinds
      .map(({ group, kind }) => `${kind.toLowerCase()}.${group}`.replace(/\.$/, ''))
      .filter((name) => !fixtures.has(name))
    expect(missing).toEqual([])
  })
})

/** The file without comments and strings, so that prose may speak of clocks. */
function codeOf(file: string): string {
  return textOf(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''")
}

/** The file's lines with template strings (SQL, mostly), other strings and comments blanked, so that line numbers stay. */
function blanked(file: string): string[] {
  const blank = (text: string) => text.replace(/[^\n]/g, ' ')
  return textOf(file)
    .replace(/\/\*[\s\S]*?\*\//g, blank)
    .replace(/(^|\s)\/\/.*$/gm, blank)
    .replace(/`(?:[^`\\]|\\.)*`/g, blank)
    .replace(/'(?:[^'\\\n]|\\.)*'/g, blank)
    .split('\n')
}
