import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JsonPath, matchesOf, parseJsonPath } from '../../fleet/json-path.ts'

const object = {
  spec: { replicas: 3, 'odd.name': 'dotted', nothing: null },
  metadata: { annotations: { 'example.com/paused': 'true' } },
  status: {
    addresses: ['10.0.0.4', '10.0.0.5'],
    parts: [
      { name: 'api', version: 'v1', at: { zone: 1 } },
      { name: 'web', version: 'v2', at: { zone: 2 } },
      { name: 'api', version: 'v3' },
    ],
  },
}
const pathOf = (written: string): JsonPath => {
  const path = parseJsonPath(written)
  if ('why' in path) throw new Error(path.why)
  return path
}

describe('a JSONPath, as Kubernetes writes it', () => {
  it.each<[string, readonly unknown[]]>([
    ['.spec.replicas', [3]],
    ['{.spec.replicas}', [3]],
    ['{ .spec.replicas }', [3]],
    ['$.spec.replicas', [3]],
    [`.spec['odd.name']`, ['dotted']],
    ['.spec["odd.name"]', ['dotted']],
    ['.spec.odd\\.name', ['dotted']],
    ['.metadata.annotations.example\\.com/paused', ['true']],
    ['.status.addresses[1]', ['10.0.0.5']],
    ['.status.addresses[-1]', ['10.0.0.5']],
    ['.status.addresses[2]', []],
    ['.status.parts[?(@.name=="web")].version', ['v2']],
    [`.status.parts[?(@.name == 'api')].version`, ['v1', 'v3']],
    ['.status.parts[?@.name!="api"].version', ['v2']],
    ['.status.parts[?(@.at.zone==2)].name', ['web']],
    ['.spec.nothing', [null]],
    ['.spec.absent', []],
    ['.spec.replicas.deeper', []],
    ['.spec[0]', []],
    ['.status.addresses.length', []],
    ['.constructor.name', []],
    ['.__proto__', []],
  ])('%s finds %j', (written, found) => {
    expect(matchesOf(pathOf(written), object)).toEqual(found)
  })

  it.each([
    ['', 'expected a path such as .spec.version at character 1'],
    ['spec.version', 'expected a path that begins with "." at character 1'],
    ['.', 'expected a name at character 2'],
    ['.spec.', 'expected a name at character 7'],
    ['.spec version', 'expected "." or "[" at character 7'],
    ['{.spec', 'expected "}" at character 7'],
    [
      '.spec..version',
      'recursive descent ("..") is not read here, because one value is needed; it stands at character 6',
    ],
    ['.a[*]', 'a wildcard ("*") is not read here, because one value is needed; it stands at character 4'],
    ['.a.*', 'a wildcard ("*") is not read here, because one value is needed; it stands at character 4'],
    ['.a[0:2]', 'a slice ("[a:b]") is not read here, because one value is needed; it stands at character 5'],
    ['.a[0,1]', 'a union ("[a,b]") is not read here, because one value is needed; it stands at character 5'],
    ['.a[b]', `expected an index, a name in quotes like ['a.b'], or a filter at character 4`],
    ['.a[1', '"[" is never closed at character 3'],
    [`.a['b`, 'a quote is never closed at character 4'],
    ['.a[?(@.b)]', 'expected == or !=, the comparisons a filter may make, at character 9'],
    ['.a[?(@.b > 1)]', 'expected == or !=, the comparisons a filter may make, at character 10'],
    ['.a[?(@.b == c)]', 'expected a text in quotes, a number, true, false or null at character 13'],
    ['.a[?(b == 1)]', 'expected a filter such as [?(@.type=="Ready")]: "@" at character 6'],
    [
      '.a[?(@.b == 1 && @.c == 2)]',
      'a filter of several conditions is not read here, because one value is needed; it stands at character 15',
    ],
    [
      '.a[?(@.b =~ "x")]',
      'a regular expression ("=~") is not read here, because one value is needed; it stands at character 10',
    ],
    [
      '.a[?(@[?(@.b==1)]==1)]',
      'a filter within a filter is not read here, because one value is needed; it stands at character 8',
    ],
    ['.a.length()', 'expected "." or "[" at character 10'],
    [`.${'a'.repeat(500)}`, 'it is longer than 500 characters'],
  ])('%j is refused: %s', (written, why) => {
    expect(parseJsonPath(written)).toEqual({ why })
  })

  it('answers whatever is written, and whatever it is asked of', () => {
    const piece = fc.constantFrom(
      '.',
      '[',
      ']',
      '?',
      '(',
      ')',
      '@',
      '==',
      '"',
      "'",
      '\\',
      'a',
      '0',
      '-1',
      '*',
      ',',
      ':',
      '{',
      '}',
      '$',
      ' ',
    )
    const written = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('')),
    )
    fc.assert(
      fc.property(written, fc.jsonValue(), (text, value) => {
        const path = parseJsonPath(text)
        if ('why' in path) expect(path.why).toMatch(/at character \d+$/)
        else expect(Array.isArray(matchesOf(path, value))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('finds exactly what stands under a name, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 30 }), fc.jsonValue(), (name, value) => {
        const own = Object.fromEntries([[name, value]])
        const quoted = name.replaceAll(/['\\]/g, '\\$&')
        expect(matchesOf(pathOf(`['${quoted}']`), own)).toEqual([own[name]])
      }),
    )
  })
})
