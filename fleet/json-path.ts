import { isRecord, list } from './wire.ts'

// JSONPath as Kubernetes writes it (`kubectl -o jsonpath`, `additionalPrinterColumns`): `.spec.replicas`, `{.metadata.labels['a.b']}`,
// `.metadata.annotations.a\.b`, `.status.addresses[0].host`, `.status.components[?(@.name=="api")].version`. What names several
// values by its form (`..`, `*`, slices, unions) is refused: whoever asks wants one. No library: those of RFC 9535 read neither a path
// without `$` nor braces nor `\.`, and bring functions and regular expressions that would have to be refused one by one.

type Literal = string | number | boolean | null

/** `[?(@.type=="Ready")]`: the elements whose field is, or is not, a literal. */
interface Where {
  readonly field: readonly Step[]
  readonly equal: boolean
  readonly literal: Literal
}

type Step = { readonly name: string } | { readonly index: number } | { readonly where: Where }

/** A path that was understood. */
export interface JsonPath {
  readonly written: string
  readonly steps: readonly Step[]
}

/** Why a path was not understood. */
export interface PathProblem {
  /** One clause, with the position: `expected a name at character 7`. */
  readonly why: string
}

const charsMax = 500

/** Understands a path, once. */
export function parseJsonPath(written: string): JsonPath | PathProblem {
  if (written.length > charsMax) return { why: `it is longer than ${charsMax} characters` }
  const reader = new PathReader(written)
  try {
    return { written, steps: reader.whole() }
  } catch (error) {
    if (error instanceof Misread) return { why: `${error.message} at character ${error.at + 1}` }
    throw error
  }
}

/** All that a path names in a value, in its order. Total: never throws, and sees only what the value itself has. */
export function matchesOf({ steps }: JsonPath, value: unknown): readonly unknown[] {
  let here = value
  // Runs for every slot of every object: only a filter needs lists on the way.
  for (const [n, step] of steps.entries()) {
    if ('where' in step) {
      const rest = { written: '', steps: steps.slice(n + 1) }
      return list(here).flatMap((element) => (holds(step.where, element) ? matchesOf(rest, element) : []))
    }
    if ('name' in step) {
      if (!isRecord(here) || !Object.hasOwn(here, step.name)) return nothing
      here = here[step.name]
    } else {
      if (!Array.isArray(here)) return nothing
      const at = step.index < 0 ? here.length + step.index : step.index
      if (at < 0 || at >= here.length) return nothing
      here = here[at]
    }
  }
  return [here]
}

const nothing: readonly unknown[] = Object.freeze([])

function holds({ field, equal, literal }: Where, element: unknown): boolean {
  const [value] = matchesOf({ written: '', steps: field }, element)
  return (value === literal) === equal
}

/** Ends the reading of a path; caught by `parseJsonPath`. */
class Misread extends Error {
  readonly at: number
  constructor(why: string, at: number) {
    super(why)
    this.at = at
  }
}

const plain = /[^\s.[\]{}()'"*?@,:|&=!<>~$\\]/

/** Reads a path from left to right. */
class PathReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  whole(): readonly Step[] {
    this.#spaces()
    const braced = this.#take('{')
    if (braced) this.#spaces()
    this.#take('$')
    const steps: Step[] = []
    while (this.#see('.') || this.#see('[')) steps.push(this.#step())
    this.#spaces()
    if (braced && !this.#take('}')) this.#fail('expected "}"')
    this.#spaces()
    if (this.#at < this.#text.length)
      this.#fail(steps.length === 0 ? 'expected a path that begins with "."' : 'expected "." or "["')
    if (steps.length === 0) this.#fail('expected a path such as .spec.version')
    return steps
  }

  #step(): Step {
    if (this.#take('..')) this.#refuse('recursive descent ("..")', 2)
    if (!this.#take('.')) return this.#bracket(true)
    if (this.#see('[')) return this.#bracket(true)
    if (this.#see('*')) this.#refuse('a wildcard ("*")')
    return { name: this.#name() }
  }

  /** A name after a dot, in which a backslash takes the next character as it is. */
  #name(): string {
    const begin = this.#at
    let name = ''
    for (let char = this.#text[this.#at]; char !== undefined; char = this.#text[this.#at]) {
      if (char === '\\' && this.#at + 1 < this.#text.length) {
        name += this.#text[this.#at + 1]
        this.#at += 2
      } else if (plain.test(char)) {
        name += char
        this.#at++
      } else break
    }
    if (name === '') this.#fail('expected a name', begin)
    return name
  }

  #bracket(filters: boolean): Step {
    const begin = this.#at
    this.#at++
    this.#spaces()
    const step = this.#selector(filters)
    this.#spaces()
    if (this.#see(',')) this.#refuse('a union ("[a,b]")')
    if (this.#see(':')) this.#refuse('a slice ("[a:b]")')
    if (!this.#take(']'))
      this.#fail(
        this.#at < this.#text.length ? 'expected "]"' : '"[" is never closed',
        this.#at < this.#text.length ? this.#at : begin,
      )
    return step
  }

  #selector(filters: boolean): Step {
    if (this.#see('*')) this.#refuse('a wildcard ("*")')
    if (this.#see(':')) this.#refuse('a slice ("[a:b]")')
    if (this.#see('?')) {
      if (!filters) this.#refuse('a filter within a filter')
      return { where: this.#filter() }
    }
    if (this.#see("'") || this.#see('"')) return { name: this.#quoted() }
    const index = this.#match(/-?\d{1,9}/y)
    if (index === null) this.#fail("expected an index, a name in quotes like ['a.b'], or a filter")
    return { index: Number(index) }
  }

  #filter(): Where {
    this.#at++
    this.#spaces()
    const wrapped = this.#take('(')
    this.#spaces()
    if (!this.#take('@')) this.#fail('expected a filter such as [?(@.type=="Ready")]: "@"')
    const field: Step[] = []
    while (this.#see('.') || this.#see('[')) {
      if (this.#take('.') && !this.#see('[')) field.push({ name: this.#name() })
      else field.push(this.#bracket(false))
    }
    this.#spaces()
    if (this.#see('=~')) this.#refuse('a regular expression ("=~")')
    const operator = this.#match(/==|!=/y)
    if (operator === null) this.#fail('expected == or !=, the comparisons a filter may make,')
    this.#spaces()
    const literal = this.#literal()
    this.#spaces()
    if (this.#see('&&') || this.#see('||')) this.#refuse('a filter of several conditions')
    if (wrapped && !this.#take(')')) this.#fail('expected ")"')
    return { field, equal: operator === '==', literal }
  }

  #literal(): Literal {
    if (this.#see("'") || this.#see('"')) return this.#quoted()
    const word = this.#match(/true|false|null|-?\d{1,15}(\.\d{1,15})?/y)
    if (word === null) this.#fail('expected a text in quotes, a number, true, false or null')
    return word === 'null' ? null : word === 'true' || word === 'false' ? word === 'true' : Number(word)
  }

  #quoted(): string {
    const begin = this.#at
    const quote = this.#text[this.#at]
    let text = ''
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at]
      if (char === quote) {
        this.#at++
        return text
      }
      if (char === '\\') this.#at++
      text += this.#text[this.#at] ?? ''
    }
    return this.#fail('a quote is never closed', begin)
  }

  #see(text: string): boolean {
    return this.#text.startsWith(text, this.#at)
  }

  #take(text: string): boolean {
    const seen = this.#see(text)
    if (seen) this.#at += text.length
    return seen
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0] ?? null
    if (found !== null) this.#at += found.length
    return found
  }

  #spaces(): void {
    this.#match(/\s*/y)
  }

  #refuse(what: string, back = 0): never {
    return this.#fail(`${what} is not read here, because one value is needed; it stands`, this.#at - back)
  }

  #fail(why: string, at = this.#at): never {
    throw new Misread(why, at)
  }
}
