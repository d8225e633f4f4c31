import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareRevisions, parseRevision, type Sameness, versionOfRevision } from '../../../fleet/drift/revision.ts'

const one = '4f5e6d7c8b9a0f1e2d3c4b5a69788796a5b4c3d2'
const two = '0a1b2c3d4e5f60718293a4b5c6d7e8f901234567'
const long = `${one}${'ab12'.repeat(6)}`
const other = `${two}${'cd34'.repeat(6)}`

describe('two revisions', () => {
  it.each<readonly [string | null, string | null, Sameness, string]>([
    [`main@sha1:${one}`, `main@sha1:${one}`, 'same', 'written alike'],
    [`main@sha1:${one}`, `main@sha1:${two}`, 'different', 'a commit later'],
    [`main@sha1:${one}`, `release@sha1:${one}`, 'same', 'a renamed branch is no other content'],
    [`refs/heads/main@sha1:${one}`, `main@sha1:${one}`, 'same', 'ref.name is used instead of ref.branch'],
    [`refs/pull/7/head@sha1:${one}`, `refs/pull/7/head@sha1:${two}`, 'different', 'of a pull request'],
    [`main/${one}`, `main@sha1:${one}`, 'same', 'as Flux wrote it before 2.0'],
    [`feature/a@b/${one}`, `feature/a@b@sha1:${two}`, 'different', 'before 2.0, of a branch with @ and /'],
    [`feature/a@b@sha1:${one}`, `feature/a@b@sha1:${one.toUpperCase()}`, 'same', 'the last @ counts; hex has no case'],
    [`sha1:${one}`, `main@sha1:${one}`, 'same', 'a detached commit'],
    [one, `main@sha1:${one}`, 'same', 'a bare commit, as Argo CD writes it'],
    [one, two, 'different', 'bare commits'],
    [`main@sha256:${long}`, `main@sha256:${other}`, 'different', 'a repository of sha256'],
    [`main@sha1:${one}`, `sha256:${long}`, 'unknown', 'two algorithms cannot be compared'],
    [`v1.2.3@sha1:${one}`, `v1.2.4@sha1:${one}`, 'same', 'two tags of one commit'],
    [`v1.2.3@sha1:${one}`, 'v1.2.3', 'same', 'a tag, and its version'],
    [`v1.2.3@sha1:${one}`, 'v1.2.4', 'different', 'a tag, and another version'],
    [`latest@sha256:${long}`, `sha256:${long}`, 'same', 'an OCI artifact with its tag and without'],
    [`latest@sha256:${long}`, `latest@sha256:${other}`, 'different', 'a tag that moved'],
    [`6.5.0@sha256:${long}`, `6.5.0+${long.slice(0, 12)}`, 'same', 'Flux adds the digest to the version of a chart'],
    [`6.5.0@sha256:${long}`, `6.5.0+${other.slice(0, 12)}`, 'different', 'the same version pushed anew'],
    [`6.5.0_4@sha256:${long}`, '6.5.0+4', 'same', 'registries write _ for +'],
    ['v6.5.0', '6.5.0', 'same', 'a chart with v and without'],
    ['6.5.0', '6.5.1', 'different', 'of charts'],
    ['6.5.0-rc.1', '6.5.0', 'different', 'a release after its candidate'],
    ['6.5.0+1', '6.5.0+2', 'different', 'build metadata counts between two that have it'],
    ['6.5.0+1', '6.5.0', 'same', 'build metadata of one alone does not'],
    ['1.x', '1.2.3', 'unknown', 'a range is no version'],
    ['main', 'main', 'same', 'the same name'],
    ['main', 'release', 'unknown', 'two branches may be at one commit'],
    ['HEAD', one, 'unknown', 'a name and a commit'],
    [`${one} 1.2.3`, `${one} v1.2.3`, 'same', 'an Application of several sources'],
    [`${one} 1.2.3`, `${one} 1.2.4`, 'different', 'one of several sources moved'],
    [`${one} main`, `${one} ${two}`, 'unknown', 'one of several sources cannot be told'],
    [`${one} main`, `${two} ${two}`, 'different', 'one that differs says enough'],
    [`${one} 1.2.3`, one, 'unknown', 'a source was added'],
    [null, `main@sha1:${one}`, 'unknown', 'nothing applied yet'],
    ['', '', 'unknown', 'empty'],
    [' ', ' ', 'unknown', 'blank'],
    ['@', '/', 'unknown', 'no revision at all'],
  ])('%s and %s: %s, %s', (a, b, sameness) => {
    expect(compareRevisions(a, b)).toBe(sameness)
    expect(compareRevisions(b, a)).toBe(sameness)
  })

  const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`))
  const branch = fc.stringMatching(/^[a-z][a-z0-9@/._-]{0,12}[a-z]$/)
  const text = fc.oneof(
    fc.string(),
    branch,
    fc.tuple(branch, hex(40)).map(([name, digest]) => `${name}@sha1:${digest}`),
    fc.tuple(branch, hex(40)).map(([name, digest]) => `${name}/${digest}`),
    fc.stringMatching(/^v?[0-3]\.[0-3]\.[0-3](\+[0-9a-f]{1,12})?$/),
  )

  it('stand to each other as the other way round, and any to itself', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(compareRevisions(a, b)).toBe(compareRevisions(b, a))
        expect(compareRevisions(a, a)).toBe(a.trim() === '' ? 'unknown' : 'same')
      }),
      { numRuns: 1000 },
    )
  })

  it('of one commit are the same, and of two different, whatever their branches are called and however they are written', () => {
    const writers = [
      (name: string, digest: string) => `${name}@sha1:${digest}`,
      (name: string, digest: string) => `refs/heads/${name}@sha1:${digest}`,
      (name: string, digest: string) => `${name}/${digest}`,
      (_name: string, digest: string) => `sha1:${digest}`,
      (_name: string, digest: string) => digest,
    ]
    const written = fc.tuple(fc.constantFrom(...writers), branch)
    fc.assert(
      fc.property(written, written, hex(40), hex(40), ([write, name], [rewrite, rename], a, b) => {
        expect(compareRevisions(write(name, a), rewrite(rename, a))).toBe('same')
        expect(compareRevisions(write(name, a), rewrite(rename, b))).toBe(a === b ? 'same' : 'different')
      }),
    )
  })
})

describe('a revision', () => {
  it.each<readonly [string, ReturnType<typeof parseRevision>]>([
    [`feat/x@y@sha1:${one}`, { name: 'feat/x@y', digest: { algorithm: 'sha1', hex: one }, version: null }],
    [`sha256:${long}`, { name: null, digest: { algorithm: 'sha256', hex: long }, version: null }],
    ['user@example.com', { name: 'user@example.com', digest: null, version: null }],
    ['v1.2.3+4', { name: 'v1.2.3+4', digest: null, version: { core: '1.2.3', build: '4' } }],
  ])('%s is read', (raw, parsed) => {
    expect(parseRevision(raw)).toEqual(parsed)
  })

  it.each<readonly [string | null, string | null]>([
    [`v1.2.3@sha1:${one}`, 'v1.2.3'],
    [`refs/tags/v1.2.3@sha1:${one}`, 'v1.2.3'],
    ['6.5.0', '6.5.0'],
    [`main@sha1:${one}`, null],
    [`${one} 1.2.3`, null],
    [null, null],
  ])('%s tells the version %s', (raw, version) => {
    expect(versionOfRevision(raw)).toBe(version)
  })
})
